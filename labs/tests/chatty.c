/* A program that does little but socket calls, to measure what tracing costs it.
 *
 *   chatty PAIRS FILE   sends a byte and receives it again over a connection with itself, so many
 *                       times; how long that took goes to FILE, in nanoseconds
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void connect_to_self(int ends[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, n) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &n) != 0)
        fail("listen");
    if (connect(ends[0], (struct sockaddr *)&at, n) != 0)
        fail("connect");
    ends[1] = accept(listener, NULL, NULL);
    if (ends[1] < 0)
        fail("accept");
    close(listener);
}

int main(int argc, char **argv)
{
    int ends[2];
    char byte = 'x';
    if (argc != 3) {
        fputs("usage: chatty PAIRS FILE\n", stderr);
        return 2;
    }
    connect_to_self(ends);
    long long began = now_ns();
    for (long i = atol(argv[1]); i > 0; i--)
        if (send(ends[0], &byte, 1, 0) != 1 || recv(ends[1], &byte, 1, 0) != 1)
            fail("talk");
    long long took = now_ns() - began;
    FILE *f = fopen(argv[2], "w");
    if (!f || fprintf(f, "%lld\n", took) < 0 || fclose(f) != 0)
        fail(argv[2]);
    return 0;
}
