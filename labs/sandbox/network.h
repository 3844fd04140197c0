/* The network of a sandbox: three network namespaces and what joins them. */
#ifndef LABS_SANDBOX_NETWORK_H
#define LABS_SANDBOX_NETWORK_H

#include "labs/sandbox/profile.h"
#include "labs/sandbox/report.h"
#include "labs/sandbox/sandbox.h"

struct network {
    int net_fds[PLACE_COUNT]; /* each place's namespace, for setns(); -1 where there is none */
    struct got got;
    int listener_fd; /* has heard the probes. Its closing takes the kernel some 10 ms, so
                        it is left open for who has the time; -1 where there is none */
};

/* Build it from within the namespace that becomes the wire's, and let a packet cross on each side.
 * 0, or -1 with the failure. */
int network_build(const struct profile *profile, struct network *n, struct failure *f);

/* Hear what arrives on the wire's interfaces; the thread is in its namespace. A descriptor, or -1
 * with the failure. */
int network_listen(struct failure *f);

/* Send datagrams from the place `from` until one is heard on the wire's `interface`, for a second
 * at the most. The thread is in the wire's namespace before and after. 0, or -1 with the failure.
 */
int network_probe(const struct network *n, enum sandbox_place from, const char *interface,
                  const char *to_address, struct failure *f);

#endif
