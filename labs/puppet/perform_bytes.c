/* The calls that send and receive. */
#include "labs/puppet/perform_parts.h"

#include "labs/puppet/reply.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RECV_USUAL = 65536 };

/* What is to be sent: the text, or as many bytes as were asked for. */
static char *bytes_of(const struct puppet_call *c, size_t *n)
{
    *n = c->count >= 0 ? (size_t)c->count : c->data.len;
    char *bytes = xmalloc(*n + 1);
    for (size_t i = 0; c->count >= 0 && i < *n; i++)
        bytes[i] = (char)('a' + i % 26);
    if (c->count < 0)
        memcpy(bytes, text_str(&c->data), *n);
    return bytes;
}

int run_send(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    size_t n;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    char *bytes = bytes_of(c, &n);
    tell_result(out, "send", h.fd, send(h.fd, bytes, n, c->flags));
    free(bytes);
    held_release(p, &h);
    return 0;
}

/* The socket for datagrams: the one that is said, the usual one where it is for datagrams, a new
 * one. */
static int for_datagrams(struct puppet *p, const struct puppet_call *c, struct held *h,
                         struct text *out, struct error *e)
{
    struct error none;
    enum puppet_type wanted = address_type(c, TYPE_UDP);
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = sockets_find(&p->sockets, c, &none);
    bool fits = s && (c->socket[0] || s->type == wanted);
    if (fits)
        *h = held_take(s);
    pthread_mutex_unlock(&p->lock);
    return fits ? 0 : make_socket(p, c->socket, wanted, h, out, e);
}

int run_sendto(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    struct address_for to;
    size_t n;
    int result = for_datagrams(p, c, &h, out, e);
    if (result != 0)
        return result < 0 ? -1 : 0;
    result = address_read(p, c, h.type, &to, e);
    if (result == 0) {
        char *bytes = bytes_of(c, &n);
        tell_result(out, "sendto", h.fd,
                    sendto(h.fd, bytes, n, c->flags, (const struct sockaddr *)&to.a, to.bytes));
        free(bytes);
    }
    held_release(p, &h);
    return result;
}

static bool is_stream(const struct held *h)
{
    return address_style(h->type) == SOCK_STREAM;
}

/* What a call that took bytes returned. */
static void tell_bytes(const char *name, const struct held *h, long n, const char *bytes, bool hex,
                       struct text *out)
{
    if (tell_result(out, name, h->fd, n) > 0) {
        text_add(out, ": ");
        reply_bytes(bytes, (size_t)n, hex, out);
    } else if (n == 0 && is_stream(h)) {
        text_format(out, ": %s", N_("the end, the other side sends no more"));
    }
}

int run_recv(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    size_t most = c->count >= 0 ? (size_t)c->count : RECV_USUAL;
    char *bytes = xmalloc(most + 1);
    ssize_t n = recv(h.fd, bytes, most, c->flags);
    tell_bytes("recv", &h, n, bytes, c->hex, out);
    free(bytes);
    held_release(p, &h);
    return 0;
}

int run_recvfrom(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    struct address_for from = {.bytes = sizeof from.a};
    if (held_find(p, c, &h, e) != 0)
        return -1;
    size_t most = c->count >= 0 ? (size_t)c->count : RECV_USUAL;
    char *bytes = xmalloc(most + 1);
    ssize_t n = recvfrom(h.fd, bytes, most, c->flags, (struct sockaddr *)&from.a, &from.bytes);
    tell_result(out, "recvfrom", h.fd, n);
    if (n >= 0) {
        text_add(out, " from ");
        address_write(&from.a, from.bytes, out);
    }
    if (n > 0) {
        text_add(out, ": ");
        reply_bytes(bytes, (size_t)n, c->hex, out);
    }
    free(bytes);
    held_release(p, &h);
    return 0;
}

/* ---- receive: whatever comes ---------------------------------------------------------------- */

/* Begin: 0 and an eventfd by which `close` ends it. */
static int begin_receive(struct puppet *p, const struct held *h, struct error *e)
{
    int wake = eventfd(0, EFD_CLOEXEC);
    if (wake < 0)
        return error_set(e, "Cannot watch the socket: %s.", strerror(errno));
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = held_still(p, h);
    bool is_first = s && s->wake < 0;
    if (is_first)
        s->wake = wake;
    pthread_mutex_unlock(&p->lock);
    if (is_first)
        return wake;
    close(wake);
    return error_set(e, "What comes to this socket is received already.");
}

static void end_receive(struct puppet *p, const struct held *h, int wake)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = held_still(p, h);
    if (s) {
        s->wake = -1;
        s->waiting--;
    }
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    close(wake);
}

/* One piece; false at the end. What the last one was stays in `out`. */
static bool receive_piece(struct puppet *p, const struct held *h, char *bytes, bool hex,
                          struct text *out)
{
    ssize_t n = recv(h->fd, bytes, RECV_USUAL, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    text_clear(out);
    tell_bytes("recv", h, n, bytes, hex, out);
    if (n < 0 || (n == 0 && is_stream(h)))
        return false;
    puppet_say(p, REPLY_PIECE, out);
    return true;
}

int run_receive(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    int wake = begin_receive(p, &h, e);
    if (wake < 0) {
        held_release(p, &h);
        return -1;
    }
    char *bytes = xmalloc(RECV_USUAL);
    bool more = true, woken = false;
    while (more && !woken) {
        struct pollfd fds[] = {{.fd = h.fd, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        woken = fds[1].revents != 0;
        more = woken || receive_piece(p, &h, bytes, c->hex, out);
    }
    free(bytes);
    end_receive(p, &h, wake);
    if (woken) {
        text_clear(out);
        text_format(out, N_("receive on %d has ended"), h.fd);
    }
    return 0;
}
