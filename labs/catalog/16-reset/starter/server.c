/* server PORT: three connections, closed in three ways. Each client sends 7 bytes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Take the next connection, and wait until there is something to read; it is not read. */
static int take_next(int listening)
{
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    struct pollfd data = {.fd = fd, .events = POLLIN};
    if (poll(&data, 1, -1) < 0)
        fail("poll");
    return fd;
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

    int fd = take_next(listening);
    /* EXERCISE: make the kernel reset this connection because bytes were left unread. */
    close(fd);

    fd = take_next(listening);
    /* EXERCISE: read all that has come, and have it reset all the same. */
    close(fd);

    fd = take_next(listening);
    /* EXERCISE: read all that has come, and close in good order: with a FIN. */
    close(fd);

    close(listening);
    return 0;
}
