/* client ADDRESS PORT: requests by UDP, each asked again when no answer comes in time. It waits by
 * poll(), and takes answers from the server alone. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 4, WAIT_MS = 700 };

static _Noreturn void stop(const char *what)
{
    perror(what);
    exit(1);
}

/* A socket for one address: only what comes from there is taken. */
static int connected(struct sockaddr_in to, in_port_t own_port)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(own_port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        stop("socket");
    return fd;
}

static void put(int fd, const char *text)
{
    if (send(fd, text, strlen(text), 0) < 0)
        stop("send");
}

static bool get(int fd)
{
    char answer[64];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, WAIT_MS) <= 0)
        return false;
    ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
    if (n < 0) {
        perror("recv");
        return false;
    }
    answer[n] = '\0';
    puts(answer);
    return true;
}

static void request(int fd, const char *text)
{
    for (int i = 0; i < TRIES; i++) {
        put(fd, text);
        if (get(fd))
            return;
    }
    fprintf(stderr, "no answer to %s\n", text);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        return 2;
    in_port_t port = (in_port_t)atoi(argv[2]);

    server.sin_port = htons(port);
    int fd = connected(server, 6001);
    request(fd, "first");
    request(fd, "second");
    put(fd, "one");
    put(fd, "two");
    for (int i = 0; i < 2; i++)
        if (!get(fd))
            break;
    request(fd, "Welcome, student!\n");
    put(fd, "");
    close(fd);

    server.sin_port = htons((in_port_t)(port + 2));
    fd = connected(server, 0);
    put(fd, "anyone?");
    get(fd);
    close(fd);
    return 0;
}
