/* client ADDRESS PORT: ask, read the answer to its end, close; with the C library's streams. */
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

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");

    FILE *stream = fdopen(fd, "r+");
    if (!stream)
        fail("fdopen");
    if (fputs("ping\n", stream) < 0 || fflush(stream) != 0)
        fail("the question");

    for (int c; (c = getc(stream)) != EOF;)
        putchar(c);
    if (ferror(stream))
        fail("the answer");

    fclose(stream);
    return 0;
}
