/* server -n CLIENTS PORT: answers each line with a line; after `bye` it closes. When so many
 * clients have come and gone, it ends. */
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

static int listen_at(in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 16) != 0)
        fail("listen");
    return fd;
}

/* All of it with one client. fgets() calls read() until a line is whole. */
static void converse(int fd, int number)
{
    char line[512], answer[600];
    int bye = 0;
    FILE *in = fdopen(fd, "r");
    while (in && !bye && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\r\n")] = '\0';
        bye = strcmp(line, "bye") == 0;
        int n = snprintf(answer, sizeof answer, "%s, client %d%s%s\n", bye ? "Bye" : "Hello",
                         number, bye ? "" : ", you said: ", bye ? "" : line);
        if (send(fd, answer, (size_t)n, MSG_NOSIGNAL) < 0)
            break;
    }
    if (in)
        fclose(in); /* and with it the socket */
}

static void serve(int listening, int fd, int number)
{
    /* EXERCISE: while this client is spoken with, nobody is in accept(), and nobody hears the
     * others. Give it a process, or a thread, of its own. Who has which descriptor then, and who
     * closes it? And who asks how a child has ended? */
    (void)listening;
    converse(fd, number);
}

int main(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "-n") != 0) {
        fprintf(stderr, "usage: server -n CLIENTS PORT\n");
        return 2;
    }
    int clients = atoi(argv[2]), listening = listen_at((in_port_t)atoi(argv[3]));
    for (int number = 1; number <= clients; number++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        serve(listening, fd, number);
    }
    close(listening);
    return 0;
}
