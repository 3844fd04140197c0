/* server PORT: listen, and let a while go by before accept(): the handshake does not wait for it.
 */
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
    puts("listening; I shall call accept() a little later");

    usleep(450 * 1000);
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    puts("accept() gave me a connection that was open already");

    char byte;
    if (read(fd, &byte, 1) < 0) /* 0: the client has closed */
        fail("read");
    close(fd);
    close(listening);
    return 0;
}
