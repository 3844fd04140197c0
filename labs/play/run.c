/* The commands that are the run's own: the prompt has the trace, so it waits and judges by itself.
 */
#include "labs/play/parts.h"

#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/select/expect.h"

#include <stdlib.h>
#include <string.h>

static const int64_t until_most_ns = 60LL * NS_PER_S;

static void begin_until(struct play *p, struct control *c)
{
    p->until = (struct until){.selector = c->selector, .run = select_run_new(p->o.trace)};
    c->selector = NULL;
    p->until.slot = select_run_add(p->until.run, p->until.selector);
    p->until.give_up_ns = p->now_ns + until_most_ns;
}

static void end_until(struct play *p)
{
    select_run_free(p->until.run);
    selector_free(p->until.selector);
    p->until = (struct until){0};
}

bool run_waits(struct play *p)
{
    size_t event;
    if (!p->until.selector)
        return false;
    while (select_run_next(p->until.run, &event)) {
        if (event < p->until_from || !select_run_matches(p->until.run, p->until.slot))
            continue;
        p->until_from = event + 1;
        play_say(p, PLAY_DONE, 0, _("it has happened"));
        end_until(p);
        return false;
    }
    if (p->now_ns < p->until.give_up_ns || p->o.alone)
        return true;
    play_fail(p, _("It has not happened within a minute."));
    end_until(p);
    return false;
}

static void expect(struct play *p, const struct expectations *e)
{
    struct text report = {0};
    struct expect_outcome *outcomes = expectations_check(e, p->o.trace);
    size_t n = expectations_count(e);
    bool met = true;
    for (size_t i = 0; i < n; i++)
        met = met && outcomes[i].result == EXPECT_MET;
    if (met) {
        play_say(p, PLAY_DONE, 0, _("as expected"));
    } else {
        text_add(&report, _("This is not as expected."));
        for (size_t i = 0; i < n; i++)
            if (outcomes[i].why.len > 0)
                text_format(&report, " %s", text_str(&outcomes[i].why));
        play_fail(p, text_str(&report));
    }
    expect_outcomes_free(outcomes, n);
    text_free(&report);
}

void run_leave(struct play *p)
{
    if (p->leaving)
        return;
    p->leaving = true;
    if (p->held_once) /* what is held would keep the run from its end */
        text_add(&p->outgoing, ":go\n:go programs\n");
    for (int host = 0; host < (p->o.alone ? 1 : 2); host++)
        if (!p->gone[host])
            text_format(&p->outgoing, "%cexit\n", host ? 'S' : 'C');
}

static void send_command(struct play *p, const struct control *c)
{
    bool answers = c->row->command != CONTROL_NOTE;
    text_format(&p->outgoing, ":%s\n", c->line);
    p->held_once = p->held_once || c->row->owner != CONTROL_OF_RUN;
    p->pending += answers;
    p->sent_ns = p->now_ns;
}

static void do_for_run(struct play *p, struct control *c)
{
    switch (c->row->command) {
    case CONTROL_UNTIL: begin_until(p, c); break;
    case CONTROL_WAIT:
        p->wait_ns = p->now_ns + c->duration_ns;
        p->sent_ns = p->now_ns;
        break;
    case CONTROL_EXPECT: expect(p, c->expect); break;
    case CONTROL_QUIT: run_leave(p); break;
    default: send_command(p, c); break;
    }
}

void run_command(struct play *p, struct control *c)
{
    if (c->row->owner == CONTROL_OF_RUN)
        do_for_run(p, c);
    else
        send_command(p, c);
    control_free(c);
}
