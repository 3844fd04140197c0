/* server PORT: two connections. The first is read six bytes at a time, whatever these may be. In
 * the second a message is two bytes of length and its text, and is answered with the text turned
 * round. */
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

static int next_connection(int listening)
{
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    return fd;
}

static void read_pieces(int fd)
{
    char piece[6];
    ssize_t n;
    int count = 0;
    struct pollfd end = {.fd = fd, .events = POLLRDHUP};
    if (poll(&end, 1, -1) < 0) /* the end is here, so all has come */
        fail("poll");
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
        count++;
    if (n < 0)
        fail("recv");
    printf("three messages, in %d pieces\n", count);
}

static void answer_messages(int fd)
{
    unsigned char in[2 + 65535], out[2 + 65535];
    ssize_t n;
    while ((n = recv(fd, in, sizeof in, 0)) >= 2) {
        size_t length = (size_t)(in[0] << 8 | in[1]); /* network byte order */
        out[0] = in[0];
        out[1] = in[1];
        for (size_t i = 0; i < length; i++)
            out[2 + i] = in[2 + length - 1 - i];
        if (send(fd, out, 2 + length, MSG_NOSIGNAL) < 0)
            fail("send");
        printf("a message of %zu bytes\n", length);
    }
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

    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0)
        fail("socket");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");

    int fd = next_connection(listening);
    read_pieces(fd);
    close(fd);
    fd = next_connection(listening);
    answer_messages(fd);
    close(fd);
    close(listening);
    return 0;
}
