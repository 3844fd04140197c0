/* server PORT: two connections: read what comes, think for a second, answer, close. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void serve_one(int listening)
{
    char line[256];
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    if (recv(fd, line, sizeof line, 0) < 0)
        fail("recv");
    sleep(1);
    if (send(fd, "Welcome, student!\n", 18, MSG_NOSIGNAL) < 0)
        perror("send"); /* a client that went away is no reason to end */
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
    serve_one(listening);
    serve_one(listening);
    close(listening);
    return 0;
}
