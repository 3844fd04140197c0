/* A client and a server for the tests.
 *
 *   many-connections client ADDRESS PORT PROCESSES EACH   connections, one after the other in each
 *   many-connections server PORT CONNECTIONS              takes so many, echoes one message each
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in endpoint(const char *address, const char *port)
{
    struct sockaddr_in e = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &e.sin_addr) != 1)
        fail("address");
    return e;
}

static void talk(const struct sockaddr_in *server)
{
    char answer[16];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    if (send(fd, "ping", 4, 0) != 4 || recv(fd, answer, sizeof answer, 0) != 4)
        fail("talk");
    close(fd);
}

static int client(const char *address, const char *port, int processes, int each)
{
    struct sockaddr_in server = endpoint(address, port);
    for (int i = 0; i < processes; i++) {
        pid_t pid = fork();
        if (pid < 0)
            fail("fork");
        if (pid == 0) {
            for (int k = 0; k < each; k++)
                talk(&server);
            _exit(0);
        }
    }
    int status, failed = 0;
    while (wait(&status) > 0)
        failed += status != 0;
    return failed != 0;
}

static int server(const char *port, int connections)
{
    struct sockaddr_in here = endpoint("0.0.0.0", port);
    int one = 1;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0 || setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(listening, (struct sockaddr *)&here, sizeof here) != 0 || listen(listening, 128) != 0)
        fail("listen");
    for (int i = 0; i < connections; i++) {
        char message[16];
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        ssize_t n = recv(fd, message, sizeof message, 0);
        if (n > 0 && send(fd, message, (size_t)n, 0) != n)
            fail("send");
        close(fd);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "client") == 0)
        return client(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    if (argc == 4 && strcmp(argv[1], "server") == 0)
        return server(argv[2], atoi(argv[3]));
    fprintf(stderr, "usage: many-connections client ADDRESS PORT PROCESSES EACH | server PORT N\n");
    return 2;
}
