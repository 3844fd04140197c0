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

static bool is_stop(const char *line, size_t n)
{
    return (n == 5 && memcmp(line, "stop\n", 5) == 0) ||
           (n == 6 && memcmp(line, "stop\r\n", 6) == 0);
}

/* One client, until it closes or says "stop": whether it said so. What recv() returns may end in
 * the middle of a line, and of a character; or hold more than a line. Only whole lines are looked
 * at. */
static bool serve(int fd)
{
    char bytes[LINE_MOST], piece[LINE_MOST];
    size_t n = 0;
    for (;;) {
        ssize_t got = recv(fd, bytes + n, sizeof bytes - n, 0);
        if (got < 0)
            perror("recv");
        if (got <= 0) /* 0: the client has closed. No room for more: its line is too long */
            return false;
        memcpy(piece, bytes + n, (size_t)got);
        n += (size_t)got;
        for (char *end; (end = memchr(bytes, '\n', n));) {
            size_t length = (size_t)(end + 1 - bytes);
            if (is_stop(bytes, length))
                return true;
            fwrite(bytes, 1, length, stdout);
            n -= length;
            memmove(bytes, end + 1, n);
        }
        if (!say(fd, piece, (size_t)got))
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
