/* client ADDRESS PORT: two clients in one program. The first says half a line and then nothing for
 * a while; meanwhile the second says hello, and looks at the clock. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        fail("clock_gettime");
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int connected(const struct sockaddr_in *server, int patience_ms)
{
    struct timeval patience = {patience_ms / 1000, patience_ms % 1000 * 1000};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("SO_RCVTIMEO");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    return fd;
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        fail("send");
}

/* Prints what comes, up to the end of a line. False: nothing within the socket's patience. */
static bool hear(int fd, const char *who)
{
    char text[600];
    size_t n = 0;
    while (n == 0 || (text[n - 1] != '\n' && n < sizeof text)) {
        ssize_t got = recv(fd, text + n, sizeof text - n, 0);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got < 0)
            fail("recv");
        if (got == 0)
            break;
        n += (size_t)got;
    }
    printf("%s: %.*s", who, (int)n, text);
    return true;
}

/* The server closes, then we do: who closes before he has read all sends RST. */
static void leave(int fd, const char *who)
{
    char rest[600];
    say(fd, "bye\n");
    hear(fd, who);
    while (recv(fd, rest, sizeof rest, 0) > 0)
        ;
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int slow = connected(&server, 3000), quick = connected(&server, 1500);
    usleep(500 * 1000);
    say(slow, "wait for m"); /* half a line, and nothing more for now */
    usleep(500 * 1000);

    int64_t before = clock_ms();
    say(quick, "hello\n");
    bool answered = hear(quick, "quick");
    printf("after %lld ms%s\n", (long long)(clock_ms() - before), answered ? "" : " no answer yet");

    say(slow, "e\n");
    hear(slow, "slow");
    leave(slow, "slow");
    if (!answered)
        hear(quick, "quick");
    leave(quick, "quick");
    return 0;
}
