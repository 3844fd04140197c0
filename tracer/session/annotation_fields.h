/* The table behind annotation.h: inside tracer/session only. */
#ifndef TRACER_SESSION_ANNOTATION_FIELDS_H
#define TRACER_SESSION_ANNOTATION_FIELDS_H

#include "tracer/session/annotation.h"

#include <stddef.h>

/* How a member stands in struct annotation, and as what it is written in JSON. */
enum field_kind {
    FIELD_STRING, /* char *; a string; left out where NULL */
    FIELD_INT,    /* int; a number */
    FIELD_I64,    /* int64_t; a number */
    FIELD_U64,    /* uint64_t; a string of decimal digits */
    FIELD_STAMP,  /* int64_t, nanoseconds; a string of decimal digits */
    FIELD_PORT,   /* uint16_t; a number; left out where 0 */
    FIELD_BOOL,   /* bool */
    FIELD_HOST,   /* char; "C" or "S"; left out where 0 */
    FIELD_NAME,   /* an enum; one of `names` */
    FIELD_KIND_COUNT,
};

struct name_list {
    const char *const *names;
    int count;
    int first; /* names before this one are ours alone: no session has them */
};

struct field {
    const char *key; /* NULL ends a table */
    enum field_kind kind;
    bool required; /* a reader refuses an annotation without it */
    bool sparse;   /* FIELD_INT, FIELD_BOOL: not written where it has the value of its absence */
    size_t at;
    int absent; /* FIELD_INT: what its absence means; that of a FIELD_BOOL is false */
    const struct name_list *names;
};

/* The members of a type, in the order in which they are written. Never NULL. */
const struct field *annotation_fields(enum annotation_type t);

/* Read the annotation that most of a session is made of, a packet's delivery, without a parser of
 * JSON. False where the text is anything else, or is written otherwise than we write it. */
bool annotation_read_delivered(const char *text, size_t n, struct annotation *a);

/* Append that annotation as the table would have it. False where `a` is anything else. */
bool annotation_write_delivered(const struct annotation *a, struct text *out);

/* Where the member stands. */
static inline void *field_at(struct annotation *a, const struct field *f)
{
    return (char *)a + f->at;
}

static inline const void *field_at_const(const struct annotation *a, const struct field *f)
{
    return (const char *)a + f->at;
}

#endif
