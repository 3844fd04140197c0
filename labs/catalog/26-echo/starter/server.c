/* server PORT: send each line back as it came, to one client after the other. The line "stop" is
 * not sent back: it ends the connection and the server. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST = 1024 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static bool say(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t taken = send(fd, bytes, n, MSG_NOSIGNAL);
        if (taken < 0) {
            perror("send"); /* a client that went away is no reason to end */
            return false;
        }
        bytes += taken;
        n -= (size_t)taken;
    }
    return true;
}

/* One client, until it closes or says "stop": whether it said so.
 * EXERCISE: this takes whatever recv() returns for a line. Collect the bytes until a line is whole,
 * send back the whole lines, and keep the rest for the next recv(). */
static bool serve(int fd)
{
    char bytes[LINE_MOST];
    for (;;) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);
        if (got < 0)
            perror("recv");
        if (got <= 0) /* 0: the client has closed */
            return false;
        if (got == 5 && memcmp(bytes, "stop\n", 5) == 0)
            return true;
        if (!say(fd, bytes, (size_t)got))
            return false;
    }
}

static int listen_at(in_port_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons(port),
    };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    /* The server closes first when it is told to stop, and its end is in TIME-WAIT then. With this
     * it can be started again all the same. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        fail("setsockopt");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    int listening = listen_at((in_port_t)atoi(argv[1]));
    for (bool stopped = false; !stopped;) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        stopped = serve(fd);
        close(fd);
    }
    close(listening);
    return 0;
}
