/* server [-e] [-s SECONDS] [-p FOLDER] PORT STORE: a chat for browsers. It serves the page from
 * FOLDER ("page", unless said) at http://localhost:PORT/, and speaks with it over a WebSocket at
 * /chat. Who is absent finds his messages when he comes back: they are kept, in the SQLite file
 * STORE (":memory:" for none), until he has confirmed them.
 *
 *   client says                server answers, each a text message of WebSocket
 *   Check NAME PASSWORD        OK NAME LAST, then Here NAME...
 *   Chat NUMBER TO TEXT        Stored NUMBER
 *   Confirm ID                 Confirmed ID
 *                              Message ID FROM TO TEXT, until it is confirmed
 *                              Joined NAME, Left NAME
 *                              Error WHY, to a message that cannot be carried out
 *
 * TO is a name, or * for everyone. A client numbers its messages from 1; LAST is the number of the
 * last one that the server has, 0 for none. A second login of a name ends the first (close code
 * 4000). All of it crosses the network as it is, the password too: that is what wss:// is for.
 *
 * Who says nothing for half of SECONDS, 10 unless said, is sent a ping; who says nothing for all of
 * them is taken for dead. A browser answers pings by itself. With -e the server ends when the last
 * client has gone.
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
        n += server->sessions[i] && (all || server->sessions[i]->leaving_ms == 0);
    return n;
}

static void welcome(struct server *server, int fd)
{
    int place = 0, on = 1, room = QUEUE_MOST;
    while (place < PLACES && server->sessions[place])
        place++;
    struct session *s = place < PLACES ? session_new(server, fd) : NULL;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)place};
    if (!s || epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        if (s)
            session_free(s);
        else
            close(fd);
        return;
    }
    /* Short messages, each of which somebody waits for: they should not wait for each
     * other's ACKs. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* The kernel would keep megabytes for one who does not read. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    bool full = count(server, false) >= SESSIONS_MOST;
    server->sessions[place] = s;
    if (full)
        session_dismiss(s, WSLAY_CODE_POLICY_VIOLATION,
                        "the server is full: it has 100 connections\n");
}

static void part(struct server *server, int place)
{
    commands_left(server->sessions[place]);
    session_free(server->sessions[place]);
    server->sessions[place] = NULL;
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
    int64_t silent_ms = server->now_ms - s->heard_ms;
    if (s->leaving_ms > 0)
        return;
    if (silent_ms >= server->silence_ms)
        session_dismiss(s, WSLAY_CODE_POLICY_VIOLATION,
                        session_is_crowded(s) ? "you do not read what is sent to you"
                                              : "nothing came from you for too long");
    else if (s->stage == STAGE_TALK && !s->pinged && silent_ms >= server->silence_ms / 2)
        session_ping(s);
}

/* What is wanted to be told of a session: that it can be read, unless it does not read itself, and
 * that it can be written, if something waits for that. */
static bool watch(struct server *server, int place)
{
    struct session *s = server->sessions[place];
    bool reads = !s->ended && (s->leaving_ms > 0 || !session_is_crowded(s));
    struct epoll_event event = {
        .events = (reads ? EPOLLIN : 0u) | (session_has_output(s) ? EPOLLOUT : 0u),
        .data.u32 = (uint32_t)place,
    };
    if (event.events == s->watched)
        return true;
    s->watched = event.events;
    return epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, s->fd, &event) == 0;
}

/* All that has come was done; commit it, and answer. True: more is to be done at once. */
static bool work(struct server *server)
{
    bool more = false;
    for (int i = 0; i < PLACES; i++)
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
        bool stays = session_send(s) && watch(server, i);
        more = more || !stays || (crowded && !session_is_crowded(s));
        if (!stays)
            part(server, i); /* the others are told in the next round */
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
                session_receive(server->sessions[events[i].data.u32]);
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
    static struct server server = {.silence_ms = 10000, .folder = "page"};
    struct sigaction action = {.sa_handler = stop};
    int option;
    bool until_all_have_gone = false;
    while ((option = getopt(argc, argv, "es:p:")) == 'e' || option == 's' || option == 'p')
        if (option == 'e')
            until_all_have_gone = true;
        else if (option == 's')
            server.silence_ms = 1000LL * atoi(optarg);
        else
            server.folder = optarg;
    if (option != -1 || argc - optind != 2 || server.silence_ms <= 0) {
        fprintf(stderr, "usage: server [-e] [-s SECONDS] [-p FOLDER] PORT STORE\n");
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
