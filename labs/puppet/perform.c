/* The calls themselves. Each works on a socket that it has found under the lock, and makes its call
 * without it. */
#include "labs/puppet/puppet.h"

#include "labs/puppet/options.h"
#include "labs/puppet/reply.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RECV_USUAL = 65536, BACKLOG_USUAL = 5 };

/* What of a socket holds while the lock is not held: its entry may be gone, or be another's. */
struct held {
    int fd;
    uint64_t number;
    enum puppet_type type;
};

static struct puppet_socket *still(struct puppet *p, const struct held *h)
{
    struct puppet_socket *s = sockets_of(&p->sockets, h->fd);
    return s && s->number == h->number ? s : NULL;
}

static struct held hold(struct puppet_socket *s)
{
    s->waiting++;
    return (struct held){s->fd, s->number, s->type};
}

static int find(struct puppet *p, const struct puppet_call *c, struct held *h, struct error *e)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = sockets_find(&p->sockets, c, e);
    if (s)
        *h = hold(s);
    pthread_mutex_unlock(&p->lock);
    return s ? 0 : -1;
}

/* The call has returned; `stage` is the socket's from now on. */
static void let_go(struct puppet *p, const struct held *h, enum socket_stage stage)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = still(p, h);
    if (s) {
        s->waiting--;
        s->stage = stage;
    }
    pthread_mutex_unlock(&p->lock);
}

static void release(struct puppet *p, const struct held *h)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = still(p, h);
    if (s)
        s->waiting--;
    pthread_mutex_unlock(&p->lock);
}

/* "connect(3) = 0" or "... = -1 ECONNREFUSED: refused"; to be called before errno is spoiled. */
static long tell(struct text *out, const char *name, int fd, long result)
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

static int make(struct puppet *p, const char *name, enum puppet_type type, struct held *h,
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
            *h = hold(sockets_add(&p->sockets, fd, type, name));
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
        *h = hold(s);
    pthread_mutex_unlock(&p->lock);
    *made = s == NULL;
    return s ? 0 : make(p, c->socket, address_type(c, TYPE_TCP), h, out, e);
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
    int result = make(p, c->as[0] ? c->as : c->socket, address_type(c, TYPE_TCP), &h, out, e);
    if (result == 0)
        release(p, &h);
    return result < 0 ? -1 : 0;
}

static bool bind_it(struct puppet *p, const struct puppet_call *c, const struct held *h,
                    const struct address_for *to, struct text *out)
{
    if (tell(out, "bind", h->fd, bind(h->fd, (const struct sockaddr *)&to->a, to->bytes)) < 0)
        return false;
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = still(p, h);
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
    release(p, &h);
    return result;
}

static int run_listen(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
{
    struct held h;
    struct address_for to;
    bool made = false, good = true;
    int result = c->has_address ? fresh(p, c, &made, &h, out, e) : find(p, c, &h, e);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (c->has_address) {
        result = address_read(p, c, h.type, &to, e);
        good = result == 0 && bind_it(p, c, &h, &to, out);
    }
    int backlog = c->backlog >= 0 ? (int)c->backlog : BACKLOG_USUAL;
    good = good && tell(out, "listen", h.fd, listen(h.fd, backlog)) == 0;
    if (!good && made)
        unmake(p, &h);
    if (good)
        let_go(p, &h, STAGE_LISTENS);
    else
        release(p, &h);
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
        release(p, &h);
        return -1;
    }
    pthread_mutex_lock(&p->lock); /* another connect() meanwhile is one of another socket */
    struct puppet_socket *s = still(p, &h);
    if (s)
        s->stage = STAGE_CONNECTED;
    pthread_mutex_unlock(&p->lock);
    long connected = connect(h.fd, (struct sockaddr *)&to.a, to.bytes);
    bool on = connected == 0 || errno == EINPROGRESS || errno == EISCONN || errno == EALREADY;
    tell(out, "connect", h.fd, connected);
    let_go(p, &h, on ? STAGE_CONNECTED : STAGE_NEW);
    return 0;
}

static int run_accept(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
{
    struct held h;
    struct address_for from = {.bytes = sizeof from.a};
    if (find(p, c, &h, e) != 0)
        return -1;
    pthread_mutex_lock(&p->lock);
    int result = sockets_check(&p->sockets, c->as, e);
    pthread_mutex_unlock(&p->lock);
    if (result != 0) {
        release(p, &h);
        return -1;
    }
    int fd = accept(h.fd, (struct sockaddr *)&from.a, &from.bytes);
    if (tell(out, "accept", h.fd, fd) >= 0) {
        text_add(out, ": a connection from ");
        address_write(&from.a, from.bytes, out);
        pthread_mutex_lock(&p->lock);
        bool taken = sockets_check(&p->sockets, c->as, e) != 0;
        if (p->sockets.count < SOCKETS_MOST)
            sockets_add(&p->sockets, fd, h.type, taken ? "" : c->as)->stage = STAGE_CONNECTED;
        else
            close(fd);
        pthread_mutex_unlock(&p->lock);
    }
    release(p, &h);
    return 0;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

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

static int run_send(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    struct held h;
    size_t n;
    if (find(p, c, &h, e) != 0)
        return -1;
    char *bytes = bytes_of(c, &n);
    tell(out, "send", h.fd, send(h.fd, bytes, n, c->flags));
    free(bytes);
    release(p, &h);
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
        *h = hold(s);
    pthread_mutex_unlock(&p->lock);
    return fits ? 0 : make(p, c->socket, wanted, h, out, e);
}

static int run_sendto(struct puppet *p, const struct puppet_call *c, struct text *out,
                      struct error *e)
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
        tell(out, "sendto", h.fd,
             sendto(h.fd, bytes, n, c->flags, (const struct sockaddr *)&to.a, to.bytes));
        free(bytes);
    }
    release(p, &h);
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
    if (tell(out, name, h->fd, n) > 0) {
        text_add(out, ": ");
        reply_bytes(bytes, (size_t)n, hex, out);
    } else if (n == 0 && is_stream(h)) {
        text_add(out, ": the end, the other side sends no more");
    }
}

static int run_recv(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    struct held h;
    if (find(p, c, &h, e) != 0)
        return -1;
    size_t most = c->count >= 0 ? (size_t)c->count : RECV_USUAL;
    char *bytes = xmalloc(most + 1);
    ssize_t n = recv(h.fd, bytes, most, c->flags);
    tell_bytes("recv", &h, n, bytes, c->hex, out);
    free(bytes);
    release(p, &h);
    return 0;
}

static int run_recvfrom(struct puppet *p, const struct puppet_call *c, struct text *out,
                        struct error *e)
{
    struct held h;
    struct address_for from = {.bytes = sizeof from.a};
    if (find(p, c, &h, e) != 0)
        return -1;
    size_t most = c->count >= 0 ? (size_t)c->count : RECV_USUAL;
    char *bytes = xmalloc(most + 1);
    ssize_t n = recvfrom(h.fd, bytes, most, c->flags, (struct sockaddr *)&from.a, &from.bytes);
    tell(out, "recvfrom", h.fd, n);
    if (n >= 0) {
        text_add(out, " from ");
        address_write(&from.a, from.bytes, out);
    }
    if (n > 0) {
        text_add(out, ": ");
        reply_bytes(bytes, (size_t)n, c->hex, out);
    }
    free(bytes);
    release(p, &h);
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
    struct puppet_socket *s = still(p, h);
    bool free_now = s && s->wake < 0;
    if (free_now)
        s->wake = wake;
    pthread_mutex_unlock(&p->lock);
    if (free_now)
        return wake;
    close(wake);
    return error_set(e, "What comes to this socket is received already.");
}

static void end_receive(struct puppet *p, const struct held *h, int wake)
{
    pthread_mutex_lock(&p->lock);
    struct puppet_socket *s = still(p, h);
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

static int run_receive(struct puppet *p, const struct puppet_call *c, struct text *out,
                       struct error *e)
{
    struct held h;
    if (find(p, c, &h, e) != 0)
        return -1;
    int wake = begin_receive(p, &h, e);
    if (wake < 0) {
        release(p, &h);
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
        text_format(out, "receive on %d has ended", h.fd);
    }
    return 0;
}

/* ---- the end -------------------------------------------------------------------------------- */

static int run_shutdown(struct puppet *p, const struct puppet_call *c, struct text *out,
                        struct error *e)
{
    struct held h;
    if (find(p, c, &h, e) != 0)
        return -1;
    tell(out, "shutdown", h.fd, shutdown(h.fd, c->how));
    release(p, &h);
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
    if (tell(out, "close", fd, close(fd)) == 0 && others)
        text_add(out, ": a call still waits on it, and its kernel keeps it open until that "
                      "returns");
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

/* ---- options and questions ------------------------------------------------------------------ */

static int run_setsockopt(struct puppet *p, const struct puppet_call *c, struct text *out,
                          struct error *e)
{
    struct held h;
    struct option_bytes b;
    if (option_read(c, &b, e) != 0 || find(p, c, &h, e) != 0)
        return -1;
    int result = setsockopt(h.fd, c->option->level, c->option->name, b.bytes, b.n);
    tell(out, "setsockopt", h.fd, result);
    release(p, &h);
    return 0;
}

static int run_getsockopt(struct puppet *p, const struct puppet_call *c, struct text *out,
                          struct error *e)
{
    struct held h;
    struct option_bytes b = {.n = sizeof b.bytes};
    if (find(p, c, &h, e) != 0)
        return -1;
    if (tell(out, "getsockopt", h.fd,
             getsockopt(h.fd, c->option->level, c->option->name, b.bytes, &b.n)) == 0)
        option_write(c->option, &b, out);
    release(p, &h);
    return 0;
}

static int ask_name(struct puppet *p, const struct puppet_call *c,
                    int (*ask)(int, struct sockaddr *, socklen_t *), struct text *out,
                    struct error *e)
{
    struct held h;
    struct address_for name = {.bytes = sizeof name.a};
    if (find(p, c, &h, e) != 0)
        return -1;
    if (tell(out, c->row->word, h.fd, ask(h.fd, (struct sockaddr *)&name.a, &name.bytes)) == 0) {
        text_add(out, ": ");
        address_write(&name.a, name.bytes, out);
    }
    release(p, &h);
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

static int run_getsockname(struct puppet *p, const struct puppet_call *c, struct text *out,
                           struct error *e)
{
    return ask_name(p, c, call_getsockname, out, e);
}

static int run_getpeername(struct puppet *p, const struct puppet_call *c, struct text *out,
                           struct error *e)
{
    return ask_name(p, c, call_getpeername, out, e);
}

static int run_nonblocking(struct puppet *p, const struct puppet_call *c, struct text *out,
                           struct error *e)
{
    struct held h;
    if (find(p, c, &h, e) != 0)
        return -1;
    int flags = fcntl(h.fd, F_GETFL);
    int wanted = c->on == 0 ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    tell(out, "fcntl", h.fd, flags < 0 ? -1 : fcntl(h.fd, F_SETFL, wanted));
    release(p, &h);
    return 0;
}

static int run_poll(struct puppet *p, const struct puppet_call *c, struct text *out,
                    struct error *e)
{
    static const struct {
        short bit;
        const char *name;
    } bits[] = {{POLLIN, "POLLIN"},   {POLLPRI, "POLLPRI"}, {POLLOUT, "POLLOUT"},
                {POLLERR, "POLLERR"}, {POLLHUP, "POLLHUP"}, {POLLRDHUP, "POLLRDHUP"}};
    struct held h;
    if (find(p, c, &h, e) != 0)
        return -1;
    int events = c->events ? c->events : POLLIN | POLLOUT;
    struct pollfd fd = {.fd = h.fd, .events = (short)(events | POLLRDHUP)};
    if (tell(out, "poll", h.fd, poll(&fd, 1, c->wait_ms > 0 ? (int)c->wait_ms : 0)) > 0)
        text_char(out, ':');
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (fd.revents & bits[i].bit)
            text_format(out, " %s", bits[i].name);
    release(p, &h);
    return 0;
}

static int run_sockets(struct puppet *p, const struct puppet_call *c, struct text *out,
                       struct error *e)
{
    static const char *const stages[] = {"", ", listens", ", connected"};
    (void)c, (void)e;
    pthread_mutex_lock(&p->lock);
    text_format(out, "%zu socket%s", p->sockets.count, p->sockets.count == 1 ? "" : "s");
    for (size_t i = 0; i < p->sockets.count; i++) {
        const struct puppet_socket *s = &p->sockets.at[i];
        text_format(out, "\n%c%d%s%s: %s%s%s", REPLY_MORE, s->fd, s->name[0] ? " " : "", s->name,
                    puppet_terms(TAKES_TYPE)[s->type - TYPE_TCP].word, stages[s->stage],
                    s->waiting > 0 ? ", a call waits" : "");
    }
    pthread_mutex_unlock(&p->lock);
    return 0;
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
