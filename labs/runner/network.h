/* The network of a run: its profile, with what is set otherwise, and the rules of its wire. */
#ifndef LABS_RUNNER_NETWORK_H
#define LABS_RUNNER_NETWORK_H

#include "labs/sandbox/profile.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/select/rule.h"

#include <stdbool.h>
#include <stddef.h>

enum { RUN_RULES_MOST = 34 };

struct run_network {
    struct profile profile;            /* (owned) */
    struct rules *own[RUN_RULES_MOST]; /* (owned) */
    size_t own_count;
    const struct rules *rules[RUN_RULES_MOST + 2]; /* (borrowed) all, in order; ends with NULL */
    size_t rules_count;
    struct text wire; /* (owned) all rules, one a line; empty where there are none */
};

/* Begin with a profile. 0, or -1 with the sentence. On 0 free with run_network_free(). */
int run_network_begin(struct run_network *n, const char *profile, struct error *e);
void run_network_free(struct run_network *n);

/* Set something otherwise: a list of "delay=50ms" that ends with NULL, or NULL for none; `name`
 * says where it stands, for the sentence. */
int run_network_set(struct run_network *n, char *const *words, const char *name, struct error *e);

/* Add the rules of a lab (borrowed, NULL for none), and those of a text. */
void run_network_add(struct run_network *n, const struct rules *rules);
int run_network_rule(struct run_network *n, const char *text, const char *name, struct error *e);

/* Whether all of it goes together: 0, or -1 with the sentence. */
int run_network_check(const struct run_network *n, struct error *e);

/* Whether something on this wire may be lost or late: then its hosts are given more time. The most
 * that a single packet may be late, where rules say so. */
bool run_network_rules(const struct run_network *n);
int64_t run_network_late_ns(const struct run_network *n);

#endif
