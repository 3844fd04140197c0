/* server PORT: three connections. The first is kept for a while in silence. On the second nothing
 * comes through any more. The third is thrown away, as if this host had lost its memory. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Take the next connection, and its greeting. */
static int take_next(int listening)
{
    char line[64];
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    if (recv(fd, line, sizeof line, 0) < 0)
        fail("recv");
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
    usleep(1500 * 1000); /* silent, but there */
    close(fd);

    fd = take_next(listening);
    struct timeval patience = {.tv_sec = 4};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    char byte;
    if (recv(fd, &byte, 1, 0) < 0)
        perror("recv");
    close(fd);

    fd = take_next(listening);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0)
        fail("setsockopt");
    close(fd); /* a reset, which the wire loses: the client believes that we are still here */

    close(listening);
    return 0;
}
