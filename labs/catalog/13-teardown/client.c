/* client ADDRESS PORT: open a connection, say a word, close it; then do it all once more. */
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

static void open_and_close(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, "bye\n", 4, 0) < 0)
        fail("send");
    usleep(100 * 1000);
    close(fd); /* the kernel sends our FIN and goes on without us */
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));

    puts("first: the server takes its time to close, four segments");
    open_and_close(&server);
    sleep(2);
    puts("second: the server closes at once, three segments");
    open_and_close(&server);
    return 0;
}
