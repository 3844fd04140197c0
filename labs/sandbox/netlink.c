#include "labs/sandbox/netlink.h"

#include <errno.h>
#include <stddef.h>

#ifdef HAVE_MNL

#include "tracer/base/alloc.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

struct netlink {
    struct mnl_socket *socket; /* (owned) */
    unsigned sequence;
    char buffer[8192];
};

bool netlink_built_in(void)
{
    return true;
}

struct netlink *netlink_open(void)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!socket)
        return NULL;
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int err = errno;
        mnl_socket_close(socket);
        errno = err;
        return NULL;
    }
    struct netlink *n = xcalloc(1, sizeof *n);
    n->socket = socket;
    return n;
}

void netlink_close(struct netlink *n)
{
    if (!n)
        return;
    mnl_socket_close(n->socket);
    free(n);
}

static struct nlmsghdr *request(struct netlink *n, uint16_t type, uint16_t flags)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(n->buffer);
    message->nlmsg_type = type;
    message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    message->nlmsg_seq = ++n->sequence;
    return message;
}

/* Send the request and wait for its acknowledgement, whose error becomes errno. */
static int talk(struct netlink *n, const struct nlmsghdr *message)
{
    if (mnl_socket_sendto(n->socket, message, message->nlmsg_len) < 0)
        return -1;
    for (;;) {
        ssize_t got = mnl_socket_recvfrom(n->socket, n->buffer, sizeof n->buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        int more = mnl_cb_run(n->buffer, (size_t)got, n->sequence, mnl_socket_get_portid(n->socket),
                              NULL, NULL);
        if (more <= 0)
            return more;
    }
}

int netlink_veth(struct netlink *n, const char *here, const char *there, int there_fd,
                 const unsigned char there_mac[6], uint32_t mtu_bytes)
{
    struct nlmsghdr *message = request(n, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(message, IFLA_IFNAME, here);
    mnl_attr_put_u32(message, IFLA_MTU, mtu_bytes);
    struct nlattr *link = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_str(message, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(message, IFLA_IFNAME, there);
    mnl_attr_put_u32(message, IFLA_MTU, mtu_bytes);
    mnl_attr_put(message, IFLA_ADDRESS, 6, there_mac);
    mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)there_fd);
    mnl_attr_nest_end(message, peer);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, link);
    return talk(n, message);
}

int netlink_up(struct netlink *n, const char *interface, bool one_segment)
{
    struct nlmsghdr *message = request(n, RTM_NEWLINK, 0);
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof *info);
    info->ifi_family = AF_UNSPEC;
    info->ifi_flags = IFF_UP;
    info->ifi_change = IFF_UP;
    mnl_attr_put_strz(message, IFLA_IFNAME, interface);
    if (one_segment)
        mnl_attr_put_u32(message, IFLA_GSO_MAX_SEGS, 1);
    return talk(n, message);
}

/* An address in binary. */
struct binary {
    uint8_t family, bytes[16];
    size_t size;
};

static int parse(const char *address, struct binary *b)
{
    bool v6 = strchr(address, ':') != NULL;
    b->family = v6 ? AF_INET6 : AF_INET;
    b->size = v6 ? 16 : 4;
    if (inet_pton(b->family, address, b->bytes) == 1)
        return 0;
    errno = EINVAL;
    return -1;
}

static void put_broadcast(struct nlmsghdr *message, const struct binary *b, uint8_t prefix)
{
    uint32_t address;
    memcpy(&address, b->bytes, sizeof address);
    mnl_attr_put_u32(message, IFA_BROADCAST, address | htonl(UINT32_MAX >> prefix));
}

int netlink_address(struct netlink *n, const char *interface, const char *address, uint8_t prefix)
{
    struct binary b;
    struct nlmsghdr *message = request(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof *info);
    info->ifa_prefixlen = prefix;
    info->ifa_scope = RT_SCOPE_UNIVERSE;
    info->ifa_index = if_nametoindex(interface);
    if (info->ifa_index == 0 || parse(address, &b) < 0)
        return -1;
    info->ifa_family = b.family;
    info->ifa_flags = b.family == AF_INET6 ? IFA_F_NODAD : 0;
    mnl_attr_put(message, IFA_LOCAL, b.size, b.bytes);
    mnl_attr_put(message, IFA_ADDRESS, b.size, b.bytes);
    if (b.family == AF_INET)
        put_broadcast(message, &b, prefix);
    return talk(n, message);
}

int netlink_neighbour(struct netlink *n, const char *interface, const char *address,
                      const unsigned char mac[6])
{
    struct binary b;
    struct nlmsghdr *message = request(n, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
    struct ndmsg *info = mnl_nlmsg_put_extra_header(message, sizeof *info);
    info->ndm_state = NUD_PERMANENT;
    info->ndm_ifindex = (int)if_nametoindex(interface);
    if (info->ndm_ifindex == 0 || parse(address, &b) < 0)
        return -1;
    info->ndm_family = b.family;
    mnl_attr_put(message, NDA_DST, b.size, b.bytes);
    mnl_attr_put(message, NDA_LLADDR, 6, mac);
    return talk(n, message);
}

#else

static int not_built_in(void)
{
    errno = ENOSYS;
    return -1;
}

bool netlink_built_in(void)
{
    return false;
}

struct netlink *netlink_open(void)
{
    errno = ENOSYS;
    return NULL;
}

void netlink_close(struct netlink *n)
{
    (void)n;
}

int netlink_veth(struct netlink *n, const char *here, const char *there, int there_fd,
                 const unsigned char there_mac[6], uint32_t mtu_bytes)
{
    (void)n, (void)here, (void)there, (void)there_fd, (void)there_mac, (void)mtu_bytes;
    return not_built_in();
}

int netlink_up(struct netlink *n, const char *interface, bool one_segment)
{
    (void)n, (void)interface, (void)one_segment;
    return not_built_in();
}

int netlink_address(struct netlink *n, const char *interface, const char *address, uint8_t prefix)
{
    (void)n, (void)interface, (void)address, (void)prefix;
    return not_built_in();
}

int netlink_neighbour(struct netlink *n, const char *interface, const char *address,
                      const unsigned char mac[6])
{
    (void)n, (void)interface, (void)address, (void)mac;
    return not_built_in();
}

#endif
