/* When which of many is to be looked at: the earliest first. */
#ifndef LABS_WIRE_ALARMS_H
#define LABS_WIRE_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alarm {
    int64_t due_ns;
    uint32_t who;
};

/* All zero is an empty one; freed by alarms_free(). */
struct alarms {
    struct alarm *heap; /* (owned) the earliest on top */
    size_t count, cap;
};

void alarms_free(struct alarms *a);

/* Set one more: one may have several. */
void alarms_set(struct alarms *a, int64_t due_ns, uint32_t who);

/* The earliest: INT64_MAX where there is none. */
int64_t alarms_next(const struct alarms *a);

/* Take the earliest that is due by `now_ns`; false where none is. */
bool alarms_take(struct alarms *a, int64_t now_ns, struct alarm *alarm);

#endif
