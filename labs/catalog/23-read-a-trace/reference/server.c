/* server PORT: take two connections, and say "ok" to each line that comes. EAGAIN is not the end:
 * only who is silent for ten seconds is hung up on. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNECTIONS = 2, ROUNDS = 20 };

static int stop(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_at(const char *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 8) != 0)
        stop(port);
    return fd;
}

/* Read what comes, with a look at the clock every half second. */
static ssize_t read_patiently(int fd, char *bytes, size_t room)
{
    for (int silent = 0; silent < ROUNDS; silent++) {
        ssize_t n = recv(fd, bytes, room, 0);
        if (n >= 0 || errno != EAGAIN)
            return n;
    }
    return -1;
}

static void serve(int fd)
{
    char bytes[512];
    struct timeval half_a_second = {0, 500000};
    ssize_t n;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &half_a_second, sizeof half_a_second) != 0)
        stop("setsockopt");
    while ((n = read_patiently(fd, bytes, sizeof bytes)) > 0) {
        char *end = bytes + n;
        for (char *s = bytes; (s = memchr(s, '\n', (size_t)(end - s))); s++)
            if (send(fd, "ok\n", 3, MSG_NOSIGNAL) < 0)
                stop("send");
    }
    if (n < 0)
        perror("recv");
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int listening = listen_at(argv[1]);
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            stop("accept");
        serve(fd);
    }
    close(listening);
    return 0;
}
