/* The parser of selectors, in parts. Inside tracer/select only. */
#ifndef TRACER_SELECT_PARSE_H
#define TRACER_SELECT_PARSE_H

#include "tracer/select/node.h"
#include "tracer/select/token.h"

/* The names of variables; J and K are the first two. */
struct variables {
    char names[VARIABLES_MAX][16];
    unsigned count;
};

void variables_begin(struct variables *v);

struct parser {
    struct lexer *l;
    struct selector *s;
    const char *const *stops;    /* words at which a selector ends, the list ending with NULL */
    struct variables *variables; /* NULL: only J and K are known */
    int depth;
    int negated;
};

/* Parse a selector that begins at the present token and ends before one of `stops` (or NULL), the
 * end of a line, a closing bracket. NULL with the lexer's fault set. */
struct selector *select_parse_at(struct lexer *l, const char *const *stops,
                                 struct variables *variables);

/* Whether the selector ends at the present token. */
bool parse_ends(const struct parser *p);

/* Add a node and return its index; a term's strings are its own from here on. */
uint32_t parse_add(struct parser *p, const struct node *n);

/* Join two nodes; either may be NODE_NONE. */
uint32_t parse_join(struct parser *p, enum node_kind kind, uint32_t a, uint32_t b);

/* A primitive at the present token: its node, or NODE_NONE with the fault set. */
uint32_t parse_primitive(struct parser *p);

/* An end, C or 10.0.0.1:80, at the present token; parse_at_end() tells whether there is one. */
bool parse_at_end(const struct parser *p);
bool parse_end(struct parser *p, struct end_pattern *end);

/* What a host does: the verbs behind `actor` (one of all zero: any host). */
bool parse_at_verb(const struct parser *p);
uint32_t parse_verb(struct parser *p, const struct end_pattern *actor);

/* A number, or a variable and what is added to it. */
bool parse_operand(struct parser *p, struct operand *o);

/* What is expected of a number: "> 5", "1..7", "J+1". */
bool parse_comparison(struct parser *p, struct term *t, int64_t most, bool is_time);

uint32_t parse_add_term(struct parser *p, const struct term *t);

/* Keep a copy of bytes for a term. */
void term_keep(struct term *t, const void *bytes, size_t n);

#endif
