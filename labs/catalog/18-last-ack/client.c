/* client ADDRESS PORT: close a connection first; then open one, and close it, at the same time as
 * the other side, from port PORT+1 to port PORT+1. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

int main(int argc, char **argv)
{
    struct sockaddr_in other = {.sin_family = AF_INET}, own = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &other.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    in_port_t port = (in_port_t)atoi(argv[2]);

    int fd = open_socket();
    other.sin_port = htons(port);
    if (connect(fd, (struct sockaddr *)&other, sizeof other) != 0)
        fail("connect");
    if (send(fd, "bye\n", 4, 0) < 0)
        fail("send");
    usleep(500 * 1000);
    close(fd); /* first: we shall be in TIME-WAIT */

    usleep(800 * 1000); /* the other side takes longer, and the wire keeps our SYN for it */
    fd = open_socket();
    own.sin_port = other.sin_port = htons((in_port_t)(port + 1));
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
        fail("bind");
    if (connect(fd, (struct sockaddr *)&other, sizeof other) != 0)
        fail("connect");
    puts("connected, to a host on which nobody listens");
    close(fd); /* the other side does so too, before it can know: the wire keeps our FIN for it */
    return 0;
}
