/* client ADDRESS PORT: ask a slow server twice: once with a timeout on recv(), once without
 * blocking at all. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void say_hello(int fd)
{
    if (send(fd, "hello\r\n", 7, 0) < 0)
        fail("send");
}

/* recv(), and tell what came of it. EAGAIN says "not yet", and nothing else. */
static ssize_t take(int fd)
{
    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n > 0)
        printf("%zd bytes: %.*s", n, (int)n, answer);
    else if (n == 0)
        puts("the end");
    else if (errno == EAGAIN)
        puts("nothing yet");
    else
        fail("recv");
    return n;
}

static void with_a_timeout(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    struct timeval patience = {.tv_sec = 0, .tv_usec = 200 * 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    say_hello(fd);
    while (take(fd) != 0) /* 0: the server has closed */
        ;
    close(fd);
}

static void until_ready(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    if (poll(&one, 1, 5000) < 0)
        fail("poll");
}

static void without_blocking(const struct sockaddr_in *server)
{
    int error = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t length = sizeof error;
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0 && errno != EINPROGRESS)
        fail("connect");
    until_ready(fd, POLLOUT); /* writable: the handshake is over, for good or ill */
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        fail("getsockopt");
    if (error != 0) {
        fprintf(stderr, "connect: %s\n", strerror(error));
        exit(1);
    }
    say_hello(fd);
    while (take(fd) != 0)
        until_ready(fd, POLLIN);
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
    with_a_timeout(&server);
    without_blocking(&server);
    return 0;
}
