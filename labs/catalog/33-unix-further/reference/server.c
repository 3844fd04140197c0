/* server PORT: two processes serve two clients. The doorman accepts, and hands each connection to
 * the worker, through a pair of Unix sockets. The worker answers, and reports by a Unix datagram to
 * a name. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 2 };

/* Room for one descriptor beside a message, aligned as the kernel wants it. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* A name that begins with a zero byte is Linux' own: no file, and gone with its socket. It is as
 * long as we say, for a zero does not end it. */
static socklen_t length_of(const struct sockaddr_un *name)
{
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name->sun_path + 1));
}

/* ---- the pair ---------------------------------------------------------------------------- */

/* Hand fd over. A byte has to go with it: what stands beside a message needs a message. */
static void hand_over(int channel, int fd)
{
    union control control = {0};
    struct iovec byte = {.iov_base = "!", .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
        fail("sendmsg");
}

/* The next one, under a number of our own; -1 when no more will come. */
static int take_over(int channel)
{
    union control control = {0};
    char byte;
    struct iovec room = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &room,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
    if (n < 0)
        fail("recvmsg");
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
        return -1;
    int fd;
    memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

/* ---- the worker -------------------------------------------------------------------------- */

static void report(const struct sockaddr_un *name, ssize_t bytes)
{
    char text[32];
    int n = snprintf(text, sizeof text, "served %zd", bytes);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0); /* without a name: nobody can answer */
    if (fd < 0)
        fail("socket");
    if (sendto(fd, text, (size_t)n, 0, (const struct sockaddr *)name, length_of(name)) < 0)
        perror("sendto");
    close(fd);
}

static _Noreturn void work(int channel, const struct sockaddr_un *name)
{
    char line[64];
    for (int fd; (fd = take_over(channel)) >= 0;) {
        usleep(600 * 1000); /* so that it can be seen that nothing happens meanwhile */
        ssize_t n = recv(fd, line, sizeof line, 0);
        if (n < 0 || send(fd, "Welcome, student!\n", 18, MSG_NOSIGNAL) < 0)
            perror("worker");
        close(fd); /* the last copy: now the connection ends */
        report(name, n);
    }
    _exit(0);
}

/* ---- the doorman ------------------------------------------------------------------------- */

/* A datagram socket that can be found under this name. */
static int listen_for_reports(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (const struct sockaddr *)name, length_of(name)) != 0)
        fail("bind");
    return fd;
}

static int listen_at(in_port_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons(port),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

static void open_the_door(int listening, int channel)
{
    for (int i = 0; i < CLIENTS; i++) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0)
            fail("accept");
        hand_over(channel, fd);
        close(fd); /* our copy; the worker has one */
    }
}

static void read_reports(int fd)
{
    char text[64];
    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n = recvfrom(fd, text, sizeof text, 0, NULL, NULL);
        if (n < 0)
            fail("recvfrom");
        printf("%.*s\n", (int)n, text);
    }
}

static void serve(in_port_t port, const struct sockaddr_un *name)
{
    int channel[2], reports = listen_for_reports(name);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) != 0)
        fail("socketpair");
    pid_t worker = fork();
    if (worker < 0)
        fail("fork");
    if (worker == 0) {
        close(channel[0]);
        close(reports);
        work(channel[1], name);
    }
    close(channel[1]);
    int listening = listen_at(port);
    open_the_door(listening, channel[0]);
    close(channel[0]); /* the worker's recvmsg() returns 0 then */
    read_reports(reports);
    if (waitpid(worker, NULL, 0) < 0)
        fail("waitpid");
    close(reports);
    close(listening);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "reports of %d", (int)getpid());
    serve((in_port_t)atoi(argv[1]), &name);
    return 0;
}
