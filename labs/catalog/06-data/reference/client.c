/* client ADDRESS PORT: say hello, read the answer up to the end of its line, close. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Two pieces in one call: they leave as one segment. */
static void say_hello(int fd)
{
    char word[] = "hello", end[] = "\r\n";
    struct iovec pieces[] = {{word, strlen(word)}, {end, strlen(end)}};
    if (writev(fd, pieces, 2) != 7)
        fail("writev");
}

/* Up to the newline, in however many pieces it comes. */
static size_t read_line(int fd, char *line, size_t most)
{
    size_t n = 0;
    while (n < most && !memchr(line, '\n', n)) {
        ssize_t got = read(fd, line + n, most - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail("read");
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return n;
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

    char line[256];
    say_hello(fd);
    size_t n = read_line(fd, line, sizeof line);
    printf("%zu bytes came: %.*s", n, (int)n, line);
    usleep(100 * 1000);
    close(fd);
    return 0;
}
