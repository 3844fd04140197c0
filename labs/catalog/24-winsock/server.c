/* server PORT: one client, step by step. A welcome, then twenty rounds of six bytes at most, each
 * answered with a prompt; then an orderly end.
 *
 * The same source for POSIX and for Windows. There, sockets are no file descriptors, the library is
 * to be started first, and errors are not in errno. The rest is the same, and so are the segments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>

typedef int buffer_size; /* what send() and recv() take */

static void start_sockets(void)
{
    WSADATA what_is_there;
    int error = WSAStartup(MAKEWORD(2, 2), &what_is_there); /* not in WSAGetLastError() yet */
    if (error != 0) {
        fprintf(stderr, "WSAStartup: error %d\n", error);
        exit(1);
    }
}

static void stop_sockets(void)
{
    WSACleanup();
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
    exit(1);
}
#else
#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int SOCKET;
typedef size_t buffer_size;
enum { INVALID_SOCKET = -1, SD_SEND = SHUT_WR };

static void start_sockets(void)
{
    signal(SIGPIPE, SIG_IGN); /* a client that has gone is an error of send(), and not our end */
}

static void stop_sockets(void)
{
}

static int closesocket(SOCKET s)
{
    return close(s);
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}
#endif

enum { ROUNDS = 20, PIECE = 6 };

/* getaddrinfo(), socket(), bind(), listen(). */
static SOCKET listen_at(const char *port)
{
    struct addrinfo wanted = {.ai_family = AF_INET,
                              .ai_socktype = SOCK_STREAM,
                              .ai_protocol = IPPROTO_TCP,
                              .ai_flags = AI_PASSIVE}, /* an address to bind to: any of ours */
        *found = NULL;
    int error = getaddrinfo(NULL, port, &wanted, &found);
    if (error != 0) { /* its errors are its own on POSIX */
        fprintf(stderr, "getaddrinfo: there is no port \"%s\" (%d)\n", port, error);
        exit(1);
    }
    SOCKET s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (s == INVALID_SOCKET)
        fail("socket");
#ifndef _WIN32 /* Windows lets us bind beside TIME-WAIT anyway; there the option means something   \
                  else */
    int on = 1;
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        fail("setsockopt");
#endif
    if (bind(s, found->ai_addr, (socklen_t)found->ai_addrlen) != 0)
        fail("bind");
    freeaddrinfo(found);
    if (listen(s, SOMAXCONN) != 0)
        fail("listen");
    return s;
}

static void say(SOCKET s, const char *text)
{
    int n = (int)strlen(text); /* without the zero at its end, which is C's affair alone */
    while (n > 0) {
        int sent = (int)send(s, text, (buffer_size)n, 0); /* may be less than all */
        if (sent <= 0)
            fail("send");
        text += sent;
        n -= sent;
    }
}

/* Up to six bytes, whatever they are the beginning or the end of. 0: the client has closed. */
static int take(SOCKET s, char *piece)
{
    int n = (int)recv(s, piece, PIECE, 0);
    if (n < 0)
        fail("recv");
    return n;
}

static void converse(SOCKET s)
{
    char piece[PIECE];
    int n = 1, total = 0, round = 0;
    say(s, "welcome !!!\n");
    while (round < ROUNDS && (n = take(s, piece)) > 0) {
        round++;
        total += n;
        say(s, "Please enter the data:");
    }
    /* Our FIN: we have said everything. What the client still sends is read before we close:
     * closing on bytes that nobody has read sends RST, and may destroy what we have said. */
    if (shutdown(s, SD_SEND) != 0)
        fail("shutdown");
    while (n > 0)
        n = take(s, piece);
    closesocket(s);
    printf("%d rounds, %d bytes\n", round, total);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    start_sockets();
    SOCKET listening = listen_at(argv[1]);
    SOCKET client = accept(listening, NULL, NULL);
    if (client == INVALID_SOCKET)
        fail("accept");
    closesocket(listening); /* this one client is all we serve */
    converse(client);
    stop_sockets();
    return 0;
}
