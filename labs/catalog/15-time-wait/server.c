/* server PORT: serve a client, close first, end; then start anew at the same port, as a server
 * would that somebody has stopped and started again. */
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

static struct sockaddr_in here(const char *port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(port)),
    };
}

/* One client: a welcome, and we close first. */
static void serve_one(int listening)
{
    static const char welcome[] = "Welcome, student!\n";
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    if (send(fd, welcome, strlen(welcome), MSG_NOSIGNAL) < 0)
        fail("send");
    close(fd);
    close(listening);
}

/* A socket that is bound to the port, or -1. */
static int bound_at(const char *port, int reuse)
{
    struct sockaddr_in at = here(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (reuse && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) != 0)
        fail("setsockopt");
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    perror("bind");
    close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }

    puts("the server starts");
    int listening = bound_at(argv[1], 1);
    if (listening < 0 || listen(listening, 5) != 0)
        fail("listen");
    serve_one(listening);
    usleep(1000 * 1000);

    puts("the server starts again, without SO_REUSEADDR");
    listening = bound_at(argv[1], 0);
    if (listening < 0) {
        usleep(300 * 1000);
        puts("and again, with SO_REUSEADDR");
        listening = bound_at(argv[1], 1);
    }
    if (listening < 0 || listen(listening, 5) != 0)
        fail("listen");
    serve_one(listening);
    return 0;
}
