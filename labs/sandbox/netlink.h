/* The few words of rtnetlink that make two hosts and a wire. Each is one request, acknowledged; 0,
 * or -1 with errno. */
#ifndef LABS_SANDBOX_NETLINK_H
#define LABS_SANDBOX_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

/* True where tcplab was built with libmnl; without it every request fails with ENOSYS. */
bool netlink_built_in(void);

/* A conversation with the network namespace that the thread is in now. NULL with errno. Freed by
 * netlink_close(). */
struct netlink;
struct netlink *netlink_open(void);
void netlink_close(struct netlink *n);

/* Make a veth pair: `here` in this namespace, `there` in the one that `there_fd` names, with the
 * given MAC address there and the MTU on both. */
int netlink_veth(struct netlink *n, const char *here, const char *there, int there_fd,
                 const unsigned char there_mac[6], uint32_t mtu_bytes);

/* Set an interface up; with `one_segment` it is never handed more than one segment at a time. */
int netlink_up(struct netlink *n, const char *interface, bool one_segment);

/* Give an interface an address (numeric, IPv4 or IPv6) in a network of `prefix` bits; nobody is
 * asked whether it is taken. */
int netlink_address(struct netlink *n, const char *interface, const char *address, uint8_t prefix);

/* Make a neighbour known for good, so that nobody asks for it. */
int netlink_neighbour(struct netlink *n, const char *interface, const char *address,
                      const unsigned char mac[6]);

#endif
