/* client ADDRESS PORT WORD...: send three lines, end our direction, and read them back sorted. */
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

/* The words that we are given, each a line. */
static void make_lines(char *const *words, char *lines, size_t room)
{
    for (size_t n = 0; *words && n < room; words++)
        n += (size_t)snprintf(lines + n, room - n, "%s\n", *words);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: client ADDRESS PORT WORD...\n");
        return 2;
    }
    char lines[256];
    make_lines(argv + 3, lines, sizeof lines);
    int fd = connected(argv[1], argv[2]);

    if (send(fd, lines, strlen(lines), 0) < 0)
        fail("send");

    /* EXERCISE: the server answers when it knows that no line follows. Tell it so, and still read.
     */

    char sorted[256];
    ssize_t n;
    while ((n = recv(fd, sorted, sizeof sorted, 0)) > 0) /* 0: the server has ended, too */
        printf("%.*s", (int)n, sorted);
    if (n < 0)
        fail("recv");
    close(fd);
    return 0;
}
