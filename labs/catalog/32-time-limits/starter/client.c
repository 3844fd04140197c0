/* client ADDRESS PORT: three limits of time.
 * EXERCISE: all three go wrong. Mend them. */
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

/* ---- 200 ms at most ---------------------------------------------------------------------- */

/* EXERCISE: leave after 200 ms if no answer has come by then. */
static void at_most_200_ms(const struct sockaddr_in *server)
{
    int fd = ask(server, "one\r\n"), patience_ms = 200;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience_ms, sizeof patience_ms);
    take(fd);
    close(fd);
}

/* ---- one second at most; the answer comes before ------------------------------------------- */

/* EXERCISE: wait for a second at most, and take the answer that comes before. */
static void at_most_a_second(const struct sockaddr_in *server)
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

/* ---- half a second in all ------------------------------------------------------------------ */

/* EXERCISE: leave after half a second, even if there was something to read all the time. */
static void half_a_second_in_all(const struct sockaddr_in *server)
{
    int fd = ask(server, "three\r\n");
    size_t n = 0;
    limit(fd, 500);
    for (size_t now; n < LINE_BYTES && (now = take(fd)) > 0;)
        n += now;
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
