/* server PORT: close a connection second; then open one, and close it, at the same time as the
 * client. All waiting goes by one clock, which starts when the client's FIN is here. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void stop(const char *what)
{
    perror(what);
    exit(1);
}

static void sleep_until(struct timespec from, long ms)
{
    from.tv_nsec += ms % 1000 * 1000000;
    from.tv_sec += ms / 1000 + from.tv_nsec / 1000000000;
    from.tv_nsec %= 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &from, NULL) == EINTR)
        ;
}

static int bound(in_port_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&any, sizeof any) != 0)
        stop("bind");
    return fd;
}

int main(int argc, char **argv)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    struct timespec its_fin;
    char byte;
    if (argc != 2)
        return 2;
    in_port_t port = (in_port_t)atoi(argv[1]);

    int listening = bound(port);
    if (listen(listening, 1) != 0)
        stop("listen");
    int fd = accept(listening, (struct sockaddr *)&peer, &length);
    if (fd < 0)
        stop("accept");
    while (read(fd, &byte, 1) == 1)
        ;
    clock_gettime(CLOCK_MONOTONIC, &its_fin);
    close(fd);
    close(listening);

    sleep_until(its_fin, 1300);
    fd = bound((in_port_t)(port + 1));
    peer.sin_port = htons((in_port_t)(port + 1));
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        stop("connect");
    usleep(300 * 1000);
    if (shutdown(fd, SHUT_WR) != 0)
        stop("shutdown");
    close(fd);
    return 0;
}
