/* peer PORT ADDRESS PORT WORD...: say the words to the peer at ADDRESS and PORT, from the
 * own PORT; print what it says. Both at once, by UDP.
 *
 * UDP loses, doubles and overtakes. So each word goes as "NUMBER WORD" and is said again until
 * "ack NUMBER" has come; the next goes only then. Whoever hears the same number again answers it
 * again, for the first answer may be lost, and prints it only once. */
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
    AGAIN_MS = 400, /* far more than a round trip; from the second time on twice as long */
    TRIES = 8,
    /* When all is said the other side may not have heard our last answer: longer than its pauses.
     */
    STAY_MS = 1400,
    DATAGRAM_MOST = 512,
};

static struct {
    int fd;
    char **words;
    int count;
    int acknowledged;   /* so many of our words have arrived */
    int tries;          /* of the next one */
    int64_t due_ms;     /* when that is said (again) */
    int heard;          /* the number of the last word that was printed */
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

static void say_next(void)
{
    char text[DATAGRAM_MOST];
    if (peer.tries == TRIES) {
        fprintf(stderr, "peer: nobody acknowledges \"%s\"\n", peer.words[peer.acknowledged]);
        peer.acknowledged = peer.count; /* what comes behind it has no better prospects */
        return;
    }
    snprintf(text, sizeof text, "%d %s", peer.acknowledged + 1, peer.words[peer.acknowledged]);
    put(text);
    peer.due_ms = clock_ms() + (peer.tries == 0 ? AGAIN_MS : 2 * AGAIN_MS);
    peer.tries++;
}

static void acknowledged(int number)
{
    if (peer.acknowledged < peer.count && number > 0) {
        peer.acknowledged++;
        peer.tries = 0;
        peer.due_ms = 0;
    }
}

/* ---- what we hear ------------------------------------------------------------------------ */

static void word(int number, const char *text)
{
    char answer[32];
    if (number == peer.heard + 1) {
        printf("%s\n", text);
        peer.heard = number;
    }
    if (number > peer.heard) /* one before it is missing, and will come again */
        return;
    snprintf(answer, sizeof answer, "ack %d", number);
    put(answer);
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
    if (sscanf(text, "ack %d", &number) == 1)
        acknowledged(number);
    else if (sscanf(text, "%d %n", &number, &at) == 1 && at > 0 && number > 0)
        word(number, text + at);
}

/* One loop for both directions: until it is time to say something, or something has come. */
static void converse(void)
{
    peer.silence_ms = clock_ms();
    for (;;) {
        int64_t now_ms = clock_ms();
        if (peer.acknowledged < peer.count && now_ms >= peer.due_ms)
            say_next();
        int64_t until_ms = peer.acknowledged < peer.count ? peer.due_ms : peer.silence_ms + STAY_MS;
        if (peer.acknowledged == peer.count && now_ms >= until_ms)
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
