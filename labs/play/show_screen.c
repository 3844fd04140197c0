/* The prompt below the ladder: a dialogue of the viewer. */
#include "labs/play/history.h"
#include "labs/play/play.h"
#include "labs/play/show.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/tui/tui.h"

#include <stdlib.h>
#include <string.h>

struct said {
    char *words; /* (owned) */
    enum play_said what;
};

struct screen {
    const struct play_show *o;
    struct play *play; /* (owned) */
    struct play_history history;
    struct said *said; /* (owned) */
    size_t count, cap;
    bool changed;
    int64_t leaving_ns; /* since when; 0: not yet */
};

/* What was said is not kept for ever. */
enum { SAID_MOST = 2000, SAID_CUT = 500 };

static void say(void *to, enum play_said what, char host, const char *line)
{
    struct screen *s = to;
    struct text words = {0};
    if (s->count == SAID_MOST) {
        for (size_t i = 0; i < SAID_CUT; i++)
            free(s->said[i].words);
        s->count -= SAID_CUT;
        memmove(s->said, s->said + SAID_CUT, s->count * sizeof *s->said);
    }
    if (what == PLAY_MORE)
        text_add(&words, "   ");
    else if (host)
        text_format(&words, "%c%c ", host, play_mark(what));
    else
        text_format(&words, "%c ", play_mark(what));
    text_add(&words, line);
    xgrow(&s->said, &s->cap, s->count, sizeof *s->said);
    s->said[s->count++] = (struct said){words.s, what};
    s->changed = true;
}

static void feed(struct screen *s)
{
    const struct play_script *script = s->o->script;
    for (size_t i = 0; script && i < script->count; i++) {
        if (i == script->first)
            play_opening(s->play, true);
        play_feed(s->play, script->lines[i], i < script->first ? NULL : script->name,
                  (int)(i - script->first) + 1);
    }
    if (script && script->first >= script->count)
        play_opening(s->play, true);
}

/* ---- the dialogue ------------------------------------------------------------------------- */

static void begin(void *self, const struct trace *trace)
{
    struct screen *s = self;
    struct play_options options = {.trace = trace, .alone = s->o->alone, .say = say, .to = s};
    s->play = play_new(&options);
    play_history_open(&s->history);
    say(s, PLAY_MORE, 0,
        s->o->alone
            ? _("Type a call, such as send \"hello\\n\". Tab completes, help lists, Ctrl-D ends.")
            : _("Type a call, such as S: listen 9502. Tab completes, help lists, Ctrl-D ends."));
    say(s, PLAY_MORE, 0, _("Esc leaves this line for the picture above; `i` comes back."));
    feed(s);
}

static void frame(void *self, const struct capture_frame *f)
{
    struct screen *s = self;
    play_frame(s->play, f);
}

static int update(void *self, bool *changed)
{
    struct screen *s = self;
    int wait_ms = play_update(s->play, clock_monotonic_ns());
    *changed = s->changed;
    s->changed = false;
    return wait_ms;
}

static void label(void *self, struct text *out, enum role *role)
{
    const struct screen *s = self;
    char host = play_host(s->play);
    if (host)
        text_char(out, host);
    text_add(out, "> ");
    *role = host == 'S' ? ROLE_HOST_S : ROLE_HOST_C;
}

static void enter(void *self, const char *line)
{
    struct screen *s = self;
    if (line[strspn(line, " ")] == '\0')
        return;
    say(s, PLAY_TYPED, 0, line);
    if (strcmp(line, "quit") != 0) /* which nobody looks for */
        play_history_add(&s->history, line);
    play_line(s->play, line);
}

static size_t complete(void *self, const char *line, dialogue_offer *offer, void *to)
{
    (void)self;
    return play_complete(line, offer, to);
}

static const char *earlier(void *self, size_t i)
{
    const struct screen *s = self;
    return i < s->history.count ? s->history.lines[i] : NULL;
}

static size_t count(void *self)
{
    const struct screen *s = self;
    return s->count;
}

static struct dialogue_line said(void *self, size_t i)
{
    static const enum role roles[PLAY_SAID_COUNT] = {
        [PLAY_TYPED] = ROLE_KEY,   [PLAY_DONE] = ROLE_CALL,          [PLAY_LATER] = ROLE_CALL,
        [PLAY_CAME] = ROLE_DATA,   [PLAY_WAITS] = ROLE_CALL_BLOCKED, [PLAY_REFUSED] = ROLE_ERROR,
        [PLAY_MORE] = ROLE_NORMAL,
    };
    const struct screen *s = self;
    const struct said *one = &s->said[i];
    bool failed =
        (one->what == PLAY_DONE || one->what == PLAY_LATER) && strstr(one->words, " = -1 ") != NULL;
    return (struct dialogue_line){
        .words = one->words,
        .role = failed ? ROLE_CALL_FAILED : roles[one->what],
        .begins = one->what == PLAY_TYPED,
    };
}

static struct text *outgoing(void *self)
{
    struct screen *s = self;
    return play_outgoing(s->play);
}

/* The programs end, and the run with them; but not for ever. */
static bool over(void *self, bool ended)
{
    static const int64_t patience_ns = 5LL * NS_PER_S;
    struct screen *s = self;
    if (!play_leaving(s->play))
        return false;
    if (s->leaving_ns == 0)
        s->leaving_ns = clock_monotonic_ns();
    return ended || clock_monotonic_ns() - s->leaving_ns > patience_ns;
}

int play_screen(struct source *source, const struct play_show *o, struct error *e)
{
    struct screen s = {.o = o};
    const struct dialogue dialogue = {
        .self = &s,
        .begin = begin,
        .frame = frame,
        .update = update,
        .label = label,
        .enter = enter,
        .complete = complete,
        .earlier = earlier,
        .count = count,
        .said = said,
        .outgoing = outgoing,
        .over = over,
    };
    struct tui_options screen = {
        .source = source,
        .title = o->title,
        .sources = o->sources ? o->sources : ".",
        .ascii = o->ascii,
        .console_fd = o->typed_fd,
        .dialogue = &dialogue,
    };
    int status = tui_run(&screen, e) == 0 ? EXIT_DONE : e->status;
    play_free(s.play);
    play_history_free(&s.history);
    for (size_t i = 0; i < s.count; i++)
        free(s.said[i].words);
    free(s.said);
    return status;
}
