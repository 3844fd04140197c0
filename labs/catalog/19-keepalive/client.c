/* client ADDRESS PORT: three connections on which nothing is said, watched over by keepalive. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void set(int fd, int level, int option, int value)
{
    if (setsockopt(fd, level, option, &value, sizeof value) != 0)
        fail("setsockopt");
}

/* After one second of silence ask, each second; two questions without an answer are enough. */
static void keep_alive(int fd)
{
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
}

static void greet_and_wait(const struct sockaddr_in *server)
{
    char answer[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    keep_alive(fd);
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, "hello\r\n", 7, 0) < 0)
        fail("send");
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    printf("recv: %s\n", n < 0 ? strerror(errno) : n == 0 ? "the server has closed" : "an answer");
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
    alarm(10); /* without keepalive it would wait for ever */

    greet_and_wait(&server); /* the server is there, and silent */
    greet_and_wait(&server); /* the line is dead */
    greet_and_wait(&server); /* the server was started anew, and knows nothing of us */
    return 0;
}
