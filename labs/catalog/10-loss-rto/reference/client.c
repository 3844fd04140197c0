/* client ADDRESS PORT: say hello once, and read the answer up to the end of its line. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connected(const char *address, const char *port)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &server.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no address\n", address);
        exit(2);
    }
    server.sin_port = htons((uint16_t)atoi(port));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = connected(argv[1], argv[2]);

    static const char hello[] = "hello\r\n";
    if (write(fd, hello, strlen(hello)) != (ssize_t)strlen(hello))
        fail("write");

    /* Every second a word to the user, and not one to the server: TCP is at it. */
    char answer[256];
    size_t got = 0;
    while (got < sizeof answer && (got == 0 || answer[got - 1] != '\n')) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        int ready = poll(&readable, 1, 1000);
        if (ready < 0)
            fail("poll");
        if (ready == 0) {
            puts("still waiting");
            continue;
        }
        ssize_t n = read(fd, answer + got, sizeof answer - got);
        if (n < 0)
            fail("read");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    printf("the server answered %zu bytes: %.*s", got, (int)got, answer);
    close(fd);
    return 0;
}
