/* peer PORT ADDRESS PORT WORD...: say the words to the peer at ADDRESS and PORT, from the
 * own PORT; print what it says. Both at once, by UDP.
 *
 * UDP loses, doubles and overtakes. This peer does not care: it says each word once, as
 * "NUMBER WORD", and prints whatever comes. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    STAY_MS = 1400, /* when all is said, and nothing more has come */
    DATAGRAM_MOST = 512,
};

static struct {
    int fd;
    char **words;
    int count;
    int said;           /* so many of our words have been said */
    int64_t due_ms;     /* when the next is said */
    int64_t silence_ms; /* since when nothing has come */
} peer;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        fail("clock_gettime");
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ECONNREFUSED tells that an earlier datagram found nobody at that port: the other side has not
 * started yet, or has gone. For us it is one more way of losing a datagram. */
static void put(const char *text)
{
    if (send(peer.fd, text, strlen(text), 0) < 0 && errno != ECONNREFUSED)
        fail("send");
}

/* ---- what we say ------------------------------------------------------------------------- */

/* EXERCISE: say the word again until "ack NUMBER" has come: after 400 ms, then every 800 ms, eight
 * times in all. Only then comes the next word. */
static void say_next(void)
{
    char text[DATAGRAM_MOST];
    snprintf(text, sizeof text, "%d %s", peer.said + 1, peer.words[peer.said]);
    put(text);
    peer.said++;
    peer.due_ms = clock_ms() + 20;
}

/* ---- what we hear ------------------------------------------------------------------------ */

/* EXERCISE: answer each word, whenever it comes, with "ack NUMBER". Print it if it is the next one:
 * not one that was printed already, and not one before which another is missing. */
static void word(int number, const char *text)
{
    (void)number;
    printf("%s\n", text);
}

/* A datagram is a message: it comes whole or not at all. */
static void hear(void)
{
    char text[DATAGRAM_MOST];
    int number, at = 0;
    ssize_t n = recv(peer.fd, text, sizeof text - 1, 0);
    if (n < 0 && errno == ECONNREFUSED)
        return;
    if (n < 0)
        fail("recv");
    text[n] = '\0';
    peer.silence_ms = clock_ms();
    if (sscanf(text, "%d %n", &number, &at) == 1 && at > 0 && number > 0)
        word(number, text + at);
}

/* One loop for both directions: until it is time to say something, or something has come. */
static void converse(void)
{
    peer.silence_ms = clock_ms();
    for (;;) {
        int64_t now_ms = clock_ms();
        if (peer.said < peer.count && now_ms >= peer.due_ms)
            say_next();
        int64_t until_ms = peer.said < peer.count ? peer.due_ms : peer.silence_ms + STAY_MS;
        if (peer.said == peer.count && now_ms >= until_ms)
            return;
        struct pollfd ready = {.fd = peer.fd, .events = POLLIN};
        int wait_ms = until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
        if (poll(&ready, 1, wait_ms) < 0 && errno != EINTR)
            fail("poll");
        if (ready.revents)
            hear();
    }
}

/* A connected socket takes datagrams from its peer alone. Nothing is sent for that. */
static int open_socket(const char *own_port, const char *address, const char *port)
{
    struct sockaddr_in own = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((in_port_t)atoi(own_port)),
    };
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
    if (inet_pton(AF_INET, address, &other.sin_addr) != 1) {
        fprintf(stderr, "peer: %s is no IPv4 address\n", address);
        exit(2);
    }
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
        fail("bind");
    if (connect(fd, (struct sockaddr *)&other, sizeof other) != 0)
        fail("connect");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: peer PORT ADDRESS PORT WORD...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    peer.fd = open_socket(argv[1], argv[2], argv[3]);
    peer.words = argv + 4;
    peer.count = argc - 4;
    converse();
    close(peer.fd);
    return 0;
}
