/* client ADDRESS PORT BYTES: hand so many bytes to the kernel in one send(), and see when it comes
 * back. */
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

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    static char letters[65536];
    size_t count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (count == 0 || count > sizeof letters ||
        inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT BYTES\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    int room = 8192; /* a small send buffer: what finds no room in it stays with send() */
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) != 0)
        fail("setsockopt");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");

    memset(letters, 'x', count);
    ssize_t n = send(fd, letters, count, 0);
    if (n < 0)
        fail("send");
    printf("send() took %zd bytes\n", n);

    close(fd);
    return 0;
}
