/* The proof that a network is there: not that nothing was refused, but that a packet crosses. */
#include "labs/sandbox/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PROBE_TRIES = 200, PROBE_WAIT_MS = 5, PORT_DISCARD = 9 };
static const char probe_text[] = "tcplab: does this cross?";

int network_listen(struct failure *f)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
    if (fd < 0)
        return failed(f, STAGE_PROBE, "opening a packet socket");
    return fd;
}

/* A socket belongs to the namespace that it was opened in, and stays there. */
static int sender_in(int net_fd, int home_fd, struct failure *f)
{
    if (setns(net_fd, CLONE_NEWNET) < 0)
        return failed(f, STAGE_NAMESPACES, "entering a network namespace");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        failed(f, STAGE_PROBE, "opening a socket on a host");
    if (setns(home_fd, CLONE_NEWNET) < 0) {
        failed(f, STAGE_NAMESPACES, "entering a network namespace");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

/* True when a probe is heard on the interface within the wait. */
static bool heard(int fd, int interface)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, PROBE_WAIT_MS) <= 0)
        return false;
    char packet[256];
    struct sockaddr_ll from = {0};
    socklen_t length = sizeof from;
    ssize_t n;
    while ((n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &length)) > 0) {
        if (from.sll_ifindex == interface &&
            memmem(packet, (size_t)n, probe_text, sizeof probe_text))
            return true;
        length = sizeof from;
    }
    return false;
}

int network_probe(const struct network *n, enum sandbox_place from, const char *interface,
                  const char *to_address, struct failure *f)
{
    int sender = sender_in(n->net_fds[from], n->net_fds[PLACE_WIRE], f);
    if (sender < 0)
        return -1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT_DISCARD)};
    inet_pton(AF_INET, to_address, &to.sin_addr);
    int err = 0, index = (int)if_nametoindex(interface);
    bool crossed = false;
    /* The first ones may fall into an interface that has just been set up and is not yet running.
     */
    for (int i = 0; i < PROBE_TRIES && !crossed; i++) {
        if (sendto(sender, probe_text, sizeof probe_text, 0, (struct sockaddr *)&to, sizeof to) < 0)
            err = errno;
        crossed = heard(n->listener_fd, index);
    }
    close(sender);
    errno = err;
    if (!crossed)
        return failed(f, STAGE_PROBE, "no packet from host %c reached the wire",
                      from == PLACE_C ? 'C' : 'S');
    return 0;
}
