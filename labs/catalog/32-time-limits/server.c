/* server PORT: answer questions, one client after the other: "one" and "two" after 600 ms, all at
 * once; "three" byte by byte, one every 100 ms. Who leaves meanwhile is not answered. It ends when
 * nobody has come for two seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
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

/* False where the client leaves before the time is over: it has said all, so whatever comes is its
 * end. */
static bool think(int fd, int ms)
{
    struct pollfd leaves = {.fd = fd, .events = POLLIN};
    int n = poll(&leaves, 1, ms);
    if (n < 0)
        fail("poll");
    return n == 0;
}

static void answer(int fd, size_t piece, int each_ms)
{
    static const char text[] = "Welcome, student!\n";
    for (size_t sent = 0; sent < strlen(text) && think(fd, each_ms);) {
        ssize_t n = send(fd, text + sent, piece, MSG_NOSIGNAL);
        if (n < 0) {
            perror("send"); /* a client that went away is no reason to end */
            return;
        }
        sent += (size_t)n;
    }
}

static void serve(int fd)
{
    char question[64];
    ssize_t n = recv(fd, question, sizeof question, 0);
    if (n < 0)
        perror("recv");
    else if (n >= 5 && memcmp(question, "three", 5) == 0)
        answer(fd, 1, 100);
    else if (n > 0)
        answer(fd, 18, 600);
    close(fd);
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
        .sin_port = htons((in_port_t)atoi(argv[1])),
    };
    struct timeval patience = {.tv_sec = 2};
    int fd, listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0)
        fail("socket");
    if (setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");
    while ((fd = accept(listening, NULL, NULL)) >= 0) /* the limit is accept()'s, too */
        serve(fd);
    if (errno != EAGAIN)
        fail("accept");
    close(listening);
    return 0;
}
