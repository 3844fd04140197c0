/* client [-c BYTES] ADDRESS PORT [WORD...]: say each word in a line of its own, else each line that
 * is typed, and print what comes back. "exit" closes the connection; words behind it are said in
 * another. With -c it sends so many bytes at a time, as a network might cut them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MOST = 1024, PATIENCE_MS = 2000, BETWEEN_PIECES_US = 250 * 1000 };

static size_t piece = TEXT_MOST;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_connection(const struct sockaddr_in *server)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    /* Each piece in a segment of its own, as soon as it is sent. */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        fail("setsockopt");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    return fd;
}

static void say(int fd, const char *text, size_t n)
{
    for (size_t sent = 0, now; sent < n; sent += now) {
        now = n - sent < piece ? n - sent : piece;
        if (sent > 0)
            usleep(BETWEEN_PIECES_US);
        ssize_t taken = send(fd, text + sent, now, MSG_NOSIGNAL);
        if (taken < 0)
            fail("send");
        now = (size_t)taken; /* it may be less than we gave */
    }
}

/* Print n bytes that come back. False where the server has closed before. */
static bool hear(int fd, size_t n)
{
    char bytes[256];
    while (n > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, PATIENCE_MS) == 0) {
            fputs("client: no answer\n", stderr);
            exit(1);
        }
        ssize_t got = recv(fd, bytes, n < sizeof bytes ? n : sizeof bytes, 0);
        if (got < 0)
            fail("recv");
        if (got == 0) {
            puts("the server has closed");
            return false;
        }
        fwrite(bytes, 1, (size_t)got, stdout);
        n -= (size_t)got;
    }
    return true;
}

/* The words up to "exit", each with its end of line. How many words that were. */
static int join(char **words, int count, char text[TEXT_MOST])
{
    int used = 0;
    size_t n = 0;
    text[0] = '\0';
    while (used < count && strcmp(words[used], "exit") != 0 &&
           n + strlen(words[used]) + 2 < TEXT_MOST)
        n += (size_t)snprintf(text + n, TEXT_MOST - n, "%s\n", words[used++]);
    return used;
}

static void say_words(const struct sockaddr_in *server, char **words, int count)
{
    char text[TEXT_MOST];
    while (count > 0) {
        int used = join(words, count, text);
        int fd = open_connection(server);
        say(fd, text, strlen(text));
        hear(fd, strlen(text));
        close(fd);
        used += used < count; /* "exit", which is for us alone */
        words += used;
        count -= used;
        usleep(500 * 1000); /* so that one connection is seen behind the other */
    }
}

static void say_lines(const struct sockaddr_in *server)
{
    char line[TEXT_MOST];
    int fd = open_connection(server);
    while (fgets(line, sizeof line, stdin) && strcmp(line, "exit\n") != 0) {
        say(fd, line, strlen(line));
        if (!hear(fd, strlen(line)))
            break;
    }
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    int option = getopt(argc, argv, "+c:");
    if (option == 'c')
        piece = (size_t)strtoul(optarg, NULL, 10);
    argv += optind;
    argc -= optind;
    if (option == '?' || piece == 0 || argc < 2 ||
        inet_pton(AF_INET, argv[0], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: client [-c BYTES] ADDRESS PORT [WORD...]\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[1]));
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 2)
        say_words(&server, argv + 2, argc - 2);
    else
        say_lines(&server);
    return 0;
}
