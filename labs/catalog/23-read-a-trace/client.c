/* client ADDRESS PORT: a meter. It reports eight readings, a line each, and sends the next one when
 * the server has said "ok" to the one before. It does so twice. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 8, SHORTEST = 5, LONGEST = SHORTEST + LINES - 1, UNLUCKY = 9 };

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void swap(int *a, int *b)
{
    int kept = *a;
    *a = *b;
    *b = kept;
}

/* Each length once, in an order that is another in every run; in the middle somewhere the one that
 * the wire of this lab has an eye on. */
static void shuffle(int lengths[LINES])
{
    for (int i = 0; i < LINES; i++)
        lengths[i] = SHORTEST + i;
    swap(&lengths[0], &lengths[UNLUCKY - SHORTEST]);
    for (int i = LINES - 1; i > 1; i--)
        swap(&lengths[i], &lengths[1 + rand() % i]);
    swap(&lengths[0], &lengths[2 + rand() % (LINES - 3)]);
}

/* Digits and an end of line; whether the server answered. */
static int report_one(int fd, int length)
{
    char line[LONGEST], answer[16];
    for (int i = 0; i < length - 1; i++)
        line[i] = (char)('0' + rand() % 10);
    line[length - 1] = '\n';
    if (send(fd, line, (size_t)length, MSG_NOSIGNAL) < 0)
        fail("send");
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    if (n < 0)
        perror("recv");
    return n > 0;
}

static void report(const struct sockaddr_in *server)
{
    int lengths[LINES], done = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        fail("connect");
    shuffle(lengths);
    while (done < LINES && report_one(fd, lengths[done]))
        done++;
    if (done == LINES)
        puts("all readings were taken");
    else
        printf("the server hung up: only %d readings were taken\n", done);
    usleep(500 * 1000);
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
    srand((unsigned)time(NULL) ^ (unsigned)getpid());
    report(&server);
    report(&server);
    return 0;
}
