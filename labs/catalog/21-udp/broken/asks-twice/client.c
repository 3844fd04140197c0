/* client ADDRESS PORT: datagrams from port 6001: two that are asked again when no answer comes, two
 * at once, a long one, an empty one; and one to a port where nobody is. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval patience = {.tv_sec = 1};
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    return fd;
}

static void say(int fd, const struct sockaddr_in *to, const char *text)
{
    if (sendto(fd, text, strlen(text), 0, (const struct sockaddr *)to, sizeof *to) < 0)
        fail("sendto");
}

/* Whether an answer came before our patience ended. */
static int hear(int fd)
{
    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        perror("recv");
    else
        printf("the answer: %.*s\n", (int)n, answer);
    return n >= 0;
}

/* A request, twice at once: one of them will arrive. */
static void ask(int fd, const struct sockaddr_in *to, const char *text)
{
    say(fd, to, text);
    say(fd, to, text);
    hear(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(6001)};
    int fd = open_socket();
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
        fail("bind");
    ask(fd, &server, "first");
    ask(fd, &server, "second"); /* the wire loses this one */
    say(fd, &server, "one");    /* two datagrams, one behind the other */
    say(fd, &server, "two");
    hear(fd);
    hear(fd);
    ask(fd, &server, "Welcome, student!\n"); /* 18 bytes */
    say(fd, &server, "");                    /* none: the server takes it for the end */
    close(fd);
    usleep(600 * 1000);

    server.sin_port = htons((uint16_t)(atoi(argv[2]) + 2)); /* nobody is there */
    fd = open_socket();
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    if (send(fd, "anyone?", 7, 0) < 0)
        fail("send");
    hear(fd);
    close(fd);
    return 0;
}
