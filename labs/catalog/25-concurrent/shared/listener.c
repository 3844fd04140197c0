#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listening_socket(in_port_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY), .sin_port = htons(port)};
    socklen_t length = sizeof here;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    /* Connections of an earlier server may still be in TIME-WAIT. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        fail("SO_REUSEADDR");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, SOMAXCONN) != 0)
        fail("listen");
    if (getsockname(fd, (struct sockaddr *)&here, &length) != 0)
        fail("getsockname");
    printf("listening at port %d\n", ntohs(here.sin_port));
    fflush(stdout); /* before any fork(): what is in the buffer would be printed twice */
    return fd;
}

struct listener listener_open(int argc, char **argv)
{
    struct listener l = {.fd = -1};
    int option;
    while ((option = getopt(argc, argv, "n:")) == 'n')
        l.clients = (unsigned)strtoul(optarg, NULL, 10);
    if (option != -1 || argc - optind > 1) {
        fprintf(stderr, "usage: %s [-n CLIENTS] [PORT]\n", argv[0]);
        exit(2);
    }
    l.fd = listening_socket(argc > optind ? (in_port_t)atoi(argv[optind]) : 8000);
    return l;
}

int listener_accept(const struct listener *l)
{
    int fd = accept(l->fd, NULL, NULL);
    if (fd >= 0)
        return fd;
    switch (errno) {
    case EMFILE: /* no descriptor is free, or no memory: whoever is served now will leave some day.
                  */
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        usleep(10000); /* the connection waits in the queue meanwhile */
        return -1;
    case EINTR:
    case EAGAIN:
    case ECONNABORTED: /* it was reset before anyone took it */ return -1;
    default: fail("accept");
    }
}
