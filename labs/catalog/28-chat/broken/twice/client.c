/* client -t SECONDS ADDRESS PORT NAME PASSWORD TO TEXT: log in as NAME, say TEXT to TO, print what
 * others say, and leave after SECONDS. What the server says and wants to hear stands at the top of
 * the lab's server.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *name, *password, *to, *text;
static int64_t end_ms;   /* when to leave */
static char bytes[4096]; /* what has come and is no whole line yet */
static size_t byte_count;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A connected socket; -1 where there is none within two seconds. */
static int open_connection(const struct sockaddr_in *server)
{
    int error = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t length = sizeof error;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (fd < 0)
        fail("socket");
    if ((connect(fd, (const struct sockaddr *)server, sizeof *server) == 0 ||
         errno == EINPROGRESS) &&
        poll(&ready, 1, 2000) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
        error == 0)
        return fd;
    close(fd);
    return -1;
}

static void say(int fd, const char *line)
{
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        perror("send");
}

/* The next line of the server, without its end. `line` is empty where none has come within a
 * second. False where the connection has ended. */
static bool hear(int fd, char *line, size_t room)
{
    const char *end;
    line[0] = '\0';
    while (!(end = memchr(bytes, '\n', byte_count))) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 1000) == 0)
            return true;
        ssize_t n = recv(fd, bytes + byte_count, sizeof bytes - byte_count, 0);
        if (n <= 0)
            return false;
        byte_count += (size_t)n;
    }
    snprintf(line, room, "%.*s", (int)(end - bytes), bytes);
    byte_count -= (size_t)(end + 1 - bytes);
    memmove(bytes, end + 1, byte_count);
    return true;
}

static void message(int fd, const char *line)
{
    char id[32], from[64];
    int at = 0;
    if (sscanf(line, "Message %31s %63s %n", id, from, &at) != 2)
        return;
    printf("%s %s: %s\n", id, from, line + at);
    fflush(stdout);
    char answer[64];
    snprintf(answer, sizeof answer, "Confirm %s\n", id);
    say(fd, answer);
}

/* One connection, until it is lost, or the time is over. */
static void converse(int fd)
{
    char line[4096], answer[4096];
    long long last;
    int silent_s = 0;
    byte_count = 0;
    while (clock_ms() < end_ms && hear(fd, line, sizeof line)) {
        silent_s = line[0] ? 0 : silent_s + 1;
        if (line[0] == '\0') {
            if (silent_s == 3)
                return;
            say(fd, "HB R\n");
        } else if (strcmp(line, "Welcome") == 0) {
            snprintf(answer, sizeof answer, "Check %s %s\n", name, password);
            say(fd, answer);
        } else if (sscanf(line, "OK %*s %lld", &last) == 1) {
            if (last == 0) { /* it has nothing of ours yet */
                snprintf(answer, sizeof answer, "Chat 1 %s %s\n", to, text);
                say(fd, answer);
            }
        } else if (strncmp(line, "Message ", 8) == 0) {
            message(fd, line);
        }
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 9 || strcmp(argv[1], "-t") != 0 ||
        inet_pton(AF_INET, argv[3], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client -t SECONDS ADDRESS PORT NAME PASSWORD TO TEXT\n");
        return 2;
    }
    end_ms = clock_ms() + 1000LL * atoi(argv[2]);
    server.sin_port = htons((uint16_t)atoi(argv[4]));
    name = argv[5], password = argv[6], to = argv[7], text = argv[8];

    for (int wait_ms = 500; clock_ms() < end_ms; wait_ms *= 2) {
        int fd = open_connection(&server);
        if (fd >= 0) {
            converse(fd);
            close(fd);
            wait_ms = 500;
        }
        if (clock_ms() < end_ms)
            poll(NULL, 0, wait_ms); /* no descriptors: it only waits */
    }
    return 0;
}
