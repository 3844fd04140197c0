/* What a row of the ladder says, in the margins and in full. */
#include "tracer/view/ladder_parts.h"

#include "tracer/base/words.h"

static enum role role_of_call(const struct call *c, bool blocked)
{
    if (c->error)
        return ROLE_CALL_FAILED;
    return blocked ? ROLE_CALL_BLOCKED : ROLE_CALL;
}

enum role ladder_margin_text(const struct ladder *v, const struct ladder_row *row, size_t r,
                             int host, int cols, struct text *out)
{
    uint32_t index = row->margin[host].index;
    if (row->margin[host].kind == MARGIN_CALL) {
        const struct call *c = trace_call(v->trace, index);
        uint32_t exit = layout_call(&v->layout, index).exit;
        label_call(v->trace, c, exit == r ? CALL_WHOLE : CALL_ENTERED, cols, out);
        return exit == r ? role_of_call(c, false) : ROLE_CALL_BLOCKED;
    }
    if (row->margin[host].kind == MARGIN_CALL_END) {
        const struct call *c = trace_call(v->trace, index);
        label_call(v->trace, c, CALL_RETURNED, cols, out);
        return role_of_call(c, false);
    }
    if (row->margin[host].kind == MARGIN_STATE) {
        struct state_change change = trace_state(v->trace, index);
        text_add(out, tcp_state_name(change.to));
        text_add(out, change.cause == CAUSE_TIMER   ? _(", by a timer")
                      : change.cause == CAUSE_CLOSE ? _(", by its program")
                                                    : "");
        return ROLE_STATE;
    }
    const struct note *note = trace_note(v->trace, index);
    label_note(note, out);
    return note->kind == TRACE_CONSOLE ? ROLE_CONSOLE : ROLE_DIM;
}

/* "C > S", or the two endpoints where hosts have no names. */
static void segment_words(const struct ladder *v, uint32_t index, struct text *out)
{
    struct segment s = trace_segment(v->trace, index);
    char host = trace_host_of(v->trace, s.flow, s.side);
    if (host) {
        text_format(out, "%c > %c ", host, host == 'C' ? 'S' : 'C');
    } else {
        endpoint_text(&trace_flow(v->trace, s.flow)->ends[s.side], out);
        text_add(out, " > ");
        endpoint_text(&trace_flow(v->trace, s.flow)->ends[!s.side], out);
        text_char(out, ' ');
    }
    label_segment(v->trace, &s, 0, out);
}

static void moment_words(const struct ladder *v, const struct ladder_row *row, size_t r,
                         struct text *out)
{
    for (int h = 0; h < HOST_COUNT; h++) {
        if (row->margin[h].kind != MARGIN_NONE) {
            text_add(out, "  ");
            if (trace_session(v->trace)->present)
                text_format(out, "%c: ", "CS"[h]);
            ladder_margin_text(v, row, r, h, 200, out);
        }
        if (h == HOST_LEFT && row->sent != TRACE_NONE) {
            text_add(out, "  ");
            segment_words(v, row->sent, out);
        } else if (h == HOST_LEFT && row->ended != TRACE_NONE) {
            struct segment s = trace_segment(v->trace, row->ended);
            text_add(out, row->copy                ? _("  a copy arrived: ")
                          : s.corrupted            ? _("  arrived damaged: ")
                          : s.fate == FATE_DROPPED ? _("  lost: ")
                                                   : _("  arrived: "));
            segment_words(v, row->ended, out);
        }
    }
}

void ladder_row_text(void *view, struct view_position p, struct text *out)
{
    const struct ladder *v = view;
    struct ladder_row row = layout_row(&v->layout, (size_t)p.row);
    struct trace_event e = trace_event(v->trace, row.event);
    if (row.kind == ROW_GAP) {
        label_span(layout_gap_ns(&v->layout, (size_t)p.row), out);
        return;
    }
    if (v->time == TIME_CLOCK)
        label_clock(layout_time(&v->layout, (size_t)p.row), out);
    else
        label_seconds(layout_time(&v->layout, (size_t)p.row) - v->layout.start_ns, out);
    if (row.kind == ROW_MOMENT) {
        moment_words(v, &row, (size_t)p.row, out);
        return;
    }
    text_add(out, "  ");
    if (e.kind == TRACE_OTHER)
        label_other(v->trace, e.index, out);
    else
        label_note(trace_note(v->trace, e.index), out);
}
