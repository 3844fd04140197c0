/* The kernel's own word on a connection, from sock_diag: the state that it has it in, and what its
 * congestion control and timers stand at. It goes into the session beside what the segments imply.
 *
 * A host is asked when it has sent a segment of the connection and when one was delivered to it
 * (not before the frames that wait have been dealt with, for a question takes longer than a frame
 * does), and once more a moment later, for a kernel on a busy machine may not have got to it: every
 * millisecond at the most, every ten while more than 16 segments a millisecond pass. It is asked
 * around the time at which a timer of the connection is to run out, for one that ends it sends
 * nothing. What may end by its program's will without a segment is asked for now and then. Only
 * what differs from its last word is recorded. */
#ifndef LABS_WIRE_KERNEL_H
#define LABS_WIRE_KERNEL_H

#include "labs/wire/recorder.h"

struct kernel;

/* `diag_fds` are sock_diag sockets in the networks of host C and of host S, -1 for none; borrowed,
 * as the recorder is. Freed by kernel_free(). */
struct kernel *kernel_new(const int diag_fds[2], struct recorder *recorder);
void kernel_free(struct kernel *k);

/* Host `host` (0 is C) has `sent` this packet, or it was delivered to it, at `now_ns` of the
 * monotonic clock. What is not TCP is passed over. */
void kernel_moved(struct kernel *k, int host, bool sent, const struct packet *p, int64_t now_ns);

/* Ask for the last time about each connection that is not over. */
void kernel_last(struct kernel *k);

/* Ask again where that is due. Returns when to come back, INT64_MAX for not before the next frame.
 */
int64_t kernel_turn(struct kernel *k, int64_t now_ns);

#endif
