/* plain-echo: what a server of many connections is measured beside. One thread and epoll, whatever
 * comes goes back, and nothing is thought about: no connection has more than its descriptor. Prints
 * its port. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int epoll_fd;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
}

static int listen_anywhere(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&here, &length) != 0)
        fail("listen");
    printf("listening at port %d\n", ntohs(here.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    static char bytes[65536];
    struct epoll_event events[512];
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("RLIMIT_NOFILE");
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listening = listen_anywhere();
    watch(listening);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, 512, -1);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listening) {
                while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
                    watch(fd);
                continue;
            }
            ssize_t n = recv(fd, bytes, sizeof bytes, 0);
            if (n <= 0 || send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
                close(fd);
        }
    }
}
