/* client ADDRESS PORT: three limits of time. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

static void at_most_200_ms(const struct sockaddr_in *server)
{
    int fd = ask(server, "one\r\n");
    limit(fd, 200);
    take(fd);
    close(fd);
}

/* ---- one second at most; the answer comes before ------------------------------------------- */

static void at_most_a_second(const struct sockaddr_in *server)
{
    int fd = ask(server, "two\r\n");
    limit(fd, 1000);
    take(fd);
    close(fd);
}

/* ---- half a second in all ------------------------------------------------------------------ */

/* A deadline: each recv() gets what is left of the time. */
static void half_a_second_in_all(const struct sockaddr_in *server)
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
    at_most_200_ms(&server);
    at_most_a_second(&server);
    half_a_second_in_all(&server);
    return 0;
}
