#include "tracer/view/connections.h"

#include "tracer/base/words.h"

#define TO_RESPONDER "\xe2\x86\x92"
#define TO_INITIATOR "\xe2\x86\x90"

const struct column_type column_types[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = {"#", N_("number"), 0, true, false, true, 12, NULL},
    [COLUMN_FROM] = {N_("from"), N_("from"), 0, false, false, true, 0, NULL},
    [COLUMN_TO] = {N_("to"), N_("to"), 0, false, false, true, 1, NULL},
    [COLUMN_STATE] = {N_("state"), N_("state"), 0, false, false, false, 2, NULL},
    [COLUMN_AGE] = {N_("age"), N_("age"), 6, true, true, true, 8, NULL},
    [COLUMN_DURATION] = {N_("lasted"), N_("duration"), 6, true, true, false, 10, NULL},
    [COLUMN_SEGMENTS_OUT] = {N_("segs"), N_("segments"), 5, true, true, false, 6, TO_RESPONDER},
    [COLUMN_SEGMENTS_IN] = {N_("segs"), N_("segments"), 5, true, true, false, 7, TO_INITIATOR},
    [COLUMN_BYTES_OUT] = {N_("bytes"), N_("bytes"), 6, true, true, false, 3, TO_RESPONDER},
    [COLUMN_BYTES_IN] = {N_("bytes"), N_("bytes"), 6, true, true, false, 4, TO_INITIATOR},
    [COLUMN_AGAIN] = {N_("retr"), N_("retransmissions"), 4, true, true, false, 5, NULL},
    [COLUMN_RTT] = {"rtt", N_("round-trip time"), 6, true, true, false, 9, NULL},
    [COLUMN_FLAGS] = {N_("flags"), N_("flags"), 0, false, true, false, 11, NULL},
};

void column_heading(enum connection_column column, struct text *out)
{
    const struct column_type *type = &column_types[column];
    text_add(out, _(type->heading));
    text_add(out, type->arrow ? type->arrow : "");
}

void column_words(enum connection_column column, struct text *out)
{
    const struct column_type *type = &column_types[column];
    text_add(out, _(type->words));
    if (type->arrow)
        text_format(out, " %s", type->arrow);
}

void column_number(uint64_t n, struct text *out)
{
    static const char units[] = "kMGTPE";
    if (n < 100000) {
        text_u64(out, n);
        return;
    }
    size_t unit = 0;
    uint64_t whole = n / 1000, tenth = n % 1000 / 100;
    for (; whole >= 1000; unit++) {
        tenth = whole % 1000 / 100;
        whole /= 1000;
    }
    text_u64(out, whole);
    if (whole < 100) {
        text_char(out, '.');
        text_u64(out, tenth);
    }
    text_char(out, units[unit]);
}

/* A span in at most six columns: "35us", "20.1ms", "1.234s", "59m07s", "23h59m", "400d". */
static void add_span(int64_t ns, struct text *out)
{
    uint64_t us = (uint64_t)ns / 1000, s = us / 1000000;
    if (us < 1000)
        text_format(out, "%uus", (unsigned)us);
    else if (us < 100000)
        text_format(out, "%u.%ums", (unsigned)(us / 1000), (unsigned)(us / 100 % 10));
    else if (s < 1)
        text_format(out, "%ums", (unsigned)(us / 1000));
    else if (s < 10)
        text_format(out, "%u.%03us", (unsigned)s, (unsigned)(us / 1000 % 1000));
    else if (s < 60)
        text_format(out, "%u.%us", (unsigned)s, (unsigned)(us / 100000 % 10));
    else if (s < 3600)
        text_format(out, "%um%02us", (unsigned)(s / 60), (unsigned)(s % 60));
    else if (s < 360000)
        text_format(out, "%uh%02um", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
    else
        text_format(out, "%ud", (unsigned)(s / 86400));
}

static enum role add_endpoint(const struct connections *v, uint32_t row, int side, struct text *out)
{
    const struct endpoint *e = &trace_flow(v->trace, row)->ends[side];
    char host = trace_host_of(v->trace, row, side);
    if (host == 0) {
        endpoint_text(e, out);
        return ROLE_NORMAL;
    }
    text_char(out, host);
    text_char(out, ':');
    text_u64(out, e->port);
    return host == 'C' ? ROLE_HOST_C : ROLE_HOST_S;
}

static void add_state_name(uint8_t state, struct text *out)
{
    text_add(out, state == STATE_UNKNOWN ? "?" : tcp_state_name((enum tcp_state)state));
}

/* Both ends' states; one name where both are in it. */
static enum role add_states(const struct connection *c, struct text *out)
{
    const uint8_t *s = c->state;
    add_state_name(s[SIDE_INITIATOR], out);
    if (s[SIDE_INITIATOR] != s[SIDE_RESPONDER]) {
        text_add(out, " / ");
        add_state_name(s[SIDE_RESPONDER], out);
    }
    if (s[0] == STATE_ESTABLISHED && s[1] == STATE_ESTABLISHED)
        return ROLE_STATE;
    for (int side = 0; side < SIDE_COUNT; side++) {
        if (s[side] == STATE_SYN_SENT || s[side] == STATE_SYN_RECEIVED)
            return ROLE_SYN;
        if (s[side] >= STATE_FIN_WAIT_1 && s[side] <= STATE_LAST_ACK)
            return ROLE_FIN;
    }
    return ROLE_DIM;
}

static enum role add_count(uint64_t n, enum role some, struct text *out)
{
    column_number(n, out);
    return n > 0 ? some : ROLE_DIM;
}

static enum role add_rtt(const struct connection *c, struct text *out)
{
    if (c->rtt_ns < 0) {
        text_char(out, '-');
        return ROLE_DIM;
    }
    add_span(c->rtt_ns, out);
    return ROLE_NORMAL;
}

static enum role add_flags(const struct connection *c, struct text *out)
{
    tcp_flags_add(c->flags, out);
    return c->flags & TCP_RST ? ROLE_RST : ROLE_NORMAL;
}

enum role column_text(const struct connections *v, const struct connection *c, uint32_t row,
                      enum connection_column column, struct text *out)
{
    switch (column) {
    case COLUMN_NUMBER: text_u64(out, (uint64_t)row + 1); return ROLE_DIM;
    case COLUMN_FROM: return add_endpoint(v, row, SIDE_INITIATOR, out);
    case COLUMN_TO: return add_endpoint(v, row, SIDE_RESPONDER, out);
    case COLUMN_STATE: return add_states(c, out);
    case COLUMN_AGE: add_span(connections_span(c->first_ns, v->now_ns), out); return ROLE_TIME;
    case COLUMN_DURATION:
        add_span(connections_span(c->first_ns, c->last_ns), out);
        return ROLE_TIME;
    case COLUMN_SEGMENTS_OUT: return add_count(c->segments[SIDE_INITIATOR], ROLE_NORMAL, out);
    case COLUMN_SEGMENTS_IN: return add_count(c->segments[SIDE_RESPONDER], ROLE_NORMAL, out);
    case COLUMN_BYTES_OUT: return add_count(c->bytes[SIDE_INITIATOR], ROLE_DATA, out);
    case COLUMN_BYTES_IN: return add_count(c->bytes[SIDE_RESPONDER], ROLE_DATA, out);
    case COLUMN_AGAIN: return add_count(c->again, ROLE_AGAIN, out);
    case COLUMN_RTT: return add_rtt(c, out);
    case COLUMN_FLAGS: return add_flags(c, out);
    case COLUMN_COUNT: break;
    }
    return ROLE_NORMAL;
}
