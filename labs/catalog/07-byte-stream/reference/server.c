/* server PORT: as the lesson's, but whatever has come is gathered in a buffer, and messages are
 * taken from its front once they are whole. */
#include <netdb.h>
#include <poll.h>
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

static void read_pieces(int fd)
{
    char piece[6];
    struct pollfd end = {.fd = fd, .events = POLLRDHUP};
    check(poll(&end, 1, -1), "poll");
    while (check((int)recv(fd, piece, sizeof piece, 0), "recv") > 0)
        ;
}

/* The answer to the message at the front, and its size; 0: it is not whole yet. */
static size_t answer_first(int fd, const unsigned char *have, size_t n)
{
    if (n < 2 || n < 2 + (size_t)(have[0] << 8 | have[1]))
        return 0;
    size_t size = 2 + (size_t)(have[0] << 8 | have[1]);
    unsigned char out[2 + 65535] = {have[0], have[1]};
    for (size_t i = 2; i < size; i++)
        out[i] = have[size + 1 - i];
    check((int)send(fd, out, size, MSG_NOSIGNAL), "send");
    return size;
}

static void answer_messages(int fd)
{
    static unsigned char have[2 + 65535];
    size_t n = 0, size;
    int got;
    while ((got = check((int)recv(fd, have + n, sizeof have - n, 0), "recv")) > 0) {
        n += (size_t)got;
        while ((size = answer_first(fd, have, n)) > 0) {
            n -= size;
            memmove(have, have + size, n);
        }
    }
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
    check(listen(listening, 5), "listen");
    int fd = check(accept(listening, NULL, NULL), "accept");
    read_pieces(fd);
    close(fd);
    fd = check(accept(listening, NULL, NULL), "accept");
    answer_messages(fd);
    close(fd);
    close(listening);
    return 0;
}
