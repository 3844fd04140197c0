/* server PORT: the two connections by poll(): what is waited for is said, and how long. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_at(uint16_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 1) != 0)
        fail("listen");
    return fd;
}

static void read_to_end(int fd)
{
    char bytes[64];
    ssize_t n = 1;
    while (n > 0) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (poll(&readable, 1, -1) < 0 || (n = recv(fd, bytes, sizeof bytes, 0)) < 0)
            fail("recv");
    }
}

int main(int argc, char **argv)
{
    static const int patience_ms[] = {1000, 0};
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    int listening = listen_at((uint16_t)atoi(argv[1]));
    for (int i = 0; i < 2; i++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        read_to_end(fd);
        if (patience_ms[i] > 0)
            poll(NULL, 0, patience_ms[i]);
        close(fd);
    }
    close(listening);
    return 0;
}
