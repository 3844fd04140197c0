/* client ADDRESS PORT: read what the server says up to its end, and close. A while later, again. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

static void visit(const struct sockaddr_in *server)
{
    char words[256];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    while ((n = recv(fd, words, sizeof words, 0)) > 0) /* 0: the server has closed */
        printf("%.*s", (int)n, words);
    usleep(200 * 1000);
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

    alarm(15); /* a server that never ends is not waited for */
    visit(&server);
    sleep(2); /* the server starts anew meanwhile */
    visit(&server);
    return 0;
}
