/* client ADDRESS PORT: two sockets of one program, two connections to one server. The kernel picks
 * the port of the first, the program that of the second. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OUR_PORT = 40002 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* The address and port of our own end, as the kernel has them. */
static void show(int fd, const char *when)
{
    struct sockaddr_in end;
    socklen_t size = sizeof end;
    char address[INET_ADDRSTRLEN];
    if (getsockname(fd, (struct sockaddr *)&end, &size) != 0)
        fail("getsockname");
    inet_ntop(AF_INET, &end.sin_addr, address, sizeof address);
    printf("socket %d %s: %s port %d\n", fd, when, address, ntohs(end.sin_port));
}

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

/* Without this the kernel picks a port. */
static void take_port(int fd, uint16_t port)
{
    int yes =
        1; /* so that the lab can be run again within a minute: the lab on TIME-WAIT says why */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        fail("setsockopt");
    /* EXERCISE: a struct sockaddr_in with any address of this host and this port, and bind(). */
    (void)port;
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int first = new_socket();
    show(first, "after socket()");
    if (connect(first, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    show(first, "after connect()");
    usleep(300 * 1000); /* the server fetches it meanwhile */

    int second = new_socket();
    take_port(second, OUR_PORT);
    show(second, "after bind()");
    /* EXERCISE: connect the second socket too, while the first is still open. */

    usleep(300 * 1000); /* two connections at once, for a while */
    close(first);
    close(second);
    return 0;
}
