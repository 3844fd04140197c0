/* client ADDRESS PORT: a port and a number, each once as they lie in memory and once in network
 * byte order; and a text, which has none. */
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

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

static void send_bytes(int fd, const void *bytes, size_t n)
{
    if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
        fail("send");
    usleep(200 * 1000); /* so that each is seen alone */
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    uint16_t port = (uint16_t)atoi(argv[2]);
    unsigned char bytes[sizeof port];
    memcpy(bytes, &port, sizeof port);
    printf("%d lies in memory as %02x %02x\n", port, bytes[0], bytes[1]);

    server.sin_port = port;
    int fd = new_socket();
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        fail("connect");
    uint32_t number = 9502, number_be = htonl(number);
    send_bytes(fd, &number, sizeof number); /* wrong: as it lies in memory */
    send_bytes(fd, &number_be, sizeof number_be);
    send_bytes(fd, "hello\r\n", 7);
    close(fd);
    return 0;
}
