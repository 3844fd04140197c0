/* client ADDRESS PORT: as the lesson's, but the bytes are put in order by hand. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int check(int result, const char *what)
{
    if (result >= 0)
        return result;
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
    int port = atoi(argv[2]);
    unsigned char port_bytes[2] = {(unsigned char)(port >> 8), (unsigned char)port};
    memcpy(&server.sin_port, port_bytes, sizeof port_bytes);

    int fd = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(fd, (struct sockaddr *)&server, sizeof server), "connect");

    uint32_t number = 9502;
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> (24 - 8 * i)); /* the highest first */
    check((int)write(fd, &number, sizeof number), "write");
    check((int)write(fd, bytes, sizeof bytes), "write");
    check((int)write(fd, "hello\r\n", 7), "write");
    close(fd);
    return 0;
}
