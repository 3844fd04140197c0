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

static int listen_on(const char *interface, struct failure *f)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return failed(f, STAGE_PROBE, "opening a packet socket");
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_IP),
                             .sll_ifindex = (int)if_nametoindex(interface)};
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        failed(f, STAGE_PROBE, "listening on %s", interface);
        close(fd);
        return -1;
    }
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

/* True when the probe has been read from the packet socket within the wait. */
static bool seen(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, PROBE_WAIT_MS) <= 0)
        return false;
    char packet[256];
    ssize_t n;
    while ((n = recv(fd, packet, sizeof packet, 0)) > 0)
        if (memmem(packet, (size_t)n, probe_text, sizeof probe_text))
            return true;
    return false;
}

int network_probe(const int net_fds[PLACE_COUNT], enum sandbox_place from, const char *interface,
                  uint32_t to_address, struct failure *f)
{
    int listener = listen_on(interface, f);
    if (listener < 0)
        return -1;
    int sender = sender_in(net_fds[from], net_fds[PLACE_WIRE], f);
    if (sender < 0) {
        close(listener);
        return -1;
    }
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(PORT_DISCARD),
                             .sin_addr.s_addr = htonl(to_address)};
    bool crossed = false;
    int err = 0;
    /* The first ones may fall into an interface that has just been set up and is not yet running.
     */
    for (int i = 0; i < PROBE_TRIES && !crossed; i++) {
        if (sendto(sender, probe_text, sizeof probe_text, 0, (struct sockaddr *)&to, sizeof to) < 0)
            err = errno;
        crossed = seen(listener);
    }
    close(sender);
    close(listener);
    errno = err;
    if (!crossed)
        return failed(f, STAGE_PROBE, "no packet from host %c reached the wire",
                      from == PLACE_C ? 'C' : 'S');
    return 0;
}
