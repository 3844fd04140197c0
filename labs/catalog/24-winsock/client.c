/* client ADDRESS PORT: a line of six bytes, one of thirteen, then more than the server will read in
 * its twenty rounds. In between somebody else tries to connect. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PROMPT = 22, REST = 110 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int tcp_socket(void)
{
    struct timeval patience = {.tv_sec = 3}; /* for a server that asks less often than it should */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("socket");
    return fd;
}

static void say(int fd, const char *bytes, size_t n)
{
    if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
        fail("send");
}

/* So many bytes, in whatever pieces they come. */
static void hear(int fd, size_t wanted)
{
    char text[512];
    while (wanted > 0) {
        ssize_t n = recv(fd, text, wanted < sizeof text ? wanted : sizeof text, 0);
        if (n <= 0)
            return;
        printf("%.*s", (int)n, text);
        wanted -= (size_t)n;
    }
    puts("");
}

static void somebody_else(const struct sockaddr_in *server)
{
    int fd = tcp_socket();
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        perror("somebody else: connect");
    else
        puts("somebody else: connected");
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
    int fd = tcp_socket();
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    hear(fd, strlen("welcome !!!\n"));
    say(fd, "hello\n", 6);
    hear(fd, PROMPT);
    somebody_else(&server);
    say(fd, "how are you?\n", 13);
    hear(fd, 3 * PROMPT);

    char rest[REST];
    memset(rest, '.', sizeof rest);
    say(fd, rest, sizeof rest);
    hear(fd, 16 * PROMPT);
    usleep(200 * 1000); /* the server has ended its direction; ours is open still */
    close(fd);
    return 0;
}
