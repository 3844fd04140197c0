/* What the files that make the calls share: perform.c (sockets are made, named, closed),
 * perform_bytes.c, perform_ask.c. */
#ifndef LABS_PUPPET_PERFORM_PARTS_H
#define LABS_PUPPET_PERFORM_PARTS_H

#include "labs/puppet/puppet.h"

/* What of a socket holds while the lock is not held: its entry may be gone, or be another's. */
struct held {
    int fd;
    uint64_t number;
    enum puppet_type type;
};

/* With the lock: the entry, if it is there still; begin a call on one. */
struct puppet_socket *held_still(struct puppet *p, const struct held *h);
struct held held_take(struct puppet_socket *s);

/* Begin a call on the socket that it means: 0, or -1 with the sentence. */
int held_find(struct puppet *p, const struct puppet_call *c, struct held *h, struct error *e);

/* The call has returned; in the first, `stage` is the socket's from now on. */
void held_let_go(struct puppet *p, const struct held *h, enum socket_stage stage);
void held_release(struct puppet *p, const struct held *h);

/* Append "connect(3) = 0" or "connect(3) = -1 ECONNREFUSED: refused", and return the result; to be
 * called before errno is spoiled. */
long tell_result(struct text *out, const char *name, int fd, long result);

/* Make a socket, and begin a call on it: 0; 1 where the kernel refused, which `out` says; -1 with
 * the sentence. */
int make_socket(struct puppet *p, const char *name, enum puppet_type type, struct held *h,
                struct text *out, struct error *e);

/* One call each; see perform(). */
typedef int call_run(struct puppet *p, const struct puppet_call *c, struct text *out,
                     struct error *e);
call_run run_send, run_sendto, run_recv, run_recvfrom, run_receive, run_setsockopt, run_getsockopt,
    run_getsockname, run_getpeername, run_nonblocking, run_poll, run_sockets;

#endif
