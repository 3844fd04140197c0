/* A client that sends and a server that takes, for the tests of the wire.
 *
 *   stream send ADDRESS PORT COUNT BYTES   so many messages of so many bytes, each in segments of
 *                                          its own; once all is acknowledged, no more, and
 *                                          waits for the server's end
 *   stream take PORT                       one connection, all that it brings; says how much
 */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MOST = 1 << 20 };
static char bytes[MESSAGE_MOST];

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void send_all(int fd, size_t n)
{
    for (size_t sent = 0; sent < n;) {
        ssize_t now = send(fd, bytes + sent, n - sent, 0);
        if (now < 0)
            fail("send");
        sent += (size_t)now;
    }
}

static int send_to(const char *address, const char *port, int count, size_t n)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || n > MESSAGE_MOST || inet_pton(AF_INET, address, &to.sin_addr) != 1)
        fail("address");
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < count; i++)
        send_all(fd, n);
    for (int left = 1; left > 0; usleep(1000))
        if (ioctl(fd, SIOCOUTQ, &left) != 0)
            fail("SIOCOUTQ");
    shutdown(fd, SHUT_WR);
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        continue;
    close(fd);
    return 0;
}

static int take(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0)
        fail("listen");
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        fail("accept");
    long long sum = 0;
    for (ssize_t n; (n = recv(fd, bytes, sizeof bytes, 0)) > 0; sum += n)
        continue;
    close(fd);
    close(listener);
    printf("took %lld bytes\n", sum);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "send") == 0)
        return send_to(argv[2], argv[3], atoi(argv[4]), (size_t)atoi(argv[5]));
    if (argc == 3 && strcmp(argv[1], "take") == 0)
        return take(argv[2]);
    fputs("usage: stream send ADDRESS PORT COUNT BYTES | take PORT\n", stderr);
    return 2;
}
