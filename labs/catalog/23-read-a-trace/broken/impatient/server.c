/* server PORT: take two connections, and say "ok" to each line that comes. The first has an
 * impatient server, the second a patient one. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

static void serve_one(int listening, int patience_ms)
{
    struct timeval patience = {patience_ms / 1000, patience_ms % 1000 * 1000};
    int fd = accept(listening, NULL, NULL);
    char bytes[64];
    ssize_t n;
    if (fd < 0)
        fail("accept");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("setsockopt");
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i] == '\n' && send(fd, "ok\n", 3, MSG_NOSIGNAL) < 0)
                fail("send");
    if (n < 0)
        perror("recv"); /* we hang up, as after the end */
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
    if (listen(listening, 5) != 0)
        fail("listen");
    serve_one(listening, 400);
    serve_one(listening, 400);
    close(listening);
    return 0;
}
