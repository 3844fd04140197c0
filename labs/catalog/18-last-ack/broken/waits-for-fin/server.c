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
    char line[16];
    struct sockaddr_in client;
    socklen_t length = sizeof client;
    int listening = open_socket(port);
    if (listen(listening, 1) != 0)
        fail("listen");
    int fd = accept(listening, (struct sockaddr *)&client, &length);
    if (fd < 0)
        fail("accept");
    while (recv(fd, line, sizeof line, 0) > 0) /* 0: its FIN is here */
        ;
    usleep(100 * 1000);
    close(fd); /* our kernel is in LAST-ACK until our FIN is acknowledged */
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

    usleep(1300 * 1000); /* the client's connect() is on its way by then */
    int fd = open_socket((in_port_t)(port + 1));
    other.sin_port = htons((in_port_t)(port + 1));
    if (connect(fd, (struct sockaddr *)&other, sizeof other) != 0)
        fail("connect");
    puts("connected, and I never called listen()");
    char byte;
    if (recv(fd, &byte, 1, 0) < 0) /* until the other side has closed */
        fail("recv");
    close(fd);
    return 0;
}
