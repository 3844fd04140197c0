/* client ADDRESS PORT: ask a slow server twice. One reader serves both: it makes of every recv()
 * one of three things, data, the end, or "not yet". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum outcome { DATA, END, NOT_YET };

static int stop(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static enum outcome read_some(int fd)
{
    char bytes[64];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0)
        return fwrite(bytes, 1, (size_t)n, stdout) == (size_t)n ? DATA : END;
    if (n < 0 && errno != EWOULDBLOCK && errno != EAGAIN)
        stop("read");
    return n == 0 ? END : NOT_YET;
}

static void wait_for(int fd, short what)
{
    struct pollfd p = {.fd = fd, .events = what};
    if (poll(&p, 1, -1) != 1)
        stop("poll");
}

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 ? fd : stop("socket");
}

static void patient(const struct sockaddr *to, socklen_t length)
{
    struct timeval wait = {0, 200000};
    int fd = new_socket();
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0)
        stop("setsockopt");
    if (connect(fd, to, length) != 0)
        stop("connect");
    if (write(fd, "hello\r\n", 7) != 7)
        stop("write");
    for (enum outcome o = DATA; o != END;)
        o = read_some(fd);
    close(fd);
}

static void never_waiting(const struct sockaddr *to, socklen_t length)
{
    int failed = 0, fd = new_socket();
    socklen_t size = sizeof failed;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        stop("fcntl");
    if (connect(fd, to, length) == 0 || errno != EINPROGRESS)
        stop("connect");
    wait_for(fd, POLLOUT);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || (errno = failed) != 0)
        stop("connect");
    if (write(fd, "hello\r\n", 7) != 7)
        stop("write");
    for (enum outcome o; (o = read_some(fd)) != END;)
        if (o == NOT_YET)
            wait_for(fd, POLLIN);
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        return 2;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    patient((struct sockaddr *)&server, sizeof server);
    never_waiting((struct sockaddr *)&server, sizeof server);
    return 0;
}
