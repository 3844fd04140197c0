/* client ADDRESS PORT: say hello once, and wait for the answer as long as it takes. */
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

static int connected(const char *address, const char *port)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &server.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no address\n", address);
        exit(2);
    }
    server.sin_port = htons((uint16_t)atoi(port));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = connected(argv[1], argv[2]);

    static const char hello[] = "hello\r\n";
    if (send(fd, hello, strlen(hello), 0) < 0)
        fail("send");

    /* If the segment is lost the kernel sends it again. We have nothing to do but wait. */
    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("the server answered %zd bytes: %.*s", n, (int)n, answer);
    close(fd);
    return 0;
}
