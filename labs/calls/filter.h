/* The seccomp filter that makes only the calls of the table stop. */
#ifndef LABS_CALLS_FILTER_H
#define LABS_CALLS_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

struct calls_filter {
    struct sock_filter *instructions; /* (owned) NULL where there is no filter */
    unsigned short count;
};

/* Compile the filter. False where this build or machine has none: every call must then stop. */
bool calls_filter_build(struct calls_filter *f);
void calls_filter_free(struct calls_filter *f);

/* Install it in this process for good, and forbid new privileges, which the kernel asks for. The
 * calls of the table then need a tracer. False where the kernel refuses. */
bool calls_filter_install(const struct calls_filter *f);

#endif
