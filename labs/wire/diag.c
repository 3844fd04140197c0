#include "labs/wire/diag.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_MNL
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>

/* The kernel's numbers of the states, include/net/tcp_states.h, by their names in RFC 9293. */
static const char *const state_names[] = {
    [1] = "ESTABLISHED", [2] = "SYN-SENT",  [3] = "SYN-RECEIVED", [4] = "FIN-WAIT-1",
    [5] = "FIN-WAIT-2",  [6] = "TIME-WAIT", [7] = "CLOSED",       [8] = "CLOSE-WAIT",
    [9] = "LAST-ACK",    [10] = "LISTEN",   [11] = "CLOSING",     [12] = "SYN-RECEIVED",
};

static void put_address(const struct address *a, __be32 out[4])
{
    if (address_is_v4(a))
        memcpy(out, a->bytes + 12, 4);
    else
        memcpy(out, a->bytes, 16);
}

static struct nlmsghdr *question(char *buffer, const struct endpoint *local,
                                 const struct endpoint *remote)
{
    struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
    h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    h->nlmsg_flags = NLM_F_REQUEST;
    struct inet_diag_req_v2 *q = mnl_nlmsg_put_extra_header(h, sizeof *q);
    q->sdiag_family = address_is_v4(&local->address) ? AF_INET : AF_INET6;
    q->sdiag_protocol = IPPROTO_TCP;
    q->idiag_ext = 1 << (INET_DIAG_INFO - 1);
    q->idiag_states = UINT32_MAX;
    q->id.idiag_sport = htons(local->port);
    q->id.idiag_dport = htons(remote->port);
    put_address(&local->address, q->id.idiag_src);
    put_address(&remote->address, q->id.idiag_dst);
    q->id.idiag_cookie[0] = q->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return h;
}

/* The structure grows with each release of the kernel: take as much of it as there is. */
static int take_info(const struct nlattr *attr, void *arg)
{
    struct annotation *a = arg;
    struct tcp_info info = {0};
    if (mnl_attr_get_type(attr) != INET_DIAG_INFO)
        return MNL_CB_OK;
    size_t n = mnl_attr_get_payload_len(attr);
    memcpy(&info, mnl_attr_get_payload(attr), n < sizeof info ? n : sizeof info);
    a->kernel.cwnd = info.tcpi_snd_cwnd;
    a->kernel.ssthresh = info.tcpi_snd_ssthresh;
    a->kernel.rtt_us = info.tcpi_rtt;
    a->kernel.rto_us = info.tcpi_rto;
    a->kernel.unacked = info.tcpi_unacked;
    a->kernel.backoff = info.tcpi_retransmits;
    a->kernel.retransmits = info.tcpi_total_retrans;
    return MNL_CB_STOP;
}

static void set_state(struct annotation *a, unsigned state)
{
    bool named = state < sizeof state_names / sizeof state_names[0] && state_names[state];
    a->kernel.state = (char *)(uintptr_t)(named ? state_names[state] : "UNKNOWN");
}

static void take_answer(const struct nlmsghdr *h, const struct endpoint *remote,
                        struct annotation *a, struct diag_timer *timer)
{
    const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
    if (mnl_nlmsg_get_payload_len(h) < sizeof *m || m->id.idiag_dport != htons(remote->port)) {
        set_state(a, 7); /* a listener's answer */
        return;
    }
    set_state(a, m->idiag_state);
    if (timer)
        *timer = (struct diag_timer){m->idiag_timer != 0, (int32_t)m->idiag_expires};
    mnl_attr_parse(h, sizeof *m, take_info, a);
}

bool diag_ask(int fd, const struct endpoint *local, const struct endpoint *remote,
              struct annotation *a, struct diag_timer *timer)
{
    char buffer[4096];
    struct nlmsghdr *h = question(buffer, local, remote);
    if (timer)
        *timer = (struct diag_timer){0};
    if (send(fd, h, h->nlmsg_len, 0) < 0)
        return false;
    ssize_t n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 || !mnl_nlmsg_ok((struct nlmsghdr *)buffer, (int)n))
        return false;
    h = (struct nlmsghdr *)buffer;
    if (h->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = mnl_nlmsg_get_payload(h);
        set_state(a, 7);
        return error->error == -ENOENT;
    }
    take_answer(h, remote, a, timer);
    return true;
}

#else

bool diag_ask(int fd, const struct endpoint *local, const struct endpoint *remote,
              struct annotation *a, struct diag_timer *timer)
{
    (void)timer;
    (void)fd;
    (void)local;
    (void)remote;
    (void)a;
    return false;
}

#endif
