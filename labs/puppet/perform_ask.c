/* Options of a socket, and questions about it. */
#include "labs/puppet/perform_parts.h"

#include "labs/puppet/options.h"
#include "labs/puppet/reply.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

int run_setsockopt(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    struct option_bytes b;
    if (option_read(c, &b, e) != 0 || held_find(p, c, &h, e) != 0)
        return -1;
    int result = setsockopt(h.fd, c->option->level, c->option->name, b.bytes, b.n);
    tell_result(out, "setsockopt", h.fd, result);
    held_release(p, &h);
    return 0;
}

int run_getsockopt(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    struct held h;
    struct option_bytes b = {.n = sizeof b.bytes};
    if (held_find(p, c, &h, e) != 0)
        return -1;
    if (tell_result(out, "getsockopt", h.fd,
                    getsockopt(h.fd, c->option->level, c->option->name, b.bytes, &b.n)) == 0)
        option_write(c->option, &b, out);
    held_release(p, &h);
    return 0;
}

static int ask_name(struct puppet *p, const struct puppet_call *c,
                    int (*ask)(int, struct sockaddr *, socklen_t *), struct text *out,
                    struct error *e)
{
    struct held h;
    struct address_for name = {.bytes = sizeof name.a};
    if (held_find(p, c, &h, e) != 0)
        return -1;
    if (tell_result(out, c->row->word, h.fd, ask(h.fd, (struct sockaddr *)&name.a, &name.bytes)) ==
        0) {
        text_add(out, ": ");
        address_write(&name.a, name.bytes, out);
    }
    held_release(p, &h);
    return 0;
}

static int call_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
    return getsockname(fd, a, n);
}

static int call_getpeername(int fd, struct sockaddr *a, socklen_t *n)
{
    return getpeername(fd, a, n);
}

int run_getsockname(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    return ask_name(p, c, call_getsockname, out, e);
}

int run_getpeername(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    return ask_name(p, c, call_getpeername, out, e);
}

int run_nonblocking(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    struct held h;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    int flags = fcntl(h.fd, F_GETFL);
    int wanted = c->on == 0 ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    tell_result(out, "fcntl", h.fd, flags < 0 ? -1 : fcntl(h.fd, F_SETFL, wanted));
    held_release(p, &h);
    return 0;
}

int run_poll(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    static const struct {
        short bit;
        const char *name;
    } bits[] = {{POLLIN, "POLLIN"},   {POLLPRI, "POLLPRI"}, {POLLOUT, "POLLOUT"},
                {POLLERR, "POLLERR"}, {POLLHUP, "POLLHUP"}, {POLLRDHUP, "POLLRDHUP"}};
    struct held h;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    int events = c->events ? c->events : POLLIN | POLLOUT;
    struct pollfd fd = {.fd = h.fd, .events = (short)(events | POLLRDHUP)};
    if (tell_result(out, "poll", h.fd, poll(&fd, 1, c->wait_ms > 0 ? (int)c->wait_ms : 0)) > 0)
        text_char(out, ':');
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (fd.revents & bits[i].bit)
            text_format(out, " %s", bits[i].name);
    held_release(p, &h);
    return 0;
}

int run_sockets(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    /* one that is fresh, listens, is connected; and the same while a call waits on it */
    static const char *const stages[][2] = {
        {"%s", N_("%s, a call waits")},
        {N_("%s, listens"), N_("%s, listens, a call waits")},
        {N_("%s, connected"), N_("%s, connected, a call waits")},
    };
    (void)c, (void)e;
    pthread_mutex_lock(&p->lock);
    text_format(out, p->sockets.count == 1 ? N_("%zu socket") : N_("%zu sockets"),
                p->sockets.count);
    for (size_t i = 0; i < p->sockets.count; i++) {
        const struct puppet_socket *s = &p->sockets.at[i];
        text_format(out, "\n%c%d%s%s: ", REPLY_MORE, s->fd, s->name[0] ? " " : "", s->name);
        text_format(out, stages[s->stage][s->waiting > 0],
                    puppet_terms(TAKES_TYPE)[s->type - TYPE_TCP].word);
    }
    pthread_mutex_unlock(&p->lock);
    return 0;
}
