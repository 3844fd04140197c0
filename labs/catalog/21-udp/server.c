/* server PORT: answer each datagram with the number of bytes that were read of it, 6 at the most.
 * An empty one is the end. */
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

/* How many bytes were read. */
static ssize_t answer_one(int fd)
{
    char text[6], answer[32];
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    ssize_t n = recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&from, &from_length);
    if (n < 0)
        fail("recvfrom");
    int length = snprintf(answer, sizeof answer, "got %zd", n);
    if (n > 0 && sendto(fd, answer, (size_t)length, 0, (struct sockaddr *)&from, from_length) < 0)
        fail("sendto");
    return n;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(argv[1])),
    };

    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    /* No listen(), no accept(): one socket hears everybody. */
    while (answer_one(fd) > 0)
        usleep(150 * 1000); /* slow: what comes meanwhile waits in the kernel */
    close(fd);
    return 0;
}
