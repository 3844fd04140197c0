/* What is held by hand: on the wire, and at a program's call. Only what is held now is kept; what
 * was asked is kept whole, and each command is a word to the reader too. */
#include "tracer/base/alloc.h"
#include "tracer/trace/model.h"

#include <string.h>

/* More than these are not kept: no one has held so many, but a file may say so. */
enum { HOLDS_MOST = 16384, WAITING_MOST = 1024, CALLS_BACK_MOST = 4096 };

static void remove_at(void *items, size_t *count, size_t size, size_t i)
{
    char *at = (char *)items + i * size;
    memmove(at, at + size, (--*count - i) * size);
}

/* ---- the wire -------------------------------------------------------------------------------- */

/* Where the hold of a number stands, or would. */
static size_t place_of(const struct trace *t, uint64_t number)
{
    size_t low = 0, high = t->holds.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->holds.at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void trace_add_held(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    size_t i = place_of(t, a->held.number);
    bool known = i < t->holds.count && t->holds.at[i].number == a->held.number;
    uint32_t repeats = a->held.repeats > 0 ? (uint32_t)a->held.repeats : 0;
    if (known && a->held.over) {
        remove_at(t->holds.at, &t->holds.count, sizeof *t->holds.at, i);
    } else if (known) {
        t->holds.at[i].repeats = repeats;
    } else if (!a->held.over && t->holds.count < HOLDS_MOST) {
        uint32_t segment = trace_travelling(t, a->held.sent_ns, a->held.from);
        struct hold hold = {
            .since_ns = time_ns,
            .sent_ns = a->held.sent_ns,
            .from = a->held.from,
            .segment = segment == KEYED_NONE ? TRACE_NONE : segment,
            .number = a->held.number,
            .repeats = repeats,
        };
        VECTOR_ADD(t->holds, hold);
        memmove(t->holds.at + i + 1, t->holds.at + i,
                (t->holds.count - 1 - i) * sizeof *t->holds.at);
        t->holds.at[i] = hold;
    }
}

size_t trace_hold_count(const struct trace *t)
{
    return t->holds.count;
}

const struct hold *trace_hold(const struct trace *t, size_t i)
{
    return &t->holds.at[i];
}

/* ---- programs -------------------------------------------------------------------------------- */

/* The call's entry is among the newest: its program has been held since. */
static uint32_t find_call(const struct trace *t, char host, uint64_t id)
{
    size_t least = t->calls.count > CALLS_BACK_MOST ? t->calls.count - CALLS_BACK_MOST : 0;
    for (size_t i = t->calls.count; i-- > least;)
        if (t->calls.at[i].id == id && t->calls.at[i].host == host)
            return (uint32_t)i;
    return TRACE_NONE;
}

void trace_add_waits(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    for (size_t i = 0; i < t->waiting.count; i++)
        if (t->waiting.at[i].host == a->host && t->waiting.at[i].tid == a->waits.tid)
            remove_at(t->waiting.at, &t->waiting.count, sizeof *t->waiting.at, i--);
    if (a->waits.over || t->waiting.count == WAITING_MOST)
        return;
    struct waiting waiting = {
        .since_ns = time_ns,
        .host = a->host,
        .at = a->waits.at,
        .pid = a->waits.pid,
        .tid = a->waits.tid,
        .id = a->waits.id,
        .call = find_call(t, a->host, a->waits.id),
    };
    VECTOR_ADD(t->waiting, waiting);
}

size_t trace_waiting_count(const struct trace *t)
{
    return t->waiting.count;
}

const struct waiting *trace_waiting(const struct trace *t, size_t i)
{
    return &t->waiting.at[i];
}

/* ---- commands -------------------------------------------------------------------------------- */

/* What `hold` and `go` turn on and off, in the words of docs/stepping.md. */
static void turn(struct trace_hands *h, const char *rest, bool on)
{
    bool all = strcmp(rest, " programs") == 0, c = strcmp(rest, " C") == 0,
         s = strcmp(rest, " S") == 0;
    if (all || c)
        h->programs[0] = on;
    if (all || s)
        h->programs[1] = on;
    if (!all && !c && !s)
        h->wire = on;
}

static void take_hands(struct trace_hands *h, const char *text)
{
    if (strncmp(text, "hold", 4) == 0 && (text[4] == ' ' || !text[4]))
        turn(h, text + 4, true);
    else if (strncmp(text, "go", 2) == 0 && (text[2] == ' ' || !text[2]))
        turn(h, text + 2, false);
}

/* What was done is told among the events by its answer; looking is none of them, and a step shows
 * in its call. */
static void remark(struct trace *t, const struct command_word *w)
{
    if (!w->failed && w->answer[0] && strcmp(w->text, "flight") != 0)
        trace_remark(t, w->time_ns, w->answer);
}

void trace_add_command(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct command_word word = {
        .time_ns = time_ns,
        .text = trace_keep(t, a->command.text ? a->command.text : ""),
        .answer = trace_keep(t, a->command.answer ? a->command.answer : ""),
        .failed = a->command.failed,
    };
    VECTOR_ADD(t->commands, word);
    if (!word.failed)
        take_hands(&t->hands, word.text);
    remark(t, &word);
}

size_t trace_command_count(const struct trace *t)
{
    return t->commands.count;
}

const struct command_word *trace_command(const struct trace *t, size_t i)
{
    return &t->commands.at[i];
}

struct trace_hands trace_hands(const struct trace *t)
{
    return t->hands;
}
