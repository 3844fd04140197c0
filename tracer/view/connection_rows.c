#include "tracer/view/connections.h"

#include "tracer/base/alloc.h"
#include "tracer/view/slice.h"

int64_t connections_span(int64_t from, int64_t to)
{
    if (to <= from)
        return 0;
    uint64_t span = (uint64_t)to - (uint64_t)from;
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

void connections_changed(struct connections *v, uint32_t row)
{
    if (v->rows[row].changed)
        return;
    v->rows[row].changed = true;
    xgrow(&v->changed, &v->changed_cap, v->changed_count, sizeof *v->changed);
    v->changed[v->changed_count++] = row;
}

void connections_lower(struct text *t, size_t from)
{
    for (size_t i = from; i < t->len; i++)
        if (t->s[i] >= 'A' && t->s[i] <= 'Z')
            t->s[i] = (char)(t->s[i] - 'A' + 'a');
}

/* The columns whose width is that of their widest text; all are ASCII. */
static void widen(struct connections *v, enum connection_column column, size_t width)
{
    if ((int)width > v->width[column])
        v->width[column] = (int)width;
}

static void widen_by_text(struct connections *v, uint32_t row, enum connection_column column)
{
    struct text t = {0};
    column_text(v, &v->rows[row], row, column, &t);
    widen(v, column, t.len);
    text_free(&t);
}

static void set_state(struct connections *v, uint32_t row, int side, enum tcp_state state)
{
    uint8_t *s = v->rows[row].state;
    s[side] = (uint8_t)state;
    if (!v->state_seen[s[0]][s[1]])
        widen_by_text(v, row, COLUMN_STATE);
    v->state_seen[s[0]][s[1]] = true;
}

/* The endpoints of a connection stay as they are: written once, for the filter. */
static void add_words(struct connections *v, uint32_t row)
{
    size_t at = v->words.len;
    v->rows[row].words_at = (uint32_t)at;
    column_text(v, &v->rows[row], row, COLUMN_FROM, &v->words);
    widen(v, COLUMN_FROM, v->words.len - at);
    text_char(&v->words, ' ');
    size_t to = v->words.len;
    column_text(v, &v->rows[row], row, COLUMN_TO, &v->words);
    widen(v, COLUMN_TO, v->words.len - to);
    connections_lower(&v->words, at);
    text_char(&v->words, '\0');
}

static void add_row(struct connections *v, uint32_t index, uint32_t event)
{
    uint32_t row = (uint32_t)v->count;
    int64_t now = trace_segment(v->trace, index).time_ns;
    xgrow(&v->rows, &v->cap, v->count, sizeof *v->rows);
    v->rows[v->count++] = (struct connection){
        .first_ns = now, .last_ns = now, .rtt_ns = -1, .first_event = event, .last_segment = index};
    for (int side = 0; side < SIDE_COUNT; side++)
        set_state(v, row, side, trace_state_now(v->trace, row, side));
    add_words(v, row);
}

/* The time from the SYN to the acknowledgement of the SYN-ACK holds one round trip wherever the
 * capture was made between the two. Where either was sent twice it is not known which was answered,
 * and no time is told (Karn's rule). */
static void follow_handshake(struct connections *v, struct connection *c, uint32_t index, int side)
{
    uint16_t kind = trace_segment_flags(v->trace, index) & (TCP_SYN | TCP_ACK | TCP_RST);
    bool initiator = side == SIDE_INITIATOR;
    if (c->handshake == HANDSHAKE_NONE && initiator && kind == TCP_SYN) {
        c->syn_ns = trace_segment(v->trace, index).time_ns;
        c->handshake = HANDSHAKE_SYN;
    } else if (c->handshake == HANDSHAKE_SYN && !initiator && kind == (TCP_SYN | TCP_ACK)) {
        c->handshake = HANDSHAKE_SYN_ACK;
    } else {
        if (c->handshake == HANDSHAKE_SYN_ACK && initiator && kind == TCP_ACK)
            c->rtt_ns = connections_span(c->syn_ns, trace_segment(v->trace, index).time_ns);
        c->handshake = HANDSHAKE_OVER;
    }
}

/* A look at the frame takes longer than all the rest: only the first ones are looked at here. */
static void count_segment(struct connections *v, uint32_t index, uint32_t event)
{
    int side;
    uint32_t flow = trace_segment_flow(v->trace, index, &side);
    uint16_t flags = trace_segment_flags(v->trace, index);
    if (flow >= v->count)
        add_row(v, index, event);
    struct connection *c = &v->rows[flow];
    c->last_segment = index;
    c->again_since += trace_segment_again(v->trace, index);
    if (flags & ~c->flags) {
        c->flags |= flags;
        widen_by_text(v, flow, COLUMN_FLAGS);
    }
    if (c->handshake != HANDSHAKE_OVER)
        follow_handshake(v, c, index, side);
    connections_changed(v, flow);
}

static void count_state(struct connections *v, uint32_t index)
{
    uint32_t flow = trace_state_flow(v->trace, index);
    if (flow < v->count) /* else a listener, before any connection */
        connections_changed(v, flow);
}

void connections_refresh(struct connections *v, uint32_t row)
{
    struct connection *c = &v->rows[row];
    const struct flow *f = trace_flow(v->trace, row);
    int64_t last = trace_segment(v->trace, c->last_segment).time_ns;
    c->last_ns = last > c->last_ns ? last : c->last_ns;
    c->again += c->again_since;
    c->again_since = 0;
    for (int side = 0; side < SIDE_COUNT; side++) {
        c->segments[side] = f->segments[side];
        c->bytes[side] = f->payload_bytes[side];
        set_state(v, row, side, trace_state_now(v->trace, row, side));
    }
}

static void note_now(struct connections *v)
{
    int64_t now = trace_time(v->trace, v->taken - 1);
    if (!v->begun || now > v->now_ns)
        v->now_ns = now;
    v->begun = true;
}

bool connections_count(struct connections *v, int64_t budget_ns)
{
    size_t n = trace_event_count(v->trace), before = v->taken;
    struct slice slice = slice_begin(budget_ns);
    for (; v->taken < n && !slice_over(&slice); v->taken++) {
        struct trace_event e = trace_event(v->trace, v->taken);
        if (e.kind == TRACE_SEGMENT)
            count_segment(v, e.index, (uint32_t)v->taken);
        else if (e.kind == TRACE_STATE)
            count_state(v, e.index);
    }
    if (v->taken == before)
        return false;
    note_now(v);
    return true;
}
