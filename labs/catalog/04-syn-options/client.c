/* client ADDRESS PORT: connect, send 2,000 bytes, close. What the SYN offers is the kernel's
 * affair. */
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

    char letters[2000];
    memset(letters, 'x', sizeof letters);
    if (send(fd, letters, sizeof letters, MSG_NOSIGNAL) < 0)
        fail("send");
    usleep(300 * 1000); /* until all is acknowledged: the end is to be seen apart */
    close(fd);
    return 0;
}
