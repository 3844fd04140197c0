/* What the wire does with packets: "drop C > S data 3", "delay 200ms S > C [.] first"
 * (docs/expectations.md). Rules are parsed here; the wire follows them. */
#ifndef TRACER_SELECT_RULE_H
#define TRACER_SELECT_RULE_H

#include "tracer/select/selector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_action {
    RULE_DROP,
    RULE_DELAY,     /* delay_ns longer than others */
    RULE_JITTER,    /* up to delay_ns longer, by chance; its direction keeps its order */
    RULE_DUPLICATE, /* deliver it `count` times more */
    RULE_REORDER,   /* let `count` later ones of its direction overtake it */
    RULE_CORRUPT,   /* turn `count` of its bytes */
    RULE_RATE,      /* no faster than bits_per_s, with `count` packets waiting at the most */
    RULE_HOLD,      /* until `until` selects a packet, or for delay_ns */
    RULE_ACTION_COUNT,
};

struct rule {
    enum rule_action action;
    struct selector *selector; /* (owned) of packets alone, as selector_is_of_packets() says */
    struct selector *until;    /* (owned) RULE_HOLD, or NULL */
    int64_t delay_ns;
    int64_t count;
    int64_t bits_per_s;
    bool first_sending;       /* only the first sending of bytes: what is sent again passes */
    uint32_t probability_ppm; /* in a million: 1000000 is always */
    uint64_t seed;            /* of the chance; the same seed, the same packets */
    int line;                 /* of the text, from 1 */
    char *text;               /* (owned) as it was written */
};

struct rules {
    struct rule *at; /* (owned) */
    size_t count, cap;
};

/* Parse rules, one a line. NULL with the fault set where they are none. Freed by rules_free(). */
struct rules *rules_parse(const char *text, size_t n, struct select_fault *fault);
void rules_free(struct rules *r);

/* "drop" */
const char *rule_action_name(enum rule_action a);

#endif
