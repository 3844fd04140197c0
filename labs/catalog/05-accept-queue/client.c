/* client ADDRESS PORT: three connections, one after the other, to a server in no hurry. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNECTIONS = 3 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* -1, and a word about it, where the server does not take us. */
static int open_connection(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    struct timeval patience = {.tv_sec = 2}; /* for a server that never answers */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) == 0)
        return fd;
    perror("connect");
    close(fd);
    return -1;
}

static void hear_welcome(int fd)
{
    char line[64];
    ssize_t n = recv(fd, line, sizeof line, 0);
    if (n < 0)
        perror("recv");
    else
        printf("socket %d: %.*s", fd, (int)n, line);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int fds[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = open_connection(&server);
        if (i == 0 && fds[i] >= 0 && send(fds[i], "hello\r\n", 7, MSG_NOSIGNAL) < 0)
            perror("send");
    }
    for (int i = 0; i < CONNECTIONS; i++)
        if (fds[i] >= 0)
            hear_welcome(fds[i]);
    for (int i = 0; i < CONNECTIONS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return 0;
}
