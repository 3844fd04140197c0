#include "labs/wire/orders.h"

#include "labs/control/control.h"
#include "labs/wire/hands.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/select/describe.h"

#include <stdlib.h>

enum { LISTED_MOST = 100 };

struct orders {
    struct orders_options options;
    struct rulebook *book; /* (owned) NULL: nobody has asked for one, or it became too large */
    struct rules **given;  /* (owned) by command */
    size_t given_count, given_cap;
    uint64_t kept_bytes;
};

static void make_book(struct orders *o, bool grows)
{
    struct rulebook_options options = o->options.rulebook;
    options.grows = grows;
    o->book = rulebook_new(&options);
    engine_follow(o->options.engine, o->book);
}

struct orders *orders_new(const struct orders_options *options)
{
    struct orders *o = xcalloc(1, sizeof *o);
    const struct rules *const *rules = options->rules;
    o->options = *options;
    if (options->rulebook.grows || (rules && *rules))
        make_book(o, options->rulebook.grows);
    for (; rules && *rules; rules++)
        rulebook_add(o->book, *rules);
    return o;
}

void orders_free(struct orders *o)
{
    if (!o)
        return;
    engine_follow(o->options.engine, NULL);
    rulebook_free(o->book);
    for (size_t i = 0; i < o->given_count; i++)
        rules_free(o->given[i]);
    free(o->given);
    free(o);
}

void orders_count(struct orders *o, uint32_t length_bytes)
{
    if (!o->book || !o->options.rulebook.grows || rulebook_count(o->book) > 0)
        return;
    o->kept_bytes += length_bytes;
    if (o->kept_bytes <= ORDERS_KEEP_BYTES)
        return;
    engine_follow(o->options.engine, NULL);
    engine_forget_events(o->options.engine);
    rulebook_free(o->book);
    o->book = NULL;
}

/* The rules, for one more. Where what was sent has been forgotten, they know of what comes now. */
static struct rulebook *book(struct orders *o)
{
    if (!o->book)
        make_book(o, false);
    return o->book;
}

/* ---- words ----------------------------------------------------------------------------------- */

static void add_time(int64_t ns, struct text *out)
{
    if (ns < 0)
        ns = 0;
    if (ns < NS_PER_S)
        text_format(out, "%lld ms", (long long)((ns + NS_PER_MS / 2) / NS_PER_MS));
    else
        text_format(out, "%lld.%lld s", (long long)(ns / NS_PER_S),
                    (long long)(ns % NS_PER_S / (NS_PER_S / 10)));
}

/* "4  C > S  [S] seq J=2927179378, win 64240" */
static void add_frame(const struct orders *o, const struct flight *f, struct text *out)
{
    text_format(out, "%llu  ", (unsigned long long)f->number);
    if (o->book && f->event != RULING_NO_EVENT)
        describe_event(rulebook_trace(o->book), f->event, out);
    else
        text_format(out, "%s  %u bytes", f->direction == WIRE_FROM_C ? "C > S" : "S > C",
                    f->length_bytes);
}

/* A line of `flight`. Such sentences are looked up whole by whoever shows them. */
static void add_flight(const struct orders *o, const struct flight *f, int64_t now_ns,
                       struct text *out)
{
    struct text frame = {0}, time = {0};
    add_frame(o, f, &frame);
    add_time(f->held ? now_ns - f->arrived_ns : f->ready_ns - now_ns, &time);
    const char *shown = text_str(&frame), *since = text_str(&time);
    unsigned times = f->repeats + 1;
    if (f->held && f->by_hand && times > 1)
        text_format(out, N_("%s, held %s, sent %u times"), shown, since, times);
    else if (f->held && f->by_hand)
        text_format(out, N_("%s, held %s"), shown, since);
    else if (f->held && times > 1)
        text_format(out, N_("%s, held by a rule %s, sent %u times"), shown, since, times);
    else if (f->held)
        text_format(out, N_("%s, held by a rule %s"), shown, since);
    else if (times > 1)
        text_format(out, N_("%s, travels, %s to go, sent %u times"), shown, since, times);
    else
        text_format(out, N_("%s, travels, %s to go"), shown, since);
    text_free(&frame);
    text_free(&time);
}

/* ---- the commands ---------------------------------------------------------------------------- */

struct asked {
    struct orders *orders;
    struct engine *engine;
    struct control *control;
    int64_t now_ns;
    struct text *answer;
};

static bool do_hold(struct asked *a)
{
    const struct selector *s = a->control->selector;
    if (s) {
        rulebook_hold(book(a->orders), s);
        text_format(a->answer,
                    N_("The wire holds what %s selects from now on; both kernels' timers run on."),
                    selector_text(s));
    } else {
        engine_hold_all(a->engine, true);
        text_add(a->answer,
                 N_("The wire holds all that is sent from now on; both kernels' timers run on."));
    }
    return true;
}

static bool do_flight(struct asked *a)
{
    struct flight f = {0};
    size_t count = 0;
    while (count < LISTED_MOST && engine_next_in_flight(a->engine, f.number, &f)) {
        if (count++ > 0)
            text_char(a->answer, '\n');
        add_flight(a->orders, &f, a->now_ns, a->answer);
    }
    size_t all = engine_held(a->engine, WIRE_FROM_C) + engine_held(a->engine, WIRE_FROM_S);
    if (count == LISTED_MOST && all > count) {
        text_char(a->answer, '\n');
        text_format(a->answer, N_("and %zu more."), all - count);
    }
    if (count == 0)
        text_add(a->answer, N_("Nothing is in flight."));
    return true;
}

/* The segment that is meant. */
static bool find(struct asked *a, struct flight *f)
{
    unsigned long long number = a->control->number;
    if (number == 0 && !engine_first_held(a->engine, f)) {
        text_add(a->answer, N_("The wire holds nothing. `flight` lists what travels."));
        return false;
    }
    if (number > 0 && !engine_in_flight(a->engine, number, f)) {
        text_format(a->answer,
                    N_("There is no segment %llu in flight. `flight` lists those that there are."),
                    number);
        return false;
    }
    return true;
}

/* What was done to a segment, that was sent once or often. */
static void tell(struct asked *a, const char *once, const char *often, const struct flight *f)
{
    struct text frame = {0};
    add_frame(a->orders, f, &frame);
    text_format(a->answer, f->repeats > 0 ? often : once, text_str(&frame), f->repeats + 1);
    text_free(&frame);
}

static bool do_let(struct asked *a)
{
    struct flight f;
    if (!find(a, &f))
        return false;
    if (!f.held) {
        struct text time = {0};
        add_time(f.ready_ns - a->now_ns, &time);
        text_format(a->answer, N_("Segment %llu is not held: it travels, and arrives in %s."),
                    (unsigned long long)f.number, text_str(&time));
        text_free(&time);
        return false;
    }
    tell(a, N_("Let through: %s"), N_("Let through: %s, sent %u times"), &f);
    engine_let(a->engine, f.number, a->now_ns);
    return true;
}

static bool do_drop(struct asked *a)
{
    struct flight f;
    if (!find(a, &f))
        return false;
    tell(a, N_("Dropped: %s"), N_("Dropped: %s, sent %u times"), &f);
    engine_drop(a->engine, f.number, a->now_ns);
    return true;
}

static bool do_dup(struct asked *a)
{
    struct flight f;
    if (!find(a, &f))
        return false;
    tell(a, N_("Let through twice: %s"), N_("Let through twice: %s, sent %u times"), &f);
    engine_duplicate(a->engine, f.number, a->now_ns);
    return true;
}

static bool do_delay(struct asked *a)
{
    struct flight f;
    if (!find(a, &f))
        return false;
    tell(a, N_("Delayed: %s"), N_("Delayed: %s, sent %u times"), &f);
    engine_delay(a->engine, f.number, a->now_ns, a->control->duration_ns);
    return true;
}

static bool do_rule(struct asked *a)
{
    struct orders *o = a->orders;
    struct rules *rules = a->control->rules;
    a->control->rules = NULL;
    xgrow(&o->given, &o->given_cap, o->given_count, sizeof *o->given);
    o->given[o->given_count++] = rules;
    text_format(a->answer,
                o->book && o->options.rulebook.grows
                    ? N_("From now on: %s")
                    : N_("From now on: %s, counted from what is sent from now on"),
                rules->at[0].text);
    rulebook_add(book(o), rules);
    return true;
}

static bool do_go(struct asked *a)
{
    engine_hold_all(a->engine, false);
    if (a->orders->book)
        rulebook_hold_none(a->orders->book);
    size_t count = engine_let_all(a->engine, a->now_ns);
    if (count > 0)
        text_format(a->answer, N_("Let through: %zu. The wire holds nothing from now on."), count);
    else
        text_add(a->answer, N_("The wire holds nothing from now on."));
    return true;
}

bool orders_do(struct orders *o, const char *line, int64_t now_ns, struct text *answer)
{
    static bool (*const doers[CONTROL_COUNT])(struct asked *) = {
        [CONTROL_HOLD] = do_hold, [CONTROL_FLIGHT] = do_flight, [CONTROL_LET] = do_let,
        [CONTROL_DROP] = do_drop, [CONTROL_DUP] = do_dup,       [CONTROL_DELAY] = do_delay,
        [CONTROL_RULE] = do_rule, [CONTROL_GO] = do_go,
    };
    struct control c;
    struct error e = {0};
    int parsed = control_parse(line, &c, &e);
    if (parsed <= 0) {
        text_add(answer, e.text);
        return parsed == 0;
    }
    struct asked asked = {o, o->options.engine, &c, now_ns, answer};
    bool done = false;
    if (doers[c.row->command])
        done = doers[c.row->command](&asked);
    else
        text_format(answer, N_("`%s` is no command of the wire."), c.row->word);
    control_free(&c);
    return done;
}
