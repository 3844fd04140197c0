/* What the session tells the prompt: answers, and whether something is still going on. */
#include "labs/play/parts.h"

#include "labs/puppet/reply.h"
#include "tracer/base/words.h"
#include "tracer/session/annotation.h"

#include <string.h>

/* ---- answers -------------------------------------------------------------------------------- */

/* What stands behind the next colon, or NULL. */
static const char *behind_colon(const char *s)
{
    const char *colon = strstr(s, ": ");
    return colon ? colon + 2 : NULL;
}

/* Whether a program tells of bytes that came: they are no words of ours, whatever they look like.
 */
static bool tells_bytes(const char *line)
{
    enum { HEX_COLS = 16 * 3 };
    for (const char *tail = line; tail; tail = behind_colon(tail))
        if (*tail == '"' || strspn(tail, "0123456789abcdef ") >= HEX_COLS)
            return true;
    return false;
}

/* Programs and the wire answer in English, as the session keeps it. Of a sentence, or of what
 * stands behind a colon, the user's language is said here; a call and its result are not words. */
static void add_line_in_words(const char *line, struct text *out)
{
    struct text said = {0};
    const char *tail = tells_bytes(line) ? NULL : line;
    while (tail && !words_again(tail, &said)) {
        text_clear(&said);
        tail = behind_colon(tail);
    }
    text_bytes(out, line, tail ? (size_t)(tail - line) : strlen(line));
    text_add(out, tail ? text_str(&said) : "");
    text_free(&said);
}

static void add_in_words(const char *words, struct text *out)
{
    while (*words) {
        size_t n = strcspn(words, "\n");
        struct text line = {0};
        text_bytes(&line, words, n);
        add_line_in_words(text_str(&line), out);
        text_free(&line);
        words += n;
        if (*words)
            text_char(out, *words++);
    }
}

static void say_answer(struct play *p, enum play_said what, char host, const char *line)
{
    struct text words = {0};
    add_in_words(line, &words);
    play_say(p, what, host, text_str(&words));
    text_free(&words);
}

static void hear_answer(struct play *p, char host, const char *line)
{
    static const struct {
        char mark;
        enum play_said what;
        bool answers; /* to what was typed last */
        int waiting;  /* calls that wait: more, or fewer */
    } marks[] = {
        {REPLY_DONE, PLAY_DONE, true, 0},   {REPLY_LATER, PLAY_LATER, false, -1},
        {REPLY_WAITS, PLAY_WAITS, true, 1}, {REPLY_REFUSED, PLAY_REFUSED, true, 0},
        {REPLY_PIECE, PLAY_CAME, false, 0}, {REPLY_MORE, PLAY_MORE, false, 0},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (*line == marks[i].mark) {
            if (marks[i].answers && p->pending > 0)
                p->pending--;
            p->waiting += marks[i].waiting;
            if (line[1])
                say_answer(p, marks[i].what, host, line + 1);
            if (marks[i].what != PLAY_MORE && strstr(line, " = -1 "))
                play_call_failed(p);
        }
}

static void hear_prompt(struct play *p, const struct annotation *a)
{
    struct text *heard = &p->heard[a->host == 'S'];
    const char *text = a->prompt.text;
    p->lively_ns = p->now_ns;
    if (a->prompt.typed)
        return;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        text_bytes(heard, text, (size_t)(end - text));
        hear_answer(p, a->host, text_str(heard));
        text_clear(heard);
    }
    text_add(heard, text);
}

static void hear_command(struct play *p, const struct annotation *a)
{
    const char *answer = a->command.answer;
    p->lively_ns = p->now_ns;
    p->held_once = true; /* it may have been given by another way than the prompt */
    if (p->pending > 0)
        p->pending--;
    if (answer && *answer && !p->leaving)
        say_answer(p, a->command.failed ? PLAY_REFUSED : PLAY_DONE, 0, answer);
    if (a->command.failed && !p->leaving)
        p->failures++;
}

static void hear_end_of_program(struct play *p, const struct annotation *a)
{
    if (a->process.event == PROCESS_STARTED)
        return;
    p->gone[a->host == 'S'] = true;
    p->pending = 0;
}

void play_frame(struct play *p, const struct capture_frame *frame)
{
    struct annotation a;
    struct error e;
    if (!annotation_is(frame->bytes, frame->captured_bytes) ||
        annotation_read(frame->bytes, frame->captured_bytes, &a, &e) != 0)
        return;
    switch (a.type) {
    case ANNOTATION_PROMPT: hear_prompt(p, &a); break;
    case ANNOTATION_COMMAND: hear_command(p, &a); break;
    case ANNOTATION_HELD:
        if (a.held.repeats == 0 || a.held.over)
            p->held += a.held.over ? -1 : 1;
        break;
    case ANNOTATION_PROCESS: hear_end_of_program(p, &a); break;
    default: break;
    }
    annotation_free(&a);
}

/* ---- what goes on --------------------------------------------------------------------------- */

static void count_segment(struct play *p, enum trace_kind kind)
{
    const struct trace_session *session = trace_session(p->o.trace);
    bool has_wire = session->present && session->tier && strstr(session->tier, "hosts");
    if (has_wire && kind == TRACE_SEGMENT)
        p->in_flight++;
    else if (has_wire && p->in_flight > 0 && (kind == TRACE_DELIVERED || kind == TRACE_DROPPED))
        p->in_flight--;
}

void hear_trace(struct play *p)
{
    size_t count = trace_event_count(p->o.trace);
    if (p->seen < count)
        p->lively_ns = p->now_ns;
    for (; p->seen < count; p->seen++)
        count_segment(p, trace_event(p->o.trace, p->seen).kind);
}
