/* server [-e] [-m MOST] [-p PORTS] [PORT]: holds as many connections as the machine allows, 65,535
 * where it allows so many, and answers each of them (server-parts/commands.h). It listens at PORT,
 * 9000 unless said, and at the PORTS - 1 ports behind it: with one port, a client's address has no
 * more than its own 28,000 ports to connect from. With -e it ends when the last client has gone.
 *
 * One thread, and no call that waits but epoll_wait(). */
#include "server-parts/connection.h"
#include "server-parts/store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 512,
    CONNECTIONS_MOST = 65535,
    PORTS_MOST = 16,
    OTHERS = PORTS_MOST + 2 * FILES_MOST + 16, /* descriptors that are no connection */
    ACCEPTED_AT_A_TIME = 64,
};

static volatile sig_atomic_t stopped;

static struct server {
    struct table table;
    int epoll_fd, ports;
    int listening[PORTS_MOST];
} server;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0) /* to 4 ms, and nearly for nothing */
        fail("clock_gettime");
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- limits ------------------------------------------------------------------------------ */

/* A program begins with a soft limit, 1024 as a rule, and may raise it to the hard one by itself.
 */
static uint32_t most_connections(uint32_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    if (limit.rlim_max >= wanted + OTHERS)
        return wanted;
    if (limit.rlim_max <= OTHERS) {
        fprintf(stderr, "server: %lu descriptors are too few\n", (unsigned long)limit.rlim_max);
        exit(1);
    }
    printf("%lu descriptors are all that a process may have here: for %u connections it takes %u\n"
           "(ulimit -Hn, /etc/security/limits.conf, LimitNOFILE= of systemd, fs.nr_open)\n",
           (unsigned long)limit.rlim_max, wanted, wanted + OTHERS);
    return (uint32_t)(limit.rlim_max - OTHERS);
}

/* ---- connections ------------------------------------------------------------------------- */

static int listen_at(in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t length = sizeof here;
    int on = 1, idle_s = 60, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* On Linux a connection has these from the socket that listened. Answers are short and awaited;
     * and who is gone without a word is found out after a minute's silence, not held for ever. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, SOMAXCONN) != 0)
        fail("listen");
    if (getsockname(fd, (struct sockaddr *)&here, &length) != 0)
        fail("getsockname");
    printf("listening at port %d\n", ntohs(here.sin_port));
    return fd;
}

/* epoll_wait() gives back a number: the place of a connection, or, behind all of those, a port. */
static bool watch(int fd, uint32_t number, bool to_send, int how)
{
    struct epoll_event event = {.events = to_send ? EPOLLOUT : EPOLLIN, .data.u32 = number};
    return epoll_ctl(server.epoll_fd, how, fd, &event) == 0;
}

/* The one too many is not left in the queue to wonder. Nothing of his is read: the FIN comes first,
 * and he has time to read this, for the RST comes only if he has said something. */
static void refuse(int fd)
{
    char why[80];
    int n = snprintf(why, sizeof why, "Error the server is full: it holds %u connections\n",
                     server.table.most);
    if (send(fd, why, (size_t)n, MSG_NOSIGNAL) < 0)
        perror("send");
    close(fd);
}

static void accept_some(int listening)
{
    int fd = 0;
    for (int i = 0; i < ACCEPTED_AT_A_TIME; i++) {
        struct sockaddr_in peer = {0};
        socklen_t length = sizeof peer;
        fd = accept4(listening, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            break;
        struct connection *c = connection_new(&server.table, fd, &peer);
        if (!c)
            refuse(fd);
        else if (!watch(fd, c->place, false, EPOLL_CTL_ADD))
            connection_free(&server.table, c);
    }
    if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && errno != ENFILE &&
        errno != ENOBUFS && errno != ENOMEM)
        fail("accept");
}

static void mind(uint32_t place)
{
    struct table *t = &server.table;
    struct connection *c = t->places[place];
    bool there = connection_wants_to_send(c) ? connection_write(t, c) : connection_read(t, c);
    bool to_send = connection_wants_to_send(c);
    if (there && to_send != c->watched_to_send) {
        c->watched_to_send = to_send;
        there = watch(c->fd, place, to_send, EPOLL_CTL_MOD);
    }
    if (!there)
        connection_free(t, c);
}

static void serve(bool until_all_have_gone)
{
    struct epoll_event events[EVENTS];
    bool anyone_yet = false;
    while (!stopped && !(until_all_have_gone && anyone_yet && server.table.count == 0)) {
        int n = epoll_wait(server.epoll_fd, events, EVENTS, 1000); /* for a signal just before */
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        server.table.now_ms = clock_ms();
        for (int i = 0; i < n; i++) {
            uint32_t number = events[i].data.u32;
            if (number < server.table.most)
                mind(number);
            else
                accept_some(server.listening[number - server.table.most]);
        }
        anyone_yet = anyone_yet || server.table.count > 0;
    }
}

/* ------------------------------------------------------------------------------------------ */

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: server [-e] [-m MOST] [-p PORTS] [PORT]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = stop};
    uint32_t most = CONNECTIONS_MOST;
    bool until_all_have_gone = false;
    int option, port = 9000;
    server.ports = 1;
    while ((option = getopt(argc, argv, "em:p:")) > 0)
        switch (option) {
        case 'e': until_all_have_gone = true; break;
        case 'm': most = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'p': server.ports = atoi(optarg); break;
        default: usage();
        }
    if (argc - optind > 1 || server.ports < 1 || server.ports > PORTS_MOST || most < 1 ||
        most > CONNECTIONS_MOST)
        usage();
    if (argc > optind)
        port = atoi(argv[optind]);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* sendfile() knows no MSG_NOSIGNAL */
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server.epoll_fd < 0 || !table_open(&server.table, most_connections(most)))
        fail("the table");
    for (int i = 0; i < server.ports; i++) {
        server.listening[i] = listen_at((in_port_t)(port > 0 ? port + i : 0));
        if (!watch(server.listening[i], server.table.most + (uint32_t)i, false, EPOLL_CTL_ADD))
            fail("epoll_ctl");
    }
    printf("room for %u connections\n", server.table.most);
    fflush(stdout);
    serve(until_all_have_gone);
    table_close(&server.table);
    store_close();
    for (int i = 0; i < server.ports; i++)
        close(server.listening[i]);
    close(server.epoll_fd);
    return 0;
}
