/* client ADDRESS PORT: send eight records, and after a pause three more, a little apart. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

static int connected(const char *address, const char *port)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &server.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no address\n", address);
        exit(2);
    }
    server.sin_port = htons((uint16_t)atoi(port));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    return fd;
}

/* Each record is a thousand bytes: 999 times a letter, and an end of line. */
static void send_records(int fd, char letter, int count)
{
    for (int i = 0; i < count; i++) {
        char record[1000];
        memset(record, letter + i, sizeof record);
        record[sizeof record - 1] = '\n';
        if (send(fd, record, sizeof record, 0) != (ssize_t)sizeof record)
            fail("send");
        usleep(600 * 1000); /* wrong: nothing follows a lost record soon enough to show the gap */
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    int fd = connected(argv[1], argv[2]);

    int on = 1; /* no waiting for company: each record is a segment of its own */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        fail("setsockopt");

    send_records(fd, 'a', 8);
    usleep(1500 * 1000); /* until all of it has long been acknowledged */
    send_records(fd, 'i', 3);

    char answer[256];
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("the server says: %.*s", (int)n, answer);
    close(fd);
    return 0;
}
