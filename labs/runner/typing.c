#include "labs/runner/typing.h"

#include "labs/runner/conductor.h"
#include "labs/runner/direct.h"
#include "labs/runner/tell.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* As a terminal knows it: it hands its reader what stands in the line, and where that is nothing
 * the reader is at the end. */
static const char end_of_file = 4;

bool typing_waits(const struct conductor *c, int host)
{
    return c->typing[host].waiting.len > 0 || c->typing[host].ends > 0;
}

/* Write what the console takes: how many bytes, 0 where it is full, -1 where nobody is there. */
static ssize_t give(const struct conductor *c, int host, const char *bytes, size_t n)
{
    int fd = c->o->crew->consoles[host].ours;
    ssize_t taken;
    if (fd < 0)
        return -1;
    do
        taken = write(fd, bytes, n);
    while (taken < 0 && errno == EINTR);
    return taken < 0 && errno == EAGAIN ? 0 : taken;
}

void typing_flush(struct conductor *c, int host)
{
    struct typing *t = &c->typing[host];
    ssize_t n = 1;
    while (t->waiting.len > 0 && n > 0) {
        int64_t now_ns = session_now_ns();
        n = give(c, host, t->waiting.s, t->waiting.len);
        if (n <= 0)
            break;
        tell_console(c, host, true, now_ns, t->waiting.s, (size_t)n);
        t->mid_line = t->waiting.s[n - 1] != '\n';
        t->waiting.len -= (size_t)n;
        memmove(t->waiting.s, t->waiting.s + n, t->waiting.len);
    }
    while (t->ends > 0 && n > 0) {
        n = give(c, host, &end_of_file, 1);
        t->ends -= n > 0;
    }
    if (n < 0) {
        text_clear(&t->waiting);
        t->ends = 0;
    }
}

/* A line is for a console, or a command. */
static void typed_line(struct conductor *c)
{
    int host = c->typed.s[0] == 'S';
    if (c->typed.s[0] == ':') {
        c->typed.s[c->typed.len - 1] = '\0';
        direct_line(c, c->typed.s + 1);
        return;
    }
    text_bytes(&c->typing[host].waiting, c->typed.s + 1, c->typed.len - 1);
    typing_flush(c, host);
}

void typing_from_viewer(struct conductor *c)
{
    char bytes[1024];
    ssize_t n = read(c->o->typed_fd, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        c->typed_ended = true;
    for (ssize_t i = 0; i < n; i++) {
        text_char(&c->typed, bytes[i]);
        if (bytes[i] != '\n')
            continue;
        typed_line(c);
        text_clear(&c->typed);
    }
}

void typing_from_input(struct conductor *c)
{
    struct typing *t = &c->typing[0];
    char bytes[1024];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        text_bytes(&t->waiting, bytes, (size_t)n);
    } else {
        c->input_ended = true;
        t->ends = t->mid_line ? 2 : 1; /* within a line the first one only ends the line */
    }
    typing_flush(c, 0);
}
