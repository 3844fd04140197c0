/* client ADDRESS PORT: sockets within one host: two pairs, a connection by the name of a file. Then
 * the same 7 bytes to another host. One program plays both ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        printf("send: %s\n", strerror(errno));
}

static void hear(int fd)
{
    char text[64];
    if (recv(fd, text, sizeof text, 0) < 0)
        fail("recv");
}

/* Two sockets that are connected with each other from birth, and nobody else can find. */
static void use_a_pair(int type)
{
    int pair[2];
    if (socketpair(AF_UNIX, type, 0, pair) != 0)
        fail("socketpair");
    say(pair[0], "one");
    say(pair[0], "two");
    hear(pair[1]);
    close(pair[0]);
    close(pair[1]);
}

static int unix_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

/* Only tell what comes of it. */
static void try_to_connect(int fd, const struct sockaddr_un *name)
{
    if (connect(fd, (const struct sockaddr *)name, sizeof *name) != 0)
        printf("connect: %s\n", strerror(errno));
}

static void use_a_name(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/tcplab-XXXXXX"; /* the name is nobody else's */
    if (!mkdtemp(folder))
        fail("mkdtemp");
    snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", folder);

    int listening = unix_socket(), client = unix_socket();
    if (bind(listening, (struct sockaddr *)&name, sizeof name) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");
    try_to_connect(client, &name); /* nobody has called accept() yet */
    say(client, "hello\r\n");
    int server = accept(listening, NULL, NULL);
    if (server < 0)
        fail("accept");
    hear(server);

    close(server);
    say(client, "more\r\n"); /* there is no reader any more */
    close(client);

    close(listening); /* the file stays */
    client = unix_socket();
    try_to_connect(client, &name);
    unlink(name.sun_path);
    try_to_connect(client, &name);
    close(client);
    rmdir(folder);
}

static void use_the_wire(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    say(fd, "hello\r\n");
    hear(fd); /* 0: the server has closed */
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    use_a_pair(SOCK_STREAM);
    use_a_pair(SOCK_STREAM);
    use_a_name();
    use_the_wire(&server);
    return 0;
}
