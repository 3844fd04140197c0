/* The network of a sandbox: three network namespaces and what joins them. */
#ifndef LABS_SANDBOX_NETWORK_H
#define LABS_SANDBOX_NETWORK_H

#include "labs/sandbox/profile.h"
#include "labs/sandbox/report.h"
#include "labs/sandbox/sandbox.h"

/* Build it from within the namespace that becomes the wire's. `net_fds` get a descriptor for each
 * place's namespace, for setns(). 0, or -1 with the failure. */
int network_build(const struct profile *profile, int net_fds[PLACE_COUNT], struct failure *f);

/* Send a datagram from the place `from` until it is seen on the wire's `interface`, one second at
 * the most. The thread is in the wire's namespace before and after. 0, or -1 with the failure. */
int network_probe(const int net_fds[PLACE_COUNT], enum sandbox_place from, const char *interface,
                  uint32_t to_address, struct failure *f);

#endif
