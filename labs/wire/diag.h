/* One question to the kernel about one TCP socket, by sock_diag. */
#ifndef LABS_WIRE_DIAG_H
#define LABS_WIRE_DIAG_H

#include "tracer/flow/flow.h"
#include "tracer/session/annotation.h"

/* The socket's timer as it stands: that which retransmits, probes, keeps alive or ends TIME-WAIT.
 */
struct diag_timer {
    bool runs;
    int64_t left_ms; /* until it runs out */
};

/* Ask on a sock_diag socket about the connection from `local` to `remote`, as the host of `local`
 * has it. True where there was an answer, that there is no such socket (CLOSED) among them; then
 * the kernel's members of `*a` are set, its strings borrowed, and `*timer` (NULL: not wanted). A
 * listener that answers in the place of a connection that is gone counts as none. */
bool diag_ask(int fd, const struct endpoint *local, const struct endpoint *remote,
              struct annotation *a, struct diag_timer *timer);

#endif
