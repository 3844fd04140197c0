/* Terms about what hosts and programs do. */
#include "tracer/select/term_rows.h"

#include "tracer/base/words.h"
#include "tracer/select/track.h"

#include <string.h>

/* Who acts; a host with an address only where its connection is known. */
MATCH(actor)
{
    if (m->flow != TRACE_NONE)
        return end_pattern_is(&t->a, &trace_flow(m->trace, m->flow)->ends[m->side], m->host);
    return !t->a.has_address && t->a.port == 0 && t->a.letter == m->host;
}

EXPLAIN(actor)
{
    const char *rest = text_gap(out, _("the host at work is {}, not {}"));
    text_char(out, m->host ? m->host : '?');
    rest = text_gap(out, rest);
    end_pattern_text(&t->a, out);
    text_add(out, rest);
}

/* ---- calls ---- */

MATCH(call_name)
{
    return m->call && strcmp(m->call->name, t->text) == 0;
}

EXPLAIN(call_name)
{
    if (!m->call) {
        text_add(out, _("it is no call"));
        return;
    }
    const char *rest = text_gap(out, _("the call is {}(), not {}()"));
    text_safe_str(out, m->call->name);
    rest = text_gap(out, rest);
    text_add(out, t->text);
    text_add(out, rest);
}

MATCH(call_phase)
{
    return m->kind == (t->number == CALL_ENTER ? TRACE_CALL_ENTER : TRACE_CALL_EXIT);
}

EXPLAIN(call_phase)
{
    if (!m->call)
        text_add(out, _("it is no call"));
    else if (t->number == CALL_EXIT && m->call->exit_ns < 0)
        text_add(out, _("the call did not return"));
    else
        text_add(out, t->number == CALL_EXIT
                          ? _("this is where the call is entered, not where it returns")
                          : _("this is where the call returns, not where it is entered"));
}

MATCH(call_args)
{
    return m->call && args_match(t->text, m);
}

EXPLAIN(call_args)
{
    if (!m->call) {
        text_add(out, _("it is no call"));
        return;
    }
    const char *rest = text_gap(out, _("its arguments are ({}), not ({})"));
    text_safe_escaped(out, m->kind == TRACE_CALL_EXIT ? m->call->args : m->call->enter_args);
    rest = text_gap(out, rest);
    text_safe_escaped(out, t->text);
    text_add(out, rest);
}

MATCH(call_error)
{
    if (m->kind != TRACE_CALL_EXIT || !m->call->error)
        return false;
    return !t->text || strcmp(t->text, m->call->error) == 0;
}

EXPLAIN(call_error)
{
    if (m->kind != TRACE_CALL_EXIT) {
        text_add(out, _("it is no call that returned"));
        return;
    }
    const char *rest = text_gap(out, _("its result is {}, not {}"));
    if (m->call->error)
        text_safe_str(out, m->call->error);
    else
        text_i64(out, m->call->ret);
    rest = text_gap(out, rest);
    text_add(out, t->text ? t->text : _("a failure"));
    text_add(out, rest);
}

/* ---- hosts and programs ---- */

MATCH(done)
{
    return track_done(m->track, (enum done_kind)t->number);
}

bool term_brings_about(enum done_kind kind, const char *call)
{
    static const char *const calls[DONE_KIND_COUNT][2] = {
        [DONE_CONNECTED] = {"connect", "connect"},
        [DONE_ACCEPTED] = {"accept", "accept4"},
        [DONE_CLOSED] = {"close", "shutdown"},
    };
    return strcmp(call, calls[kind][0]) == 0 || strcmp(call, calls[kind][1]) == 0;
}

/* Of the call that should have brought it about. */
static void explain_call_in_vain(const struct call *c, enum done_kind kind, struct text *out)
{
    static const char *const in_vain[DONE_KIND_COUNT] = {
        N_(", and no connection is complete"), N_(", and no connection is accepted"),
        N_(", and no FIN and no RST is sent for it")};
    const char *words = c->exit_ns < 0        ? _("{}() does not return")
                        : kind == DONE_CLOSED ? _("{}() is called")
                        : c->error            ? _("{}() fails with {}")
                                              : _("{}() returns {}");
    const char *rest = text_gap(out, words);
    text_safe_str(out, c->name);
    rest = text_gap(out, rest);
    if (c->exit_ns >= 0 && kind != DONE_CLOSED && c->error)
        text_safe_str(out, c->error);
    else if (c->exit_ns >= 0 && kind != DONE_CLOSED)
        text_i64(out, c->ret);
    text_add(out, rest);
    text_add(out, _(in_vain[kind]));
}

EXPLAIN(done)
{
    static const char *const words[] = {
        N_("this is not the moment at which a connection is complete for the one who asked for it"),
        N_("this is not the moment at which a connection is accepted"),
        N_("this is not the moment at which an end sends FIN or RST")};
    enum done_kind kind = (enum done_kind)t->number;
    if (m->call && term_brings_about(kind, m->call->name))
        explain_call_in_vain(m->call, kind, out);
    else
        text_add(out, _(words[kind]));
}

/* Which side of the moment's connection the term is about; -1: none. */
static int side_named(const struct term *t, const struct moment *m)
{
    if (m->flow == TRACE_NONE)
        return -1;
    for (int side = 0; side < SIDE_COUNT; side++)
        if (end_pattern_is(&t->a, &trace_flow(m->trace, m->flow)->ends[side],
                           moment_letter(m->trace, m->flow, side)))
            return side;
    return -1;
}

MATCH(is)
{
    int side = side_named(t, m);
    if (side >= 0)
        return track_state(m->track, m->flow, side) == t->state;
    return m->flow == TRACE_NONE && t->state == STATE_LISTEN &&
           track_listens(m->track, t->a.letter);
}

EXPLAIN(is)
{
    int side = side_named(t, m);
    enum tcp_state now = side >= 0 ? track_state(m->track, m->flow, side) : STATE_UNKNOWN;
    const char *rest =
        text_gap(out, now == STATE_UNKNOWN ? _("{} is in a state that is not known here, not {}")
                                           : _("{} is {}, not {}"));
    end_pattern_text(&t->a, out);
    rest = text_gap(out, rest);
    if (now != STATE_UNKNOWN) {
        text_add(out, tcp_state_name(now));
        rest = text_gap(out, rest);
    }
    text_add(out, tcp_state_name(t->state));
    text_add(out, rest);
}

MATCH(becomes)
{
    return m->kind == TRACE_STATE && trace_state(m->trace, m->index).to == t->state;
}

EXPLAIN(becomes)
{
    if (m->kind != TRACE_STATE)
        text_add(out, _("it is no change of state"));
    else
        text_format(out, _("the end becomes %s, not %s"),
                    tcp_state_name(trace_state(m->trace, m->index).to), tcp_state_name(t->state));
}

MATCH(console)
{
    const struct note *n = m->kind == TRACE_CONSOLE ? trace_note(m->trace, m->index) : NULL;
    return n && n->typed == (t->number != 0) &&
           (!t->text || memmem(n->text, strlen(n->text), t->text, t->text_bytes));
}

EXPLAIN(console)
{
    const struct note *n = m->kind == TRACE_CONSOLE ? trace_note(m->trace, m->index) : NULL;
    if (!n) {
        text_add(out, _("nothing is printed or typed here"));
        return;
    }
    bool other = n->typed != (t->number != 0);
    const char *words = other && n->typed ? _("what is typed is {}, and not printed")
                        : other           ? _("what is printed is {}, and not typed")
                        : n->typed        ? _("what is typed is {}, which does not hold {}")
                                          : _("what is printed is {}, which does not hold {}");
    const char *rest = text_gap(out, words);
    term_add_quoted(n->text, strlen(n->text), out);
    rest = text_gap(out, rest);
    if (!other)
        term_add_quoted(t->text ? t->text : "", t->text_bytes, out);
    text_add(out, rest);
}

MATCH(process)
{
    return m->kind == TRACE_PROCESS &&
           trace_note(m->trace, m->index)->event == (enum process_event)t->number;
}

EXPLAIN(process)
{
    static const char *const words[] = {N_("starts"), N_("exits"), N_("is killed")};
    if (m->kind != TRACE_PROCESS)
        text_add(out, _("no program starts or ends here"));
    else
        text_format(out, _("the program %s here, and expected was that it %s"),
                    _(words[trace_note(m->trace, m->index)->event]), _(words[t->number]));
}

/* ---- kernels ---- */

MATCH(kernel)
{
    return m->kind == TRACE_KERNEL &&
           (t->state == STATE_UNKNOWN || trace_kernel(m->trace, m->index)->state == t->state);
}

EXPLAIN(kernel)
{
    if (m->kind != TRACE_KERNEL)
        text_add(out, _("no kernel tells of a connection here"));
    else
        text_format(out, _("its kernel says %s, not %s"),
                    tcp_state_name(trace_kernel(m->trace, m->index)->state),
                    tcp_state_name(t->state));
}
