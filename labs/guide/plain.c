#include "labs/guide/plain.h"

#include "labs/guide/guide.h"
#include "labs/guide/prose.h"
#include "tracer/base/words.h"
#include "tracer/print/walk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A call that has been entered is held back for a moment: most return at once, and are then one
 * line. */
enum { HOLD_MS = 60, COLS = 78 };

struct plain {
    const struct plain_options *o;
    struct recording *recording;
    struct guide *guide;
    struct trace *shown; /* as much as was revealed */
    struct walk *walk;
    struct text out;   /* not written yet */
    char tail[2];      /* what was written last */
    struct text typed; /* read, and not yet a line */
    bool input_ended;
    bool asked; /* the question stands on the screen */
};

static int put(struct plain *p, struct error *e)
{
    for (size_t at = 0; at < p->out.len;) {
        ssize_t n = write(p->o->out_fd, p->out.s + at, p->out.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(e, "Cannot write the lab's text: %s.", strerror(errno));
        at += (size_t)n;
    }
    if (p->out.len > 0)
        p->tail[0] = p->out.len > 1 ? p->out.s[p->out.len - 2] : p->tail[1];
    if (p->out.len > 0)
        p->tail[1] = p->out.s[p->out.len - 1];
    text_clear(&p->out);
    return 0;
}

/* What follows stands apart from what stands above it. */
static void add_gap(struct plain *p)
{
    size_t n = p->out.len;
    char last = n > 0 ? p->out.s[n - 1] : p->tail[1];
    char before = n > 1 ? p->out.s[n - 2] : n == 1 ? p->tail[1] : p->tail[0];
    if (last != '\n')
        text_char(&p->out, '\n');
    if (last != '\n' || before != '\n')
        text_char(&p->out, '\n');
}

static void add_markdown(struct plain *p, const char *markdown, int margin)
{
    struct prose prose = {0};
    prose_add(&prose, markdown, COLS - margin, false);
    prose_text(&prose, margin, &p->out);
    prose_free(&prose);
}

/* ---- the story ------------------------------------------------------------------------------ */

/* Tell what may be told; with `last`, a call too that has only just been entered. */
static void tell_shown(struct plain *p, bool last)
{
    struct capture_frame frame;
    while (recording_next(p->recording, &frame))
        trace_add(p->shown, &frame);
    walk_more(p->walk, last, &p->out);
}

/* Take a frame of the session, waiting for one where there is none yet. */
static int take_frame(struct plain *p, struct error *e)
{
    struct capture_frame frame;
    struct pollfd fd = {.fd = source_fd(p->o->source), .events = POLLIN};
    switch (source_next(p->o->source, false, &frame, e)) {
    case SOURCE_FRAME: recording_add(p->recording, &frame); return 0;
    case SOURCE_END: recording_end(p->recording); return 0;
    case SOURCE_ERROR: recording_end(p->recording); return -1;
    case SOURCE_WAIT: break;
    }
    tell_shown(p, false);
    if (put(p, e) != 0)
        return -1;
    if (poll(&fd, 1, HOLD_MS) == 0) {
        tell_shown(p, true);
        if (put(p, e) != 0)
            return -1;
        poll(&fd, 1, -1);
    }
    return 0;
}

/* ---- questions ------------------------------------------------------------------------------ */

/* Read a line; false where there are no more. */
static bool read_line(struct plain *p, struct text *line)
{
    text_clear(line);
    for (;;) {
        char *end = p->typed.len > 0 ? memchr(p->typed.s, '\n', p->typed.len) : NULL;
        if (end || (p->input_ended && p->typed.len > 0)) {
            size_t n = end ? (size_t)(end - p->typed.s) : p->typed.len;
            text_bytes(line, p->typed.s, n);
            size_t taken = n + (end != NULL);
            memmove(p->typed.s, p->typed.s + taken, p->typed.len - taken);
            p->typed.len -= taken;
            p->typed.s[p->typed.len] = '\0';
            return true;
        }
        char bytes[256];
        ssize_t n = p->input_ended ? 0 : read(p->o->in_fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (p->input_ended)
                return false;
            p->input_ended = true;
            continue;
        }
        text_bytes(&p->typed, bytes, (size_t)n);
    }
}

static void put_question(struct plain *p)
{
    struct text question = {0};
    char *const *choices = guide_choices(p->guide);
    add_gap(p);
    text_add(&question, "**?** ");
    guide_text(p->guide, &question);
    add_markdown(p, text_str(&question), 0);
    for (size_t i = 0; choices && choices[i]; i++) {
        text_format(&p->out, "  %zu. ", i + 1);
        text_safe_escaped(&p->out, choices[i]);
        text_char(&p->out, '\n');
    }
    text_clear(&question);
    guide_recall(p->guide, &question);
    add_markdown(p, text_str(&question), 2);
    text_free(&question);
}

static void answer(struct plain *p, const char *typed)
{
    static const char *const words[] = {
        [ANSWER_RIGHT] = N_("Right. "),
        [ANSWER_WRONG] = N_("Not so. "),
        [ANSWER_UNREAD] = "",
    };
    struct text says = {0}, shown = {0};
    enum judgement j = guide_answer(p->guide, typed, &says);
    text_add(&shown, _(words[j]));
    text_add(&shown, text_str(&says));
    if (j != ANSWER_RIGHT)
        text_add(&shown, _(" Try again (? for a hint, ! to be told)."));
    add_markdown(p, text_str(&shown), 2);
    if (j == ANSWER_RIGHT) {
        add_gap(p);
        guide_on(p->guide);
        p->asked = false;
    }
    text_free(&says);
    text_free(&shown);
}

static void tell_answer(struct plain *p)
{
    struct text shown = {0};
    text_add(&shown, _("The answer: "));
    guide_tell(p->guide, &shown);
    add_markdown(p, text_str(&shown), 2);
    add_gap(p);
    text_free(&shown);
    guide_on(p->guide);
    p->asked = false;
}

static void give_hint(struct plain *p)
{
    struct text hint = {0};
    if (!guide_hint(p->guide, &hint))
        text_add(&hint, _("There is no further hint. `!` tells the answer."));
    add_markdown(p, text_str(&hint), 2);
    text_free(&hint);
}

static int ask(struct plain *p, struct error *e)
{
    struct text line = {0};
    if (!p->asked)
        put_question(p);
    p->asked = true;
    text_add(&p->out, "> ");
    if (put(p, e) != 0)
        return -1;
    bool typed = read_line(p, &line);
    if (!typed || !isatty(p->o->in_fd)) /* what was typed on a terminal stands there already */
        text_safe_str(&p->out, text_str(&line)), text_char(&p->out, '\n');
    if (!typed || strcmp(text_str(&line), "!") == 0)
        tell_answer(p);
    else if (strcmp(text_str(&line), "?") == 0)
        give_hint(p);
    else if (line.len > 0)
        answer(p, text_str(&line));
    text_free(&line);
    return put(p, e);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void put_apart(struct plain *p, const struct text *words)
{
    if (words->len == 0)
        return;
    add_gap(p);
    add_markdown(p, text_str(words), 0);
    add_gap(p);
}

static int show(struct plain *p, enum guide_now now, struct error *e)
{
    struct text words = {0};
    if (now == GUIDE_STEP) {
        guide_reveal(p->guide);
        tell_shown(p, true);
    }
    if (now == GUIDE_ASK) {
        put_question(p);
    } else {
        guide_text(p->guide, &words);
        put_apart(p, &words);
    }
    text_free(&words);
    guide_on(p->guide);
    return put(p, e);
}

static void come_back(struct plain *p)
{
    struct text words = {0};
    if (guide_is_back(p->guide, &words))
        put_apart(p, &words);
    text_free(&words);
}

/* Where the paper has no more parts, what is left of the story is told as it comes. */
static int wait_for_run(struct plain *p, struct error *e)
{
    if (guide_part(p->guide) == p->o->lesson->part_count)
        recording_reveal_all(p->recording);
    return take_frame(p, e);
}

static int go_through(struct plain *p, struct error *e)
{
    for (;;) {
        enum guide_now now = guide_now(p->guide);
        come_back(p);
        bool asks = now == GUIDE_ASK && !guide_passed(p->guide);
        int result = now == GUIDE_OVER   ? 0
                     : now == GUIDE_WAIT ? wait_for_run(p, e)
                     : asks              ? ask(p, e)
                                         : show(p, now, e);
        if (now == GUIDE_OVER || result != 0)
            return result;
    }
}

static void put_heading(struct plain *p)
{
    text_safe_escaped(&p->out, p->o->lesson->title);
    text_add(&p->out, "\n\n");
    if (p->o->preface) {
        add_markdown(p, p->o->preface, 0);
        add_gap(p);
    }
}

static int put_end(struct plain *p, struct error *e)
{
    struct text report = {0};
    recording_reveal_all(p->recording);
    tell_shown(p, true);
    guide_report(p->guide, &p->o->end, &report);
    guide_note(p->guide, &report);
    if (report.len > 0) {
        add_gap(p);
        add_markdown(p, text_str(&report), 0);
    }
    text_free(&report);
    return put(p, e);
}

int plain_guide(const struct plain_options *o, struct error *e)
{
    struct plain p = {.o = o, .recording = recording_new(o->lesson), .shown = trace_new()};
    struct winsize size;
    p.guide = guide_new(o->lesson, p.recording, o->place);
    p.walk = walk_new(p.shown, o->ascii);
    if (isatty(o->out_fd) && ioctl(o->out_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        walk_columns(p.walk, size.ws_col);
    put_heading(&p);
    int result = go_through(&p, e);
    if (result == 0)
        result = put_end(&p, e);
    walk_free(p.walk);
    trace_free(p.shown);
    guide_free(p.guide);
    recording_free(p.recording);
    text_free(&p.out);
    text_free(&p.typed);
    return result;
}
