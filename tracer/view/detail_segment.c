/* A segment's fields, each with one plain sentence. */
#include "tracer/view/detail.h"

#include "tracer/base/words.h"
#include "tracer/view/again.h"
#include "tracer/view/kernel.h"
#include "tracer/view/label.h"

#include <stdbool.h>

struct detail {
    const struct trace *t;
    const struct segment *s;
    struct packet p;
    struct text body;
    struct lines *out;
};

static void finish(struct detail *d, const char *lead, enum role role)
{
    detail_line(d->out, lead, &d->body, role);
}

static void remark(struct detail *d, const char *sentence)
{
    lines_remark(d->out, sentence);
}

static void add_heading(struct detail *d)
{
    const struct flow *f = trace_flow(d->t, d->s->flow);
    char host = trace_host_of(d->t, d->s->flow, d->s->side);
    struct text from = {0}, to = {0};
    endpoint_text(&f->ends[d->s->side], &from);
    endpoint_text(&f->ends[!d->s->side], &to);
    label_segment(d->t, d->s, 0, &d->body);
    text_add(&d->body, "   ");
    if (host)
        text_format(&d->body, _("from %c, %s to %s"), host, text_str(&from), text_str(&to));
    else
        text_format(&d->body, _("%s to %s"), text_str(&from), text_str(&to));
    text_free(&from);
    text_free(&to);
    finish(d, "segment", label_role(d->s));
}

static void add_findings(struct detail *d)
{
    size_t first, n = trace_findings_of(d->t, d->s->index, &first);
    struct text reason = {0};
    for (size_t i = first; i < first + n; i++) {
        const struct finding *f = trace_finding(d->t, i);
        enum finding_kind kind = (enum finding_kind)f->kind;
        bool fault = finding_severity(kind) == FINDING_FAULT;
        text_add(&d->body, fault ? "! " : "");
        text_add(&d->body, finding_title(kind));
        text_char(&d->body, ':');
        finish(d, "finding", fault ? ROLE_AGAIN : ROLE_NORMAL);
        text_clear(&reason);
        finding_reason(f, &reason);
        text_char(&reason, '.');
        remark(d, text_str(&reason));
    }
    text_free(&reason);
}

static const char *flags_sentence(uint16_t flags)
{
    static const struct {
        uint16_t flags;
        const char *sentence;
    } rows[] = {
        {TCP_RST, N_("Reset: the connection is over at once, nothing more is sent or awaited.")},
        {TCP_SYN | TCP_ACK,
         N_("Synchronise and acknowledge: here is my first sequence number, and I "
            "have yours.")},
        {TCP_SYN, N_("Synchronise: I wish to connect, and here is my first sequence number.")},
        {TCP_FIN | TCP_ACK, N_("Finish: I have no more bytes to send; I can still receive.")},
        {TCP_PSH | TCP_ACK, N_("Push: these bytes are for the program now; what arrived is "
                               "acknowledged.")},
        {TCP_ACK, N_("Acknowledge: this is what I have received.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((flags & rows[i].flags) == rows[i].flags)
            return _(rows[i].sentence);
    return _("No flag of a connection: an odd segment, sent by a scanner perhaps.");
}

static void add_flags(struct detail *d)
{
    tcp_flags_add(d->s->flags, &d->body);
    finish(d, "flags", ROLE_NORMAL);
    remark(d, flags_sentence(d->s->flags));
}

static const char *seq_sentence(const struct segment *s)
{
    if (s->flags & TCP_SYN)
        return s->side == SIDE_INITIATOR
                   ? _("This is J, the sender's initial number; SYN itself counts as one.")
                   : _("This is K, the sender's initial number; SYN itself counts as one.");
    if (s->len > 0)
        return _("The number of the first byte in this segment.");
    if (s->flags & TCP_FIN)
        return _("The number of the FIN, which counts as one.");
    return _("The number that the sender's next byte will have.");
}

static void add_numbers(struct detail *d)
{
    text_format(&d->body, _("%u (absolute %u)"), trace_relative_seq(d->t, d->s), d->s->seq);
    finish(d, "seq", ROLE_NORMAL);
    remark(d, seq_sentence(d->s));
    if (!(d->s->flags & TCP_ACK)) {
        text_add(&d->body, _("none"));
        finish(d, "ack", ROLE_NORMAL);
        remark(d, _("Nothing is acknowledged yet."));
        return;
    }
    text_format(&d->body, _("%u (absolute %u)"), trace_relative_ack(d->t, d->s), d->s->ack);
    finish(d, "ack", ROLE_NORMAL);
    remark(d, _("The byte that the sender expects next: all before it has arrived."));
}

/* The scale that a side's SYN offered; -1 where the SYN was not seen or offered none. */
static int offered_scale(const struct trace *t, uint32_t flow, int side)
{
    uint32_t syn = trace_syn_of(t, flow, side);
    if (syn == TRACE_NONE)
        return -1;
    struct frame frame = trace_segment_frame(t, syn);
    struct packet p;
    packet_decode(&frame, &p);
    return p.tcp.has_window_scale ? p.tcp.window_scale : -1;
}

static void add_window(struct detail *d)
{
    const struct segment *s = d->s;
    int own = offered_scale(d->t, s->flow, s->side), peer = offered_scale(d->t, s->flow, !s->side);
    bool scaled = own >= 0 && peer >= 0 && !(s->flags & TCP_SYN);
    int shift = scaled ? (own < 14 ? own : 14) : 0; /* RFC 7323 2.3: 14 at the most */
    text_u64(&d->body, s->window);
    if (scaled)
        text_format(&d->body, _(", times 2^%d: %llu bytes"), shift,
                    (unsigned long long)s->window << shift);
    finish(d, "win", ROLE_NORMAL);
    if (s->flags & TCP_SYN)
        remark(d, _("The sender has room for so many bytes; a SYN's window is never scaled."));
    else if (scaled)
        remark(d, _("The sender has room for so many."));
    else
        remark(d, _("The sender has room for so many bytes, if no scale was agreed on: two SYNs "
                    "that offer one were not captured."));
}

/* The names and values of the options that the header carries. */
static void add_option(struct text *out, uint8_t kind, struct cursor *c)
{
    switch (kind) {
    case 2: text_format(out, "mss %u", cursor_be16(c)); break;
    case 3: text_format(out, "wscale %u", cursor_u8(c)); break;
    case 4: text_add(out, "sackOK"); break;
    case 5:
        text_add(out, "sack");
        while (cursor_captured_left(c) >= 8) {
            uint32_t from = cursor_be32(c), to = cursor_be32(c);
            text_format(out, " {%u:%u}", from, to);
        }
        break;
    case 8: {
        uint32_t value = cursor_be32(c), echo = cursor_be32(c);
        text_format(out, "TS val %u ecr %u", value, echo);
        break;
    }
    case 34: text_add(out, "tfo"); break;
    default: text_format(out, _("option %u"), kind); break;
    }
}

static void walk_options(struct cursor *c, struct text *out)
{
    while (cursor_ok(c) && cursor_captured_left(c) > 0) {
        uint8_t kind = cursor_u8(c);
        if (out->len > 0)
            text_add(out, ", ");
        if (kind <= 1) {
            text_add(out, kind == 0 ? "eol" : "nop");
            if (kind == 0)
                return;
            continue;
        }
        uint8_t length = cursor_u8(c);
        if (!cursor_ok(c) || length < 2 || (size_t)length - 2 > cursor_captured_left(c)) {
            text_format(out, _("option %u, not whole"), kind);
            return;
        }
        struct cursor value = cursor_sub(c, (size_t)length - 2);
        add_option(out, kind, &value);
    }
}

static void add_options(struct detail *d)
{
    struct cursor c;
    const struct tcp_header *h = &d->p.tcp;
    if (!d->p.is_tcp || h->options_bytes == 0)
        return;
    cursor_init(&c, d->p.frame.bytes, d->p.frame.captured_bytes, d->p.frame.captured_bytes);
    if (cursor_skip(&c, h->options_at)) {
        cursor_narrow(&c, h->options_bytes);
        walk_options(&c, &d->body);
    }
    finish(d, "options", ROLE_NORMAL);
    if (d->s->flags & TCP_SYN)
        remark(d, _("What the sender can do beyond the basics."));
}

static void add_again(struct detail *d)
{
    uint32_t original = again_of(d->t, d->s->index);
    struct text before = {0};
    if (original != TRACE_NONE) {
        struct segment o = trace_segment(d->t, original);
        label_span(d->s->time_ns - o.time_ns, &before);
        text_format(&d->body,
                    o.fate == FATE_DROPPED
                        ? _("repeats number %llu in the capture, sent %s before and lost")
                        : _("repeats number %llu in the capture, sent %s before"),
                    (unsigned long long)o.frame, text_str(&before));
        text_free(&before);
        finish(d, "again", ROLE_AGAIN);
        remark(d, _("Every byte of it was sent before: a retransmission."));
        return;
    }
    text_add(&d->body, _("Every byte of it was sent before: a retransmission."));
    finish(d, "again", ROLE_AGAIN);
}

static void add_len(struct detail *d)
{
    text_u64(&d->body, d->s->len);
    finish(d, "len", ROLE_NORMAL);
    remark(d, d->s->len > 0 ? _("Bytes of the program's data in this segment.")
                            : _("No data: the header says it all."));
    if (d->s->again)
        add_again(d);
}

static void add_times(struct detail *d)
{
    struct text sent = {0};
    label_clock(d->s->time_ns, &sent);
    text_format(&d->body, _("sent %s"), text_str(&sent));
    text_free(&sent);
    label_fate(d->t, d->s, &d->body);
    finish(d, "time", ROLE_TIME);
}

/* The changes of state that a moment of the segment caused stand right behind it. */
static void add_states_behind(struct detail *d, size_t event)
{
    size_t n = trace_event_count(d->t);
    for (size_t i = event + 1; i < n && trace_event(d->t, i).kind == TRACE_STATE; i++) {
        const struct state_change got_c = trace_state(d->t, trace_event(d->t, i).index),
                                  *c = &got_c;
        bool sent = c->cause == CAUSE_SENT;
        const char host[] = {c->host, '\0'};
        const char *who = c->host ? host : sent ? _("the sender") : _("the receiver");
        text_format(&d->body,
                    sent ? _("Sending it moved %s from %s to %s")
                         : _("Its arrival moved %s from %s to %s"),
                    who, tcp_state_name(c->from), tcp_state_name(c->to));
        if (c->rule)
            text_format(&d->body, " (%s)", c->rule);
        finish(d, "state", ROLE_STATE);
    }
}

static void add_states(struct detail *d, uint32_t index)
{
    add_states_behind(d, trace_event_of(d->t, TRACE_SEGMENT, index));
    if (trace_has_wire(d->t) && d->s->fate == FATE_DELIVERED)
        add_states_behind(d, trace_event_of(d->t, TRACE_DELIVERED, index));
}

/* "C: ESTABLISHED, cwnd 10, RTT 20.0 ms, RTO 220.0 ms, 1 unacknowledged" */
void detail_of_kernels(const struct trace *t, uint32_t flow, uint32_t event, bool differing,
                       struct lines *out)
{
    struct text body = {0};
    for (int side = 0; side < SIDE_COUNT; side++) {
        struct kernel_look look = kernel_look_at(t, flow, side, event);
        if (!look.word || (differing && !look.differs))
            continue;
        text_format(&body, "%c: %s", look.word->host ? look.word->host : '?',
                    tcp_state_name(look.word->state));
        label_kernel_numbers(look.word, &body);
        if (look.differs)
            text_format(&body, _("; but the segments say %s"), tcp_state_name(look.implied));
        detail_line(out, "kernel", &body, look.differs ? ROLE_ERROR : ROLE_STATE);
        if (look.differs)
            lines_remark(out, kernel_reason(&look));
    }
    text_free(&body);
}

void detail_of_segment(const struct trace *t, uint32_t index, uint32_t event, struct lines *out)
{
    const struct segment got_s = trace_segment(t, index), *s = &got_s;
    struct detail d = {.t = t, .s = s, .out = out};
    struct frame frame = trace_segment_frame(t, index);
    packet_decode(&frame, &d.p);
    add_heading(&d);
    add_findings(&d);
    add_flags(&d);
    add_numbers(&d);
    add_window(&d);
    add_options(&d);
    add_len(&d);
    add_times(&d);
    add_states(&d, index);
    detail_of_kernels(t, s->flow, event, false, out);
    text_format(&d.body, _("number %llu in the capture, %u bytes on the wire, %u captured"),
                (unsigned long long)s->frame, frame.wire_bytes, frame.captured_bytes);
    finish(&d, "frame", ROLE_DIM);
    detail_bytes(&frame, out);
    text_free(&d.body);
}
