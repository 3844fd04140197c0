/* client ADDRESS PORT: three limits of time. Each is tried in a way that is often seen and wrong,
 * and then as it is right. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 18 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Connect, and ask. */
static int ask(const struct sockaddr_in *server, const char *question)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, question, strlen(question), MSG_NOSIGNAL) < 0)
        fail("send");
    return fd;
}

/* What comes of one recv(): how many bytes. */
static size_t take(int fd)
{
    char bytes[LINE_BYTES];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n < 0)
        perror("recv");
    else
        printf("%.*s", (int)n, bytes);
    return n > 0 ? (size_t)n : 0;
}

/* The limit of each recv() from now on. None of 0: that would be no limit at all. */
static void limit(int fd, int64_t ms)
{
    struct timeval patience = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
}

static int64_t clock_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        fail("clock_gettime");
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- 200 ms at most ---------------------------------------------------------------------- */

/* Wrong: a number of milliseconds, as on Windows. And nobody looks whether it was taken. */
static void wrong_unit(const struct sockaddr_in *server)
{
    int fd = ask(server, "one\r\n"), patience_ms = 200;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience_ms, sizeof patience_ms);
    take(fd);
    close(fd);
}

static void right_unit(const struct sockaddr_in *server)
{
    int fd = ask(server, "one\r\n");
    limit(fd, 200);
    take(fd);
    close(fd);
}

/* ---- one second at most; the answer comes before ------------------------------------------- */

/* Wrong: the socket does not block, so it is poll() that waits, and by a limit of its own. */
static void wrong_clock(const struct sockaddr_in *server)
{
    int fd = ask(server, "two\r\n");
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    limit(fd, 1000);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("fcntl");
    if (take(fd) == 0 && poll(&ready, 1, 300) == 1)
        take(fd);
    close(fd);
}

static void right_clock(const struct sockaddr_in *server)
{
    int fd = ask(server, "two\r\n");
    limit(fd, 1000);
    take(fd);
    close(fd);
}

/* ---- half a second in all ------------------------------------------------------------------ */

/* Wrong: the limit is for each call, and not for all of them. */
static void wrong_sum(const struct sockaddr_in *server)
{
    int fd = ask(server, "three\r\n");
    size_t n = 0;
    limit(fd, 500);
    for (size_t now; n < LINE_BYTES && (now = take(fd)) > 0;)
        n += now;
    close(fd);
}

/* A deadline: each recv() gets what is left of the time. */
static void right_sum(const struct sockaddr_in *server)
{
    int fd = ask(server, "three\r\n");
    int64_t deadline_ms = clock_ms() + 500, left_ms;
    size_t n = 0;
    while (n < LINE_BYTES && (left_ms = deadline_ms - clock_ms()) > 0) {
        limit(fd, left_ms);
        size_t now = take(fd);
        if (now == 0)
            break;
        n += now;
    }
    if (n < LINE_BYTES)
        printf("\nonly %zu bytes in time\n", n);
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((in_port_t)atoi(argv[2]));
    setvbuf(stdout, NULL, _IONBF, 0);
    wrong_unit(&server);
    right_unit(&server);
    wrong_clock(&server);
    right_clock(&server);
    wrong_sum(&server);
    right_sum(&server);
    return 0;
}
