/* client ADDRESS PORT [ADDRESS PORT]...: try one server after the other, until one answers; say of
 * each why it did not. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in place(const char *address, const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) {
        fprintf(stderr, "client: %s is no address\n", address);
        exit(2);
    }
    return at;
}

static void say_hello(int fd)
{
    static const char hello[] = "hello\r\n";
    char answer[256];
    if (send(fd, hello, strlen(hello), 0) < 0)
        fail("send");
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        fail("recv");
    printf("it answers: %.*s", (int)n, answer);
}

/* connect() that does not block, and poll() for its end: the errno is then the socket's. */
static int reason(int fd, const struct sockaddr_in *server)
{
    int why = 0;
    socklen_t size = sizeof why;
    struct pollfd done = {.fd = fd, .events = POLLOUT};
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (poll(&done, 1, -1) < 0)
        fail("poll");
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
        fail("getsockopt");
    return why;
}

static int try(const char *address, const char *port)
{
    struct sockaddr_in server = place(address, port);
    time_t since = time(NULL);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("socket");
    int why = reason(fd, &server);
    if (why == 0 && fcntl(fd, F_SETFL, 0) == 0)
        return fd;
    printf("%s:%s %s (%ld s)\n", address, port, strerror(why), (long)(time(NULL) - since));
    close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        int fd = try(argv[i], argv[i + 1]);
        if (fd < 0)
            continue;
        say_hello(fd);
        close(fd);
        return 0;
    }
    puts("none of them answers");
    return 1;
}
