/* client ADDRESS PORT: ask a slow server twice: once with a timeout on recv(), once without
 * blocking at all. The server answers after a second, with 18 bytes, and closes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_connection(const struct sockaddr_in *server, int type)
{
    int fd = socket(AF_INET, type, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    return fd;
}

static void talk(int fd)
{
    char answer[256];
    ssize_t n;
    if (send(fd, "hello\r\n", 7, 0) < 0)
        fail("send");
    while ((n = recv(fd, answer, sizeof answer, 0)) > 0) /* 0: the server has closed */
        printf("%zd bytes: %.*s", n, (int)n, answer);
    if (n < 0)
        fail("recv");
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

    /* EXERCISE: let recv() give up after 200 ms, and call it again until the answer is there. */
    talk(open_connection(&server, SOCK_STREAM));

    /* EXERCISE: with SOCK_STREAM | SOCK_NONBLOCK no call waits. Let poll() wait for the end of the
     * handshake, look at SO_ERROR, say hello, try recv() at once, and let poll() wait again. */
    talk(open_connection(&server, SOCK_STREAM));
    return 0;
}
