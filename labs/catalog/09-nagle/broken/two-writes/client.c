/* client ADDRESS PORT: say hello, then again, each line in two pieces; read the answers. */
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

/* A line that comes in two pieces, as where one function writes a request's head and another its
 * body. */
static void say(int fd, const char *head, const char *body)
{
    if (send(fd, head, strlen(head), 0) < 0)
        fail("send");
    if (send(fd, body, strlen(body), 0) < 0)
        fail("send");
}

static void hear(int fd)
{
    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("%.*s", (int)n, answer);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = connected(argv[1], argv[2]);
    usleep(500 * 1000); /* the server gets ready */

    say(fd, "hel", "lo\r\n");
    hear(fd);
    usleep(200 * 1000);
    say(fd, "aga", "in\r\n");
    hear(fd);
    usleep(200 * 1000);
    close(fd);
    return 0;
}
