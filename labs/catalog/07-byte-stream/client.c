/* client ADDRESS PORT: two connections. In the first, three messages with nothing between them; in
 * the second, each message behind its length, and the pieces cut in awkward places. */
#include <arpa/inet.h>
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

static int open_connection(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    struct timeval patience = {.tv_sec = 2}; /* for a server that never answers */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    return fd;
}

static void send_bytes(int fd, const char *bytes, size_t n)
{
    if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
        fail("send");
}

static void three_messages(const struct sockaddr_in *server)
{
    int fd = open_connection(server);
    send_bytes(fd, "hello\r\n", 7);
    send_bytes(fd, "how are you?\r\n", 14);
    send_bytes(fd, "bye\r\n", 5);
    usleep(600 * 1000); /* so that the end is seen apart from the text */
    close(fd);
    usleep(700 * 1000); /* the server reads meanwhile */
}

/* How many bytes came back, as many as are wanted at the most. */
static size_t hear(int fd, size_t wanted)
{
    char answer[64];
    size_t have = 0;
    ssize_t n = 1;
    while (have < wanted && n > 0) {
        n = recv(fd, answer, wanted - have, 0);
        have += n > 0 ? (size_t)n : 0;
    }
    return have;
}

/* Two bytes of length, the higher first, then as many bytes of text. Each message comes back,
 * turned round. */
static void framed_messages(const struct sockaddr_in *server)
{
    int fd = open_connection(server);
    send_bytes(fd, "\0\5hello\0\14how are you?", 21); /* two messages at once */
    size_t have = hear(fd, 21);
    send_bytes(fd, "\0", 1); /* half of a length */
    usleep(600 * 1000);
    send_bytes(fd, "\3b", 2);
    usleep(600 * 1000);
    send_bytes(fd, "ye", 2);
    have += hear(fd, 5);
    printf("%zu of 26 bytes came back\n", have);
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
    three_messages(&server);
    framed_messages(&server);
    return 0;
}
