/* server PORT: three connections, closed in three ways: with data unread, with linger 0, and in
 * good order. */
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

static int take_next(int listening)
{
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    struct pollfd data = {.fd = fd, .events = POLLIN};
    if (poll(&data, 1, -1) < 0) /* until there is something to read; it is not read */
        fail("poll");
    return fd;
}

static void read_greeting(int fd)
{
    char line[64];
    if (recv(fd, line, sizeof line, 0) < 0)
        fail("recv");
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
    close(fd); /* 7 bytes have come, and nobody will read them */

    fd = take_next(listening);
    read_greeting(fd);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
        fail("setsockopt");
    close(fd); /* nothing is unread, and it is a reset all the same */

    fd = take_next(listening);
    read_greeting(fd);
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
        fail("setsockopt");
    close(fd); /* no FIN: a reset here too */

    close(listening);
    return 0;
}
