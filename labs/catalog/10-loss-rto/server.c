/* server PORT: read a line, answer it a good while later, count what the client wrote in all. */
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

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    alarm(15); /* no client waits for us longer, nor we for a client */
    int listening = listening_at(argv[1]);
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");

    char line[256];
    ssize_t n = recv(fd, line, sizeof line, 0), total = n;
    if (n < 0)
        fail("recv");
    printf("%zd bytes have come\n", n);

    usleep(1800 * 1000); /* an answer would acknowledge, too: first let the kernel do it alone */
    static const char welcome[] = "Welcome, student!\n";
    if (send(fd, welcome, strlen(welcome), MSG_NOSIGNAL) < 0)
        fail("send");

    while ((n = recv(fd, line, sizeof line, 0)) > 0) /* 0: the client has closed */
        total += n;
    printf("the client wrote %zd bytes in all\n", total);
    close(fd);
    close(listening);
    return 0;
}
