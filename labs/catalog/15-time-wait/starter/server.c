/* server PORT: two lives of a server at the same port. In each it serves one client, and closes
 * first. */
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

/* EXERCISE: the second life must not fail at bind(). */
static int listening_at(const char *port)
{
    struct sockaddr_in at = here(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

/* One client. EXERCISE: accept it, send it the 18 bytes of the welcome, and close before it does.
 */
static void serve_one(int listening)
{
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    close(fd);
    close(listening);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }

    for (int life = 1; life <= 2; life++) {
        printf("life %d\n", life);
        serve_one(listening_at(argv[1]));
        usleep(1000 * 1000); /* until its connection is in TIME-WAIT */
    }
    return 0;
}
