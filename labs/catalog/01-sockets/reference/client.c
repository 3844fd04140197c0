/* client ADDRESS PORT: as the lesson's, with the addresses from getaddrinfo(). */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int check(int result, const char *what)
{
    if (result >= 0)
        return result;
    perror(what);
    exit(1);
}

static struct addrinfo *find(const char *host, const char *port, int flags)
{
    struct addrinfo wish = {
        .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found;
    int error = getaddrinfo(host, port, &wish, &found);
    if (error == 0)
        return found;
    fprintf(stderr, "%s port %s: %s\n", host ? host : "any address", port, gai_strerror(error));
    exit(1);
}

/* A connection to `there`, from `here` or, where that is NULL, from what the kernel picks. */
static int open_connection(const struct addrinfo *there, const struct addrinfo *here)
{
    int yes = 1, fd = check(socket(there->ai_family, there->ai_socktype, 0), "socket");
    check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), "setsockopt");
    if (here)
        check(bind(fd, here->ai_addr, here->ai_addrlen), "bind");
    check(connect(fd, there->ai_addr, there->ai_addrlen), "connect");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    struct addrinfo *there = find(argv[1], argv[2], 0), *here = find(NULL, "40002", AI_PASSIVE);
    int first = open_connection(there, NULL), second = open_connection(there, here);
    freeaddrinfo(there);
    freeaddrinfo(here);
    usleep(100 * 1000);
    close(second);
    close(first);
    return 0;
}
