/* client [-c CHARSET] [-t SECONDS] ADDRESS PORT NAME PASSWORD [TO TEXT]: chat. Says TEXT to TO,
 * where given, then what is typed, lines "TO TEXT"; prints what others say. Ends with its input and
 * when all of that is stored, or after SECONDS.
 *
 * The connection may break at any time, or die without a word. So the client
 *   - sends a heartbeat each second, and gives up a connection that was silent for three;
 *   - connects again, after pauses that grow;
 *   - keeps what it said until the server has stored it, and says it again if need be: by its
 *     number the server knows what it has had;
 *   - confirms what it has printed, and prints nothing twice: the ids of messages only go up. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BEAT_MS = 1000,
    SILENCE_MS = 3000,
    CONNECT_MS = 2000,  /* connect() by itself would try for two minutes */
    PAUSE_MS = 500,     /* before the first attempt; then twice as long each time, ... */
    PAUSE_MOST = 30000, /* ... but not longer */
    SAYING_MOST = 900,  /* bytes of "TO TEXT" */
    OUTBOX_MOST = 64,
};

struct lines { /* bytes on their way to being lines */
    char bytes[4096];
    size_t n;
};

static struct {
    struct sockaddr_in server;
    const char *name, *password, *charset;
    int64_t end_ms; /* 0: with the input */
    struct lines input;
    bool input_ended, over;

    struct saying {
        long long number; /* 0 before there was a login */
        char text[SAYING_MOST + 1];
    } outbox[OUTBOX_MOST]; /* what the server has not stored yet, the oldest first */
    int waiting;
    long long stored; /* the number of the last one that it has */
    long long seen;   /* the id of the last message that was printed */

    int fd;
    struct lines heard;
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

/* ---- lines ------------------------------------------------------------------------------- */

/* What there is to be read. False at the end, or where reading fails. */
static bool lines_read(struct lines *l, int fd)
{
    if (l->n == sizeof l->bytes)
        l->n = 0; /* no line is as long: whoever sends this does not mean us */
    ssize_t n = read(fd, l->bytes + l->n, sizeof l->bytes - l->n);
    if (n > 0)
        l->n += (size_t)n;
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* The next whole line, without its end. A line may come in pieces, and many at once: TCP carries
 * bytes. */
static bool lines_next(struct lines *l, char *line, size_t room)
{
    const char *end = memchr(l->bytes, '\n', l->n);
    if (!end)
        return false;
    size_t n = (size_t)(end - l->bytes);
    snprintf(line, room, "%.*s", (int)n, l->bytes);
    line[strcspn(line, "\r")] = '\0';
    l->n -= n + 1;
    memmove(l->bytes, end + 1, l->n);
    return true;
}

/* A line to the server. It must not wait: where the kernel has no room left, nobody has taken
 * anything for long. That it was sent says nothing: the other side may be gone. */
static void say(const char *verb, const char *rest)
{
    char line[SAYING_MOST + 64];
    int n = snprintf(line, sizeof line, "%s %s\n", verb, rest);
    if (!chat.lost && send(chat.fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        chat.lost = true;
}

/* ---- what is said ------------------------------------------------------------------------ */

static void say_one(struct saying *s)
{
    char verb[32];
    snprintf(verb, sizeof verb, "Chat %lld", s->number);
    say(verb, s->text);
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
    chat.logged_in = true;
    stored(last);
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
    char id[32], from[64];
    int text = 0;
    if (sscanf(rest, "%31s %63s %n", id, from, &text) != 2 || text == 0)
        return;
    if (atoll(id) > chat.seen) {
        chat.seen = atoll(id);
        printf("%s %s: %s\n", id, from, rest + text);
        if (fflush(stdout) != 0)
            fail("standard output");
    }
    say("Confirm", id);
}

/* Answers come in the order of what was said, so an error is about the oldest saying. That one is
 * given up, and the rest said again, under its numbers, in a new connection. But a wrong password
 * stays wrong; and two clients of one name that came back would throw each other out for ever. */
static void refused(bool bye, const char *why)
{
    chat.lost = true;
    if (bye ? strstr(why, "elsewhere") != NULL : !chat.logged_in) {
        chat.over = true;
        chat.status = 1;
    } else if (!bye && chat.waiting > 0) {
        drop(1);
    }
}

static void hear(char *line)
{
    char *rest = line + strcspn(line, " ");
    if (*rest)
        *rest++ = '\0';
    if (strcmp(line, "Welcome") == 0) {
        char login[256];
        snprintf(login, sizeof login, "%s %s%s%s", chat.name, chat.password,
                 chat.charset ? " " : "", chat.charset ? chat.charset : "");
        say("Check", login);
    } else if (strcmp(line, "OK") == 0) {
        const char *last = strrchr(rest, ' ');
        log_in(last ? atoll(last) : 0);
    } else if (strcmp(line, "Stored") == 0) {
        stored(atoll(rest));
    } else if (strcmp(line, "Message") == 0) {
        message(rest);
    } else if (strcmp(line, "Error") == 0 || strcmp(line, "Bye") == 0) {
        fprintf(stderr, "client: the server says: %s\n", rest);
        refused(line[0] == 'B', rest);
    } /* R and Confirmed: that anything came is all they have to tell */
}

/* ---- one connection ---------------------------------------------------------------------- */

/* A connected socket; -1 where there is none within CONNECT_MS. */
static int open_connection(void)
{
    int error = 0, on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t length = sizeof error;
    if (fd < 0)
        fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
               sizeof on); /* short lines, each of them awaited */
    if (connect(fd, (struct sockaddr *)&chat.server, sizeof chat.server) != 0 &&
        errno != EINPROGRESS)
        error = errno;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (error == 0 && poll(&ready, 1, CONNECT_MS) != 1)
        error = ETIMEDOUT;
    if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0)
        return fd;
    fprintf(stderr, "client: no connection: %s\n", strerror(error));
    close(fd);
    return -1;
}

/* Lines that were typed, as long as there is room for them. */
static void take_input(void)
{
    char line[sizeof chat.input.bytes];
    while (chat.waiting < OUTBOX_MOST && lines_next(&chat.input, line, sizeof line))
        add(line);
}

static void read_server(void)
{
    char line[sizeof chat.heard.bytes];
    chat.heard_ms = clock_ms();
    if (!lines_read(&chat.heard, chat.fd))
        chat.lost = true;
    while (!chat.over && !chat.lost && lines_next(&chat.heard, line, sizeof line))
        hear(line);
}

static void mind_the_time(void)
{
    int64_t now_ms = clock_ms();
    if (chat.end_ms > 0 ? now_ms >= chat.end_ms : chat.input_ended && chat.waiting == 0) {
        chat.over = true;
    } else if (now_ms - chat.heard_ms >= SILENCE_MS) {
        /* The kernel should not go on sending for a quarter of an hour what nobody takes. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(chat.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fprintf(stderr, "client: nothing was heard for %d s\n", SILENCE_MS / 1000);
        chat.lost = true;
    } else if (chat.logged_in && now_ms - chat.beat_ms >= BEAT_MS) {
        chat.beat_ms = now_ms;
        say("HB", "R");
    }
}

/* Until it is over or lost. */
static void converse(void)
{
    chat.heard.n = 0;
    chat.logged_in = chat.lost = false;
    chat.heard_ms = chat.beat_ms = clock_ms();
    while (!chat.lost && !chat.over) {
        struct pollfd ready[2] = {{.fd = chat.fd, .events = POLLIN},
                                  {.fd = STDIN_FILENO, .events = POLLIN}};
        bool types = !chat.input_ended && chat.waiting < OUTBOX_MOST;
        if (poll(ready, types ? 2 : 1, BEAT_MS / 4) < 0 && errno != EINTR)
            fail("poll");
        if (ready[0].revents)
            read_server();
        if (types && ready[1].revents)
            chat.input_ended = !lines_read(&chat.input, STDIN_FILENO);
        take_input();
        mind_the_time();
    }
    close(chat.fd);
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
        chat.fd = open_connection();
        if (chat.fd >= 0)
            converse();
        if (chat.over)
            return;
        if (chat.fd >= 0 && chat.logged_in)
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
    while ((option = getopt(argc, argv, "c:t:")) == 'c' || option == 't')
        if (option == 'c')
            chat.charset = optarg;
        else
            chat.end_ms = clock_ms() + 1000LL * atoi(optarg);
    argv += optind;
    argc -= optind;
    chat.server.sin_family = AF_INET;
    if (option != -1 || (argc != 4 && argc != 6) ||
        inet_pton(AF_INET, argv[0], &chat.server.sin_addr) != 1) {
        fprintf(stderr,
                "usage: client [-c CHARSET] [-t SECONDS] ADDRESS PORT NAME PASSWORD [TO TEXT]\n");
        return 2;
    }
    chat.server.sin_port = htons((uint16_t)atoi(argv[1]));
    chat.name = argv[2];
    chat.password = argv[3];
    srand((unsigned)getpid());
    if (argc == 6) {
        char text[SAYING_MOST + 1];
        snprintf(text, sizeof text, "%s %s", argv[4], argv[5]);
        add(text);
    }
    stay();
    return chat.status;
}
