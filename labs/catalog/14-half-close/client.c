/* client ADDRESS PORT: send three lines, end our direction, and read them back sorted. */
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

static const char lines[] = "pear\napple\nfig\n"; /* 15 bytes */

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = connected(argv[1], argv[2]);

    if (send(fd, lines, strlen(lines), 0) < 0)
        fail("send");
    usleep(200 * 1000);             /* so that the end is seen to come alone */
    if (shutdown(fd, SHUT_WR) != 0) /* we send no more; we still read */
        fail("shutdown");

    char sorted[256];
    ssize_t n;
    while ((n = recv(fd, sorted, sizeof sorted, 0)) > 0) /* 0: the server has ended, too */
        printf("%.*s", (int)n, sorted);
    if (n < 0)
        fail("recv");
    close(fd);
    return 0;
}
