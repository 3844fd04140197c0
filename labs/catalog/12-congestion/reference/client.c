/* client ADDRESS PORT: send 14,000 bytes in segments of 200, as fast as the kernel lets us. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEGMENT = 200, TOTAL = 70 * SEGMENT };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Small segments, so that the picture has room: an end may ask for that before it connects. */
static int connected(const char *address, const char *port)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &server.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no address\n", address);
        exit(2);
    }
    server.sin_port = htons((uint16_t)atoi(port));
    int fd = socket(AF_INET, SOCK_STREAM, 0), segment = SEGMENT;
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment) != 0)
        fail("setsockopt");
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

    static char bytes[TOTAL];
    memset(bytes, 'x', sizeof bytes);
    for (size_t sent = 0; sent < sizeof bytes;) {                 /* it may be less than all */
        ssize_t n = write(fd, bytes + sent, sizeof bytes - sent); /* as much as it takes */
        if (n < 0)
            fail("write");
        sent += (size_t)n;
    }

    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("the server says: %.*s", (int)n, answer);
    close(fd);
    return 0;
}
