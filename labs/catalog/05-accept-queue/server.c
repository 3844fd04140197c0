/* server PORT: room for few in the queue, and accept() comes late. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 3 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void wait_for_end(int fd)
{
    char line[64];
    while (recv(fd, line, sizeof line, 0) > 0) /* 0: the client has closed */
        ;
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
        .sin_port = htons((uint16_t)atoi(argv[1])),
    };

    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0)
        fail("socket");
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 1) != 0) /* 1: the backlog */
        fail("listen");
    struct pollfd first = {.fd = listening, .events = POLLIN};
    if (poll(&first, 1, -1) < 0)
        fail("poll");
    usleep(600 * 1000); /* the first client is there, and two more are quicker */

    int fds[CONNECTIONS];
    static const char welcome[] = "Welcome, student!\n";
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = accept(listening, NULL, NULL);
        if (fds[i] < 0)
            fail("accept");
        if (send(fds[i], welcome, strlen(welcome), MSG_NOSIGNAL) < 0)
            fail("send");
    }
    for (int i = 0; i < CONNECTIONS; i++)
        wait_for_end(fds[i]);
    close(listening);
    return 0;
}
