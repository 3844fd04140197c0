/* client ADDRESS PORT: sockets within one host. The server is a process of its own, and so is its
 * client; the pairs are in one. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un name = {.sun_family = AF_UNIX};

static int stop(const char *what)
{
    perror(what);
    exit(1);
}

static void pair_of(int type, int reads)
{
    int ends[2];
    char text[16];
    if (socketpair(AF_UNIX, type, 0, ends) != 0)
        stop("socketpair");
    if (write(ends[1], "one", 3) != 3 || write(ends[1], "two", 3) != 3)
        stop("write");
    for (int i = 0; i < reads; i++)
        printf("%zd bytes\n", read(ends[0], text, sizeof text));
    close(ends[0]);
    close(ends[1]);
}

static int new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    return fd >= 0 ? fd : stop("socket");
}

/* Serve one connection, and end. */
static _Noreturn void serve(int listening)
{
    char text[16];
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        stop("accept");
    if (read(fd, text, sizeof text) < 0)
        stop("read");
    _exit(0); /* closes both */
}

static int dial(void)
{
    int fd = new_socket(AF_UNIX);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        printf("%s: %s\n", name.sun_path, strerror(errno));
    return fd;
}

static void named(void)
{
    char folder[] = "/tmp/lab-XXXXXX";
    if (!mkdtemp(folder))
        stop("mkdtemp");
    snprintf(name.sun_path, sizeof name.sun_path, "%s/s", folder);
    int listening = new_socket(AF_UNIX);
    if (bind(listening, (struct sockaddr *)&name, sizeof name) != 0)
        stop("bind");
    if (listen(listening, 1) != 0)
        stop("listen");
    pid_t child = fork();
    if (child < 0)
        stop("fork");
    if (child == 0)
        serve(listening);
    close(listening);

    int fd = dial();
    if (write(fd, "hello\r\n", 7) != 7)
        stop("write");
    if (waitpid(child, NULL, 0) < 0)
        stop("waitpid");
    if (write(fd, "more\r\n", 6) < 0)
        perror("write");
    close(fd);
    close(dial());
    if (unlink(name.sun_path) != 0)
        stop("unlink");
    close(dial());
    rmdir(folder);
}

int main(int argc, char **argv)
{
    struct sockaddr_in far = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &far.sin_addr) != 1)
        return 2;
    far.sin_port = htons((in_port_t)atoi(argv[2]));
    signal(SIGPIPE, SIG_IGN); /* what write() returns is enough */
    setvbuf(stdout, NULL, _IONBF, 0);

    pair_of(SOCK_STREAM, 1);
    pair_of(SOCK_DGRAM, 2);
    named();

    int fd = new_socket(AF_INET);
    if (connect(fd, (struct sockaddr *)&far, sizeof far) != 0)
        stop("connect");
    if (write(fd, "hello\r\n", 7) != 7)
        stop("write");
    char byte;
    if (read(fd, &byte, 1) < 0)
        stop("read");
    close(fd);
    return 0;
}
