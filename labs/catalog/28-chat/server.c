/* server [-e] [-s SECONDS] PORT STORE: a chat of lines. Who is absent finds his messages when he
 * comes back, and they are kept, in the SQLite file STORE (":memory:" for none), until he has
 * confirmed them.
 *
 *   client says                      server answers
 *   Check NAME PASSWORD [CHARSET]    OK NAME LAST
 *   Chat NUMBER TO TEXT              Stored NUMBER
 *   Confirm ID                       Confirmed ID
 *   HB R                             R
 *                                    Message ID FROM TEXT, for NAME, until it is confirmed
 *                                    Error WHY, to a line that cannot be carried out
 *                                    Bye WHY, and it closes
 *
 * CHARSET is utf-8, unless said, or gb2312. A client numbers its messages from 1; LAST is the
 * number of the last one that the server has, 0 for none. All of it crosses the network as it is,
 * the password too.
 *
 * A connection from which nothing comes for SECONDS, 10 unless said, is taken for dead. With -e the
 * server ends when the last client has gone.
 *
 * One thread, and one loop: take what has come, commit it, and only then answer. So no client ever
 * hears of anything that a kill -9 could undo. */
#include "server-parts/commands.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, TICK_MS = 500 };

static volatile sig_atomic_t stopped;

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
    struct timespec now; /* CLOCK_MONOTONIC: nobody sets it */
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        fail("clock_gettime");
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections ------------------------------------------------------------------------- */

static int count(const struct server *server, bool all)
{
    int n = 0;
    for (int i = 0; i < PLACES; i++)
        n += server->sessions[i] && (all || !server->sessions[i]->leaving);
    return n;
}

static void welcome(struct server *server, int fd)
{
    int place = 0, on = 1, room = OUT_MOST;
    while (place < PLACES && server->sessions[place])
        place++;
    struct session *s = place < PLACES ? session_new(fd, server->now_ms) : NULL;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)place};
    if (!s || epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        if (s)
            session_free(s);
        else
            close(fd);
        return;
    }
    /* Short lines, each of which somebody waits for: they should not wait for each other's ACKs. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* The kernel would keep megabytes for one who does not read. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    bool full = count(server, false) >= SESSIONS_MOST;
    server->sessions[place] = s;
    if (full)
        session_dismiss(s, server->now_ms, "the server is full: it has 100 connections");
    else
        session_say(s, "Welcome");
}

static void accept_all(struct server *server)
{
    int fd;
    while ((fd = accept4(server->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        welcome(server, fd);
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        fail("accept");
}

/* ---- the loop ---------------------------------------------------------------------------- */

static void mind_silence(struct server *server, struct session *s)
{
    char why[64];
    if (s->leaving || server->now_ms - s->heard_ms < server->silence_ms)
        return;
    if (s->out_bytes > 0)
        snprintf(why, sizeof why, "you do not read what is sent to you");
    else
        snprintf(why, sizeof why, "nothing came from you for %lld s",
                 (long long)server->silence_ms / 1000);
    session_dismiss(s, server->now_ms, why);
}

/* What is wanted to be told of a session: that it can be read, unless it does not read itself, and
 * that it can be written, if something waits for that. */
static bool watch(struct server *server, int place)
{
    struct session *s = server->sessions[place];
    bool reads = !s->ended && (s->leaving || s->in_bytes < sizeof s->in);
    struct epoll_event event = {
        .events = (reads ? EPOLLIN : 0u) | (s->out_bytes > 0 ? EPOLLOUT : 0u),
        .data.u32 = (uint32_t)place,
    };
    if (event.events == s->watched)
        return true;
    s->watched = event.events;
    return epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, s->fd, &event) == 0;
}

/* Carry out what has come, of all sessions; commit; answer. True: more is to be done at once. */
static bool work(struct server *server)
{
    char line[TEXT_MOST + 1];
    bool more = false;
    for (int i = 0; i < PLACES; i++)
        while (server->sessions[i] && session_line(server->sessions[i], line, sizeof line))
            commands_run(server, server->sessions[i], line);
    for (int i = 0; i < PLACES; i++) /* now, that all of this round is in the store */
        if (server->sessions[i]) {
            commands_deliver(server->sessions[i]);
            mind_silence(server, server->sessions[i]);
        }
    store_commit();
    for (int i = 0; i < PLACES; i++) {
        struct session *s = server->sessions[i];
        if (!s)
            continue;
        bool crowded = session_is_crowded(s);
        if (!session_send(s, server->now_ms) || !watch(server, i)) {
            session_free(s);
            server->sessions[i] = NULL;
        } else if (crowded && !session_is_crowded(s)) {
            more = true;
        }
    }
    return more;
}

static void serve(struct server *server, bool until_all_have_gone)
{
    struct epoll_event events[EVENTS];
    bool more = false, had_one = false;
    while (!stopped && !(until_all_have_gone && had_one && count(server, true) == 0)) {
        int n = epoll_wait(server->epoll_fd, events, EVENTS, more ? 0 : TICK_MS);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        server->now_ms = clock_ms();
        for (int i = 0; i < n; i++)
            if (events[i].data.u32 == PLACES)
                accept_all(server);
            else if (events[i].events & ~(unsigned)EPOLLOUT)
                session_receive(server->sessions[events[i].data.u32], server->now_ms);
        had_one = had_one || count(server, true) > 0;
        more = work(server);
    }
}

static void open_sockets(struct server *server, in_port_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY), .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = PLACES};
    socklen_t length = sizeof here;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    /* A server that was killed is started again at once, whatever of its connections is left. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        fail("setsockopt");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 128) != 0)
        fail("listen");
    if (getsockname(fd, (struct sockaddr *)&here, &length) != 0)
        fail("getsockname");
    server->listening = fd;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll_fd < 0 || epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll");
    printf("listening at port %d\n", ntohs(here.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct server server = {.silence_ms = 10000};
    struct sigaction action = {.sa_handler = stop};
    int option;
    bool until_all_have_gone = false;
    while ((option = getopt(argc, argv, "es:")) == 'e' || option == 's')
        if (option == 'e')
            until_all_have_gone = true;
        else
            server.silence_ms = 1000LL * atoi(optarg);
    if (option != -1 || argc - optind != 2 || server.silence_ms <= 0) {
        fprintf(stderr, "usage: server [-e] [-s SECONDS] PORT STORE\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    store_open(argv[optind + 1]);
    open_sockets(&server, (in_port_t)atoi(argv[optind]));
    serve(&server, until_all_have_gone);
    for (int i = 0; i < PLACES; i++)
        if (server.sessions[i])
            session_free(server.sessions[i]);
    store_close();
    close(server.epoll_fd);
    close(server.listening);
    return 0;
}
