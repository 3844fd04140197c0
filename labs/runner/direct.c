#include "labs/runner/direct.h"

#include "labs/runner/conductor.h"
#include "labs/runner/direct_parts.h"
#include "labs/runner/tell.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/select/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void direct_begin(struct conductor *c, struct script *script)
{
    static const struct told nowhere = {.call = TRACE_NONE};
    c->director =
        (struct director){.script = script, .over = script == NULL, .told = {nowhere, nowhere}};
    if (script)
        c->director.trace = trace_new();
}

void direct_free(struct conductor *c)
{
    struct director *d = &c->director;
    select_run_free(d->run);
    control_free(&d->now);
    trace_free(d->trace);
    text_free(&d->line);
}

void direct_record(struct conductor *c, const struct stream_record *r)
{
    if (c->director.trace)
        trace_add(c->director.trace, &(struct capture_frame){
                                         .time_ns = r->time_ns,
                                         .linktype = LINKTYPE_ETHERNET,
                                         .bytes = r->bytes,
                                         .captured_bytes = r->captured_bytes,
                                         .wire_bytes = r->wire_bytes,
                                     });
}

bool direct_holds(const struct conductor *c)
{
    return !c->director.over || c->wire_held || c->held_count > 0 || c->holding[0] || c->holding[1];
}

bool direct_wants_input(const struct conductor *c)
{
    const struct director *d = &c->director;
    return d->script && d->script->fd >= 0 && !d->script->ended && !d->over && !d->busy;
}

/* ---- the end of a command -------------------------------------------------------------------- */

/* What the answer holds of programs' words is fit for a terminal already: nothing passes raw. The
 * session has it in English. What is no sentence of ours, but what programs did, is never said in
 * other words. */
static void print(const char *answer, bool is_ours)
{
    struct text said = {0}, line = {0};
    while (*answer) {
        size_t n = strcspn(answer, "\n");
        char *one = xstrndup(answer, n);
        text_clear(&said);
        text_clear(&line);
        if (is_ours)
            words_again(one, &said);
        else
            text_add(&said, one);
        text_safe_escaped(&line, text_str(&said));
        free(one);
        puts(text_str(&line));
        answer += n + (answer[n] == '\n');
    }
    fflush(stdout);
    text_free(&said);
    text_free(&line);
}

/* What the wire does it tells itself. */
static void record(struct conductor *c, const struct control *k, const char *answer, bool failed)
{
    bool tells = k->row->owner != CONTROL_OF_WIRE && k->row->command != CONTROL_NOTE;
    if (tells)
        tell_command(c, k->line, answer, failed);
}

/* The script ends here, and the run with it. */
static void give_up(struct conductor *c, struct error *e)
{
    struct conduct_result *r = c->result;
    script_fault(c->director.script, e);
    c->director.over = c->director.quit = true;
    r->script_failed = true;
    r->status = e->status;
    free(r->reason);
    r->reason = xstrdup(e->text);
}

static void finish(struct conductor *c, enum direct_state state, const struct text *answer,
                   struct error *e)
{
    struct director *d = &c->director;
    if (state == DIRECT_WAITS)
        return;
    record(c, &d->now, state == DIRECT_DONE ? text_str(answer) : e->text, state == DIRECT_FAILED);
    bool is_ours = d->now.row->command != CONTROL_UNTIL;
    select_run_free(d->run); /* it looks at the command's selector */
    d->run = NULL;
    control_free(&d->now);
    d->busy = false;
    if (state == DIRECT_DONE)
        print(text_str(answer), is_ours);
    else
        give_up(c, e);
}

/* ---- a script -------------------------------------------------------------------------------- */

/* After the last command the run goes its way, with nothing held. */
static void let_all_go(struct conductor *c)
{
    for (int host = 0; host < 2; host++)
        if (c->holding[host])
            conductor_hold(c, host, false);
    if (c->wire_held || c->held_count > 0)
        crew_line(c->o->crew, CREW_WIRE, "go");
    c->director.over = true;
}

/* Whether programs run that the command may be about. */
static bool may_begin(struct conductor *c)
{
    struct director *d = &c->director;
    if (d->now.row->before_start || c->phase > PHASE_READY)
        return true;
    d->wants_start = true;
    return false;
}

/* Take the next command; false where there is none to begin now. */
static bool take(struct conductor *c)
{
    struct director *d = &c->director;
    struct error e = {0};
    int parsed = 0;
    while (!d->now.row && parsed == 0) {
        if (!script_next(d->script, &d->line)) {
            if (script_over(d->script))
                let_all_go(c);
            return false;
        }
        parsed = control_parse(text_str(&d->line), &d->now, &e);
    }
    if (parsed < 0)
        give_up(c, &e);
    return parsed >= 0 && may_begin(c);
}

static bool all_ready(const struct conductor *c)
{
    for (int i = 0; i < CREW_COUNT; i++)
        if (conductor_member(c, i)->present && !c->ready[i])
            return false;
    return true;
}

void direct_turn(struct conductor *c)
{
    struct director *d = &c->director;
    while (d->script && !d->over && all_ready(c)) {
        struct text answer = {0};
        struct error e = {0};
        struct direct_task task = {c, d, &d->now, &answer, &e};
        enum direct_state state;
        if (d->busy) {
            state = direct_go_on(&task);
        } else {
            if (!take(c))
                return;
            d->busy = true;
            d->since_ns = clock_monotonic_ns();
            d->given_ns = 0;
            d->answered = trace_command_count(d->trace);
            state = direct_start(&task);
        }
        finish(c, state, &answer, &e);
        text_free(&answer);
        if (state == DIRECT_WAITS)
            return;
    }
}

/* ---- the beginning --------------------------------------------------------------------------- */

/* Have what the run is to begin with held. False while the wire has not said that it holds. */
static bool begin_held(struct conductor *c)
{
    const char *hold = c->o->spec->hold;
    bool wire = hold && strcmp(hold, "wire") == 0;
    struct text line = {0};
    if (hold && !c->began_held) {
        text_format(&line, "hold%s%s", wire ? "" : " ", wire ? "" : hold);
        direct_line(c, text_str(&line));
        c->began_held = true;
    }
    text_free(&line);
    return !hold || c->holding[0] || c->holding[1] || c->wire_held ||
           c->o->crew->tier >= TIER_LOOPBACK;
}

bool direct_may_start(struct conductor *c)
{
    const struct director *d = &c->director;
    return (d->over || d->wants_start) && begin_held(c);
}

/* ---- the viewer ------------------------------------------------------------------------------ */

void direct_line(struct conductor *c, const char *line)
{
    struct control k;
    struct text answer = {0};
    struct error e = {0};
    struct direct_task task = {c, &c->director, &k, &answer, &e};
    int parsed = control_parse(line, &k, &e);
    if (parsed < 0) {
        tell_command(c, line, e.text, true);
    } else if (parsed > 0) {
        enum direct_state state = direct_start(&task);
        if (state == DIRECT_FAILED)
            tell_command(c, k.line, e.text, true);
        else
            record(c, &k, text_str(&answer), false);
        control_free(&k);
    }
    text_free(&answer);
}
