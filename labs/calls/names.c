#include "labs/calls/names.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct constant {
    int value;
    const char *name;
};

#define CONSTANT(x)                                                                                \
    {                                                                                              \
        (int)(x), #x                                                                               \
    }
#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static const struct constant families[] = {
    CONSTANT(AF_UNSPEC),    CONSTANT(AF_UNIX),    CONSTANT(AF_INET),
    CONSTANT(AF_INET6),     CONSTANT(AF_NETLINK), CONSTANT(AF_PACKET),
    CONSTANT(AF_BLUETOOTH), CONSTANT(AF_VSOCK),   CONSTANT(AF_ALG),
};
static const struct constant types[] = {
    CONSTANT(SOCK_STREAM), CONSTANT(SOCK_DGRAM),     CONSTANT(SOCK_RAW),
    CONSTANT(SOCK_RDM),    CONSTANT(SOCK_SEQPACKET), CONSTANT(SOCK_DCCP),
};
static const struct constant type_flags[] = {CONSTANT(SOCK_NONBLOCK), CONSTANT(SOCK_CLOEXEC)};
static const struct constant protocols[] = {
    CONSTANT(IPPROTO_ICMP), CONSTANT(IPPROTO_TCP),  CONSTANT(IPPROTO_UDP),
    CONSTANT(IPPROTO_RAW),  CONSTANT(IPPROTO_SCTP), CONSTANT(IPPROTO_UDPLITE),
    {262, "IPPROTO_MPTCP"},
};
static const struct constant hows[] = {CONSTANT(SHUT_RD), CONSTANT(SHUT_WR), CONSTANT(SHUT_RDWR)};
static const struct constant levels[] = {
    CONSTANT(SOL_SOCKET),   CONSTANT(IPPROTO_IP),  CONSTANT(IPPROTO_TCP),
    CONSTANT(IPPROTO_IPV6), CONSTANT(IPPROTO_UDP),
};
static const struct constant message_flags[] = {
    CONSTANT(MSG_OOB),          CONSTANT(MSG_PEEK),     CONSTANT(MSG_DONTROUTE),
    CONSTANT(MSG_CTRUNC),       CONSTANT(MSG_TRUNC),    CONSTANT(MSG_DONTWAIT),
    CONSTANT(MSG_EOR),          CONSTANT(MSG_WAITALL),  CONSTANT(MSG_CONFIRM),
    CONSTANT(MSG_ERRQUEUE),     CONSTANT(MSG_NOSIGNAL), CONSTANT(MSG_MORE),
    CONSTANT(MSG_WAITFORONE),   CONSTANT(MSG_ZEROCOPY), CONSTANT(MSG_FASTOPEN),
    CONSTANT(MSG_CMSG_CLOEXEC),
};
static const struct constant socket_options[] = {
    CONSTANT(SO_DEBUG),        CONSTANT(SO_REUSEADDR),     CONSTANT(SO_TYPE),
    CONSTANT(SO_ERROR),        CONSTANT(SO_DONTROUTE),     CONSTANT(SO_BROADCAST),
    CONSTANT(SO_SNDBUF),       CONSTANT(SO_RCVBUF),        CONSTANT(SO_SNDBUFFORCE),
    CONSTANT(SO_RCVBUFFORCE),  CONSTANT(SO_KEEPALIVE),     CONSTANT(SO_OOBINLINE),
    CONSTANT(SO_PRIORITY),     CONSTANT(SO_LINGER),        CONSTANT(SO_REUSEPORT),
    CONSTANT(SO_PASSCRED),     CONSTANT(SO_PEERCRED),      CONSTANT(SO_RCVLOWAT),
    CONSTANT(SO_SNDLOWAT),     CONSTANT(SO_RCVTIMEO),      CONSTANT(SO_SNDTIMEO),
    CONSTANT(SO_BINDTODEVICE), CONSTANT(SO_ATTACH_FILTER), CONSTANT(SO_TIMESTAMP),
    CONSTANT(SO_ACCEPTCONN),   CONSTANT(SO_MARK),          CONSTANT(SO_PROTOCOL),
    CONSTANT(SO_DOMAIN),       CONSTANT(SO_BUSY_POLL),     CONSTANT(SO_INCOMING_CPU),
    CONSTANT(SO_COOKIE),       CONSTANT(SO_ZEROCOPY),      CONSTANT(SO_TXTIME),
};
static const struct constant ip_options[] = {
    CONSTANT(IP_TOS),
    CONSTANT(IP_TTL),
    CONSTANT(IP_OPTIONS),
    CONSTANT(IP_RECVTOS),
    CONSTANT(IP_PKTINFO),
    CONSTANT(IP_RECVERR),
    CONSTANT(IP_MTU_DISCOVER),
    CONSTANT(IP_MTU),
    CONSTANT(IP_RECVTTL),
    CONSTANT(IP_FREEBIND),
    CONSTANT(IP_TRANSPARENT),
    CONSTANT(IP_ADD_MEMBERSHIP),
    CONSTANT(IP_MULTICAST_TTL),
    CONSTANT(IP_MULTICAST_LOOP),
    CONSTANT(IP_BIND_ADDRESS_NO_PORT),
};
static const struct constant ipv6_options[] = {
    CONSTANT(IPV6_V6ONLY),       CONSTANT(IPV6_UNICAST_HOPS), CONSTANT(IPV6_TCLASS),
    CONSTANT(IPV6_RECVPKTINFO),  CONSTANT(IPV6_RECVERR),      CONSTANT(IPV6_MTU_DISCOVER),
    CONSTANT(IPV6_MTU),          CONSTANT(IPV6_JOIN_GROUP),   CONSTANT(IPV6_MULTICAST_HOPS),
    CONSTANT(IPV6_RECVHOPLIMIT),
};
static const struct constant tcp_options[] = {
    CONSTANT(TCP_NODELAY),
    CONSTANT(TCP_MAXSEG),
    CONSTANT(TCP_CORK),
    CONSTANT(TCP_KEEPIDLE),
    CONSTANT(TCP_KEEPINTVL),
    CONSTANT(TCP_KEEPCNT),
    CONSTANT(TCP_SYNCNT),
    CONSTANT(TCP_LINGER2),
    CONSTANT(TCP_DEFER_ACCEPT),
    CONSTANT(TCP_WINDOW_CLAMP),
    CONSTANT(TCP_INFO),
    CONSTANT(TCP_QUICKACK),
    CONSTANT(TCP_CONGESTION),
    CONSTANT(TCP_MD5SIG),
    CONSTANT(TCP_USER_TIMEOUT),
    CONSTANT(TCP_REPAIR),
    CONSTANT(TCP_FASTOPEN),
    CONSTANT(TCP_TIMESTAMP),
    CONSTANT(TCP_NOTSENT_LOWAT),
    CONSTANT(TCP_CC_INFO),
    CONSTANT(TCP_SAVE_SYN),
    CONSTANT(TCP_SAVED_SYN),
    CONSTANT(TCP_FASTOPEN_CONNECT),
    CONSTANT(TCP_ULP),
    CONSTANT(TCP_INQ),
};

static const struct {
    int level;
    const struct constant *rows;
    size_t count;
} options_of[] = {
    {SOL_SOCKET, socket_options, COUNT(socket_options)},
    {IPPROTO_IP, ip_options, COUNT(ip_options)},
    {IPPROTO_IPV6, ipv6_options, COUNT(ipv6_options)},
    {IPPROTO_TCP, tcp_options, COUNT(tcp_options)},
};

static void add_constant(struct text *out, const struct constant *rows, size_t n, int value)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].value == value) {
            text_add(out, rows[i].name);
            return;
        }
    }
    text_i64(out, value);
}

/* Bits without a name follow the named ones as one hexadecimal number. */
static void add_flags(struct text *out, const struct constant *rows, size_t n, int flags)
{
    const char *between = "";
    for (size_t i = 0; i < n; i++) {
        if ((flags & rows[i].value) == 0)
            continue;
        text_add(out, between);
        text_add(out, rows[i].name);
        flags &= ~rows[i].value;
        between = "|";
    }
    if (flags != 0)
        text_format(out, "%s0x%x", between, (unsigned)flags);
}

void call_add_family(struct text *out, int family)
{
    add_constant(out, families, COUNT(families), family);
}

void call_add_type(struct text *out, int type)
{
    int flags = type & ~0xf;
    add_constant(out, types, COUNT(types), type & 0xf);
    if (flags != 0) {
        text_char(out, '|');
        add_flags(out, type_flags, COUNT(type_flags), flags);
    }
}

/* 0 asks for the family's own choice, and other families number their protocols differently. */
void call_add_protocol(struct text *out, int family, int protocol)
{
    bool internet = family == AF_INET || family == AF_INET6;
    add_constant(out, protocols, internet && protocol != 0 ? COUNT(protocols) : 0, protocol);
}

void call_add_how(struct text *out, int how)
{
    add_constant(out, hows, COUNT(hows), how);
}

void call_add_level(struct text *out, int level)
{
    add_constant(out, levels, COUNT(levels), level);
}

void call_add_option(struct text *out, int level, int option)
{
    for (size_t i = 0; i < COUNT(options_of); i++) {
        if (options_of[i].level == level) {
            add_constant(out, options_of[i].rows, options_of[i].count, option);
            return;
        }
    }
    text_i64(out, option);
}

void call_add_type_flags(struct text *out, int flags)
{
    add_flags(out, type_flags, COUNT(type_flags), flags);
}

void call_add_message_flags(struct text *out, int flags)
{
    add_flags(out, message_flags, COUNT(message_flags), flags);
}
