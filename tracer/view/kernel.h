/* The kernel's own word on an end of a connection, beside what the segments say of it. */
#ifndef TRACER_VIEW_KERNEL_H
#define TRACER_VIEW_KERNEL_H

#include "tracer/trace/trace.h"

/* What is known of an end right after a moment: before anything else reaches or leaves it. */
struct kernel_look {
    const struct kernel_word *word; /* NULL where the kernel has said nothing by then */
    enum tcp_state implied;         /* the state that the segments say */
    bool differs;                   /* and the kernel says another */
};

struct kernel_look kernel_look_at(const struct trace *t, uint32_t flow, int side, uint32_t event);

/* Why they may differ, in one sentence. */
const char *kernel_reason(const struct kernel_look *look);

#endif
