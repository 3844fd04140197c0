#include "labs/sandbox/network.h"

#include "labs/sandbox/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* One row a host: its addresses are its tier's (tier.c), its peer is the other. */
static const enum sandbox_place places[2] = {PLACE_C, PLACE_S};

enum { PREFIX_BITS = 24, PREFIX6_BITS = 64, SETTLE_TRIES = 4000 };

static const char *address4(int host)
{
    return sandbox_address(TIER_HOSTS, host);
}

static const char *address6(int host)
{
    return sandbox_address6(TIER_HOSTS, host);
}

/* With these off a frame is what a cable would carry: one segment, no longer than the MTU, with the
 * checksum that its sender computed and its receiver checks. */
static const struct {
    uint32_t command;
    const char *name;
} offloads[] = {
    {ETHTOOL_STSO, "tso"},        {ETHTOOL_SGSO, "gso"},        {ETHTOOL_SGRO, "gro"},
    {ETHTOOL_STXCSUM, "tx csum"}, {ETHTOOL_SRXCSUM, "rx csum"}, {ETHTOOL_SSG, "sg"},
};

static int offloads_off(const char *interface, struct failure *f)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(f, STAGE_NETWORK, "opening a socket to configure %s", interface);
    int result = 0;
    for (size_t i = 0; result == 0 && i < sizeof offloads / sizeof offloads[0]; i++) {
        struct ethtool_value value = {.cmd = offloads[i].command, .data = 0};
        struct ifreq request = {.ifr_data = (void *)&value};
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
        /* EOPNOTSUPP: the kernel keeps this one fixed, which for veth means off. */
        if (ioctl(fd, SIOCETHTOOL, &request) < 0 && errno != EOPNOTSUPP)
            result = failed(f, STAGE_NETWORK, "turning %s off on %s", offloads[i].name, interface);
    }
    close(fd);
    return result;
}

static int enter(int net_fd, struct failure *f)
{
    if (setns(net_fd, CLONE_NEWNET) < 0)
        return failed(f, STAGE_NAMESPACES, "entering a network namespace");
    return 0;
}

static int make_namespaces(int net_fds[PLACE_COUNT], struct failure *f)
{
    for (int place = 0; place < PLACE_COUNT; place++) {
        if (place != PLACE_WIRE && unshare(CLONE_NEWNET) < 0)
            return failed(f, STAGE_NAMESPACES, "making a network namespace");
        net_fds[place] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (net_fds[place] < 0)
            return failed(f, STAGE_NAMESPACES, "opening /proc/self/ns/net");
    }
    return 0;
}

static int write_setting(const struct profile_setting *setting, struct failure *f)
{
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/%s", setting->path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t length = (ssize_t)strlen(setting->value);
    bool written = fd >= 0 && write(fd, setting->value, (size_t)length) == length;
    bool refused = errno == ENOENT || errno == EPERM || errno == EACCES || errno == EINVAL;
    bool passed_over =
        (setting->optional && fd < 0 && errno == ENOENT) || (setting->wished && refused);
    if (!written && !passed_over)
        failed(f, STAGE_SETTING, "writing %s to %s", setting->value, path);
    else
        written = true;
    if (fd >= 0)
        close(fd);
    return written ? 0 : -1;
}

/* The settings come before the interfaces, which copy some of them when they are made. */
static int pin_settings(const struct profile *profile, const int net_fds[PLACE_COUNT],
                        struct failure *f)
{
    for (int place = 0; place < PLACE_COUNT; place++) {
        if (enter(net_fds[place], f) < 0)
            return -1;
        for (size_t i = 0; i < profile->setting_count; i++)
            if (write_setting(&profile->settings[i], f) < 0)
                return -1;
    }
    return 0;
}

/* The wire's two ends and, with them, the hosts' interfaces. */
static int lay_wire(const struct profile *profile, const int net_fds[PLACE_COUNT],
                    struct failure *f)
{
    if (enter(net_fds[PLACE_WIRE], f) < 0)
        return -1;
    struct netlink *n = netlink_open();
    if (!n)
        return failed(f, STAGE_NETWORK, "opening a netlink socket");
    int result = 0;
    for (int i = 0; result == 0 && i < 2; i++) {
        const char *end = sandbox_wire_interfaces[i];
        if (netlink_veth(n, end, "eth0", net_fds[places[i]], sandbox_macs[i], profile->mtu_bytes) <
            0)
            result = failed(f, STAGE_NETWORK, "making the veth pair %s", end);
        else if (offloads_off(end, f) < 0)
            result = -1;
        else if (netlink_up(n, end, true) < 0)
            result = failed(f, STAGE_NETWORK, "setting %s up", end);
    }
    netlink_close(n);
    return result;
}

/* Whether this network's kernel has taken an IPv6 address that it was given into use: it gets to it
 * by and by, and then has a route to itself. */
static bool in_use(const char *address)
{
    char line[256], route[40] = "";
    struct in6_addr bytes;
    bool found = false;
    inet_pton(AF_INET6, address, &bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(route + 2 * i, 3, "%02x", bytes.s6_addr[i]);
    strcat(route, " 80"); /* all 128 bits, in hexadecimal digits */
    FILE *f = fopen("/proc/self/net/ipv6_route", "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = strncmp(line, route, strlen(route)) == 0;
    if (f)
        fclose(f);
    return found;
}

static int await_use(const char *address, struct failure *f)
{
    for (int i = 0; i < SETTLE_TRIES; i++) {
        if (in_use(address))
            return 0;
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    errno = ETIMEDOUT;
    return failed(f, STAGE_NETWORK, "waiting until eth0's IPv6 address is in use");
}

/* A kernel without IPv6 is no failure: *ipv6 tells. */
static int give_ipv6(struct netlink *n, int i, bool *ipv6, struct failure *f)
{
    *ipv6 = netlink_address(n, "eth0", address6(i), PREFIX6_BITS) == 0;
    if (!*ipv6 && errno != EOPNOTSUPP && errno != EAFNOSUPPORT)
        return failed(f, STAGE_NETWORK, "giving eth0 its IPv6 address");
    if (!*ipv6)
        return 0;
    if (netlink_neighbour(n, "eth0", address6(1 - i), sandbox_macs[1 - i]) < 0)
        return failed(f, STAGE_NETWORK, "naming eth0's IPv6 neighbour");
    return await_use(address6(i), f);
}

/* What the kernel gave where the profile's wish may be passed over. */
static void read_congestion(struct got *got)
{
    int fd = open("/proc/sys/net/ipv4/tcp_congestion_control", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, got->congestion, sizeof got->congestion - 1) : 0;
    got->congestion[n > 0 ? n : 0] = '\0';
    got->congestion[strcspn(got->congestion, "\n")] = '\0';
    if (fd >= 0)
        close(fd);
}

static int furnish_host(int i, const struct profile *profile, const int net_fds[PLACE_COUNT],
                        struct got *got, struct failure *f)
{
    if (enter(net_fds[places[i]], f) < 0)
        return -1;
    read_congestion(got);
    struct netlink *n = netlink_open();
    if (!n)
        return failed(f, STAGE_NETWORK, "opening a netlink socket");
    int result = offloads_off("eth0", f);
    if (result == 0 && netlink_up(n, "lo", false) < 0)
        result = failed(f, STAGE_NETWORK, "setting lo up");
    if (result == 0 && netlink_up(n, "eth0", true) < 0)
        result = failed(f, STAGE_NETWORK, "setting eth0 up");
    if (result == 0 && netlink_address(n, "eth0", address4(i), PREFIX_BITS) < 0)
        result = failed(f, STAGE_NETWORK, "giving eth0 its address");
    if (result == 0 && netlink_neighbour(n, "eth0", address4(1 - i), sandbox_macs[1 - i]) < 0)
        result = failed(f, STAGE_NETWORK, "naming eth0's neighbour");
    if (result == 0 && profile->ipv6)
        result = give_ipv6(n, i, &got->ipv6, f);
    netlink_close(n);
    return result;
}

int network_build(const struct profile *profile, struct network *n, struct failure *f)
{
    if (make_namespaces(n->net_fds, f) < 0 || pin_settings(profile, n->net_fds, f) < 0 ||
        lay_wire(profile, n->net_fds, f) < 0 ||
        furnish_host(0, profile, n->net_fds, &n->got, f) < 0 ||
        furnish_host(1, profile, n->net_fds, &n->got, f) < 0 ||
        enter(n->net_fds[PLACE_WIRE], f) < 0)
        return -1;
    n->listener_fd = network_listen(f);
    if (n->listener_fd < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (network_probe(n, places[i], sandbox_wire_interfaces[i], address4(1 - i), f) < 0)
            return -1;
    return 0;
}
