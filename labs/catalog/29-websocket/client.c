/* client [-t SECONDS] [-f BYTES] ADDRESS PORT NAME PASSWORD [TO TEXT]: chat over a WebSocket, as
 * the page does. Says TEXT to TO, where given, then what is typed, lines "TO TEXT"; prints what
 * others say. Ends with its input and when all of that is stored, or after SECONDS. With -f what it
 * says goes out in fragments of so many BYTES.
 *
 * The connection may break at any time, or die without a word. So the client
 *   - sends a ping each second, and gives up a connection that was silent for three;
 *   - connects again, after pauses that grow;
 *   - keeps what it said until the server has stored it, and says it again if need be: by its
 *     number the server knows what it has had;
 *   - confirms what it has printed, and prints nothing twice: the ids of messages only go up. */
#include "client-parts/talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BEAT_MS = 1000,
    SILENCE_MS = 3000,
    ANSWER_MS = 2000,   /* for connect(), the upgrade, and the answer to a close */
    PAUSE_MS = 500,     /* before the first attempt; then twice as long each time, ... */
    PAUSE_MOST = 30000, /* ... but not longer */
    SAYING_MOST = 900,  /* bytes of "TO TEXT" */
    OUTBOX_MOST = 64,
};

static struct {
    struct sockaddr_in server;
    char host[64]; /* of the server, as HTTP wants to be told */
    const char *name, *password;
    size_t piece;   /* bytes of a fragment; 0: messages are whole */
    int64_t end_ms; /* 0: with the input */
    char input[4096];
    size_t input_bytes;
    bool input_ended, over;

    struct saying {
        long long number; /* 0 before there was a login */
        char text[SAYING_MOST + 1];
    } outbox[OUTBOX_MOST]; /* what the server has not stored yet, the oldest first */
    int waiting;
    long long stored; /* the number of the last one that it has */
    long long seen;   /* the id of the last message that was printed */

    struct talk talk;
    bool logged_in, lost;
    int status; /* with which the program ends */
    int64_t heard_ms, beat_ms;
} chat;

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

/* ---- what is said ------------------------------------------------------------------------ */

static void say(const char *verb, const char *rest)
{
    char text[SAYING_MOST + 64];
    snprintf(text, sizeof text, "%s %s", verb, rest);
    talk_say(&chat.talk, text);
}

static void say_one(const struct saying *s)
{
    char text[SAYING_MOST + 64];
    snprintf(text, sizeof text, "Chat %lld %s", s->number, s->text);
    if (chat.piece > 0)
        talk_say_in_pieces(&chat.talk, text, chat.piece);
    else
        talk_say(&chat.talk, text);
}

static void add(const char *text)
{
    struct saying *s = &chat.outbox[chat.waiting];
    if (!strchr(text, ' ') || strlen(text) > SAYING_MOST) {
        fprintf(stderr, "client: a line is: TO TEXT, %d bytes at most\n", SAYING_MOST);
        return;
    }
    snprintf(s->text, sizeof s->text, "%s", text);
    s->number = chat.logged_in ? chat.stored + chat.waiting + 1 : 0;
    chat.waiting++;
    if (chat.logged_in)
        say_one(s);
}

static void drop(int oldest)
{
    chat.waiting -= oldest;
    memmove(chat.outbox, chat.outbox + oldest, (size_t)chat.waiting * sizeof chat.outbox[0]);
}

/* The server has all up to this number. */
static void stored(long long number)
{
    int done = 0;
    while (done < chat.waiting && chat.outbox[done].number > 0 &&
           chat.outbox[done].number <= number)
        done++;
    drop(done);
    chat.stored = number;
}

/* The server tells the last number that it has of us. What comes behind has been lost on the way,
 * or was never sent. */
static void log_in(long long last)
{
    stored(last);
    chat.logged_in = true;
    for (int i = 0; i < chat.waiting; i++) {
        chat.outbox[i].number = last + i + 1;
        say_one(&chat.outbox[i]);
    }
}

/* ---- what is heard ----------------------------------------------------------------------- */

/* Print, then confirm: the other way round, whoever dies in between has lost a message. One that
 * was printed already is confirmed again, for the first time has not arrived. */
static void message(const char *rest)
{
    char id[32], from[64], to[64];
    int text = 0;
    if (sscanf(rest, "%31s %63s %63s %n", id, from, to, &text) != 3 || text == 0)
        return;
    if (atoll(id) > chat.seen) {
        chat.seen = atoll(id);
        printf("%s %s%s: %s\n", id, from, to[0] == '*' ? " to all" : "", rest + text);
        if (fflush(stdout) != 0)
            fail("standard output");
    }
    say("Confirm", id);
}

/* Answers come in the order of what was said, so an error is about the oldest saying. That one is
 * given up, and the rest said again, under its numbers, in a new connection. But a wrong password
 * stays wrong. */
static void refused(const char *why)
{
    fprintf(stderr, "client: the server says: %s\n", why);
    chat.lost = true;
    if (!chat.logged_in) {
        chat.over = true;
        chat.status = 1;
    } else if (chat.waiting > 0) {
        drop(1);
    }
}

static void hear(struct talk *t, const char *text)
{
    (void)t;
    const char *rest = text + strcspn(text, " ");
    size_t verb = (size_t)(rest - text);
    rest += *rest == ' ';
    if (chat.lost)
        return; /* what else came with an error answers what is said again */
    if (strncmp(text, "OK ", 3) == 0) {
        const char *last = strrchr(rest, ' ');
        log_in(last ? atoll(last) : 0);
    } else if (strncmp(text, "Stored ", 7) == 0) {
        stored(atoll(rest));
    } else if (strncmp(text, "Message ", 8) == 0) {
        message(rest);
    } else if (strncmp(text, "Error ", 6) == 0) {
        refused(rest);
    } else if (strncmp(text, "Joined ", 7) == 0 || strncmp(text, "Left ", 5) == 0) {
        fprintf(stderr, "client: %s has %.*s\n", rest, (int)verb, verb == 4 ? "left" : "joined");
    } /* Here and Confirmed: nothing is to be done */
}

static void pong(struct talk *t)
{
    (void)t; /* that anything came is all it has to tell */
}

/* ---- one connection ---------------------------------------------------------------------- */

/* A connected socket; -1 where there is none within ANSWER_MS. */
static int open_connection(void)
{
    int error = 0, on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t length = sizeof error;
    if (fd < 0)
        fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* short frames, each awaited */
    if (connect(fd, (struct sockaddr *)&chat.server, sizeof chat.server) != 0 &&
        errno != EINPROGRESS)
        error = errno;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (error == 0 && poll(&ready, 1, ANSWER_MS) != 1)
        error = ETIMEDOUT;
    if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0)
        return fd;
    fprintf(stderr, "client: no connection: %s\n", strerror(error));
    close(fd);
    return -1;
}

/* What was typed. False at its end. */
static bool read_input(void)
{
    if (chat.input_bytes == sizeof chat.input)
        chat.input_bytes = 0; /* no line is as long: whoever types this does not mean us */
    ssize_t n =
        read(STDIN_FILENO, chat.input + chat.input_bytes, sizeof chat.input - chat.input_bytes);
    if (n > 0)
        chat.input_bytes += (size_t)n;
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Lines of it, as long as there is room for them. */
static void take_input(void)
{
    char line[sizeof chat.input];
    char *end;
    while (chat.waiting < OUTBOX_MOST && (end = memchr(chat.input, '\n', chat.input_bytes))) {
        size_t n = (size_t)(end - chat.input);
        snprintf(line, sizeof line, "%.*s", (int)n, chat.input);
        chat.input_bytes -= n + 1;
        memmove(chat.input, end + 1, chat.input_bytes);
        add(line);
    }
}

static void mind_the_time(void)
{
    int64_t now_ms = clock_ms();
    if (chat.end_ms > 0 ? now_ms >= chat.end_ms : chat.input_ended && chat.waiting == 0) {
        chat.over = true;
    } else if (now_ms - chat.heard_ms >= SILENCE_MS) {
        /* The kernel should not go on sending for a quarter of an hour what nobody takes. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(chat.talk.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fprintf(stderr, "client: nothing was heard for %d s\n", SILENCE_MS / 1000);
        chat.lost = true;
    } else if (now_ms - chat.beat_ms >= BEAT_MS) {
        chat.beat_ms = now_ms;
        if (now_ms - chat.heard_ms >= BEAT_MS)
            talk_ping(&chat.talk);
    }
}

static void read_server(void)
{
    chat.heard_ms = chat.beat_ms = clock_ms();
    if (!talk_receive(&chat.talk))
        chat.lost = true;
    if (chat.talk.close_code == 4000) { /* two clients of one name would throw each other out */
        chat.over = true;
        chat.status = 1;
    }
}

/* Say goodbye, and let the server close: who closes first ends in TIME-WAIT (RFC 6455, 7.1.1). */
static void part(void)
{
    struct pollfd ready = {.fd = chat.talk.fd, .events = POLLIN};
    char byte;
    talk_close(&chat.talk, 1000, "bye");
    while (talk_send(&chat.talk) && chat.talk.close_code == 0 && poll(&ready, 1, ANSWER_MS) == 1 &&
           talk_receive(&chat.talk)) {
    }
    if (chat.talk.close_code > 0 && poll(&ready, 1, ANSWER_MS) == 1) {
        if (recv(chat.talk.fd, &byte, 1, 0) != 0)
            fprintf(stderr, "client: bytes behind a close\n");
    } else {
        fprintf(stderr, "client: the server does not close\n");
    }
}

/* Until it is over or lost. */
static void converse(void)
{
    char login[256];
    chat.logged_in = chat.lost = false;
    chat.heard_ms = chat.beat_ms = clock_ms();
    snprintf(login, sizeof login, "%s %s", chat.name, chat.password);
    say("Check", login);
    if (!talk_receive(&chat.talk)) /* what came with the head */
        chat.lost = true;
    while (!chat.lost && !chat.over) {
        if (!talk_send(&chat.talk))
            break;
        short writes = talk_wants_to_send(&chat.talk) ? POLLOUT : 0;
        struct pollfd ready[2] = {{.fd = chat.talk.fd, .events = (short)(POLLIN | writes)},
                                  {.fd = STDIN_FILENO, .events = POLLIN}};
        bool types = !chat.input_ended && chat.waiting < OUTBOX_MOST;
        if (poll(ready, types ? 2 : 1, BEAT_MS / 4) < 0 && errno != EINTR)
            fail("poll");
        if (ready[0].revents & ~POLLOUT)
            read_server();
        if (types && ready[1].revents)
            chat.input_ended = !read_input();
        take_input();
        mind_the_time();
    }
    if (chat.talk.close_code > 0)
        talk_send(&chat.talk); /* the server's close is answered */
    else if (chat.over && !chat.lost && chat.status == 0)
        part();
}

/* A pause, and up to a quarter more, as chance has it: a thousand clients that lost their server in
 * the same moment should not come back in the same moment. */
static void wait_for(int64_t pause_ms)
{
    int64_t ms = pause_ms + rand() % (pause_ms / 4);
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

/* Connection after connection. A pause is the shortest again when there was a login. */
static void stay(void)
{
    int64_t pause_ms = PAUSE_MS;
    for (;;) {
        int fd = open_connection();
        chat.logged_in = false;
        if (fd >= 0 && talk_begin(&chat.talk, fd, chat.host, ANSWER_MS))
            converse();
        if (fd >= 0) {
            talk_end(&chat.talk);
            close(fd);
        }
        if (chat.over)
            return;
        if (chat.logged_in)
            pause_ms = PAUSE_MS;
        wait_for(pause_ms);
        if (chat.end_ms > 0 && clock_ms() >= chat.end_ms)
            return;
        pause_ms = pause_ms * 2 < PAUSE_MOST ? pause_ms * 2 : PAUSE_MOST;
    }
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "t:f:")) == 't' || option == 'f')
        if (option == 't')
            chat.end_ms = clock_ms() + 1000LL * atoi(optarg);
        else
            chat.piece = (size_t)atoi(optarg);
    argv += optind;
    argc -= optind;
    chat.server.sin_family = AF_INET;
    if (option != -1 || (argc != 4 && argc != 6) ||
        inet_pton(AF_INET, argv[0], &chat.server.sin_addr) != 1) {
        fprintf(stderr, "usage: client [-t SECONDS] [-f BYTES] ADDRESS PORT NAME PASSWORD"
                        " [TO TEXT]\n");
        return 2;
    }
    chat.server.sin_port = htons((uint16_t)atoi(argv[1]));
    snprintf(chat.host, sizeof chat.host, "%s:%s", argv[0], argv[1]);
    chat.name = argv[2];
    chat.password = argv[3];
    chat.talk.hear = hear;
    chat.talk.pong = pong;
    srand((unsigned)getpid());
    if (argc == 6) {
        char text[SAYING_MOST + 1];
        snprintf(text, sizeof text, "%s %s", argv[4], argv[5]);
        add(text);
    }
    stay();
    return chat.status;
}
