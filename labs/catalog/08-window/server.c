/* server PORT: a small receive buffer, and a program that looks elsewhere before it reads. */
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
    int room = 8192; /* before listen(): the window is first announced in the SYN-ACK */
    if (setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) != 0)
        fail("setsockopt");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");

    puts("busy with something else: I do not read");
    sleep(4);

    char piece[4096];
    ssize_t n;
    long total = 0;
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0) /* 0: the client has closed */
        total += n;
    if (n < 0)
        fail("recv");
    printf("%ld bytes have come\n", total);
    close(fd);
    close(listening);
    return 0;
}
