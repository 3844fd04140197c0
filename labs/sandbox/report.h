/* What the sandbox's processes tell the caller: one datagram a report, over a socket pair whose
 * other end, closed, tells them to end. */
#ifndef LABS_SANDBOX_REPORT_H
#define LABS_SANDBOX_REPORT_H

#include <stdbool.h>
#include <sys/types.h>

/* Where the building of a sandbox can fail. */
enum stage {
    STAGE_FORK,       /* a process or a pipe could not be had */
    STAGE_USER_NS,    /* a user namespace was refused */
    STAGE_MAP,        /* its user and group ids could not be mapped */
    STAGE_NAMESPACES, /* the other namespaces were refused */
    STAGE_NETWORK,    /* interfaces, addresses, offloads */
    STAGE_SETTING,    /* a kernel setting of the profile */
    STAGE_PROBE,      /* all was set up and no packet crossed */
    STAGE_PROCESS,    /* a process could not enter its place */
    STAGE_COUNT,
};

struct failure {
    enum stage stage;
    int err;        /* errno */
    char what[160]; /* what was tried: "writing net/ipv4/tcp_ecn" */
};

/* What the hosts have where a profile can only wish for it. */
struct got {
    char congestion[16]; /* the algorithm of a new socket; "" where that was not to be read */
    bool ipv6;
};

enum report_type {
    REPORT_NEEDS_MAP, /* the user namespace is there: map its ids and answer */
    REPORT_INIT,      /* pid: process 1 of the sandbox, as the caller sees it */
    REPORT_FAILED,    /* failure */
    REPORT_BUILT,     /* the network is there, and has carried the probe */
    REPORT_RUNNING,   /* a process is in its place and runs; after all of them, answer */
    REPORT_ENDED,     /* index, wait_status */
};

struct report {
    enum report_type type;
    pid_t pid;
    size_t index;
    int wait_status;
    struct failure failure;
    struct got got; /* with REPORT_BUILT */
};

/* Fill `f` from errno and return -1, so that a step can end with `return failed(...)`. */
int failed(struct failure *f, enum stage stage, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Send a report; -1 where the caller is gone. */
int report_send(int fd, const struct report *r);

/* Wait for one, with MSG_DONTWAIT in `flags` not. 1; 0 where there is none now; -1 at the end. */
int report_receive(int fd, int flags, struct report *r);

/* The caller's answer to NEEDS_MAP and to the last RUNNING, and the waiting for it: 0, or -1 where
 * the other side is gone. */
int report_answer(int fd);
int report_await_answer(int fd);

#endif
