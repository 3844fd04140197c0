#include "labs/runner/direct_parts.h"

#include "labs/runner/conductor.h"
#include "labs/runner/tell.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/select/describe.h"
#include "tracer/select/run.h"

#include <string.h>

static const int64_t until_waits_ns = 30LL * NS_PER_S;
static const int64_t wire_waits_ns = 5LL * NS_PER_S; /* it answers within a millisecond or two */

static const char letters[2] = {'C', 'S'};

static int host_of(const struct control *k)
{
    return k->hosts[0] ? 0 : 1;
}

static enum direct_state fail(const struct direct_task *t)
{
    if (t->error->status == 0)
        t->error->status = EXIT_FELL_SHORT;
    return DIRECT_FAILED;
}

static int64_t waited_ns(const struct direct_task *t)
{
    return clock_monotonic_ns() - t->director->since_ns;
}

/* ---- the wire -------------------------------------------------------------------------------- */

static enum direct_state start_wire(const struct direct_task *t)
{
    struct crew *crew = t->conductor->o->crew;
    if (!conductor_member(t->conductor, CREW_WIRE)->present || crew->tier >= TIER_LOOPBACK) {
        error_exit(t->error, EXIT_MACHINE,
                   "There is no wire between two hosts here that could be held.");
        return fail(t);
    }
    crew_line(crew, CREW_WIRE, t->control->line);
    return DIRECT_WAITS;
}

/* The wire tells of each command what came of it, in their order. */
static enum direct_state wait_wire(const struct direct_task *t)
{
    const struct trace *trace = t->director->trace;
    for (size_t i = t->director->answered; i < trace_command_count(trace); i++) {
        const struct command_word *w = trace_command(trace, i);
        if (strcmp(w->text, t->control->line) != 0)
            continue;
        if (!w->failed) {
            text_add(t->answer, w->answer);
            return DIRECT_DONE;
        }
        error_set(t->error, "%.600s", w->answer);
        return fail(t);
    }
    if (waited_ns(t) < wire_waits_ns)
        return DIRECT_WAITS;
    error_set(t->error, "The wire has not answered.");
    return fail(t);
}

/* ---- programs -------------------------------------------------------------------------------- */

static void add_programs(const struct control *k, const char *one, const char *both,
                         struct text *out)
{
    if (k->hosts[0] && k->hosts[1])
        text_add(out, both);
    else
        text_format(out, one, letters[host_of(k)]);
}

static enum direct_state start_hold(const struct direct_task *t)
{
    for (int host = 0; host < 2; host++)
        if (t->control->hosts[host])
            conductor_hold(t->conductor, host, true);
    add_programs(t->control, N_("%c's program is held at its next socket call."),
                 N_("Both programs are held at their next socket calls."), t->answer);
    return DIRECT_DONE;
}

static enum direct_state start_go(const struct direct_task *t)
{
    for (int host = 0; host < 2; host++)
        if (t->control->hosts[host])
            conductor_hold(t->conductor, host, false);
    add_programs(t->control, N_("%c's program goes on."), N_("Both programs go on."), t->answer);
    return DIRECT_DONE;
}

static const struct waiting *waiting_of(const struct trace *trace, int host, int64_t since_ns)
{
    for (size_t i = 0; i < trace_waiting_count(trace); i++) {
        const struct waiting *w = trace_waiting(trace, i);
        if (w->host == letters[host] && w->since_ns > since_ns)
            return w;
    }
    return NULL;
}

static void add_call(const struct trace *trace, const struct call *call, bool returned,
                     struct text *out)
{
    struct text line = {0};
    text_safe_str(out, call->name);
    text_char(out, '(');
    text_safe_escaped(out, returned ? call->args : call->enter_args);
    text_char(out, ')');
    if (returned && call->error)
        text_format(out, " = -1 %s", call->error);
    else if (returned)
        text_format(out, " = %lld", (long long)call->ret);
    trace_call_line(call, &line);
    if (line.len > 0)
        text_format(out, ", %s", text_str(&line));
    text_free(&line);
    (void)trace;
}

/* "C is about to call connect(3, 10.0.0.2:9502), client.c:31" */
static void add_waiting(const struct trace *trace, const struct waiting *w, struct text *out)
{
    bool returned = w->at == WAITS_RETURN, known = w->call != TRACE_NONE;
    struct text call = {0};
    if (known)
        add_call(trace, trace_call(trace, w->call), returned, &call);
    const char *words =
        !known     ? returned ? N_("%c has returned from a call") : N_("%c is about to make a call")
            : returned ? N_("%c has returned from %s")
                   : N_("%c is about to call %s");
    text_format(out, words, w->host, text_str(&call));
    text_free(&call);
}

static bool not_held(const struct direct_task *t, int host)
{
    const struct conductor *c = t->conductor;
    if (!c->holding[host])
        error_set(t->error, "%c's program is not held: `hold %c` first.", letters[host],
                  letters[host]);
    else if (host == 0 && c->phase < PHASE_RUN)
        error_set(t->error, "C's program has not been started: it is once S's calls listen().");
    else if (conductor_over(c, CREW_C + host))
        error_set(t->error, "%c's program has ended.", letters[host]);
    else
        return false;
    return true;
}

static enum direct_state start_step(const struct direct_task *t)
{
    int host = host_of(t->control);
    if (not_held(t, host))
        return fail(t);
    if (t->director->trace)
        return DIRECT_WAITS;
    crew_order(t->conductor->o->crew, CREW_C + (unsigned)host,
               's'); /* for the viewer, which sees */
    return DIRECT_DONE;
}

/* The socket call that a host's program is in; NULL where it is in none. */
static const struct call *call_of(const struct trace *trace, int host)
{
    for (size_t i = trace_call_count(trace); i-- > 0;) {
        const struct call *call = trace_call(trace, (uint32_t)i);
        if (call->host == letters[host] && call->exit_ns < 0)
            return call;
    }
    return NULL;
}

/* A call that blocks is soon said to; between two calls a program may sleep or compute for a while.
 */
static int64_t step_waits_ns(const struct call *in)
{
    return (in ? 1 : 5) * (int64_t)NS_PER_S;
}

/* Where a program is that does not come to be held. */
static void add_elsewhere(const struct trace *trace, int host, const struct call *in,
                          struct text *out)
{
    if (!in) {
        text_format(out, N_("%c is between two socket calls: it is held at the next"),
                    letters[host]);
        return;
    }
    struct text words = {0};
    add_call(trace, in, false, &words);
    text_format(out, N_("%c is in %s, which has not returned: it is held when it does"),
                letters[host], text_str(&words));
    text_free(&words);
}

/* A program that has come to be held somewhere is said to stand there before it is stepped on. */
static bool was_told(const struct director *d, int host, const struct waiting *w)
{
    return w->call != TRACE_NONE && d->told[host].call == w->call && d->told[host].at == w->at;
}

static enum direct_state wait_step(const struct direct_task *t)
{
    struct director *d = t->director;
    int host = host_of(t->control);
    const struct waiting *w = waiting_of(d->trace, host, d->given_ns);
    const struct call *in = call_of(d->trace, host);
    if (w && d->given_ns == 0 && was_told(d, host, w)) {
        d->given_ns = session_now_ns();
        crew_order(t->conductor->o->crew, CREW_C + (unsigned)host, 's');
        return DIRECT_WAITS;
    }
    if (w) {
        d->told[host] = (struct told){w->call, w->at};
        add_waiting(d->trace, w, t->answer);
    } else if (conductor_over(t->conductor, CREW_C + host)) {
        text_format(t->answer, N_("%c's program has ended"), letters[host]);
    } else if (waited_ns(t) > step_waits_ns(in)) {
        add_elsewhere(d->trace, host, in, t->answer);
    } else {
        return DIRECT_WAITS;
    }
    return DIRECT_DONE;
}

/* ---- the run --------------------------------------------------------------------------------- */

static bool is_for_scripts(const struct direct_task *t)
{
    if (t->director->trace)
        return false;
    error_set(t->error, "`%s` is for scripts: tcplab run LAB --script FILE.",
              t->control->row->word);
    return true;
}

static enum direct_state start_until(const struct direct_task *t)
{
    struct director *d = t->director;
    if (is_for_scripts(t))
        return fail(t);
    d->run = select_run_new(d->trace);
    d->slot = select_run_add(d->run, t->control->selector);
    memset(d->stepped_ns, 0, sizeof d->stepped_ns);
    return DIRECT_WAITS;
}

/* Held programs go on, each hold once. */
static void step_held(const struct direct_task *t)
{
    struct director *d = t->director;
    for (int host = 0; host < 2; host++) {
        const struct waiting *w = waiting_of(d->trace, host, d->stepped_ns[host]);
        if (!w || !t->conductor->holding[host])
            continue;
        d->stepped_ns[host] = w->since_ns;
        crew_order(t->conductor->o->crew, CREW_C + (unsigned)host, 's');
    }
}

static bool nothing_comes(const struct conductor *c)
{
    return conductor_over(c, CREW_C) && conductor_over(c, CREW_S) &&
           clock_monotonic_ns() - c->last_packet_ns > 2LL * NS_PER_S && c->held_count == 0;
}

/* A call that is waited for stands in the answer: where its program is held is known by it. */
static void note_call(struct director *d, size_t event)
{
    struct trace_event e = trace_event(d->trace, event);
    if (e.kind != TRACE_CALL_ENTER && e.kind != TRACE_CALL_EXIT)
        return;
    int host = trace_call(d->trace, e.index)->host == 'S';
    d->told[host] = (struct told){e.index, e.kind == TRACE_CALL_EXIT ? WAITS_RETURN : WAITS_ENTRY};
}

static enum direct_state wait_until(const struct direct_task *t)
{
    struct director *d = t->director;
    size_t event;
    while (select_run_until(d->run, d->slot, &event)) {
        if (event < d->cursor)
            continue;
        d->cursor = event + 1;
        note_call(d, event);
        describe_time(d->trace, event, t->answer);
        text_add(t->answer, "  ");
        describe_event(d->trace, event, t->answer);
        return DIRECT_DONE;
    }
    step_held(t);
    bool in_vain = nothing_comes(t->conductor) && waited_ns(t) > 2LL * NS_PER_S;
    if (waited_ns(t) < until_waits_ns && !in_vain)
        return DIRECT_WAITS;
    error_set(t->error,
              in_vain
                  ? _("%.300s has not happened: both programs have ended, and nothing is on its "
                      "way.")
                  : _("%.300s has not happened within 30 s."),
              selector_text(t->control->selector));
    return fail(t);
}

static enum direct_state start_type(const struct direct_task *t)
{
    struct conductor *c = t->conductor;
    int host = host_of(t->control);
    if (c->o->crew->consoles[host].ours < 0) {
        error_set(t->error, "Nobody sits at %c's console any more.", letters[host]);
        return fail(t);
    }
    text_bytes(&c->typing[host].waiting, text_str(&t->control->text), t->control->text.len);
    typing_flush(c, host);
    return DIRECT_DONE;
}

static enum direct_state start_wait(const struct direct_task *t)
{
    return is_for_scripts(t) ? fail(t) : DIRECT_WAITS;
}

static enum direct_state wait_wait(const struct direct_task *t)
{
    return waited_ns(t) < t->control->duration_ns ? DIRECT_WAITS : DIRECT_DONE;
}

static enum direct_state start_expect(const struct direct_task *t)
{
    const struct expectations *expect = t->control->expect;
    if (is_for_scripts(t))
        return fail(t);
    struct expect_outcome *outcome = expectations_check(expect, t->director->trace);
    bool met = outcome->result == EXPECT_MET;
    const char *line = t->control->line + strlen(t->control->row->word);
    line += strspn(line, " \t");
    if (met)
        text_format(t->answer, "met: %s", line);
    else
        error_set(t->error, "Expected was %.200s. %.500s", line, text_str(&outcome->why));
    expect_outcomes_free(outcome, expectations_count(expect));
    return met ? DIRECT_DONE : fail(t);
}

static enum direct_state start_note(const struct direct_task *t)
{
    tell_note(t->conductor, 0, text_str(&t->control->text));
    return DIRECT_DONE;
}

static enum direct_state start_quit(const struct direct_task *t)
{
    t->director->over = t->director->quit = true;
    return DIRECT_DONE;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    enum direct_state (*start)(const struct direct_task *t);
    enum direct_state (*go_on)(const struct direct_task *t); /* NULL: it never waits */
} doers[CONTROL_COUNT] = {
    [CONTROL_HOLD_PROGRAMS] = {start_hold, NULL}, [CONTROL_HOLD] = {start_wire, wait_wire},
    [CONTROL_FLIGHT] = {start_wire, wait_wire},   [CONTROL_LET] = {start_wire, wait_wire},
    [CONTROL_DROP] = {start_wire, wait_wire},     [CONTROL_DUP] = {start_wire, wait_wire},
    [CONTROL_DELAY] = {start_wire, wait_wire},    [CONTROL_RULE] = {start_wire, wait_wire},
    [CONTROL_GO_PROGRAMS] = {start_go, NULL},     [CONTROL_GO] = {start_wire, wait_wire},
    [CONTROL_STEP] = {start_step, wait_step},     [CONTROL_UNTIL] = {start_until, wait_until},
    [CONTROL_TYPE] = {start_type, NULL},          [CONTROL_WAIT] = {start_wait, wait_wait},
    [CONTROL_EXPECT] = {start_expect, NULL},      [CONTROL_NOTE] = {start_note, NULL},
    [CONTROL_QUIT] = {start_quit, NULL},
};

enum direct_state direct_start(const struct direct_task *t)
{
    return doers[t->control->row->command].start(t);
}

enum direct_state direct_go_on(const struct direct_task *t)
{
    return doers[t->control->row->command].go_on(t);
}
