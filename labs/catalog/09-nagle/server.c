/* server PORT: answer each line with a welcome, and nothing before the line is complete. */
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

static int listening_at(const char *port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(port)),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

/* At the beginning of a connection Linux acknowledges everything at once. We want what it does
 * later, in a conversation: wait a moment, for the answer may carry the acknowledgement. */
static void delay_acks(int fd)
{
    int quick = 0;
    if (setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &quick, sizeof quick) != 0)
        fail("setsockopt");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    alarm(15); /* no client waits for us longer, nor we for a client */
    int listening = listening_at(argv[1]);
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    delay_acks(fd);

    char piece[256];
    for (ssize_t n; (n = recv(fd, piece, sizeof piece, 0)) > 0;) {
        static const char welcome[] = "Welcome, student!\n";
        if (piece[n - 1] != '\n')
            continue; /* there is more to come */
        if (send(fd, welcome, strlen(welcome), MSG_NOSIGNAL) < 0)
            fail("send");
        delay_acks(fd);
    }
    close(fd);
    close(listening);
    return 0;
}
