/* The numbers of an event, by name: seq, len, time. Inside tracer/select only. */
#ifndef TRACER_SELECT_FIELD_H
#define TRACER_SELECT_FIELD_H

#include "tracer/select/moment.h"

#include <stdbool.h>
#include <stdint.h>

enum field_unit { UNIT_NUMBER, UNIT_TIME, UNIT_SEQUENCE };

struct field {
    const char *name;
    const char *noun;   /* "its acknowledgement number" */
    const char *absent; /* what is said where there is none; NULL: that its noun is not there */
    enum field_unit unit;
    int64_t most;   /* what it can be */
    bool alone;     /* may stand without a number: it is there */
    bool no_value;  /* has no number */
    unsigned needs; /* NEED_ bits */
    /* Its number in this moment, as it is printed; false where there is none. */
    bool (*get)(struct moment *m, int64_t *v);
    /* UNIT_SEQUENCE: the number as it stands in the header. */
    bool (*get_absolute)(struct moment *m, int64_t *v);
    bool not_of_packets; /* no packet has it when it is sent: for selector_is_of_packets() */
};

const struct field *field_by_name(const char *name, size_t n);

/* By index, NULL past the last. */
const struct field *field_at_index(size_t i);

/* Append a number as the field is written: "12", "1.500 s". */
void field_value_text(const struct field *f, int64_t v, struct text *out);

#endif
