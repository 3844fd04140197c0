#include "labs/puppet/call.h"

#include "tracer/base/words.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>

const struct puppet_row puppet_rows[PUPPET_WORD_COUNT] = {
    {PUPPET_SOCKET,
     "socket",
     {{TAKES_TYPE, false}, {TAKES_NAME, false}},
     N_("Make a socket: tcp, unless another type is said.")},
    {PUPPET_BIND,
     "bind",
     {{TAKES_TYPE, false}, {TAKES_LOCAL, true}},
     N_("Give the socket its own address. Where there is no new socket, socket() comes first.")},
    {PUPPET_LISTEN,
     "listen",
     {{TAKES_TYPE, false}, {TAKES_LOCAL, false}, {TAKES_BACKLOG, false}},
     N_("Let others connect. With an address, socket() and bind() come first.")},
    {PUPPET_ACCEPT,
     "accept",
     {{TAKES_NAME, false}},
     N_("Take the next connection of the socket that listens; it is a new socket.")},
    {PUPPET_CONNECT,
     "connect",
     {{TAKES_TYPE, false}, {TAKES_ADDRESS, true}},
     N_("Connect. Where there is no new socket, socket() comes first.")},
    {PUPPET_SEND,
     "send",
     {{TAKES_DATA, true}, {TAKES_FLAGS, false}},
     N_("Send bytes: \"text\\r\\n\", hex 68 69, 5000 bytes. `send` can be left out before a "
        "quotation "
        "mark or hex.")},
    {PUPPET_SENDTO,
     "sendto",
     {{TAKES_TYPE, false}, {TAKES_ADDRESS, true}, {TAKES_DATA, true}, {TAKES_FLAGS, false}},
     N_("Send a datagram to an address. Where there is no such socket, a udp one is made.")},
    {PUPPET_RECV,
     "recv",
     {{TAKES_COUNT, false}, {TAKES_FLAGS, false}, {TAKES_HEX, false}},
     N_("Take bytes that have come, 65536 at the most unless said; wait where there are none.")},
    {PUPPET_RECVFROM,
     "recvfrom",
     {{TAKES_COUNT, false}, {TAKES_FLAGS, false}, {TAKES_HEX, false}},
     N_("The same, and tell who sent them.")},
    {PUPPET_RECEIVE,
     "receive",
     {{TAKES_HEX, false}},
     N_("Take whatever comes from now on, by recv() again and again, until its end.")},
    {PUPPET_SHUTDOWN,
     "shutdown",
     {{TAKES_HOW, true}},
     N_("End one direction of the connection, or both; the socket stays.")},
    {PUPPET_CLOSE, "close", {{TAKES_NOTHING, false}}, N_("Close the socket.")},
    {PUPPET_SETSOCKOPT,
     "setsockopt",
     {{TAKES_OPTION, true}, {TAKES_VALUE, false}},
     N_("Set an option of the socket: on, unless off, a number or a word is said.")},
    {PUPPET_GETSOCKOPT,
     "getsockopt",
     {{TAKES_OPTION, true}},
     N_("Ask for an option of the socket.")},
    {PUPPET_GETSOCKNAME,
     "getsockname",
     {{TAKES_NOTHING, false}},
     N_("Ask for the socket's own address.")},
    {PUPPET_GETPEERNAME,
     "getpeername",
     {{TAKES_NOTHING, false}},
     N_("Ask for the address of the other end.")},
    {PUPPET_NONBLOCKING,
     "nonblocking",
     {{TAKES_SWITCH, false}},
     N_("Let calls that would wait fail with EAGAIN or EINPROGRESS instead: fcntl() with "
        "O_NONBLOCK.")},
    {PUPPET_POLL,
     "poll",
     {{TAKES_EVENTS, false}, {TAKES_WAIT, false}},
     N_("Ask whether the socket can be read from or written to, and wait for it as long as said.")},
    {PUPPET_SOCKETS,
     "sockets",
     {{TAKES_NOTHING, false}},
     N_("List the host's sockets; no call is made.")},
    {PUPPET_EXIT,
     "exit",
     {{TAKES_NOTHING, false}},
     N_("End the host's program: its kernel closes all sockets.")},
};

const struct puppet_option puppet_options[] = {
    {"nodelay", IPPROTO_TCP, TCP_NODELAY, VALUE_INT, N_("send at once, without Nagle's algorithm")},
    {"cork", IPPROTO_TCP, TCP_CORK, VALUE_INT, N_("send full segments alone")},
    {"quickack", IPPROTO_TCP, TCP_QUICKACK, VALUE_INT, N_("acknowledge at once")},
    {"maxseg", IPPROTO_TCP, TCP_MAXSEG, VALUE_INT, N_("the largest segment, in bytes")},
    {"congestion", IPPROTO_TCP, TCP_CONGESTION, VALUE_WORD, N_("congestion control: reno, cubic")},
    {"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT, VALUE_INT,
     N_("milliseconds without acknowledgement until the connection is given up")},
    {"defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, VALUE_INT,
     N_("seconds in which accept() waits for data")},
    {"syncnt", IPPROTO_TCP, TCP_SYNCNT, VALUE_INT, N_("how often a SYN is sent again")},
    {"linger", SOL_SOCKET, SO_LINGER, VALUE_LINGER,
     N_("seconds that close() waits; 0: it resets the connection; or off")},
    {"reuseaddr", SOL_SOCKET, SO_REUSEADDR, VALUE_INT,
     N_("bind() to an address that a connection in TIME-WAIT has")},
    {"reuseport", SOL_SOCKET, SO_REUSEPORT, VALUE_INT, N_("several sockets may have one address")},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF, VALUE_INT,
     N_("bytes of the send buffer; the kernel doubles it")},
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF, VALUE_INT,
     N_("bytes of the receive buffer; the kernel doubles it")},
    {"rcvlowat", SOL_SOCKET, SO_RCVLOWAT, VALUE_INT, N_("bytes that recv() waits for")},
    {"rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, VALUE_TIME,
     N_("milliseconds after which recv() gives up")},
    {"sndtimeo", SOL_SOCKET, SO_SNDTIMEO, VALUE_TIME,
     N_("milliseconds after which send() gives up")},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE, VALUE_INT, N_("probe a silent connection")},
    {"keepidle", IPPROTO_TCP, TCP_KEEPIDLE, VALUE_INT,
     N_("seconds of silence before the first probe")},
    {"keepintvl", IPPROTO_TCP, TCP_KEEPINTVL, VALUE_INT, N_("seconds between two probes")},
    {"keepcnt", IPPROTO_TCP, TCP_KEEPCNT, VALUE_INT, N_("probes without an answer until the end")},
    {"oobinline", SOL_SOCKET, SO_OOBINLINE, VALUE_INT, N_("urgent bytes among the others")},
    {"broadcast", SOL_SOCKET, SO_BROADCAST, VALUE_INT, N_("datagrams may be sent to all")},
    {"v6only", IPPROTO_IPV6, IPV6_V6ONLY, VALUE_INT, N_("no IPv4 on this IPv6 socket")},
    {"error", SOL_SOCKET, SO_ERROR, VALUE_INT, N_("what failed in the background, 0 for nothing")},
};
const size_t puppet_option_count = sizeof puppet_options / sizeof puppet_options[0];

static const struct puppet_term types[] = {
    {"tcp", TYPE_TCP, N_("a stream over IPv4")},
    {"udp", TYPE_UDP, N_("datagrams over IPv4")},
    {"tcp6", TYPE_TCP6, N_("a stream over IPv6")},
    {"udp6", TYPE_UDP6, N_("datagrams over IPv6")},
    {"unix", TYPE_UNIX, N_("a stream on this machine; its address is a file's name")},
    {"unixgram", TYPE_UNIXGRAM, N_("datagrams on this machine")},
    {NULL, 0, NULL},
};
static const struct puppet_term hows[] = {
    {"rd", SHUT_RD, N_("receive no more")},
    {"wr", SHUT_WR, N_("send no more: a FIN goes out")},
    {"both", SHUT_RDWR, N_("both directions")},
    {NULL, 0, NULL},
};
static const struct puppet_term flags[] = {
    {"peek", MSG_PEEK, N_("look at the bytes and leave them there")},
    {"waitall", MSG_WAITALL, N_("wait until all the bytes have come")},
    {"dontwait", MSG_DONTWAIT, N_("fail rather than wait")},
    {"oob", MSG_OOB, N_("urgent data")},
    {"more", MSG_MORE, N_("more follows: keep what fills no segment")},
    {NULL, 0, NULL},
};
static const struct puppet_term switches[] = {
    {"on", 1, NULL},
    {"off", 0, NULL},
    {NULL, 0, NULL},
};
static const struct puppet_term events[] = {
    {"in", POLLIN, N_("there is something to recv() or accept()")},
    {"out", POLLOUT, N_("it takes what is sent; or connect() is over")},
    {NULL, 0, NULL},
};
static const struct puppet_term hex[] = {{"hex", 1, N_("as pairs of digits")}, {NULL, 0, NULL}};
static const struct puppet_term as[] = {{"as", 1, N_("and a name for the new socket")},
                                        {NULL, 0, NULL}};
static const struct puppet_term backlog[] = {
    {"backlog", 1, N_("and how many connections may wait for accept()")}, {NULL, 0, NULL}};

static const struct {
    const char *name;
    const struct puppet_term *terms;
} kinds[PUPPET_KIND_COUNT] = {
    [TAKES_TYPE] = {"TYPE", types},
    [TAKES_ADDRESS] = {"HOST PORT", NULL},
    [TAKES_LOCAL] = {"PORT", NULL},
    [TAKES_DATA] = {"DATA", NULL},
    [TAKES_COUNT] = {"BYTES", NULL},
    [TAKES_BACKLOG] = {"backlog N", backlog},
    [TAKES_HOW] = {"rd|wr|both", hows},
    [TAKES_OPTION] = {"OPTION", NULL},
    [TAKES_VALUE] = {"VALUE", switches},
    [TAKES_FLAGS] = {"FLAGS", flags},
    [TAKES_HEX] = {"hex", hex},
    [TAKES_NAME] = {"as NAME", as},
    [TAKES_SWITCH] = {"on|off", switches},
    [TAKES_EVENTS] = {"in|out", events},
    [TAKES_WAIT] = {"TIME", NULL},
};

const struct puppet_term *puppet_terms(enum puppet_kind kind)
{
    return kinds[kind].terms;
}

const char *puppet_kind_name(enum puppet_kind kind)
{
    return kinds[kind].name ? kinds[kind].name : "";
}
