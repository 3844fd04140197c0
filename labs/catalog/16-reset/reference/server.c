/* server PORT: three connections, closed in three ways; the ways stand in a table. */
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

static int open_port(const char *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 1) != 0)
        fail(port);
    return fd;
}

/* The greeting is 7 bytes. With MSG_PEEK they are looked at, and stay where they are. */
static void see_greeting(int fd, int flags)
{
    char line[7];
    ssize_t n = recv(fd, line, sizeof line, MSG_WAITALL | flags);
    if (n < 0)
        fail("recv");
    printf("%zd bytes %s\n", n, flags == MSG_PEEK ? "left unread" : "read");
}

int main(int argc, char **argv)
{
    static const struct {
        int flags;
        struct linger linger;
    } ways[] = {
        {MSG_PEEK, {0, 0}},
        {0, {1, 0}},
        {0, {0, 0}},
    };
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    int listening = open_port(argv[1]);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        see_greeting(fd, ways[i].flags);
        if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &ways[i].linger, sizeof ways[i].linger) != 0)
            fail("setsockopt");
        close(fd);
    }
    close(listening);
    return 0;
}
