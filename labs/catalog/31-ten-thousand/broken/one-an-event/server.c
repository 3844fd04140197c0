/* server -e -m MOST PORT: holds up to MOST connections, in one thread, and answers lines:
 *
 *   PING            PONG
 *   SOURCE BYTES    OK BYTES, and as many bytes
 *
 * One connection more is told that the server is full. It ends when the last client has gone. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    int fd;
    size_t line_bytes,
        answer_bytes; /* of a line that has begun; of an answer that waits for room */
    long long left;   /* bytes to send behind it */
    bool waits;       /* for room to send */
    char line[80], answer[40];
};

static int listening, epoll_fd, count, most;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(int fd, struct client *c, unsigned events, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll_fd, how, fd, &event) != 0)
        fail("epoll_ctl");
}

static void part(struct client *c)
{
    close(c->fd);
    free(c);
    count--;
}

/* ---- arrivals ---------------------------------------------------------------------------- */

static void welcome(int fd)
{
    struct client *c = count < most ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        static const char full[] = "Error the server is full\n";
        if (send(fd, full, strlen(full), MSG_NOSIGNAL) < 0)
            perror("send");
        close(fd);
        return;
    }
    c->fd = fd;
    count++;
    watch(fd, c, EPOLLIN, EPOLL_CTL_ADD);
}

static void accept_all(void)
{
    static bool late;
    if (!late)
        usleep(600 * 1000); /* something else is done before; by then several have come */
    late = true;
    int fd =
        accept4(listening, NULL, NULL, SOCK_NONBLOCK); /* one, and the edge tells of no other */
    if (fd >= 0)
        welcome(fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        fail("accept");
}

/* ---- answers ----------------------------------------------------------------------------- */

/* As much as the kernel has room for. False: the client is gone. */
static bool push(struct client *c)
{
    static const char bytes[65536];
    while (c->answer_bytes > 0 || c->left > 0) {
        bool answers = c->answer_bytes > 0;
        size_t n = answers ? c->answer_bytes : c->left < 65536 ? (size_t)c->left : 65536;
        ssize_t sent = send(c->fd, answers ? c->answer : bytes, n, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        if (answers) {
            c->answer_bytes -= (size_t)sent;
            memmove(c->answer, c->answer + sent, c->answer_bytes);
        } else {
            c->left -= sent;
        }
    }
    return true;
}

static void answer(struct client *c, const char *line)
{
    if (strncmp(line, "SOURCE ", 7) == 0) {
        c->left = atoll(line + 7);
        c->answer_bytes = (size_t)snprintf(c->answer, sizeof c->answer, "OK %lld\n", c->left);
    } else {
        const char *what = strcmp(line, "PING") == 0 ? "PONG\n" : "Error no such command\n";
        c->answer_bytes = (size_t)snprintf(c->answer, sizeof c->answer, "%s", what);
    }
}

/* Line by line, as long as the answers can be sent. */
static bool go_on(struct client *c)
{
    char *end;
    while (push(c)) {
        if (c->answer_bytes > 0 || c->left > 0)
            return true;
        if (!(end = memchr(c->line, '\n', c->line_bytes)))
            return c->line_bytes < sizeof c->line;
        *end = '\0';
        answer(c, c->line);
        c->line_bytes -= (size_t)(end + 1 - c->line);
        memmove(c->line, end + 1, c->line_bytes);
    }
    return false;
}

static bool take(struct client *c)
{
    ssize_t n = recv(c->fd, c->line + c->line_bytes, sizeof c->line - c->line_bytes, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    c->line_bytes += (size_t)n;
    return n > 0;
}

/* Who has not taken his answer is not read until he has. */
static void mind(struct client *c)
{
    if ((!c->waits && !take(c)) || !go_on(c)) {
        part(c);
        return;
    }
    bool waits = c->answer_bytes > 0 || c->left > 0;
    if (waits != c->waits)
        watch(c->fd, c, waits ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    c->waits = waits;
}

/* ------------------------------------------------------------------------------------------ */

static void open_sockets(in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    epoll_fd = epoll_create1(0);
    if (listening < 0 || epoll_fd < 0)
        fail("socket");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, SOMAXCONN) != 0)
        fail("listen");
    watch(listening, NULL, EPOLLIN | EPOLLET, EPOLL_CTL_ADD);
}

int main(int argc, char **argv)
{
    struct epoll_event events[64];
    if (argc != 5) {
        fprintf(stderr, "usage: server -e -m MOST PORT\n");
        return 2;
    }
    most = atoi(argv[3]);
    open_sockets((in_port_t)atoi(argv[4]));
    bool anyone_yet = false;
    while (!anyone_yet || count > 0) {
        int n = epoll_wait(epoll_fd, events, 64, -1);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                mind(events[i].data.ptr);
            else
                accept_all();
        anyone_yet = anyone_yet || count > 0;
    }
    close(epoll_fd);
    close(listening);
    return 0;
}
