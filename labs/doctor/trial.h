/* A trial of the hosts: they are built as for a lab, and a connection is made between them. */
#ifndef LABS_DOCTOR_TRIAL_H
#define LABS_DOCTOR_TRIAL_H

#include "labs/sandbox/sandbox.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* One attempt to build them. */
struct attempt {
    bool made;
    bool built;
    enum stage refused_at; /* where not built */
    struct error refusal;
};

struct trial {
    const struct profile *profile;
    struct attempt attempts[TIER_ROOT_HOSTS + 1]; /* by tier; the second is root's alone */
    const struct attempt *last;                   /* the one that the rest tells of */
    /* Of the hosts that were built: */
    int64_t connected_ns; /* how long a connection from C to S took; -1 where none came about */
    struct error failure; /* why not */
    char states[2][32];  /* what sock_diag has a listening socket on each host in; "" for no word */
    struct text missing; /* settings of the profile that this kernel does not have */
    struct text settable; /* the congestion controls that a socket on a host may have, and */
    struct text withheld; /* those that the kernel has and keeps from it */
};

/* Make it, in the best tier that can be built; it takes some 0.2 s. Freed by trial_free(). */
void trial_make(struct trial *t);
void trial_free(struct trial *t);

/* The tier that was built; TIER_COUNT for none. */
enum sandbox_tier trial_tier(const struct trial *t);

#endif
