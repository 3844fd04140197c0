#include "connection.h"

#include "commands.h"
#include "store.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECES_AT_A_TIME = 16 }; /* sent to one, before it is another's turn */

static char shared[SHARED_BYTES]; /* what is read, by whomever */
static const char filler[SHARED_BYTES];

/* ---- the table --------------------------------------------------------------------------- */

bool table_open(struct table *t, uint32_t most)
{
    t->most = most;
    t->places = calloc(most, sizeof *t->places);
    return t->places != NULL;
}

void table_close(struct table *t)
{
    for (uint32_t i = 0; i < t->most; i++)
        if (t->places[i])
            connection_free(t, t->places[i]);
    free(t->places);
}

struct connection *connection_new(struct table *t, int fd, const struct sockaddr_in *peer)
{
    while (t->free_from < t->most && t->places[t->free_from])
        t->free_from++;
    struct connection *c = t->free_from < t->most ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->address = peer->sin_addr.s_addr;
    c->port = peer->sin_port;
    c->fd = fd;
    c->file = -1;
    c->place = t->free_from;
    c->since_ms = c->began_ms = t->now_ms;
    t->places[c->place] = c;
    t->count++;
    return c;
}

void connection_free(struct table *t, struct connection *c)
{
    t->places[c->place] = NULL;
    t->count--;
    if (c->place < t->free_from)
        t->free_from = c->place;
    if (c->file >= 0)
        store_return(c->file);
    close(c->fd); /* epoll forgets it by itself */
    free(c->waiting);
    free(c->name);
    free(c);
}

/* ---- sending ----------------------------------------------------------------------------- */

/* How many bytes the kernel took: 0 where it has no room; -1: the connection is gone. */
static ssize_t give(struct connection *c, const char *bytes, size_t n)
{
    ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    c->out += (uint64_t)sent;
    return sent;
}

bool connection_say(struct connection *c, const char *bytes, size_t n)
{
    ssize_t sent = c->waiting ? 0 : give(c, bytes, n);
    if (sent < 0)
        return false;
    size_t rest = n - (size_t)sent;
    if (rest == 0)
        return true;
    char *waiting = realloc(c->waiting, c->waiting_bytes + rest);
    if (!waiting)
        return false;
    memcpy(waiting + c->waiting_bytes, bytes + sent, rest);
    c->waiting = waiting;
    c->waiting_bytes += (uint32_t)rest;
    return true;
}

/* What was kept goes first. */
static bool send_waiting(struct connection *c)
{
    ssize_t sent = give(c, c->waiting + c->waiting_sent, c->waiting_bytes - c->waiting_sent);
    if (sent < 0)
        return false;
    c->waiting_sent += (uint32_t)sent;
    if (c->waiting_sent == c->waiting_bytes) {
        free(c->waiting);
        c->waiting = NULL;
        c->waiting_sent = c->waiting_bytes = 0;
    }
    return true;
}

/* From kernel to kernel: the bytes do not come by here. */
static ssize_t give_of_file(struct connection *c, size_t n)
{
    ssize_t sent = sendfile(c->fd, c->file, &c->offset, n);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    c->out += (uint64_t)sent;
    return sent;
}

/* The next bytes of a file, or any bytes. */
static bool give_on(struct connection *c)
{
    size_t n = c->left < SHARED_BYTES ? (size_t)c->left : SHARED_BYTES;
    ssize_t sent = c->file >= 0 ? give_of_file(c, n) : give(c, filler, n);
    if (sent < 0)
        return false;
    c->left -= (uint64_t)sent;
    if (c->left > 0)
        return true;
    if (c->file >= 0)
        store_return(c->file);
    c->file = -1;
    c->doing = TALKS;
    return true;
}

bool connection_wants_to_send(const struct connection *c)
{
    return c->waiting || c->doing == GIVES || c->doing == LISTS;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* What has been read and is no line: it goes back, into the file, or nowhere. */
static bool swallow(struct table *t, struct connection *c, const char *bytes, size_t n)
{
    if (c->doing == ECHOES)
        return connection_say(c, bytes, n);
    if (c->doing != TAKES)
        return true;
    if (c->file >= 0 && write(c->file, bytes, n) != (ssize_t)n)
        return false;
    c->left -= n;
    return c->left > 0 || command_taken(t, c);
}

/* Lines, until one is not whole, or its answer has to wait for room. Behind a line may stand bytes
 * that are none any more. */
static bool carry_out(struct table *t, struct connection *c)
{
    char *end;
    while (c->line_bytes > 0 && !connection_wants_to_send(c)) {
        size_t n = c->line_bytes;
        if (c->doing == TALKS) {
            end = memchr(c->line, '\n', n);
            if (!end && n < sizeof c->line)
                return true;
            n = end ? (size_t)(end - c->line) + 1 : n;
            if (!command_do(t, c, end ? n - 1 : n))
                return false;
        } else {
            if (c->doing == TAKES && n > c->left)
                n = (size_t)c->left;
            if (!swallow(t, c, c->line, n))
                return false;
        }
        c->line_bytes = (uint8_t)(c->line_bytes - n);
        memmove(c->line, c->line + n, c->line_bytes);
    }
    return true;
}

/* While it talks, no more is read than a line has room for: the rest waits in the kernel, and TCP's
 * window tells the client so. */
bool connection_read(struct table *t, struct connection *c)
{
    bool talks = c->doing == TALKS;
    char *to = talks ? c->line + c->line_bytes : shared;
    size_t room = talks ? sizeof c->line - c->line_bytes : sizeof shared;
    if (c->doing == TAKES && room > c->left)
        room = (size_t)c->left;
    ssize_t n = recv(c->fd, to, room, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false; /* the client has closed */
    c->in += (uint64_t)n;
    if (!talks)
        return swallow(t, c, shared, (size_t)n);
    c->line_bytes = (uint8_t)(c->line_bytes + n);
    return carry_out(t, c) && connection_write(t, c);
}

/* As much as the kernel has room for; then what was asked meanwhile. */
bool connection_write(struct table *t, struct connection *c)
{
    for (int piece = 0; piece < PIECES_AT_A_TIME && connection_wants_to_send(c); piece++) {
        uint64_t before = c->out;
        bool there = c->waiting          ? send_waiting(c)
                     : c->doing == GIVES ? give_on(c)
                                         : command_list_on(t, c);
        if (!there)
            return false;
        if (c->out == before)
            return true; /* no room */
        if (!connection_wants_to_send(c) && !carry_out(t, c))
            return false;
    }
    /* close() on bytes that nobody has read would send RST, and might destroy the last word. */
    if (c->doing == LEAVES && !c->ended) {
        c->ended = true;
        return shutdown(c->fd, SHUT_WR) == 0;
    }
    return true;
}
