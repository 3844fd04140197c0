/* server PORT: close a connection second. Then open one, and close it, at the same time as the
 * other side, from port PORT+1 to port PORT+1. */
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

static int open_socket(in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    return fd;
}

/* Serve one client, and tell where it was. */
static struct sockaddr_in close_second(in_port_t port)
{
    struct sockaddr_in client;
    socklen_t length = sizeof client;
    int listening = open_socket(port);
    if (listen(listening, 1) != 0)
        fail("listen");
    int fd = accept(listening, (struct sockaddr *)&client, &length);
    if (fd < 0)
        fail("accept");
    /* EXERCISE: the client says a word and closes. Close second. */
    close(fd);
    close(listening);
    return client;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    in_port_t port = (in_port_t)atoi(argv[1]);
    struct sockaddr_in other = close_second(port);
    other.sin_port = htons((in_port_t)(port + 1));
    printf("next: %s, port %d\n", inet_ntoa(other.sin_addr), port + 1);

    usleep(1300 * 1000);
    /* By now the client has called connect(), and the wire keeps its SYN until yours is sent.
     * EXERCISE: from port PORT+1 connect to port PORT+1 of the host that `other` names. 300 ms
     * after that close, whatever it does. */
    return 0;
}
