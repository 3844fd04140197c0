/* server PORT: read two numbers of four bytes, each in network byte order, and then a text. */
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

static void read_number(int fd)
{
    uint32_t number_be;
    ssize_t n = recv(fd, &number_be, sizeof number_be, MSG_WAITALL); /* all four bytes */
    if (n < 0)
        fail("recv");
    if (n == sizeof number_be)
        printf("the number is %u\n", ntohl(number_be));
}

static void read_text(int fd)
{
    char text[64];
    ssize_t n;
    while ((n = recv(fd, text, sizeof text, 0)) > 0) /* 0: the client has closed */
        printf("the text is %.*s", (int)n, text);
    if (n < 0)
        fail("recv");
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
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    read_number(fd);
    read_number(fd);
    read_text(fd);
    close(fd);
    close(listening);
    return 0;
}
