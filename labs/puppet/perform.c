/* The calls themselves. Each works on a socket that it has found under the lock, and makes its call
 * without it. */
#include "labs/puppet/perform_parts.h"

#include "labs/puppet/reply.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BACKLOG_USUAL = 5 };

struct puppet_socket *held_still(struct puppet *p, const struct held *h)
{
    struct puppet_socket *s = sockets_of(&p->sockets, h->fd);
    return s && s->number == h->number ? s : NULL;
}

struct held held_take(struct puppet_socket *s)
{
    s->waiting++;
    return (struct held){s->fd, s->number, s->type};
}

int held_find(struct puppet *p, const struct puppet_call *c, struct held *h, struct error *e)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = sockets_find(&p->sockets, c, e);
    if (s)
        *h = held_take(s);
    pthread_mutex_unlock(&p->lock);
    return s ? 0 : -1;
}

/* The call has returned; `stage` is the socket's from now on. */
void held_let_go(struct puppet *p, const struct held *h, enum socket_stage stage)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = held_still(p, h);
    if (s) {
        s->waiting--;
        s->stage = stage;
    }
    pthread_mutex_unlock(&p->lock);
}

void held_release(struct puppet *p, const struct held *h)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = held_still(p, h);
    if (s)
        s->waiting--;
    pthread_mutex_unlock(&p->lock);
}

/* "connect(3) = 0" or "... = -1 ECONNREFUSED: refused"; to be called before errno is spoiled. */
long tell_result(struct text *out, const char *name, int fd, long result)
{
    int why = errno;
    text_format(out, "%s%s(%d) = %ld", out->len > 0 ? ", " : "", name, fd, result);
    if (result < 0) {
        text_char(out, ' ');
        reply_errno(why, out);
    }
    return result;
}

/* ---- making sockets ------------------------------------------------------------------------- */

int make_socket(struct puppet *p, const char *name, enum puppet_type type, struct held *h,
                struct text *out, struct error *e)
{
    if (name[0] && strspn(name, "0123456789") == strlen(name))
        return error_set(e, "There is no socket %s here. `sockets` lists them.", name);
    pthread_mutex_lock(&p->lock);
    int result = sockets_check(&p->sockets, name, e);
    if (result == 0) {
        int fd = socket(address_family(type), address_style(type), 0);
        if (fd < 0) {
            text_add(out, "socket() = -1 ");
            reply_errno(errno, out);
            result = 1;
        } else {
            text_format(out, "socket() = %d", fd);
            *h = held_take(sockets_add(&p->sockets, fd, type, name));
        }
    }
    pthread_mutex_unlock(&p->lock);
    return result;
}

/* The socket that a call gives an address, or a new one of that type: 0; 1 where the kernel refused
 * one, which `out` says; -1 with the sentence. */
static int fresh(struct puppet *p, const struct puppet_call *c, bool *made, struct held *h,
                 struct text *out, struct error *e)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = sockets_fresh(&p->sockets, c);
    if (s)
        *h = held_take(s);
    pthread_mutex_unlock(&p->lock);
    *made = s == NULL;
    return s ? 0 : make_socket(p, c->socket, address_type(c, TYPE_TCP), h, out, e);
}

/* A socket that was made for a call which then failed is closed, as a program would do. */
static void unmake(struct puppet *p, const struct held *h)
{
    pthread_mutex_lock(&p->lock);
    sockets_remove(&p->sockets, h->fd);
    pthread_mutex_unlock(&p->lock);
    close(h->fd);
}

static int run_socket(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
{
    struct held h;
    int result =
        make_socket(p, c->as[0] ? c->as : c->socket, address_type(c, TYPE_TCP), &h, out, e);
    if (result == 0)
        held_release(p, &h);
    return result < 0 ? -1 : 0;
}

static bool bind_it(struct puppet *p, const struct puppet_call *c, const struct held *h,
                    const struct address_for *to, struct text *out)
{
    if (tell_result(out, "bind", h->fd, bind(h->fd, (const struct sockaddr *)&to->a, to->bytes)) <
        0)
        return false;
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = held_still(p, h);
    if (s && address_family(h->type) == AF_UNIX)
        snprintf(s->path, sizeof s->path, "%s", c->address);
    pthread_mutex_unlock(&p->lock);
    return true;
}

static int run_bind(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    struct held h;
    struct address_for to;
    bool made;
    int result = fresh(p, c, &made, &h, out, e);
    if (result != 0)
        return result < 0 ? -1 : 0;
    result = address_read(p, c, h.type, &to, e);
    bool bound = result == 0 && bind_it(p, c, &h, &to, out);
    if (!bound && made)
        unmake(p, &h);
    held_release(p, &h);
    return result;
}

static int run_listen(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
{
    struct held h;
    struct address_for to;
    bool made = false, good = true;
    int result = c->has_address ? fresh(p, c, &made, &h, out, e) : held_find(p, c, &h, e);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (c->has_address) {
        result = address_read(p, c, h.type, &to, e);
        good = result == 0 && bind_it(p, c, &h, &to, out);
    }
    int backlog = c->backlog >= 0 ? (int)c->backlog : BACKLOG_USUAL;
    good = good && tell_result(out, "listen", h.fd, listen(h.fd, backlog)) == 0;
    if (!good && made)
        unmake(p, &h);
    if (good)
        held_let_go(p, &h, STAGE_LISTENS);
    else
        held_release(p, &h);
    return result;
}

static int run_connect(struct puppet *p, const struct puppet_call *c, struct text *out,
                       struct error *e)
{
    struct held h;
    struct address_for to;
    bool made;
    int result = fresh(p, c, &made, &h, out, e);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (address_read(p, c, h.type, &to, e) != 0) {
        if (made)
            unmake(p, &h);
        held_release(p, &h);
        return -1;
    }
    pthread_mutex_lock(&p->lock); /* another connect() meanwhile is one of another socket */
    struct puppet_socket *s = held_still(p, &h);
    if (s)
        s->stage = STAGE_CONNECTED;
    pthread_mutex_unlock(&p->lock);
    long connected = connect(h.fd, (struct sockaddr *)&to.a, to.bytes);
    bool on = connected == 0 || errno == EINPROGRESS || errno == EISCONN || errno == EALREADY;
    tell_result(out, "connect", h.fd, connected);
    held_let_go(p, &h, on ? STAGE_CONNECTED : STAGE_NEW);
    return 0;
}

static int run_accept(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
{
    struct held h;
    struct address_for from = {.bytes = sizeof from.a};
    if (held_find(p, c, &h, e) != 0)
        return -1;
    pthread_mutex_lock(&p->lock);
    int result = sockets_check(&p->sockets, c->as, e);
    pthread_mutex_unlock(&p->lock);
    if (result != 0) {
        held_release(p, &h);
        return -1;
    }
    int fd = accept(h.fd, (struct sockaddr *)&from.a, &from.bytes);
    if (tell_result(out, "accept", h.fd, fd) >= 0) {
        struct text peer = {0};
        address_write(&from.a, from.bytes, &peer);
        text_add(out, ": ");
        text_format(out, N_("a connection from %s"), text_str(&peer));
        text_free(&peer);
        pthread_mutex_lock(&p->lock);
        bool taken = sockets_check(&p->sockets, c->as, e) != 0;
        if (p->sockets.count < SOCKETS_MOST)
            sockets_add(&p->sockets, fd, h.type, taken ? "" : c->as)->stage = STAGE_CONNECTED;
        else
            close(fd);
        pthread_mutex_unlock(&p->lock);
    }
    held_release(p, &h);
    return 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

static int run_shutdown(struct puppet *p, const struct puppet_call *c, struct text *out,
                        struct error *e)
{
    struct held h;
    if (held_find(p, c, &h, e) != 0)
        return -1;
    tell_result(out, "shutdown", h.fd, shutdown(h.fd, c->how));
    held_release(p, &h);
    return 0;
}

static int run_close(struct puppet *p, const struct puppet_call *c, struct text *out,
                     struct error *e)
{
    char path[PUPPET_ADDRESS_BYTES] = "";
    bool others = false;
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = sockets_find(&p->sockets, c, e);
    int fd = s ? s->fd : -1;
    if (s && s->wake >= 0 && eventfd_write(s->wake, 1) == 0)
        while ((s = sockets_of(&p->sockets, fd)) && s->wake >= 0)
            pthread_cond_wait(&p->changed, &p->lock);
    if (s) {
        memcpy(path, s->path, sizeof path);
        others = s->waiting > 0;
        sockets_remove(&p->sockets, fd);
    }
    pthread_mutex_unlock(&p->lock);
    if (!s)
        return fd < 0 ? -1 : error_set(e, "Socket %d is closed already.", fd);
    if (tell_result(out, "close", fd, close(fd)) == 0 && others)
        text_format(
            out, ": %s",
            N_("a call still waits on it, and its kernel keeps it open until that returns"));
    if (path[0])
        unlink(path);
    return 0;
}

void perform_tidy(struct puppet *p)
{
    for (size_t i = 0; i < p->sockets.count; i++)
        if (p->sockets.at[i].path[0])
            unlink(p->sockets.at[i].path);
}

/* ---- which is which ------------------------------------------------------------------------- */

static const struct {
    int (*run)(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e);
    bool may_wait;
} calls[PUPPET_WORD_COUNT] = {
    [PUPPET_SOCKET] = {run_socket, false},
    [PUPPET_BIND] = {run_bind, false},
    [PUPPET_LISTEN] = {run_listen, false},
    [PUPPET_ACCEPT] = {run_accept, true},
    [PUPPET_CONNECT] = {run_connect, true},
    [PUPPET_SEND] = {run_send, true},
    [PUPPET_SENDTO] = {run_sendto, true},
    [PUPPET_RECV] = {run_recv, true},
    [PUPPET_RECVFROM] = {run_recvfrom, true},
    [PUPPET_RECEIVE] = {run_receive, true},
    [PUPPET_SHUTDOWN] = {run_shutdown, false},
    [PUPPET_CLOSE] = {run_close, true},
    [PUPPET_SETSOCKOPT] = {run_setsockopt, false},
    [PUPPET_GETSOCKOPT] = {run_getsockopt, false},
    [PUPPET_GETSOCKNAME] = {run_getsockname, false},
    [PUPPET_GETPEERNAME] = {run_getpeername, false},
    [PUPPET_NONBLOCKING] = {run_nonblocking, false},
    [PUPPET_POLL] = {run_poll, true},
    [PUPPET_SOCKETS] = {run_sockets, false},
};

bool perform_may_wait(const struct puppet_call *c)
{
    return calls[c->row->call].may_wait;
}

int perform(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e)
{
    return calls[c->row->call].run(p, c, out, e);
}
