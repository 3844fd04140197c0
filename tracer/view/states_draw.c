/* The states on the screen: both ends and their states, the diagram, and below it the transitions
 * up to the one selected, which is explained. */
#include "tracer/view/diagram.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/layout.h"
#include "tracer/view/states.h"

#include <string.h>

/* The connection after the steps before the cursor. */
enum { LEAD_LEAST = 4 }; /* columns for the name of an end */

struct moment {
    char sign[SIDE_COUNT];
    enum tcp_state state[SIDE_COUNT];
    int end[SIDE_COUNT]; /* the half of the screen that a side has: C's is the left one */
    struct diagram_marks marks;
};

static struct state_change step_at(const struct states *v, size_t i)
{
    return trace_state(v->trace, v->steps[i]);
}

/* The hosts' letters; I and R, initiator and responder, where the hosts have none. */
static void find_signs(const struct states *v, struct moment *m)
{
    char hosts[SIDE_COUNT] = {0, 0};
    if (v->flow != TRACE_NONE)
        for (int side = 0; side < SIDE_COUNT; side++)
            hosts[side] = trace_host_of(v->trace, v->flow, side);
    else if (trace_session(v->trace)->present)
        memcpy(hosts, "CS", 2);
    bool named = hosts[0] && hosts[1] && hosts[0] != hosts[1];
    for (int side = 0; side < SIDE_COUNT; side++) {
        m->sign[side] = named ? hosts[side] : "IR"[side];
        m->end[side] = named ? m->sign[side] == 'S' : side;
    }
}

static unsigned place_of(enum tcp_state to, int edge)
{
    bool again = edge >= 0 && diagram_edges[edge].to == PLACE_CLOSED_AGAIN;
    return again ? PLACE_CLOSED_AGAIN : to;
}

/* Before there is a connection, the ends are the hosts. */
static int side_of(const struct states *v, const struct state_change *change)
{
    return v->flow == TRACE_NONE ? change->host != 'C' : change->side;
}

static void take_step(const struct states *v, struct moment *m, const struct state_change *change)
{
    int side = side_of(v, change), end = m->end[side];
    int edge = diagram_edge_of(change->from, change->event);
    struct diagram_marks *d = &m->marks;
    d->been[end][d->now[end]] = true;
    d->now[end] = place_of(change->to, edge);
    d->lit = edge;
    d->lit_end = end;
    if (edge >= 0)
        d->walked |= UINT32_C(1) << edge;
    m->state[side] = change->to;
}

static struct moment moment_at_cursor(const struct states *v)
{
    struct moment m = {.marks = {.lit = -1}};
    find_signs(v, &m);
    for (int side = 0; side < SIDE_COUNT; side++) {
        m.state[side] = v->start[side];
        m.marks.sign[m.end[side]] = m.sign[side];
        m.marks.now[m.end[side]] = v->start[side];
    }
    for (size_t i = 0; i < v->cursor; i++) {
        struct state_change change = step_at(v, i);
        take_step(v, &m, &change);
    }
    return m;
}

/* ---- the ends --------------------------------------------------------------------------- */

static void endpoint_words(const struct states *v, const struct moment *m, int side,
                           struct text *out)
{
    if (v->flow != TRACE_NONE)
        endpoint_text(&trace_flow(v->trace, v->flow)->ends[side], out);
    else if (trace_session(v->trace)->present)
        address_text(&trace_session(v->trace)->addresses[m->end[side]], out);
}

/* What the kernel itself says of an end by the transition after the one taken last; NULL where the
 * session does not have it. */
static const struct kernel_word *kernel_of(const struct states *v, int side)
{
    if (trace_kernel_count(v->trace) == 0 || v->flow == TRACE_NONE || v->cursor == 0)
        return NULL;
    uint32_t until = (uint32_t)trace_event_count(v->trace);
    if (v->cursor < v->count)
        until = trace_event_of(v->trace, TRACE_STATE, v->steps[v->cursor]);
    return trace_kernel_at(v->trace, v->flow, side, until - 1);
}

/* "= kernel" where the kernel has the end in the same state, else in which it has it. */
static enum role kernel_words(const struct kernel_word *w, enum tcp_state implied, struct text *out)
{
    if (!w)
        return ROLE_DIM;
    bool same = w->state == implied;
    text_add(out, same ? _(" = kernel") : _(", but kernel: "));
    if (!same)
        text_add(out, tcp_state_name(w->state));
    return same ? ROLE_DIM : ROLE_ERROR;
}

static void draw_end(const struct states *v, const struct moment *m, int side, struct grid *g,
                     struct area a)
{
    struct text where = {0}, lead = {0}, kernel = {0};
    const char *state = tcp_state_name(m->state[side]);
    enum role role = m->end[side] == 0 ? ROLE_HOST_C : ROLE_HOST_S;
    enum role agrees = kernel_words(kernel_of(v, side), m->state[side], &kernel);
    int half = a.cols / 2 - 2, name = grid_width_of(state), word = grid_width_of(text_str(&kernel));
    if (half - name - word - 2 < LEAD_LEAST && word > 0) { /* a sign where the words have no room */
        text_clear(&kernel);
        text_add(&kernel, agrees == ROLE_ERROR ? "!" : "");
        word = (int)kernel.len;
    }
    endpoint_words(v, m, side, &where);
    text_format(&lead, "%c %s", m->sign[side], text_str(&where));
    int most = half - name - word - 2, want = grid_width_of(text_str(&lead));
    int used = want < most ? want : most;
    int col = m->end[side] == 0 ? a.col + 1 : a.col + a.cols - 3 - used - name - word;
    grid_write(g, a.row, col, used, text_str(&lead), role);
    grid_write(g, a.row, col + used + 2, name, state, ROLE_STATE);
    grid_write(g, a.row, col + used + 2 + name, word, text_str(&kernel), agrees);
    text_free(&where);
    text_free(&lead);
    text_free(&kernel);
}

/* ---- the transitions -------------------------------------------------------------------- */

static void step_time(const struct states *v, size_t i, struct text *out)
{
    int64_t now = step_at(v, i).time_ns;
    if (v->time == TIME_CLOCK) {
        label_clock(now, out);
    } else if (v->time == TIME_SINCE_LAST) {
        text_char(out, '+');
        label_seconds(i > 0 ? now - step_at(v, i - 1).time_ns : 0, out);
    } else {
        label_seconds(now - trace_time(v->trace, 0), out);
    }
}

/* ", RFC 9293 3.10.7.4 ACK", or without the words behind the section where `cols` are too few. */
static void rule_words(const char *rule, int cols, struct text *out)
{
    text_add(out, ", ");
    text_safe_str(out, rule);
    const char *section = strncmp(rule, "RFC ", 4) == 0 ? strchr(rule + 4, ' ') : NULL;
    const char *words = section ? strchr(section + 1, ' ') : NULL;
    if (words && grid_width_of(text_str(out)) > cols)
        out->len -= strlen(words);
    text_commit(out, 0);
}

/* "0.120391 C: SYN-SENT -> ESTABLISHED, received SYN-ACK, RFC 9293 3.10.7.3 SYN-SENT" */
static void draw_step(const struct states *v, const struct moment *m, size_t i, struct grid *g,
                      struct area a)
{
    const struct state_change got = step_at(v, i), *change = &got;
    struct text t = {0};
    bool selected = i + 1 == v->cursor;
    int side = side_of(v, change), end = a.col + a.cols, col = a.col + 1;
    step_time(v, i, &t);
    col += grid_write(g, a.row, col, end - col, text_str(&t), ROLE_TIME) + 1;
    text_clear(&t);
    text_format(&t, "%c:", m->sign[side]);
    col += grid_write(g, a.row, col, end - col, text_str(&t),
                      m->end[side] == 0 ? ROLE_HOST_C : ROLE_HOST_S) +
           1;
    text_clear(&t);
    text_format(&t, "%s -> %s", tcp_state_name(change->from), tcp_state_name(change->to));
    col += grid_write(g, a.row, col, end - col, text_str(&t), selected ? ROLE_STATE : ROLE_NORMAL);
    text_clear(&t);
    if (change->event != EVENT_SEGMENT) /* of that one the rule says more */
        text_format(&t, ", %s", tcp_event_name(change->event));
    col += grid_write(g, a.row, col, end - col, text_str(&t), ROLE_NORMAL);
    text_clear(&t);
    if (change->rule)
        rule_words(change->rule, end - col, &t);
    grid_write(g, a.row, col, end - col, text_str(&t), ROLE_DIM);
    text_free(&t);
}

void states_row_text(void *view, struct view_position p, struct text *out)
{
    const struct states *v = view;
    if (p.row == 0 || p.row > v->count) {
        text_add(out, _("before the first transition"));
        return;
    }
    struct moment m = moment_at_cursor(v);
    const struct state_change change = step_at(v, (size_t)p.row - 1);
    step_time(v, (size_t)p.row - 1, out);
    text_format(out, " %c: %s -> %s", m.sign[side_of(v, &change)], tcp_state_name(change.from),
                tcp_state_name(change.to));
    if (change.event != EVENT_SEGMENT)
        text_format(out, ", %s", tcp_event_name(change.event));
    if (change.rule) {
        text_add(out, ", ");
        text_safe_str(out, change.rule);
    }
}

/* The segment or the call behind a transition. */
static void cause_words(const struct states *v, const struct state_change *change, struct text *out)
{
    uint32_t index = change->cause_index;
    struct text words = {0}, after = {0};
    if (index == TRACE_NONE)
        return;
    if (change->cause == CAUSE_CALL) {
        label_call(v->trace, trace_call(v->trace, index), CALL_WHOLE, 60, out);
    } else if (change->cause == CAUSE_SENT) {
        struct segment s = trace_segment(v->trace, index);
        label_segment(v->trace, &s, 0, &words);
        text_format(out, _("it sent %s"), text_str(&words));
    } else if (change->cause == CAUSE_TIMER) {
        text_format(out, _("a timer ran out: %s"), tcp_timer_clause(change->from));
    } else if (change->cause == CAUSE_CLOSE) {
        text_add(out, _("its program closed it, and nothing was sent"));
    } else if (change->cause == CAUSE_RECEIVED) {
        const struct segment got_s = trace_segment(v->trace, index), *s = &got_s;
        label_segment(v->trace, s, 0, &words);
        label_span(change->time_ns > s->time_ns ? change->time_ns - s->time_ns : 0, &after);
        if (change->time_ns > s->time_ns)
            text_format(out, _("%s arrived, %s after it was sent"), text_str(&words),
                        text_str(&after));
        else
            text_format(out, _("%s arrived"), text_str(&words));
    }
    text_free(&words);
    text_free(&after);
}

static const char *state_sentence(enum tcp_state s)
{
    static const char *const sentences[TCP_STATE_COUNT] = {
        [STATE_CLOSED] = N_("there is no connection."),
        [STATE_LISTEN] = N_("it waits for a SYN from anyone."),
        [STATE_SYN_SENT] = N_("it asked for a connection; the answer is awaited."),
        [STATE_SYN_RECEIVED] = N_("it answered a SYN; the ACK of its own is awaited."),
        [STATE_ESTABLISHED] = N_("bytes may go both ways."),
        [STATE_FIN_WAIT_1] = N_("its FIN is sent; its ACK or the peer's FIN is awaited."),
        [STATE_FIN_WAIT_2] = N_("its FIN is acknowledged; the peer's is awaited."),
        [STATE_CLOSE_WAIT] = N_("the peer has finished; it may still send."),
        [STATE_CLOSING] = N_("the FINs crossed; the ACK of its own is awaited."),
        [STATE_LAST_ACK] = N_("both have finished; the ACK of its FIN is awaited."),
        [STATE_TIME_WAIT] = N_("for 2MSL it can send its last ACK again."),
        [STATE_UNKNOWN] = N_("the capture does not say."),
    };
    return s < TCP_STATE_COUNT ? _(sentences[s]) : "";
}

/* "C's kernel: cwnd 10, RTT 20.3 ms, RTO 224 ms, 1 unacknowledged" */
static void draw_kernel_numbers(const struct states *v, const struct state_change *change,
                                struct grid *g, int row, int col, int cols)
{
    const struct kernel_word *w = kernel_of(v, change->side);
    struct text t = {0};
    if (w)
        label_kernel(w, &t);
    if (t.len > 0)
        grid_write(g, row, col, cols, text_str(&t), ROLE_NOTE);
    text_free(&t);
}

/* Why it happened, and what the new state means. */
static void draw_explanation(const struct states *v, struct grid *g, struct area a)
{
    const struct state_change got = step_at(v, v->cursor - 1), *change = &got;
    struct text cause = {0}, meaning = {0};
    cause_words(v, change, &cause);
    text_format(&meaning, _("now %s: %s"), tcp_state_name(change->to), state_sentence(change->to));
    int rows = 0, col = a.col + 4;
    if (cause.len > 0 && rows < a.rows)
        grid_write(g, a.row + rows++, col, a.cols - 5, text_str(&cause), ROLE_NOTE);
    if (rows < a.rows)
        grid_write(g, a.row + rows++, col, a.cols - 5, text_str(&meaning), ROLE_NOTE);
    if (rows < a.rows)
        draw_kernel_numbers(v, change, g, a.row + rows, col, a.cols - 5);
    text_free(&cause);
    text_free(&meaning);
}

static void draw_heading(const struct states *v, struct grid *g, struct area a)
{
    struct text t = {0};
    if (v->count == 0)
        text_add(&t, _(" no transitions yet "));
    else
        text_format(&t, _(" transition %zu of %zu: Left and Right walk "), v->cursor, v->count);
    grid_across(g, a.row, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    grid_write(g, a.row, a.col + 2, a.cols - 4, text_str(&t), ROLE_DIM);
    text_free(&t);
}

static void draw_steps(const struct states *v, const struct moment *m, struct grid *g,
                       struct area a)
{
    draw_heading(v, g, a);
    int rows = a.rows - 1, explained = rows < 2 ? 0 : rows < 4 ? 1 : 2;
    if (v->cursor == 0 || rows < 1)
        return;
    if (rows > 6 && trace_kernel_count(v->trace) > 0)
        explained++;
    size_t shown = (size_t)(rows - explained);
    size_t first = v->cursor > shown ? v->cursor - shown : 0;
    struct area line = {a.row + 1, a.col, 1, a.cols};
    for (size_t i = first; i < v->cursor; i++, line.row++)
        draw_step(v, m, i, g, line);
    draw_explanation(v, g, (struct area){line.row, a.col, explained, a.cols});
}

void states_draw(void *view, struct grid *g, struct area a)
{
    const struct states *v = view;
    struct moment m = moment_at_cursor(v);
    struct area rest = {a.row + 1, a.col, a.rows - 1, a.cols};
    for (int side = 0; side < SIDE_COUNT; side++)
        draw_end(v, &m, side, g, a);
    int rows = diagram_rows(rest);
    if (rows > 0)
        diagram_draw(&m.marks, g, (struct area){rest.row, a.col, rows, a.cols});
    else
        grid_write(g, rest.row++, a.col + 1, a.cols - 2, _("The diagram needs 80x22."), ROLE_DIM);
    rest.row += rows;
    rest.rows = a.row + a.rows - rest.row;
    draw_steps(v, &m, g, rest);
}
