#include "tracer/select/describe.h"

#include "tracer/select/field.h"
#include "tracer/select/moment.h"
#include "tracer/select/term.h"

#include <string.h>

/* ---- segments ---- */

static void add_hosts(const struct moment *m, struct text *out)
{
    const struct flow *f = trace_flow(m->trace, m->flow);
    char from = m->host, to = moment_letter(m->trace, m->flow, !m->side);
    if (from && to) {
        text_format(out, "%c > %c", from, to);
        return;
    }
    endpoint_text(&f->ends[m->side], out);
    text_add(out, " > ");
    endpoint_text(&f->ends[!m->side], out);
}

static void add_seq(const struct moment *m, struct text *out)
{
    const struct segment *s = &m->segment;
    uint32_t from = trace_relative_seq(m->trace, s);
    if (s->flags & TCP_SYN)
        text_format(out, " seq %c=%u", m->side == SIDE_INITIATOR ? 'J' : 'K', s->seq);
    else if (s->len > 0)
        text_format(out, " seq %u:%u", from, from + s->len);
    else
        text_format(out, " seq %u", from);
}

static void add_ack(const struct moment *m, struct text *out)
{
    const struct segment *s = &m->segment;
    if (!(s->flags & TCP_ACK))
        return;
    uint32_t v = s->flags & TCP_SYN ? s->ack : trace_relative_ack(m->trace, s);
    text_format(out, ", ack %u", v);
}

static void add_options(struct moment *m, struct text *out)
{
    if (!(m->segment.flags & TCP_SYN))
        return;
    const struct packet *p = moment_packet(m);
    if (p->is_tcp && p->tcp.has_mss)
        text_format(out, ", mss %u", p->tcp.mss);
    if (p->is_tcp && p->tcp.has_window_scale)
        text_format(out, ", wscale %u", p->tcp.window_scale);
}

static void describe_segment(struct moment *m, struct text *out)
{
    add_hosts(m, out);
    text_add(out, "  ");
    flags_text(m->segment.flags, out);
    add_seq(m, out);
    if (m->kind != TRACE_SEGMENT) {
        text_add(out, m->kind == TRACE_DELIVERED ? " is delivered"
                      : m->kind == TRACE_COPIED  ? " is delivered once more, a copy"
                      : m->segment.corrupted     ? " is dropped, for it came corrupted"
                                                 : " is dropped");
        return;
    }
    add_ack(m, out);
    text_format(out, ", win %u", m->segment.window);
    add_options(m, out);
    if (m->segment.len > 0)
        text_format(out, ", len %u", m->segment.len);
    if (m->segment.again)
        text_add(out, ", again");
}

/* ---- the others ---- */

static void describe_call(struct moment *m, struct text *out)
{
    const struct call *c = m->call;
    bool exit = m->kind == TRACE_CALL_EXIT;
    text_format(out, "%c %s ", m->host ? m->host : '?', exit ? "returns" : "enters");
    text_safe_str(out, c->name);
    text_char(out, '(');
    text_safe_escaped(out, exit ? c->args : c->enter_args);
    text_char(out, ')');
    if (!exit)
        return;
    text_add(out, " = ");
    if (c->error)
        text_safe_str(out, c->error);
    else
        text_i64(out, c->ret);
}

static void describe_state(struct moment *m, struct text *out)
{
    struct state_change s = trace_state(m->trace, m->index);
    if (m->host)
        text_char(out, m->host);
    else if (m->flow != TRACE_NONE)
        endpoint_text(&trace_flow(m->trace, m->flow)->ends[m->side], out);
    text_format(out, ": %s -> %s", tcp_state_name(s.from), tcp_state_name(s.to));
}

/* The numbers that it has, by the names that selectors have for them. */
static void describe_kernel(struct moment *m, struct text *out)
{
    static const char *const names[] = {"cwnd",    "ssthresh", "rtt",        "rto",
                                        "unacked", "backoff",  "retransmits"};
    const struct kernel_word *k = trace_kernel(m->trace, m->index);
    text_format(out, "%c: its kernel says %s", m->host ? m->host : '?', tcp_state_name(k->state));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct field *f = field_by_name(names[i], strlen(names[i]));
        int64_t v;
        if (!f->get(m, &v))
            continue;
        text_format(out, ", %s ", f->name);
        field_value_text(f, v, out);
    }
}

static void add_foreign(const char *s, struct text *out)
{
    size_t n = strlen(s);
    while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
        n--;
    text_safe(out, s, n < 60 ? n : 60);
    text_add(out, n > 60 ? "..." : "");
}

static void describe_note(struct moment *m, struct text *out)
{
    const struct note *n = trace_note(m->trace, m->index);
    static const char *const ends[] = {"starts: ", "exits with ", "is killed by signal "};
    if (n->host)
        text_format(out, "%c ", n->host);
    if (m->kind == TRACE_PROCESS && n->event != PROCESS_STARTED) {
        text_format(out, "%s%d", ends[n->event], n->status);
        return;
    }
    if (m->kind == TRACE_PROCESS)
        text_add(out, ends[PROCESS_STARTED]);
    else if (m->kind == TRACE_CONSOLE)
        text_add(out, n->typed ? "is typed: " : "prints: ");
    add_foreign(n->text ? n->text : "", out);
}

static void describe_other(struct moment *m, struct text *out)
{
    const struct packet *p = moment_packet(m);
    int64_t len = 0, type = 0;
    if (p->net != NET_IPV4 && p->net != NET_IPV6) {
        text_add(out, p->net == NET_ARP ? "ARP" : "a packet without an IP header");
        return;
    }
    bool udp = p->protocol == PROTO_UDP && field_by_name("len", 3)->get(m, &len);
    struct endpoint from = {p->source, p->udp_source_port},
                    to = {p->destination, p->udp_destination_port};
    if (udp) {
        endpoint_text(&from, out);
        text_add(out, " > ");
        endpoint_text(&to, out);
        text_format(out, "  UDP, len %lld", (long long)len);
        return;
    }
    address_text(&p->source, out);
    text_add(out, " > ");
    address_text(&p->destination, out);
    if (field_by_name("icmp.type", 9)->get(m, &type))
        text_format(out, "  ICMP type %lld", (long long)type);
    else
        text_format(out, "  IP protocol %u", p->protocol);
}

void describe_event(const struct trace *t, size_t event, struct text *out)
{
    static void (*const tellers[TRACE_KIND_COUNT])(struct moment *, struct text *) = {
        [TRACE_SEGMENT] = describe_segment, [TRACE_DELIVERED] = describe_segment,
        [TRACE_DROPPED] = describe_segment, [TRACE_COPIED] = describe_segment,
        [TRACE_CALL_ENTER] = describe_call, [TRACE_CALL_EXIT] = describe_call,
        [TRACE_STATE] = describe_state,     [TRACE_KERNEL] = describe_kernel,
        [TRACE_CONSOLE] = describe_note,    [TRACE_PROCESS] = describe_note,
        [TRACE_NOTE] = describe_note,       [TRACE_OTHER] = describe_other,
    };
    struct moment m = {0};
    moment_set(&m, t, event);
    tellers[m.kind](&m, out);
}

void describe_time(const struct trace *t, size_t event, struct text *out)
{
    int64_t ns = trace_time(t, event) - trace_time(t, 0);
    uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
    text_format(out, "%s%llu.%06llu", ns < 0 ? "-" : "", (unsigned long long)(us / 1000000),
                (unsigned long long)(us % 1000000));
}

/* ---- the ladder around ---- */

enum { BEFORE = 5, BEHIND = 4, LOOK_AT_MOST = 20000 };

/* Whether an event belongs to the story of a connection: its own, and what is of none. */
static bool belongs(const struct trace *t, size_t event, uint32_t flow)
{
    struct trace_event e = trace_event(t, event);
    int side;
    switch (e.kind) {
    case TRACE_SEGMENT:
    case TRACE_DELIVERED:
    case TRACE_DROPPED: return flow == TRACE_NONE || trace_segment_flow(t, e.index, &side) == flow;
    case TRACE_COPIED:
        return flow == TRACE_NONE ||
               trace_segment_flow(t, trace_copy(t, e.index).segment, &side) == flow;
    case TRACE_STATE: {
        uint32_t of = trace_state(t, e.index).flow;
        return flow == TRACE_NONE || of == flow || of == TRACE_NONE;
    }
    case TRACE_CALL_ENTER:
    case TRACE_CALL_EXIT: {
        uint32_t of = trace_call(t, e.index)->flow;
        return flow == TRACE_NONE || of == flow || of == TRACE_NONE;
    }
    default: return e.kind != TRACE_NOTE && e.kind != TRACE_KERNEL;
    }
}

static void add_line(const struct trace *t, size_t event, bool marked, int indent, struct text *out)
{
    struct text time = {0};
    describe_time(t, event, &time);
    text_repeat(out, ' ', (size_t)indent);
    text_format(out, "%s %10s  ", marked ? "->" : "  ", text_str(&time));
    describe_event(t, event, out);
    text_char(out, '\n');
    text_free(&time);
}

void describe_around(const struct trace *t, size_t event, int indent, struct text *out)
{
    size_t before[BEFORE], count = 0, n = trace_event_count(t), looked = 0;
    struct moment m = {0};
    moment_set(&m, t, event);
    for (size_t i = event; i-- > 0 && count < BEFORE && looked++ < LOOK_AT_MOST;)
        if (belongs(t, i, m.flow))
            before[count++] = i;
    while (count > 0)
        add_line(t, before[--count], false, indent, out);
    add_line(t, event, true, indent, out);
    looked = 0;
    for (size_t i = event + 1; i < n && count < BEHIND && looked++ < LOOK_AT_MOST; i++)
        if (belongs(t, i, m.flow)) {
            add_line(t, i, false, indent, out);
            count++;
        }
}
