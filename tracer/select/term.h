/* Each kind of term as a row: whether a moment has it, and why it has not. Inside tracer/select
 * only. */
#ifndef TRACER_SELECT_TERM_H
#define TRACER_SELECT_TERM_H

#include "tracer/select/node.h"

/* What sort of event a term is about. */
enum term_sort {
    SORT_ANY,
    SORT_PACKET,
    SORT_SEGMENT,
    SORT_CALL,
    SORT_STATE,
    SORT_CONSOLE,
    SORT_PROCESS,
    SORT_KERNEL
};

struct term_ops {
    int weight; /* how much it tells of what was meant, for the nearest candidate */
    enum term_sort sort;
    bool (*match)(const struct term *t, struct moment *m);
    /* Append why the moment does not have it, both values named, without a full stop. */
    void (*explain)(const struct term *t, struct moment *m, struct text *out);
};

/* How near the moment's value is to what the term asks for, where it does not hold: up to 12, and 0
 * where there is nothing to compare. */
int term_closeness(const struct term *t, struct moment *m);

/* By enum term_kind. */
const struct term_ops *term_ops(enum term_kind kind);

/* The value of an operand in this moment; false where its variable has none. */
bool operand_value(const struct operand *o, const struct moment *m, int64_t *v);

/* Compare a field with the operands; an unbound variable that is compared with "=" is bound where
 * the moment has bindings. */
bool term_field_match(const struct term *t, struct moment *m);

/* Append a field's term as it reads with numbers put in: "ack J+1 (5001)". */
void term_field_wanted(const struct term *t, const struct moment *m, struct text *out);

/* Append the name of an end: "C", "10.0.0.1:80". */
void end_pattern_text(const struct end_pattern *e, struct text *out);

/* Whether an end of an address and a port, with a letter or 0, is as the pattern says. */
bool end_pattern_is(const struct end_pattern *e, const struct endpoint *end, char letter);

/* Match arguments "3, S:9502" as they were written with those recorded. */
bool args_match(const char *pattern, const struct moment *m);

/* Whether a call of that name is what connects, accepts or closes. */
bool term_brings_about(enum done_kind kind, const char *call);

/* Append segments' flags as "[S.]". */
void flags_text(uint16_t flags, struct text *out);

#endif
