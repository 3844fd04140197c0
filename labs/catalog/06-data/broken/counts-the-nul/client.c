/* client ADDRESS PORT: say hello, read the answer, close. */
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

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");

    static const char hello[] = "hello\r\n"; /* 7 bytes, and the NUL behind them */
    if (send(fd, hello, sizeof hello, 0) < 0)
        fail("send");

    /* send() returned at once: the bytes are the kernel's now. The answer takes a round trip. */
    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("the server answered %zd bytes: %.*s", n, (int)n, answer);

    usleep(200 * 1000); /* time for the last acknowledgement, which is delayed, to be seen alone */
    close(fd);
    return 0;
}
