/* What the tracer tells the session, each thing under a stamp later than all before it. */
#ifndef LABS_CALLS_REPORT_H
#define LABS_CALLS_REPORT_H

#include "labs/calls/sockets.h"
#include "labs/calls/tracee.h"
#include "tracer/session/stream.h"

struct report {
    struct stream_writer *out; /* (borrowed) */
    char host;
    int64_t last_ns; /* the latest stamp given */
    int64_t mark_ns; /* when the latest mark was written */
    uint64_t calls;  /* told so far: the ids */
};

/* The time now, as a stamp; kept rising where the machine's clock steps back. */
int64_t report_stamp(struct report *r);

/* What a call's annotation says of its socket. */
struct call_socket {
    int fd;                         /* or -1 */
    const struct socket_ends *ends; /* or NULL */
    const char *peer; /* the remote end that connect() names at its entry, and at its exit where
                         the kernel does not tell; or NULL */
};

/* Tell of a call's entry or (`returned` not NULL) its exit, as it happened at `stamp_ns`. */
void report_call(struct report *r, int64_t stamp_ns, const struct tracee *t, struct call *c,
                 const int64_t *returned, struct call_socket socket);

/* Tell that a thread is held at a call, or (`over`) goes on. */
void report_waits(struct report *r, const struct tracee *t, bool over);

/* Tell that a process started a program, or how it ended (a wait status). */
void report_started(struct report *r, const struct process *p);
void report_ended(struct report *r, const struct process *p, int wait_status);

/* Write a mark where one is due, or at once. */
enum { MARK_EVERY_NS = 5 * 1000 * 1000 };
bool report_mark_if_due(struct report *r);      /* true where it was */
int report_mark_due_ms(const struct report *r); /* until then, for poll() */
void report_mark(struct report *r);

#endif
