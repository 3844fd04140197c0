/* server PORT: read eleven records, 11,000 bytes, and say so. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

static int listening_at(const char *port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(port)),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

enum { TOTAL = 11 * 1000 };

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    alarm(25); /* no client waits for us longer, nor we for a client */
    int listening = listening_at(argv[1]);
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");

    char bytes[4096];
    ssize_t n, total = 0;
    while (total < TOTAL && (n = recv(fd, bytes, sizeof bytes, 0)) > 0)
        total += n;
    printf("%zd bytes have come, all in order\n", total);

    char answer[64];
    snprintf(answer, sizeof answer, "%zd bytes, thank you\n", total);
    if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
        fail("send");
    while (recv(fd, bytes, sizeof bytes, 0) > 0) /* until the client closes */
        ;
    close(fd);
    close(listening);
    return 0;
}
