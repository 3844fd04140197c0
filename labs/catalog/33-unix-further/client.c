/* client ADDRESS PORT: two connections: say hello, and read until the server closes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void ask(const struct sockaddr_in *server)
{
    char bytes[64];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, "hello\r\n", 7, MSG_NOSIGNAL) < 0)
        fail("send");
    do {
        if (poll(&ready, 1, 1500) == 0) {
            puts("the end does not come");
            break;
        }
        n = recv(fd, bytes, sizeof bytes, 0);
        if (n < 0)
            fail("recv");
        fwrite(bytes, 1, (size_t)n, stdout);
    } while (n > 0);
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
    ask(&server);
    ask(&server);
    return 0;
}
