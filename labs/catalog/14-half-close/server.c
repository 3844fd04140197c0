/* server PORT: read lines up to their end, which only a FIN can tell, and send them back sorted. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listening_at(const char *port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(port)),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(fd, 5) != 0)
        fail("listen");
    return fd;
}

static int by_letters(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void send_sorted(int fd, char *text)
{
    char *line[64], answer[1024] = "";
    size_t count = 0;
    for (char *s = strtok(text, "\n"); s && count < 64; s = strtok(NULL, "\n"))
        line[count++] = s;
    qsort(line, count, sizeof line[0], by_letters);
    for (size_t i = 0; i < count; i++)
        strcat(strcat(answer, line[i]), "\n");
    if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
        fail("send");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    alarm(6); /* no client waits for us longer, nor we for a client */
    int listening = listening_at(argv[1]);
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");

    char text[512];
    size_t got = 0;
    ssize_t n;
    while (got < sizeof text - 1 && (n = recv(fd, text + got, sizeof text - 1 - got, 0)) > 0)
        got += (size_t)n;
    text[got] = '\0';
    printf("that was the end, after %zu bytes: now I can sort\n", got);

    usleep(200 * 1000); /* sorting takes time */
    send_sorted(fd, text);
    usleep(200 * 1000);
    close(fd);
    close(listening);
    return 0;
}
