/* server PORT: one socket that listens, and one more for each of two connections. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int next_connection(int listening)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    char address[INET_ADDRSTRLEN];
    int fd = accept(listening, (struct sockaddr *)&peer, &size);
    if (fd < 0)
        fail("accept");
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    printf("socket %d is connected to %s port %d\n", fd, address, ntohs(peer.sin_port));
    return fd;
}

static void wait_for_end(int fd)
{
    char byte;
    while (read(fd, &byte, 1) > 0) /* 0: the client has closed */
        ;
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(argv[1])),
    };

    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0)
        fail("socket");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");

    int first = next_connection(listening);
    int second = next_connection(listening);
    wait_for_end(first);
    wait_for_end(second);
    close(listening);
    return 0;
}
