/* epoll [-n CLIENTS] [PORT]: one thread for all clients. It waits in one place, epoll_wait(), for
 * whatever comes next from any of them; no other call ever waits. What a process or a thread keeps
 * on its stack (how far we are with this client) stands in a struct. */
#include "shared/listener.h"
#include "shared/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64 };

struct client {
    int fd;
    bool waits;  /* for room to send */
    size_t sent; /* of the answer */
    struct conversation with;
};

static unsigned here; /* clients */

static void never_wait(int fd)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("O_NONBLOCK");
}

static void welcome(int epoll_fd, int fd, unsigned number)
{
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (!c || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        perror("a client more");
        free(c);
        close(fd);
        return;
    }
    never_wait(fd);
    c->fd = fd;
    c->with.number = number;
    here++;
}

static void part(struct client *c)
{
    close(c->fd); /* which takes it out of the epoll set, too */
    free(c);
    here--;
}

/* Sends what there is, and as many answers as the kernel has room for. False: the client is gone.
 */
static bool answer(struct client *c)
{
    do {
        while (c->sent < c->with.out_bytes) {
            ssize_t n =
                send(c->fd, c->with.out + c->sent, c->with.out_bytes - c->sent, MSG_NOSIGNAL);
            if (n < 0)
                return errno == EAGAIN || errno == EINTR;
            c->sent += (size_t)n;
        }
        c->sent = c->with.out_bytes = 0;
    } while (conversation_answer(&c->with));
    return true;
}

static bool take(struct client *c)
{
    struct conversation *with = &c->with;
    if (with->over) /* what else comes is read and thrown away until he has closed, too */
        with->in_bytes = 0;
    ssize_t n = recv(c->fd, with->in + with->in_bytes, sizeof with->in - with->in_bytes, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    with->in_bytes += (size_t)n;
    return n > 0;
}

/* Who does not take his answers is not read any more either, until he does: nothing is piled up for
 * him, and TCP's window tells him so. */
static void mind(int epoll_fd, struct client *c, unsigned events)
{
    bool there = events & EPOLLOUT || take(c);
    there = there && answer(c);
    bool waits = c->with.out_bytes > 0;
    if (there && c->with.over &&
        !waits) /* the last answer has gone; converse() says why not close() */
        there = shutdown(c->fd, SHUT_WR) == 0;
    if (!there) {
        part(c);
        return;
    }
    struct epoll_event event = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = c};
    if (waits != c->waits && epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) != 0)
        fail("epoll_ctl");
    c->waits = waits;
}

int main(int argc, char **argv)
{
    struct listener l = listener_open(argc, argv);
    struct epoll_event events[EVENTS], listening = {.events = EPOLLIN}; /* data.ptr is NULL */
    int fd, epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, l.fd, &listening) != 0)
        fail("epoll");
    never_wait(l.fd);
    unsigned number = 0;
    while (l.fd >= 0 || here > 0) {
        int n = epoll_wait(epoll_fd, events, EVENTS, -1);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                mind(epoll_fd, events[i].data.ptr, events[i].events);
            else if ((fd = listener_accept(&l)) >= 0)
                welcome(epoll_fd, fd, ++number);
        if (l.fd >= 0 && l.clients > 0 && number == l.clients) {
            close(l.fd);
            l.fd = -1;
        }
    }
    close(epoll_fd);
    return 0;
}
