#include "tracer/print/walk.h"

#include "tracer/base/alloc.h"
#include "tracer/base/width.h"
#include "tracer/base/words.h"
#include "tracer/print/line.h"
#include "tracer/print/sentence.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*  0.121034  C  connect(3, 10.0.0.2:9502)
 *  0.121102     C > S  [S] seq J=2927179378, win 64240, options [mss 1460,...], length 0
 *               C: CLOSED -> SYN-SENT
 *               C asks to open a connection. Its kernel has picked J = 2927179378 as its first
 *               sequence number.
 *  0.131159     C > S  [S] delivered, 10.057 ms after it was sent
 */

enum { TEXT_COLUMN = 14, LAST_COLUMN = 100, COLUMNS_LEAST = 40 };

struct walk {
    const struct trace *trace; /* (borrowed) */
    const char *arrow;
    size_t next; /* the next moment to tell */
    int64_t start_ns, now_ns;
    struct story *stories; /* (owned) by flow */
    size_t story_count, story_cap;
    bool without_answers;
    int columns; /* no line of words is longer */
};

struct walk *walk_new(const struct trace *trace, bool ascii)
{
    struct walk *w = xcalloc(1, sizeof *w);
    w->trace = trace;
    w->arrow = ascii ? "->" : "\xe2\x86\x92";
    w->columns = LAST_COLUMN;
    return w;
}

void walk_without_answers(struct walk *w)
{
    w->without_answers = true;
}

void walk_columns(struct walk *w, int columns)
{
    w->columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
}

void walk_free(struct walk *w)
{
    if (!w)
        return;
    free(w->stories);
    free(w);
}

/* ---- pieces -----------------------------------------------------------------------------------
 */

static void add_seconds(int64_t ns, struct text *out)
{
    int64_t us = ns / 1000;
    text_format(out, "%2lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void add_milliseconds(int64_t ns, struct text *out)
{
    text_format(out, "%lld.%03lld ms", (long long)(ns / 1000000), (long long)(ns / 1000 % 1000));
}

/* " 0.121034  C  ", or without a host. */
static void begin(const struct walk *w, int64_t time_ns, char host, struct text *out)
{
    struct text time = {0};
    add_seconds(time_ns > w->start_ns ? time_ns - w->start_ns : 0, &time);
    text_format(out, "%s  %c  ", text_str(&time), host ? host : ' ');
    text_free(&time);
}

static void indent(struct text *out)
{
    text_repeat(out, ' ', TEXT_COLUMN);
}

/* Words, broken before the last column, each line at the text's column. Blanks between pieces of
 * wide glyphs stand only where they were written. */
static void add_wrapped(const struct walk *w, const char *words, struct text *out)
{
    int column = 0;
    while (*words) {
        int cols;
        size_t blanks = strspn(words, " ");
        size_t n = glyph_piece(words + blanks, strlen(words + blanks), &cols);
        int gap = column > 0 && blanks > 0;
        if (column == 0 || column + gap + cols > w->columns) {
            if (column > 0)
                text_char(out, '\n');
            indent(out);
            column = TEXT_COLUMN;
        } else if (gap) {
            text_char(out, ' ');
            column++;
        }
        text_bytes(out, words + blanks, n);
        column += cols;
        words += blanks + n;
    }
    text_char(out, '\n');
}

/* "C", or the endpoint where hosts have no names. */
static void add_who(const struct walk *w, uint32_t flow, int side, struct text *out)
{
    char host = trace_host_of(w->trace, flow, side);
    if (host)
        text_char(out, host);
    else
        endpoint_text(&trace_flow(w->trace, flow)->ends[side], out);
}

static void add_direction(const struct walk *w, const struct segment *s, struct text *out)
{
    add_who(w, s->flow, s->side, out);
    text_add(out, " > ");
    add_who(w, s->flow, !s->side, out);
}

static const char *letter(int side)
{
    return side == SIDE_INITIATOR ? "J" : "K";
}

/* Numbers as the classic figure has them: J and K where a SYN gives them and where they are first
 * acknowledged, relative after. */
static void add_numbers(const struct walk *w, const struct story *story, const struct segment *s,
                        struct text *out)
{
    uint32_t seq = trace_relative_seq(w->trace, s), ack = trace_relative_ack(w->trace, s);
    if (s->flags & TCP_SYN)
        text_format(out, " seq %s=%u,", letter(s->side), s->seq);
    else if (s->len > 0)
        text_format(out, " seq %u:%u,", seq, seq + s->len);
    else if (s->flags & (TCP_FIN | TCP_RST))
        text_format(out, " seq %u,", seq);
    if (!(s->flags & TCP_ACK))
        return;
    bool first = (s->flags & TCP_SYN) || (story->answered && !story->opened);
    if (first && ack == 1)
        text_format(out, " ack %s+1=%u,", letter(!s->side), s->ack);
    else
        text_format(out, " ack %u,", ack);
}

/* ---- moments ----------------------------------------------------------------------------------
 */

static struct story *story_of(struct walk *w, uint32_t flow)
{
    while (w->story_count <= flow) {
        xgrow(&w->stories, &w->story_cap, w->story_count, sizeof *w->stories);
        w->stories[w->story_count++] = (struct story){0};
    }
    return &w->stories[flow];
}

/* "C, 10.0.0.1:34567" */
static void add_end(const struct walk *w, uint32_t flow, int side, struct text *out)
{
    char host = trace_host_of(w->trace, flow, side);
    if (host)
        text_format(out, "%c, ", host);
    endpoint_text(&trace_flow(w->trace, flow)->ends[side], out);
}

static void tell_connection(const struct walk *w, uint32_t flow, struct text *out)
{
    struct text from = {0}, to = {0};
    add_end(w, flow, SIDE_INITIATOR, &from);
    add_end(w, flow, SIDE_RESPONDER, &to);
    text_char(out, '\n');
    text_format(out, _("-- connection %u: from %s to %s"), flow + 1, text_str(&from),
                text_str(&to));
    text_char(out, '\n');
    text_free(&from);
    text_free(&to);
}

static void tell_segment(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct segment got_s = trace_segment(w->trace, event->index), *s = &got_s;
    struct frame frame = trace_segment_frame(w->trace, event->index);
    struct packet p;
    struct text sentence = {0}, from = {0}, to = {0};
    if (s->flow >= w->story_count)
        tell_connection(w, s->flow, out);
    struct story *story = story_of(w, s->flow);
    begin(w, s->time_ns, 0, out);
    add_direction(w, s, out);
    text_add(out, "  [");
    line_flags(s->flags, out);
    text_char(out, ']');
    add_numbers(w, story, s, out);
    text_format(out, " win %u,", s->window);
    packet_decode(&frame, &p);
    if (p.tcp.options_bytes > 0) {
        text_add(out, " options [");
        line_options_text(&p, out);
        text_add(out, "],");
    }
    text_format(out, " length %u\n", s->len);
    add_who(w, s->flow, s->side, &from);
    add_who(w, s->flow, !s->side, &to);
    sentence_add(story, w->trace, s, text_str(&from), text_str(&to), &sentence);
    add_wrapped(w, text_str(&sentence), out);
    text_free(&sentence);
    text_free(&from);
    text_free(&to);
}

static void tell_fate(struct walk *w, const struct trace_event *event, struct text *out)
{
    bool copy = event->kind == TRACE_COPIED;
    uint32_t segment = copy ? trace_copy(w->trace, event->index).segment : event->index;
    const struct segment got_s = trace_segment(w->trace, segment), *s = &got_s;
    const char *reason = trace_segment_reason(w->trace, segment);
    struct text after = {0};
    begin(w, w->now_ns, 0, out);
    add_direction(w, s, out);
    text_add(out, "  [");
    line_flags(s->flags, out);
    text_add(out, "] ");
    add_milliseconds(w->now_ns - s->time_ns, &after);
    if (event->kind == TRACE_DROPPED)
        text_add(out,
                 s->corrupted ? _("comes damaged, and is thrown away") : _("is lost on the wire"));
    else
        text_format(out,
                    copy ? _("is delivered once more, a copy, %s after it was sent")
                         : _("is delivered, %s after it was sent"),
                    text_str(&after));
    text_free(&after);
    if (reason) {
        text_add(out, ": ");
        text_safe_str(out, words_of(reason));
    }
    text_char(out, '\n');
}

/* "   client.c:31" */
static void add_line(const struct call *call, struct text *out)
{
    text_add(out, call->file ? "   " : "");
    trace_call_line(call, out);
}

static void tell_enter(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct call *call = trace_call(w->trace, event->index);
    struct text made = {0};
    begin(w, w->now_ns, call->host, out);
    text_safe_str(&made, call->name);
    text_char(&made, '(');
    text_safe_escaped(&made, call->enter_args);
    text_char(&made, ')');
    text_format(out, _("%s is entered"), text_str(&made));
    text_free(&made);
    add_line(call, out);
    text_char(out, '\n');
}

static void add_result(const struct call *call, struct text *out)
{
    text_format(out, " = %lld", (long long)call->ret);
    if (call->error) {
        text_char(out, ' ');
        text_safe_str(out, call->error);
    }
}

static void tell_exit(struct walk *w, const struct trace_event *event, bool at_once,
                      struct text *out)
{
    const struct call *call = trace_call(w->trace, event->index);
    begin(w, w->now_ns, call->host, out);
    text_safe_str(out, call->name);
    text_char(out, '(');
    text_safe_escaped(out, call->args);
    text_char(out, ')');
    add_result(call, out);
    if (!at_once) {
        struct text after = {0};
        add_milliseconds(call->exit_ns - call->enter_ns, &after);
        text_add(out, "   ");
        text_format(out, _("returns after %s"), text_str(&after));
        text_free(&after);
    } else {
        add_line(call, out); /* else it was told at the entry */
    }
    text_char(out, '\n');
}

/* What no segment and no call tells. */
static void tell_silent(struct walk *w, const struct state_change *change, struct text *out)
{
    begin(w, w->now_ns, change->host, out);
    if (change->cause == CAUSE_TIMER)
        text_format(out, _("a timer of the kernel runs out: %s"), tcp_timer_clause(change->from));
    else
        text_add(out, _("the kernel has given the connection up: its program closed it"));
    text_char(out, '\n');
}

static void tell_state(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct state_change got_change = trace_state(w->trace, event->index),
                              *change = &got_change;
    if (change->cause == CAUSE_TIMER || change->cause == CAUSE_CLOSE)
        tell_silent(w, change, out);
    indent(out);
    if (change->host)
        text_char(out, change->host);
    else if (change->flow != TRACE_NONE)
        add_who(w, change->flow, change->side, out);
    text_format(out, ": %s %s %s\n", tcp_state_name(change->from), w->arrow,
                tcp_state_name(change->to));
}

static void tell_console(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct note *note = trace_note(w->trace, event->index);
    struct text safe = {0};
    for (const char *line = note->text; *line;) {
        size_t n = strcspn(line, "\n");
        begin(w, w->now_ns, note->host, out);
        text_clear(&safe);
        text_safe(&safe, line, n > 0 && line[n - 1] == '\r' ? n - 1 : n);
        text_format(out, note->typed ? _("is typed: %s") : _("prints: %s"), text_str(&safe));
        text_char(out, '\n');
        line += n + (line[n] == '\n');
    }
    text_free(&safe);
}

static void tell_process(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct note *note = trace_note(w->trace, event->index);
    begin(w, w->now_ns, note->host, out);
    if (note->event == PROCESS_STARTED) {
        struct text safe = {0};
        text_safe_str(&safe, note->text);
        text_format(out, _("the program starts: %s"), text_str(&safe));
        text_free(&safe);
    } else if (note->event == PROCESS_EXITED) {
        text_format(out, _("the program ends, exit status %d"), note->status);
    } else {
        const char *name = sigabbrev_np(note->status);
        text_format(out, _("the program is killed by SIG%s"), name ? name : "?");
    }
    text_char(out, '\n');
}

/* Whether a note is what a command came to. */
static bool is_answer(const struct walk *w, const struct note *note)
{
    for (size_t i = trace_command_count(w->trace); i-- > 0;) {
        const struct command_word *c = trace_command(w->trace, i);
        if (c->time_ns == note->time_ns && strcmp(c->answer, note->text) == 0)
            return true;
        if (c->time_ns < note->time_ns)
            return false;
    }
    return false;
}

static void tell_note(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct note *note = trace_note(w->trace, event->index);
    struct text safe = {0}, words = {0};
    if (w->without_answers && is_answer(w, note))
        return;
    text_char(out, '\n');
    words_again(note->text, &words);
    for (const char *line = text_str(&words); *line;) {
        size_t n = strcspn(line, "\n");
        text_clear(&safe);
        text_safe(&safe, line, n);
        add_wrapped(w, text_str(&safe), out);
        line += n + (line[n] == '\n');
    }
    text_char(out, '\n');
    text_free(&safe);
    text_free(&words);
}

static void tell_other(struct walk *w, const struct trace_event *event, struct text *out)
{
    const struct line_options quiet = {.time = LINE_TIME_NONE};
    struct frame frame = trace_other_frame(w->trace, event->index);
    struct packet p;
    struct line_printer *lp = line_printer_new(&quiet);
    begin(w, w->now_ns, 0, out);
    packet_decode(&frame, &p);
    line_print(lp, &p, out);
    line_printer_free(lp);
}

void walk_more(struct walk *w, bool last, struct text *out)
{
    static void (*const tellers[])(struct walk *, const struct trace_event *, struct text *) = {
        [TRACE_SEGMENT] = tell_segment, [TRACE_DELIVERED] = tell_fate,
        [TRACE_DROPPED] = tell_fate,    [TRACE_CALL_ENTER] = tell_enter,
        [TRACE_STATE] = tell_state,     [TRACE_CONSOLE] = tell_console,
        [TRACE_PROCESS] = tell_process, [TRACE_NOTE] = tell_note,
        [TRACE_OTHER] = tell_other,     [TRACE_COPIED] = tell_fate,
        [TRACE_KIND_COUNT] = NULL,
    };
    size_t count = trace_event_count(w->trace);
    if (w->next == 0 && count > 0)
        w->start_ns = trace_time(w->trace, 0);
    while (w->next < count) {
        struct trace_event event = trace_event(w->trace, w->next);
        bool entered = event.kind == TRACE_CALL_ENTER;
        if (entered && w->next + 1 == count && !last)
            return;
        struct trace_event after = entered && w->next + 1 < count
                                       ? trace_event(w->trace, w->next + 1)
                                       : (struct trace_event){TRACE_NOTE, TRACE_NONE};
        w->now_ns = trace_time(w->trace, w->next);
        if (after.kind == TRACE_CALL_EXIT && after.index == event.index) {
            tell_exit(w, &event, true, out); /* entered and returned: one line */
            w->next += 2;
            continue;
        }
        if (event.kind == TRACE_CALL_EXIT)
            tell_exit(w, &event, false, out);
        else if (tellers[event.kind]) /* the kernel's words are for the views */
            tellers[event.kind](w, &event, out);
        w->next++;
    }
}
