#include "protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(struct conversation *c, const char *what, const char *text, size_t text_bytes)
{
    int n = snprintf(c->out, sizeof c->out, "%s, client %u%s%.*s\n", what, c->number,
                     text_bytes > 0 ? ", you said: " : "", (int)text_bytes, text);
    c->out_bytes = (size_t)n;
}

bool conversation_answer(struct conversation *c)
{
    const char *end = memchr(c->in, '\n', c->in_bytes);
    if (c->over || (!end && c->in_bytes < sizeof c->in))
        return false;
    if (!end) { /* no room for more, and still no end */
        say(c, "Error: a line has 512 bytes at most", "", 0);
        c->over = true;
        return true;
    }
    size_t bytes = (size_t)(end - c->in), text = bytes;
    if (text > 0 && c->in[text - 1] == '\r') /* telnet ends a line with both */
        text--;
    c->over = text == 3 && memcmp(c->in, "bye", 3) == 0;
    if (c->over)
        say(c, "Bye", "", 0);
    else
        say(c, "Hello", c->in, text);
    c->in_bytes -= bytes + 1;
    memmove(c->in, end + 1, c->in_bytes);
    return true;
}

/* send() may take less than it was given. */
static bool send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL); /* an error, and not SIGPIPE */
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

void converse(int fd, unsigned number)
{
    struct conversation c = {.number = number};
    bool there = true;
    while (there && !c.over) {
        ssize_t n = recv(fd, c.in + c.in_bytes, sizeof c.in - c.in_bytes, 0);
        if (n < 0 && errno == EINTR)
            continue;
        there = n > 0; /* 0: the client has closed; less: it is gone */
        c.in_bytes += n > 0 ? (size_t)n : 0;
        while (there && conversation_answer(&c))
            there = send_all(fd, c.out, c.out_bytes);
    }
    /* If close() finds bytes that nobody has read, it sends RST, which may overtake our last answer
     * and destroy it. So: only our FIN first, then whatever comes until the client has closed, too.
     */
    char unread[LINE_MOST];
    if (there && shutdown(fd, SHUT_WR) == 0)
        while (recv(fd, unread, sizeof unread, 0) > 0)
            ;
    close(fd);
}
