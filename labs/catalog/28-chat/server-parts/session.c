#include "session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct session *session_new(int fd, int64_t now_ms)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    if (!charset_open(&s->charset, "utf-8")) {
        free(s);
        return NULL;
    }
    s->fd = fd;
    s->heard_ms = now_ms;
    return s;
}

void session_free(struct session *s)
{
    if (s->leaving && !s->ended) {
        /* It had its time, and is gone or will not read. By itself the kernel would go on sending
         * what is left for a quarter of an hour. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close(s->fd);
    charset_close(&s->charset);
    free(s);
}

/* ---- out --------------------------------------------------------------------------------- */

bool session_is_crowded(const struct session *s)
{
    return s->out_bytes >= OUT_MOST / 2;
}

void session_say(struct session *s, const char *format, ...)
{
    char line[REPLY_MOST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    /* There is room: who is crowded is asked for no line and sent no message. */
    if (OUT_MOST - s->out_bytes <= sizeof line)
        return;
    s->out_bytes += charset_encode(&s->charset, line, s->out + s->out_bytes, sizeof line);
    s->out[s->out_bytes++] = '\n';
}

void session_dismiss(struct session *s, int64_t now_ms, const char *why)
{
    if (s->leaving)
        return;
    session_say(s, "Bye %s", why);
    s->leaving = true;
    s->leaving_ms = now_ms;
    s->name[0] = '\0';
    s->in_bytes = 0;
}

/* A close() while bytes are there that nobody has read makes the kernel send a reset, and a reset
 * may overtake the words that said why. So: our FIN, then read on until theirs, for a while. */
static bool leave(struct session *s, int64_t now_ms)
{
    if (now_ms - s->leaving_ms > LINGER_MS || s->ended)
        return s->out_bytes > 0 && now_ms - s->leaving_ms <= LINGER_MS;
    if (s->out_bytes == 0 && !s->shut) {
        s->shut = true;
        return shutdown(s->fd, SHUT_WR) == 0;
    }
    return true;
}

bool session_send(struct session *s, int64_t now_ms)
{
    if (s->out_bytes > 0) {
        ssize_t n = send(s->fd, s->out, s->out_bytes, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (n > 0) {
            s->out_bytes -= (size_t)n;
            memmove(s->out, s->out + n, s->out_bytes);
        }
    }
    if (s->leaving)
        return leave(s, now_ms);
    /* Who has closed its direction is answered what it asked before. */
    return !(s->ended && s->out_bytes == 0 && !memchr(s->in, '\n', s->in_bytes));
}

/* ---- in ---------------------------------------------------------------------------------- */

void session_receive(struct session *s, int64_t now_ms)
{
    char thrown_away[4096];
    bool keeps = !s->leaving;
    ssize_t n = keeps ? recv(s->fd, s->in + s->in_bytes, sizeof s->in - s->in_bytes, 0)
                      : recv(s->fd, thrown_away, sizeof thrown_away, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { /* a reset is an end, too: sending will say so */
        s->ended = true;
        return;
    }
    s->heard_ms = now_ms;
    if (keeps)
        s->in_bytes += (size_t)n;
}

static void forget(struct session *s, size_t n)
{
    s->in_bytes -= n;
    memmove(s->in, s->in + n, s->in_bytes);
}

/* What is there is a whole buffer without a line's end: its beginning, middle or end. */
static void skip_overlong(struct session *s)
{
    if (!s->overlong)
        session_say(s, "Error a line has at most %d bytes", LINE_MOST - 1);
    s->overlong = true;
    s->in_bytes = 0;
}

bool session_line(struct session *s, char *line, size_t room)
{
    while (!s->leaving && !session_is_crowded(s)) {
        const char *end = memchr(s->in, '\n', s->in_bytes);
        if (!end) {
            if (s->in_bytes == sizeof s->in)
                skip_overlong(s);
            return false;
        }
        size_t whole = (size_t)(end - s->in) + 1, n = whole - 1;
        if (n > 0 && s->in[n - 1] == '\r')
            n--;
        bool tail = s->overlong; /* the end of a line whose beginning was too long */
        bool text = !tail && charset_decode(&s->charset, s->in, n, line, room);
        s->overlong = false;
        forget(s, whole);
        if (text)
            return true;
        if (!tail)
            session_say(s,
                        "Error this is no text in your character set, or has control characters");
    }
    return false;
}
