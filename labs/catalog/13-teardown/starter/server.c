/* server PORT: two connections. The first is to be closed a while after the client closed it, the
 * second at once. */
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
    /* EXERCISE: read until the client has closed, then wait for `wait_us` microseconds (usleep()),
     * and only then close. */
    (void)wait_us;
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
    serve_one(listening, 1000 * 1000);
    serve_one(listening, 0);
    close(listening);
    return 0;
}
