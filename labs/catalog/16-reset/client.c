/* client ADDRESS PORT: three connections. Two are reset by the server; on the third we write after
 * the server has closed, until it kills us. */
#include <arpa/inet.h>
#include <errno.h>
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

/* Connect, and say hello: 7 bytes. */
static int open_and_greet(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, "hello\r\n", 7, 0) < 0)
        fail("send");
    return fd;
}

static void report(const char *call, ssize_t n)
{
    if (n < 0)
        printf("%s: %s\n", call, strerror(errno));
    else
        printf("%s = %zd\n", call, n);
    fflush(stdout); /* what is not printed when a signal kills us is lost */
}

static void wait_for(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    if (poll(&one, 1, 2000) < 0)
        fail("poll");
}

static void wait_for_an_answer(const struct sockaddr_in *server)
{
    char answer[64];
    int fd = open_and_greet(server);
    report("recv()", recv(fd, answer, sizeof answer, 0));
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    wait_for_an_answer(&server); /* the server closes without reading */
    wait_for_an_answer(&server); /* it reads, and closes with linger 0 */

    int fd = open_and_greet(&server); /* it reads, and closes in good order */
    wait_for(fd, POLLIN);             /* its FIN is here, but we do not look */
    report("send()", send(fd, "more\r\n", 6, 0));
    wait_for(fd, 0); /* POLLERR needs not be asked for: its RST is here */
    report("send() without a signal", send(fd, "more\r\n", 6, MSG_NOSIGNAL));
    report("send()", send(fd, "more\r\n", 6, 0)); /* SIGPIPE: this line is never printed */
    close(fd);
    return 0;
}
