/* client [-n CONNECTIONS] [-p PORTS] [-t SECONDS] ADDRESS PORT WHAT...: a load for the server,
 * which listens at PORT and the PORTS - 1 behind it.
 *
 *   hold             open so many connections, and keep them for so long
 *   echo             the same, and each says 64 bytes as soon as the last have come back
 *   source BYTES     how fast bytes come, on one connection
 *   sink BYTES       how fast they go
 *   put FILE NAME    upload a file
 *   get NAME         download it, to standard output
 *   list             the server's connections
 *   lesson           what the lab shows */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN_FLIGHT = 256, PORTS_OF_AN_ADDRESS = 20000, ECHO_BYTES = 64, EVENTS = 512 };

static struct {
    struct sockaddr_in server;
    int port, ports, connections, seconds;
    int *fds; /* what open_all() has opened */
} load = {.ports = 1, .connections = 100, .seconds = 10};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double clock_s(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        fail("clock_gettime");
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- connections ------------------------------------------------------------------------- */

/* Within one machine there are many local addresses: 127.0.0.1, 127.0.0.2, ... Each has ports of
 * its own. */
static void take_address(int fd, int number)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1;
    if (ntohl(load.server.sin_addr.s_addr) >> 24 != 127)
        return;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / PORTS_OF_AN_ADDRESS));
    /* The port is chosen when it connects: until then any will do, and none is taken. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
}

/* connect() that does not wait. `window` bytes are all that the kernel shall keep unread; 0: as
 * usual. */
static int begin_connection(int number, int window)
{
    struct sockaddr_in server = load.server;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    take_address(fd, number);
    if (window > 0) /* before connect(): the SYN tells it */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    server.sin_port = htons((in_port_t)(load.port + number % load.ports));
    if (connect(fd, (struct sockaddr *)&server, sizeof server) == 0 || errno == EINPROGRESS)
        return fd;
    if (errno == EADDRNOTAVAIL)
        fprintf(stderr, "client: all local ports to port %d are taken: give both sides -p %d\n",
                ntohs(server.sin_port), load.ports + 1);
    fail("connect");
}

static void finish_connection(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, 30000) != 1)
        error = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error != 0) {
        errno = error;
        fail("connect");
    }
    if (fcntl(fd, F_SETFL, 0) != 0) /* from now on a call may wait */
        fail("fcntl");
}

static int connection(int number, int window)
{
    int fd = begin_connection(number, window);
    finish_connection(fd);
    return fd;
}

/* All of them, a few hundred on their way at a time. */
static void open_all(void)
{
    double began = clock_s();
    load.fds = calloc((size_t)load.connections, sizeof *load.fds);
    if (!load.fds)
        fail("memory");
    for (int i = 0; i < load.connections + IN_FLIGHT; i++) {
        if (i < load.connections)
            load.fds[i] = begin_connection(i, 0);
        if (i >= IN_FLIGHT && i - IN_FLIGHT < load.connections)
            finish_connection(load.fds[i - IN_FLIGHT]);
    }
    printf("%d connections in %.2f s\n", load.connections, clock_s() - began);
    fflush(stdout);
}

static void close_all(void)
{
    for (int i = 0; i < load.connections; i++)
        close(load.fds[i]);
    free(load.fds);
}

/* ---- lines and bytes --------------------------------------------------------------------- */

static void say(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0)
            fail("send");
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void say_line(int fd, const char *line)
{
    say(fd, line, strlen(line));
}

/* Something can be read, within a second. */
static bool comes(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return poll(&ready, 1, 1000) == 1;
}

/* A line, without its end; it is looked at first, so that nothing of what is behind it is taken.
 * False: none has come. */
static bool hear(int fd, char *line, size_t room)
{
    size_t n = 0;
    bool whole = false;
    while (!whole && n < room - 1 && comes(fd)) {
        ssize_t seen = recv(fd, line + n, room - 1 - n, MSG_PEEK);
        if (seen <= 0)
            break;
        const char *end = memchr(line + n, '\n', (size_t)seen);
        whole = end != NULL;
        ssize_t taken = recv(fd, line + n, end ? (size_t)(end + 1 - line) - n : (size_t)seen, 0);
        if (taken <= 0)
            break;
        n += (size_t)taken;
    }
    line[whole ? n - 1 : n] = '\0';
    return n > 0;
}

/* Says a line, and what must be the first word of the answer. Returns the number behind it, 0 for
 * none. */
static long long ask(int fd, const char *line, const char *wanted)
{
    char answer[160];
    say_line(fd, line);
    if (!hear(fd, answer, sizeof answer) || strncmp(answer, wanted, strlen(wanted)) != 0) {
        fprintf(stderr, "client: to %.*s the server says: %s\n", (int)strcspn(line, "\n"), line,
                answer);
        exit(1);
    }
    return atoll(answer + strlen(wanted));
}

static void take(int fd, long long bytes, FILE *to)
{
    static char piece[65536];
    while (bytes > 0) {
        ssize_t n =
            recv(fd, piece, bytes < (long long)sizeof piece ? (size_t)bytes : sizeof piece, 0);
        if (n <= 0)
            fail("recv");
        if (to && fwrite(piece, 1, (size_t)n, to) != (size_t)n)
            fail("standard output");
        bytes -= n;
    }
}

static void give(int fd, long long bytes, FILE *from)
{
    static char piece[65536];
    while (bytes > 0) {
        size_t n = bytes < (long long)sizeof piece ? (size_t)bytes : sizeof piece;
        if (from && fread(piece, 1, n, from) != n)
            fail("the file");
        say(fd, piece, n);
        bytes -= (long long)n;
    }
}

static void tell_rate(long long bytes, double began)
{
    double took = clock_s() - began;
    fprintf(stderr, "%lld bytes in %.3f s: %.1f Mbit/s\n", bytes, took,
            (double)bytes * 8e-6 / took);
}

/* ---- what it can do ---------------------------------------------------------------------- */

static void do_hold(char **words)
{
    (void)words;
    open_all();
    sleep((unsigned)load.seconds);
    int there = 0;
    for (int i = 0; i < load.connections; i++) {
        char byte; /* nothing was sent to us: there is nothing to read, unless it is the end */
        there += recv(load.fds[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }
    printf("%d are open after %d s\n", there, load.seconds);
    close_all();
}

static int watch_all(void)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < load.connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, load.fds[i], &event) != 0)
            fail("epoll");
    }
    return epoll_fd;
}

static void do_echo(char **words)
{
    (void)words;
    struct epoll_event events[EVENTS];
    uint8_t *missing = calloc((size_t)load.connections, 1); /* bytes that have to come back */
    char bytes[ECHO_BYTES] = {0};
    long long trips = 0;
    open_all();
    if (!missing)
        fail("memory");
    for (int i = 0; i < load.connections; i++)
        ask(load.fds[i], "ECHO\n", "OK");
    int epoll_fd = watch_all();
    double began = clock_s();
    for (int i = 0; i < load.connections; i++) {
        missing[i] = ECHO_BYTES;
        say(load.fds[i], bytes, sizeof bytes);
    }
    while (clock_s() - began < load.seconds) {
        int n = epoll_wait(epoll_fd, events, EVENTS, 1000);
        for (int i = 0; i < n; i++) {
            uint32_t number = events[i].data.u32;
            ssize_t got = recv(load.fds[number], bytes, missing[number], MSG_DONTWAIT);
            if (got <= 0)
                fail("recv");
            missing[number] = (uint8_t)(missing[number] - got);
            if (missing[number] > 0)
                continue;
            trips++;
            missing[number] = ECHO_BYTES;
            say(load.fds[number], bytes, sizeof bytes);
        }
    }
    printf("%.0f round trips a second\n", (double)trips / (clock_s() - began));
    close(epoll_fd);
    free(missing);
    close_all();
}

static void do_source(char **words)
{
    char line[64];
    int fd = connection(0, 0);
    double began = clock_s();
    snprintf(line, sizeof line, "SOURCE %lld\n", atoll(words[0]));
    long long bytes = ask(fd, line, "OK");
    take(fd, bytes, NULL);
    tell_rate(bytes, began);
    close(fd);
}

static void do_sink(char **words)
{
    char line[64];
    int fd = connection(0, 0);
    double began = clock_s();
    snprintf(line, sizeof line, "SINK %lld\n", atoll(words[0]));
    ask(fd, line, "OK");
    give(fd, atoll(words[0]), NULL);
    ask(fd, "", "TOOK");
    tell_rate(atoll(words[0]), began);
    close(fd);
}

static void do_put(char **words)
{
    char line[128];
    FILE *file = fopen(words[0], "rbe");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail(words[0]);
    long bytes = ftell(file);
    rewind(file);
    int fd = connection(0, 0);
    double began = clock_s();
    snprintf(line, sizeof line, "PUT %s %ld\n", words[1], bytes);
    ask(fd, line, "OK");
    give(fd, bytes, file);
    ask(fd, "", "STORED");
    tell_rate(bytes, began);
    fclose(file);
    close(fd);
}

static void do_get(char **words)
{
    char line[128];
    int fd = connection(0, 0);
    double began = clock_s();
    snprintf(line, sizeof line, "GET %s\n", words[0]);
    long long bytes = ask(fd, line, "OK");
    take(fd, bytes, stdout);
    tell_rate(bytes, began);
    close(fd);
}

static void print_list(int fd, bool all)
{
    char line[160];
    printf("%lld connections\n", ask(fd, "LIST\n", "OK"));
    while (hear(fd, line, sizeof line) && strcmp(line, ".") != 0)
        if (all)
            puts(line);
}

static void do_list(char **words)
{
    (void)words;
    int fd = connection(0, 0);
    print_list(fd, true);
    close(fd);
}

/* ---- the lab ----------------------------------------------------------------------------- */

static void ping(int number)
{
    char answer[16] = "";
    double began = clock_s();
    say_line(load.fds[number], "PING\n");
    if (hear(load.fds[number], answer, sizeof answer))
        printf("%s after %.0f ms\n", answer, (clock_s() - began) * 1000);
    else
        puts("no answer");
}

static void do_lesson(char **words)
{
    (void)words;
    char why[160] = "";
    struct linger at_once = {.l_onoff = 1};
    open_all();
    sleep(1); /* nobody says anything */
    ping(load.connections - 1);

    close(load.fds[0]); /* its place for one that asks for much and reads nothing */
    usleep(100 * 1000);
    load.fds[0] = connection(0, 4096);
    say_line(load.fds[0], "SOURCE 10000000\n");
    usleep(800 * 1000); /* the server sends as long as there is room */
    ping(1);

    int one_more = connection(load.connections, 0);
    printf("one more: %s\n", hear(one_more, why, sizeof why) ? why : "no word");
    close(one_more);
    setsockopt(load.fds[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_all();
}

/* ------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int words;
    void (*act)(char **words);
} deeds[] = {
    {"hold", 0, do_hold}, {"echo", 0, do_echo}, {"source", 1, do_source}, {"sink", 1, do_sink},
    {"put", 2, do_put},   {"get", 1, do_get},   {"list", 0, do_list},     {"lesson", 0, do_lesson},
};

static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    if ((rlim_t)load.connections + 16 > limit.rlim_max) {
        load.connections = (int)limit.rlim_max - 16;
        fprintf(stderr, "client: %lu descriptors are all that a process may have here\n",
                (unsigned long)limit.rlim_max);
    }
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:p:t:")) > 0 && option != '?')
        *(option == 'n'   ? &load.connections
          : option == 'p' ? &load.ports
                          : &load.seconds) = atoi(optarg);
    argv += optind;
    argc -= optind;
    load.server.sin_family = AF_INET;
    if (option < 0 && argc >= 3 && inet_pton(AF_INET, argv[0], &load.server.sin_addr) == 1 &&
        load.ports > 0 && load.connections > 0) {
        load.port = atoi(argv[1]);
        raise_limit();
        for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++)
            if (strcmp(deeds[i].name, argv[2]) == 0 && argc == 3 + deeds[i].words) {
                deeds[i].act(argv + 3);
                return 0;
            }
    }
    fprintf(stderr,
            "usage: client [-n CONNECTIONS] [-p PORTS] [-t SECONDS] ADDRESS PORT\n"
            "       hold | echo | source BYTES | sink BYTES | put FILE NAME | get NAME | list\n");
    return 2;
}
