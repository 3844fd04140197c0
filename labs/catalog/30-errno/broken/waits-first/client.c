/* client ADDRESS PORT: mistakes. Each is one that programs really make, and each has an errno of
 * its own. (Here they are made on purpose, and told; elsewhere look at every result.) */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int new_socket(int type)
{
    int fd = socket(AF_INET, type, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

/* What a call returned; if it failed, why. errno is read before anything else can change it. */
static void tell(const char *call, ssize_t result)
{
    printf("%s: %s\n", call, result < 0 ? strerror(errno) : "no error");
}

static void try_connect(int fd, const struct sockaddr_in *to)
{
    tell("connect", connect(fd, (const struct sockaddr *)to, sizeof *to));
}

/* ---- the descriptor ---------------------------------------------------------------------- */

/* Meant is (fd = socket(...)) < 0. But < comes before =, so fd is what the comparison says: 0, and
 * that is our standard input. Nobody knows the new socket's number. */
static void not_a_socket(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0) < 0;
    try_connect(fd, server);
}

/* socket() failed (UDP is no protocol for streams), and nobody looked at what it returned. */
static void no_descriptor(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_UDP);
    try_connect(fd, server);
}

/* ---- the address ------------------------------------------------------------------------- */

static void wrong_family(const struct sockaddr_in *server)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = server->sin_port};
    int fd = new_socket(SOCK_STREAM);
    tell("connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    close(fd);
}

/* The size of a pointer, and not of what it points to. */
static void wrong_length(const struct sockaddr_in *server)
{
    int fd = new_socket(SOCK_STREAM);
    tell("connect", connect(fd, (const struct sockaddr *)server, sizeof server));
    close(fd);
}

/* A family of 0 is AF_UNSPEC: "no address". To a kernel this is no mistake. */
static void no_family(const struct sockaddr_in *server)
{
    struct sockaddr_in to = {.sin_addr = server->sin_addr, .sin_port = server->sin_port};
    int fd = new_socket(SOCK_STREAM);
    try_connect(fd, &to);
    tell("send", send(fd, "hello\r\n", 7, MSG_NOSIGNAL));
    close(fd);
}

/* The port in the host's byte order: htons() was forgotten. */
static void wrong_byte_order(const struct sockaddr_in *server)
{
    struct sockaddr_in to = *server;
    to.sin_port = ntohs(server->sin_port);
    int fd = new_socket(SOCK_STREAM);
    try_connect(fd, &to);
    close(fd);
}

/* ---- the wrong kind, the wrong moment ---------------------------------------------------- */

static void wrong_kind(void)
{
    char byte;
    int fd = new_socket(SOCK_STREAM), datagrams = new_socket(SOCK_DGRAM);
    if (listen(fd, 1) != 0)
        fail("listen");
    tell("recv", recv(fd, &byte, 1, 0)); /* of the listening socket, not of the accepted one */
    tell("listen", listen(datagrams, 1));
    tell("send", send(datagrams, "hello\r\n", 7, 0)); /* to whom? */
    close(fd);
    close(datagrams);
}

static void wait_until_connected(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    while (poll(&ready, 1, 5000) < 0 && errno == EINTR)
        ;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        fail("getsockopt");
    printf("SO_ERROR: %s\n", error ? strerror(error) : "no error");
}

static void too_often(const struct sockaddr_in *server)
{
    int fd = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
    try_connect(fd, server);
    wait_until_connected(fd);
    try_connect(fd, server); /* Linux: 0, once */
    try_connect(fd, server);
    close(fd);
}

static void ring(int signal)
{
    (void)signal; /* that it came is enough: it breaks off what blocks */
}

/* A signal comes while connect() waits: the SYN of this connection is lost on the wire. */
static void interrupted(const struct sockaddr_in *server)
{
    struct sigaction act = {.sa_handler = ring}; /* without SA_RESTART */
    /* Every 200 ms, in case that the first comes before connect() has begun. */
    struct itimerval soon = {{.tv_usec = 200 * 1000}, {.tv_usec = 200 * 1000}}, never = {0};
    int fd = new_socket(SOCK_STREAM);
    if (sigaction(SIGALRM, &act, NULL) != 0)
        fail("sigaction");
    if (setitimer(ITIMER_REAL, &soon, NULL) != 0)
        fail("setitimer");
    try_connect(fd, server);
    if (setitimer(ITIMER_REAL, &never, NULL) != 0)
        fail("setitimer");
    wait_until_connected(fd); /* the kernel goes on */
    tell("send", send(fd, "hello\r\n", 7, MSG_NOSIGNAL));
    close(fd);
}

/* ---- the other side ---------------------------------------------------------------------- */

/* An address of our own network that nobody has. */
static void nobody_there(const struct sockaddr_in *server)
{
    struct sockaddr_in to = *server;
    to.sin_addr.s_addr ^= htonl(11); /* 10.0.0.2 becomes 10.0.0.9 */
    int fd = new_socket(SOCK_STREAM);
    try_connect(fd, &to);
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((in_port_t)atoi(argv[2]));
    not_a_socket(&server);
    no_descriptor(&server);
    wrong_family(&server);
    wrong_length(&server);
    no_family(&server);
    wrong_byte_order(&server);
    wrong_kind();
    too_often(&server);
    interrupted(&server);
    nobody_there(&server);
    return 0;
}
