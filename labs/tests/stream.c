/* A client that sends and a server that takes, for the tests of the wire.
 *
 *   stream send ADDRESS PORT COUNT BYTES   so many messages of so many bytes, each in segments of
 *                                          its own; once all is acknowledged, no more, and
 *                                          waits for the server's end
 *   stream take PORT                       one connection, all that it brings; says how much
 *   stream slow PORT MS                    the same with a small window, after so many milliseconds
 *                                          in which it takes nothing
 *   stream part ADDRESS PORT MS            so many milliseconds after connect(), no more; waits for
 *                                          the server's end
 *   stream end PORT                        no more as soon as it has a connection; waits for the
 *                                          client's end
 *   stream ask ADDRESS PORT BYTES          one message, and what becomes of waiting for an answer
 *   stream leave ADDRESS PORT              closes at once, whatever the server does
 *   stream keep PORT                       a connection that it never closes
 *   stream flood ADDRESS PORT COUNT BYTES  so many datagrams, as fast as it can; says so
 * ADDRESS may be of IPv4 or IPv6, and servers take both.
 */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MOST = 1 << 20, SMALL_WINDOW = 4096, BEYOND_MS = 100 };
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

static int connect_to(const char *address, const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = to.sin_port};
    bool v6 = strchr(address, ':') != NULL;
    int on = 1, fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || inet_pton(v6 ? AF_INET6 : AF_INET, address,
                            v6 ? (void *)&to6.sin6_addr : (void *)&to.sin_addr) != 1)
        fail("address");
    if (connect(fd, v6 ? (const void *)&to6 : (const void *)&to, v6 ? sizeof to6 : sizeof to) != 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void end(int fd)
{
    shutdown(fd, SHUT_WR);
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        continue;
    close(fd);
}

static int send_to(const char *address, const char *port, int count, size_t n)
{
    int fd = connect_to(address, port);
    if (n > MESSAGE_MOST)
        fail("size");
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < count; i++)
        send_all(fd, n);
    for (int left = 1; left > 0; usleep(1000))
        if (ioctl(fd, SIOCOUTQ, &left) != 0)
            fail("SIOCOUTQ");
    end(fd);
    return 0;
}

/* A listening socket for both families, or for IPv4 where there is no other. */
static int listen_at(const char *port, int window)
{
    struct sockaddr_in6 at6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = at6.sin6_port};
    int on = 1, off = 0, fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool v6 = fd >= 0;
    if (!v6)
        fd = socket(AF_INET, SOCK_STREAM, 0);
    else
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (window > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    if (bind(fd, v6 ? (const void *)&at6 : (const void *)&at, v6 ? sizeof at6 : sizeof at) != 0 ||
        listen(fd, 1) != 0)
        fail("listen");
    return fd;
}

static int accept_at(const char *port, int window)
{
    int listener = listen_at(port, window);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        fail("accept");
    close(listener);
    return fd;
}

static int take(const char *port, int window, int wait_ms)
{
    int fd = accept_at(port, window);
    usleep((useconds_t)wait_ms * 1000);
    long long sum = 0;
    for (ssize_t n; (n = recv(fd, bytes, sizeof bytes, 0)) > 0; sum += n)
        if (wait_ms > 0) /* what comes next is taken at once too, not piece by piece */
            usleep((useconds_t)wait_ms * 1000 / 4);
    /* The kernel waits 40 ms for a FIN to send with its ACK of the other's. A busy machine may take
     * longer to let us say so: one that always does sees the same segments each time. */
    usleep(BEYOND_MS * 1000);
    close(fd);
    printf("took %lld bytes\n", sum);
    return 0;
}

static int flood(const char *address, const char *port, int count, size_t n)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || n > MESSAGE_MOST || inet_pton(AF_INET, address, &to.sin_addr) != 1)
        fail("address");
    for (int sent = 0; sent < count;)
        sent += sendto(fd, bytes, n, 0, (const void *)&to, sizeof to) > 0;
    printf("sent %d\n", count);
    close(fd);
    return 0;
}

static int part(const char *address, const char *port, int wait_ms)
{
    int fd = connect_to(address, port);
    usleep((useconds_t)wait_ms * 1000);
    end(fd);
    return 0;
}

static int ask(const char *address, const char *port, size_t n)
{
    int fd = connect_to(address, port);
    send_all(fd, n < MESSAGE_MOST ? n : MESSAGE_MOST);
    if (recv(fd, bytes, sizeof bytes, 0) < 0)
        perror("recv");
    close(fd);
    return 0;
}

static int leave(const char *address, const char *port)
{
    close(connect_to(address, port));
    return 0;
}

static int keep(const char *port)
{
    int fd = accept_at(port, 0);
    while (pause() < 0)
        continue;
    return fd;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 6 && strcmp(what, "send") == 0)
        return send_to(argv[2], argv[3], atoi(argv[4]), (size_t)atoi(argv[5]));
    if (argc == 6 && strcmp(what, "flood") == 0)
        return flood(argv[2], argv[3], atoi(argv[4]), (size_t)atoi(argv[5]));
    if (argc == 3 && strcmp(what, "take") == 0)
        return take(argv[2], 0, 0);
    if (argc == 4 && strcmp(what, "slow") == 0)
        return take(argv[2], SMALL_WINDOW, atoi(argv[3]));
    if (argc == 5 && strcmp(what, "part") == 0)
        return part(argv[2], argv[3], atoi(argv[4]));
    if (argc == 5 && strcmp(what, "ask") == 0)
        return ask(argv[2], argv[3], (size_t)atoi(argv[4]));
    if (argc == 4 && strcmp(what, "leave") == 0)
        return leave(argv[2], argv[3]);
    if (argc == 3 && strcmp(what, "keep") == 0)
        return keep(argv[2]);
    if (argc == 3 && strcmp(what, "end") == 0)
        return end(accept_at(argv[2], 0)), 0;
    fputs("usage: stream send ADDRESS PORT COUNT BYTES | take PORT | slow PORT MS |\n"
          "       part ADDRESS PORT MS | end PORT | leave ADDRESS PORT | keep PORT |\n"
          "       ask ADDRESS PORT BYTES |\n"
          "       flood ADDRESS PORT COUNT BYTES\n",
          stderr);
    return 2;
}
