/* client ADDRESS PORT: three connections on which nothing is said. The options stand in a table;
 * that the kernel gave a connection up is learnt by poll(). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 3, PATIENCE_MS = 8000 };

static const struct {
    int level, name, value;
} options[] = {
    {IPPROTO_TCP, TCP_KEEPCNT, 2},
    {IPPROTO_TCP, TCP_KEEPINTVL, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, 1},
    {SOL_SOCKET, SO_KEEPALIVE, 1},
};

static int stop(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(int fd)
{
    char byte;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int n = poll(&ready, 1, PATIENCE_MS);
    if (n < 0)
        stop("poll");
    if (n == 0)
        puts("nobody tells me anything");
    else if (recv(fd, &byte, 1, 0) < 0)
        perror("the connection has ended");
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        return 2;
    server.sin_port = htons((in_port_t)atoi(argv[2]));
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
            stop("connect");
        for (size_t k = 0; k < sizeof options / sizeof options[0]; k++)
            if (setsockopt(fd, options[k].level, options[k].name, &options[k].value,
                           sizeof options[k].value) != 0)
                stop("setsockopt");
        if (send(fd, "hello\r\n", 7, 0) != 7)
            stop("send");
        watch(fd);
        close(fd);
    }
    return 0;
}
