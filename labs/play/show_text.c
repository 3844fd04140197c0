/* The prompt without a screen: the walk-through, the lines that were typed and what came of each,
 * in the order of time. */
#include "labs/play/play.h"
#include "labs/play/show.h"
#include "tracer/base/clock.h"
#include "tracer/print/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOLD_MS = 60, LINE_MOST = 8192 };

struct show {
    const struct play_show *o;
    struct source *source;
    struct trace *trace;
    struct walk *walk;
    struct play *play;
    struct text out;
    struct text line; /* of standard input, unfinished */
    bool reads, asks; /* standard input is read; it is a terminal, and a person there */
    bool asked;       /* the prompt stands at the line's beginning */
    bool unread;      /* the walk-through may have more */
    struct error *error;
};

/* What happened before comes before. In words to a real host the calls themselves are not told
 * twice. */
static void walk_on(struct show *s, bool last)
{
    if (!s->o->alone)
        walk_more(s->walk, last, &s->out);
}

static void say(void *to, enum play_said what, char host, const char *line)
{
    struct show *s = to;
    walk_on(s, true);
    if (what == PLAY_TYPED && s->asks)
        return; /* the terminal has shown it */
    if (host)
        text_char(&s->out, host);
    text_format(&s->out, "%c %s\n", play_mark(what), line);
}

/* ---- output --------------------------------------------------------------------------------- */

static int put(struct show *s)
{
    if (s->out.len == 0)
        return 0;
    if (s->asked && write(STDOUT_FILENO, "\n", 1) < 0)
        return error_set(s->error, "Cannot write: %s.", strerror(errno));
    s->asked = false;
    for (size_t at = 0; at < s->out.len;) {
        ssize_t n = write(STDOUT_FILENO, s->out.s + at, s->out.len - at);
        if (n < 0 && errno != EINTR)
            return error_set(s->error, "Cannot write the walk-through: %s.", strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
    text_clear(&s->out);
    return 0;
}

/* Nothing more is about to be told: ask for the next line. */
static void ask(struct show *s)
{
    char prompt[] = "C> ";
    char host = play_host(s->play);
    if (!s->asks || s->asked || play_leaving(s->play))
        return;
    prompt[0] = host ? host : ' ';
    if (write(STDOUT_FILENO, prompt, strlen(prompt)) < 0)
        return;
    s->asked = true;
}

static void send(struct show *s)
{
    struct text *t = play_outgoing(s->play);
    ssize_t n = t->len > 0 ? write(s->o->typed_fd, t->s, t->len) : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        n = (ssize_t)t->len; /* the run is over */
    if (n > 0) {
        memmove(t->s, t->s + n, t->len - (size_t)n);
        t->len -= (size_t)n;
    }
}

/* ---- input ---------------------------------------------------------------------------------- */

static void take_line(struct show *s)
{
    s->asked = false;
    if (s->asks)
        play_line(s->play, text_str(&s->line));
    else
        play_feed(s->play, text_str(&s->line), NULL, 0);
    text_clear(&s->line);
}

static void read_input(struct show *s)
{
    char bytes[4096];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] == '\n')
            take_line(s);
        else if (bytes[i] != '\r' && s->line.len < LINE_MOST)
            text_char(&s->line, bytes[i] ? bytes[i] : 1); /* which is refused as a NUL should be */
    if (n > 0)
        return;
    if (s->line.len > 0)
        take_line(s);
    s->reads = false;
    play_feed_ends(s->play);
}

static enum source_result read_source(struct show *s)
{
    struct capture_frame frame;
    enum source_result got;
    while ((got = source_next(s->source, false, &frame, s->error)) == SOURCE_FRAME) {
        play_frame(s->play, &frame);
        trace_add(s->trace, &frame);
        s->unread = true;
    }
    return got;
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void wait_for_something(struct show *s, int wait_ms)
{
    bool silent = wait_ms < 0 || wait_ms > HOLD_MS; /* if nothing comes, that is a while */
    if (silent && (s->unread || (s->asks && !s->asked)))
        wait_ms = HOLD_MS;
    struct pollfd fds[] = {
        {.fd = source_fd(s->source), .events = POLLIN},
        {.fd = s->reads ? STDIN_FILENO : -1, .events = POLLIN},
        {.fd = play_outgoing(s->play)->len > 0 ? s->o->typed_fd : -1, .events = POLLOUT},
    };
    int n = poll(fds, 3, wait_ms);
    if (n == 0 && s->unread) { /* a call that was entered and has not returned at once */
        walk_on(s, true);
        s->unread = false;
    } else if (n == 0 && silent) {
        ask(s);
    }
    if (n > 0 && fds[1].revents)
        read_input(s);
}

static int loop(struct show *s)
{
    enum source_result got = SOURCE_WAIT;
    while (got == SOURCE_WAIT) {
        got = read_source(s);
        walk_on(s, got != SOURCE_WAIT);
        int wait_ms = play_update(s->play, clock_monotonic_ns());
        send(s);
        if (put(s) != 0)
            return EXIT_FELL_SHORT;
        if (got == SOURCE_WAIT)
            wait_for_something(s, wait_ms);
    }
    return got == SOURCE_ERROR ? s->error->status : EXIT_DONE;
}

static void feed(struct show *s)
{
    const struct play_script *script = s->o->script;
    for (size_t i = 0; script && i < script->count; i++) {
        if (i == script->first)
            play_opening(s->play, s->asks);
        play_feed(s->play, script->lines[i], i < script->first ? NULL : script->name,
                  (int)(i - script->first) + 1);
    }
    if (script && script->first >= script->count)
        play_opening(s->play, s->asks);
    if (s->o->ends)
        play_feed_ends(s->play);
}

int play_text(struct source *source, const struct play_show *o, struct error *e)
{
    struct show s = {.o = o, .source = source, .trace = trace_new(), .error = e};
    struct play_options options = {.trace = s.trace, .alone = o->alone, .say = say, .to = &s};
    s.walk = walk_new(s.trace, o->ascii);
    walk_without_answers(s.walk);
    s.play = play_new(&options);
    s.reads = !o->ends;
    s.asks = s.reads && isatty(STDIN_FILENO);
    fcntl(o->typed_fd, F_SETFL, fcntl(o->typed_fd, F_GETFL) | O_NONBLOCK);
    feed(&s);
    int status = loop(&s);
    int failures = play_failures(s.play);
    if (status == EXIT_DONE && failures > 0) {
        error_set(e, "%d of the lines did not come to what was wanted.", failures);
        status = EXIT_FELL_SHORT;
    }
    play_free(s.play);
    walk_free(s.walk);
    trace_free(s.trace);
    text_free(&s.out);
    text_free(&s.line);
    return status;
}
