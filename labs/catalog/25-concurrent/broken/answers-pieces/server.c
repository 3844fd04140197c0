/* server -n CLIENTS PORT: answers each line with a line; after `bye` it closes. A process for each
 * client. When so many clients have come and gone, it ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
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

static int listen_at(in_port_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 16) != 0)
        fail("listen");
    return fd;
}

/* All of it with one client. */
static void converse(int fd, int number)
{
    char line[512], answer[600];
    int bye = 0;
    ssize_t got;
    while (!bye && (got = recv(fd, line, sizeof line - 1, 0)) > 0) { /* taken for a line */
        line[got] = '\0';
        bye = strstr(line, "bye") != NULL;
        line[strcspn(line, "\r\n")] = '\0';
        int n = snprintf(answer, sizeof answer, "%s, client %d%s%s\n", bye ? "Bye" : "Hello",
                         number, bye ? "" : ", you said: ", bye ? "" : line);
        if (send(fd, answer, (size_t)n, MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
}

static void serve(int listening, int fd, int number)
{
    pid_t pid = fork();
    if (pid < 0)
        perror("fork");
    if (pid == 0) {
        close(listening);
        converse(fd, number);
        _exit(0);
    }
    close(fd);
}

static void reap(int signal_number)
{
    int error = errno;
    (void)signal_number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = error;
}

int main(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "-n") != 0) {
        fprintf(stderr, "usage: server -n CLIENTS PORT\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
    int clients = atoi(argv[2]), listening = listen_at((in_port_t)atoi(argv[3]));
    for (int number = 1; number <= clients; number++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        serve(listening, fd, number);
    }
    close(listening);
    while (wait(NULL) > 0 || errno == EINTR) /* for those who still speak */
        ;
    return 0;
}
