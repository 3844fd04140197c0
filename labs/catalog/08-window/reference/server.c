/* server PORT: as the lesson's, with an address from getaddrinfo() and a larger piece at a time. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
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
    struct addrinfo *found;
    struct addrinfo wish = {
        .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (argc != 2 || getaddrinfo(NULL, argv[1], &wish, &found) != 0) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    int listening = check(socket(found->ai_family, found->ai_socktype, 0), "socket");
    check(bind(listening, found->ai_addr, found->ai_addrlen), "bind");
    freeaddrinfo(found);
    int room = 8192; /* still before the first SYN can be answered */
    check(setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), "setsockopt");
    check(listen(listening, 1), "listen");

    int fd = check(accept(listening, NULL, NULL), "accept");
    sleep(4);
    static char text[16384];
    ssize_t n;
    do
        n = check((int)read(fd, text, sizeof text), "read");
    while (n > 0);
    close(fd);
    close(listening);
    return 0;
}
