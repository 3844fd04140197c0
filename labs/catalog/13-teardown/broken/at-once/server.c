/* server PORT: two connections. The first is closed a while after the client closed it, the second
 * at once. */
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

static void serve_one(int listening, useconds_t wait_us)
{
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    char line[16];
    ssize_t n;
    while ((n = read(fd, line, sizeof line)) > 0) /* 0: the client's FIN is here */
        ;
    if (n < 0)
        fail("read");
    usleep(
        wait_us); /* a second: our kernel acknowledges the FIN alone. None: it takes ours along */
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
    serve_one(listening, 0);
    serve_one(listening, 0);
    close(listening);
    return 0;
}
