/* client ADDRESS PORT: the same connection, opened by names rather than by numbers. */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Try each address that the name stands for; the socket, or -1. */
static int open_connection(const char *host, const char *port)
{
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    int failure = getaddrinfo(host, port, &wanted, &found);
    if (failure != 0) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(failure));
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            perror("connect");
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = open_connection(argv[1], argv[2]);
    if (fd < 0)
        return 1;
    nanosleep(&(struct timespec){.tv_nsec = 300 * 1000 * 1000}, NULL);
    close(fd);
    return 0;
}
