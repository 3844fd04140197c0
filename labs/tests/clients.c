/* clients [-l LINE] [-m PID] [-s BYTES] PORT CLIENTS SECONDS: so many clients of a server on this
 * machine that answers a line with a line. They connect, one after the other; each says LINE first,
 * where given; then for SECONDS each says a line of BYTES (16) as soon as it has its answer. Prints
 *
 *   MILLISECONDS to connect all   ROUND-TRIPS a second   MICROSECONDS of the median, of the longest
 *   KiB that process PID and its children had when all were connected (0 without -m)
 *
 * Where one local address has no more ports (there are 28,000 of them) the next is taken: 127.0.0.2
 * and so on. The descriptor limit is raised to the hard one. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

enum { EVENTS = 256, PORTS_OF_AN_ADDRESS = 20000, SAMPLES_MOST = 1 << 22 };

struct client {
    int fd;
    int64_t said_ns;
};

static struct {
    int epoll_fd;
    struct client *clients;
    size_t count, line_bytes;
    char *line;
    uint32_t *samples_us;
    size_t sample_count;
} load;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "clients: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void open_one(struct client *c, size_t number, in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK +
                                                        (uint32_t)(number / PORTS_OF_AN_ADDRESS))},
                       there = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons(port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    /* The port is chosen by connect(), where two connections to different ends may share one. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
        fail("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(load.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
    c->fd = fd;
}

static void say(struct client *c, const char *line, size_t n)
{
    c->said_ns = clock_ns();
    if (send(c->fd, line, n, MSG_NOSIGNAL) != (ssize_t)n)
        fail("send");
}

/* The answer has come when its last byte ends a line. */
static bool answered(struct client *c)
{
    char bytes[65536];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0)
        errno = ECONNRESET;
    if (n <= 0)
        fail("recv");
    if (bytes[n - 1] != '\n')
        return false;
    if (load.sample_count < SAMPLES_MOST)
        load.samples_us[load.sample_count] = (uint32_t)((clock_ns() - c->said_ns) / 1000);
    load.sample_count++;
    return true;
}

/* Each of them says `line`, and again after each answer until `end_ns`; then all answers are waited
 * for. */
static void converse(const char *line, size_t bytes, int64_t end_ns)
{
    struct epoll_event events[EVENTS];
    size_t waiting = load.count;
    for (size_t i = 0; i < load.count; i++)
        say(&load.clients[i], line, bytes);
    while (waiting > 0) {
        int n = epoll_wait(load.epoll_fd, events, EVENTS, 10000);
        if (n == 0)
            errno = ETIMEDOUT;
        if (n <= 0 && errno != EINTR)
            fail("epoll_wait");
        bool goes_on = clock_ns() < end_ns;
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            bool whole = answered(c);
            if (whole && goes_on)
                say(c, line, bytes);
            else if (whole)
                waiting--;
        }
    }
}

/* ---- memory ------------------------------------------------------------------------------ */

static long kib_of(const char *pid)
{
    char path[64], line[128];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%.20s/smaps_rollup", pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "Pss: %ld kB", &kib) != 1)
        ;
    if (f)
        fclose(f);
    return kib;
}

static bool is_child(const char *pid, const char *parent)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *f = fopen(path, "re");
    char *name_end = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    int of = 0;
    bool is = name_end && sscanf(name_end + 1, " %*c %d", &of) == 1 && of == atoi(parent);
    if (f)
        fclose(f);
    return is;
}

static long kib_with_children(const char *pid)
{
    long kib = kib_of(pid);
    DIR *all = opendir("/proc");
    for (struct dirent *e; all && (e = readdir(all));)
        if (e->d_name[0] >= '0' && e->d_name[0] <= '9' && is_child(e->d_name, pid))
            kib += kib_of(e->d_name);
    if (all)
        closedir(all);
    return kib;
}

/* ------------------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
}

int main(int argc, char **argv)
{
    const char *first = NULL, *pid = NULL;
    int option;
    load.line_bytes = 16;
    while ((option = getopt(argc, argv, "l:m:s:")) > 0)
        if (option == 'l')
            first = optarg;
        else if (option == 'm')
            pid = optarg;
        else if (option == 's')
            load.line_bytes = strtoul(optarg, NULL, 10);
    if (argc - optind != 3 || load.line_bytes < 1) {
        fprintf(stderr, "usage: clients [-l LINE] [-m PID] [-s BYTES] PORT CLIENTS SECONDS\n");
        return 2;
    }
    in_port_t port = (in_port_t)atoi(argv[optind]);
    load.count = strtoul(argv[optind + 1], NULL, 10);
    double seconds = strtod(argv[optind + 2], NULL);
    raise_limit();
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load.clients = calloc(load.count, sizeof *load.clients);
    load.samples_us = calloc(SAMPLES_MOST, sizeof *load.samples_us);
    load.line = malloc(load.line_bytes);
    if (load.epoll_fd < 0 || !load.clients || !load.samples_us || !load.line)
        fail("memory");
    memset(load.line, 'x', load.line_bytes);
    load.line[load.line_bytes - 1] = '\n';

    int64_t begin = clock_ns();
    for (size_t i = 0; i < load.count; i++)
        open_one(&load.clients[i], i, port);
    double connected_ms = (double)(clock_ns() - begin) / 1e6;
    char greeting[64];
    int n = snprintf(greeting, sizeof greeting, "%s\n", first ? first : "here");
    converse(greeting, (size_t)n, 0); /* by then each is really served */
    long kib = pid ? kib_with_children(pid) : 0;
    load.sample_count = 0;
    begin = clock_ns();
    converse(load.line, load.line_bytes, begin + (int64_t)(seconds * 1e9));
    double took_s = (double)(clock_ns() - begin) / 1e9;
    size_t kept = load.sample_count < SAMPLES_MOST ? load.sample_count : SAMPLES_MOST;
    qsort(load.samples_us, kept, sizeof *load.samples_us, by_value);
    printf("%.0f %.0f %u %u %ld\n", connected_ms, (double)load.sample_count / took_s,
           load.samples_us[kept / 2], load.samples_us[kept - 1], kib);
    return 0;
}
