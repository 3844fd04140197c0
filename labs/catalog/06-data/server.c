/* server PORT: take one connection, read what comes, answer with a welcome, wait for the end. */
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
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");

    char line[256];
    ssize_t n = recv(fd, line, sizeof line, 0);
    if (n < 0)
        fail("recv");
    printf("the client said %zd bytes\n", n);

    usleep(400 * 1000); /* longer than an acknowledgement is delayed: it goes out by itself */
    static const char welcome[] = "Welcome, student!\n"; /* 18 bytes: numbers 1 to 18 */
    if (send(fd, welcome, strlen(welcome), 0) < 0)
        fail("send");

    if (recv(fd, line, sizeof line, 0) < 0) /* 0: the client has closed */
        fail("recv");
    close(fd);
    close(listening);
    return 0;
}
