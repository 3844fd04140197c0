#include "tracer/select/term.h"

#include "tracer/select/field.h"
#include "tracer/select/findings.h"
#include "tracer/select/track.h"
#include "tracer/tcp/seq.h"

#include <assert.h>
#include <string.h>

#define MATCH(name) static bool match_##name(const struct term *t, struct moment *m)
#define EXPLAIN(name)                                                                              \
    static void explain_##name(const struct term *t, struct moment *m, struct text *out)

/* ---- ends ---- */

bool end_pattern_is(const struct end_pattern *e, const struct endpoint *end, char letter)
{
    return (!e->letter || e->letter == letter) &&
           (!e->has_address || address_equal(&e->address, &end->address)) &&
           (e->port == 0 || e->port == end->port);
}

void end_pattern_text(const struct end_pattern *e, struct text *out)
{
    if (e->letter)
        text_char(out, e->letter);
    else if (e->has_address && !address_is_v4(&e->address) && e->port)
        text_char(out, '[');
    if (e->has_address)
        address_text(&e->address, out);
    if (e->has_address && !address_is_v4(&e->address) && e->port)
        text_char(out, ']');
    if (!e->letter && !e->has_address)
        text_char(out, '*');
    if (e->port)
        text_format(out, ":%u", e->port);
}

static char letter_of_address(const struct trace *t, const struct address *a)
{
    const struct trace_session *s = trace_session(t);
    for (int h = 0; h < 2; h++)
        if (address_equal(a, &s->addresses[h]))
            return "CS"[h];
    return 0;
}

/* The two ends of a packet, sender first, and their letters; false where it has none. */
static bool ends_of(struct moment *m, struct endpoint ends[2], char letters[2])
{
    const struct trace *t = m->trace;
    if (!m->is_packet)
        return false;
    if (m->is_segment) {
        const struct flow *f = trace_flow(t, m->flow);
        ends[0] = f->ends[m->side];
        ends[1] = f->ends[!m->side];
        letters[0] = m->host;
        letters[1] = moment_letter(t, m->flow, !m->side);
        return true;
    }
    const struct packet *p = moment_packet(m);
    if (p->net != NET_IPV4 && p->net != NET_IPV6)
        return false;
    ends[0] = (struct endpoint){p->source, p->is_tcp ? p->tcp.source_port : p->udp_source_port};
    ends[1] = (struct endpoint){p->destination,
                                p->is_tcp ? p->tcp.destination_port : p->udp_destination_port};
    int side = track_pair_side(m->track, p);
    for (int i = 0; i < 2; i++)
        letters[i] = trace_session(t)->present ? letter_of_address(t, &ends[i].address)
                                               : "CS"[i == 0 ? side : !side];
    return true;
}

MATCH(direction)
{
    struct endpoint ends[2];
    char letters[2];
    return ends_of(m, ends, letters) && end_pattern_is(&t->a, &ends[0], letters[0]) &&
           end_pattern_is(&t->b, &ends[1], letters[1]);
}

static void add_end(const struct end_pattern *like, const struct endpoint *end, char letter,
                    struct text *out)
{
    if (letter && !like->has_address && !like->port)
        text_char(out, letter);
    else
        endpoint_text(end, out);
}

EXPLAIN(direction)
{
    struct endpoint ends[2];
    char letters[2];
    if (!ends_of(m, ends, letters)) {
        text_add(out, "it is no packet");
        return;
    }
    text_add(out, "it goes ");
    add_end(&t->a, &ends[0], letters[0], out);
    text_add(out, " > ");
    add_end(&t->b, &ends[1], letters[1], out);
    text_add(out, ", not ");
    end_pattern_text(&t->a, out);
    text_add(out, " > ");
    end_pattern_text(&t->b, out);
}

MATCH(host)
{
    struct endpoint ends[2];
    char letters[2];
    return ends_of(m, ends, letters) && (end_pattern_is(&t->a, &ends[0], letters[0]) ||
                                         end_pattern_is(&t->a, &ends[1], letters[1]));
}

EXPLAIN(host)
{
    struct endpoint ends[2];
    char letters[2];
    if (!ends_of(m, ends, letters)) {
        text_add(out, "it is no packet");
        return;
    }
    text_add(out, "its ends are ");
    endpoint_text(&ends[0], out);
    text_add(out, " and ");
    endpoint_text(&ends[1], out);
    text_add(out, ", neither of them ");
    end_pattern_text(&t->a, out);
}

/* Who acts; a host with an address only where its connection is known. */
MATCH(actor)
{
    if (m->flow != TRACE_NONE)
        return end_pattern_is(&t->a, &trace_flow(m->trace, m->flow)->ends[m->side], m->host);
    return !t->a.has_address && t->a.port == 0 && t->a.letter == m->host;
}

EXPLAIN(actor)
{
    text_add(out, "the host at work is ");
    text_char(out, m->host ? m->host : '?');
    text_add(out, ", not ");
    end_pattern_text(&t->a, out);
}

/* ---- flags ---- */

void flags_text(uint16_t flags, struct text *out)
{
    text_char(out, '[');
    tcp_flags_add(flags, out);
    text_char(out, ']');
}

MATCH(flags)
{
    return m->is_segment && (m->segment.flags & t->flags_set) == t->flags_set &&
           !(m->segment.flags & t->flags_clear) && !(t->bare && m->segment.len > 0);
}

static bool not_a_segment(const struct moment *m, struct text *out)
{
    if (!m->is_segment)
        text_add(out, "it is no TCP segment");
    return !m->is_segment;
}

EXPLAIN(flags)
{
    if (not_a_segment(m, out))
        return;
    text_add(out, "its flags are ");
    flags_text(m->segment.flags, out);
    if (t->bare && m->segment.flags == TCP_ACK) {
        text_format(out, ", but it carries %u bytes; [.] is a bare ACK", m->segment.len);
        return;
    }
    text_add(out, ", not ");
    text_safe(out, t->text, t->text_bytes);
}

static const struct {
    uint16_t bit;
    const char *name;
} bit_names[] = {
    {TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"},
    {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}, {TCP_AE, "AE"},
};

MATCH(bits)
{
    return m->is_segment && (m->segment.flags & t->flags_set);
}

EXPLAIN(bits)
{
    if (not_a_segment(m, out))
        return;
    text_add(out, "its flags are ");
    flags_text(m->segment.flags, out);
    for (size_t i = 0; i < sizeof bit_names / sizeof bit_names[0]; i++)
        if (bit_names[i].bit == t->flags_set)
            text_format(out, ", without %s", bit_names[i].name);
}

/* ---- numbers ---- */

bool operand_value(const struct operand *o, const struct moment *m, int64_t *v)
{
    if (o->variable < 0) {
        *v = o->number;
        return true;
    }
    if (m->bindings && m->bindings->bound >> o->variable & 1) {
        *v = m->bindings->values[o->variable] + o->number;
        return true;
    }
    if (o->variable > VARIABLE_K || m->flow == TRACE_NONE)
        return false;
    int side = o->variable == VARIABLE_J ? SIDE_INITIATOR : SIDE_RESPONDER;
    const struct flow *f = trace_flow(m->trace, m->flow);
    *v = (int64_t)f->iss[side] + o->number;
    return f->iss_known[side];
}

/* Sequence numbers are compared modulo 2^32 where a variable is involved. */
static bool compare(enum compare how, int64_t have, int64_t low, int64_t high, bool modular)
{
    if (modular) {
        have = (int32_t)((uint32_t)have - (uint32_t)low);
        high = (int32_t)((uint32_t)high - (uint32_t)low);
        low = 0;
    }
    switch (how) {
    case COMPARE_EQ: return have == low;
    case COMPARE_NE: return have != low;
    case COMPARE_LT: return have < low;
    case COMPARE_LE: return have <= low;
    case COMPARE_GT: return have > low;
    case COMPARE_GE: return have >= low;
    case COMPARE_RANGE: return have >= low && have <= high;
    }
    return false;
}

/* Numbers are compared as they are printed, variables with what stands in the header. */
static bool field_number(const struct term *t, struct moment *m, int64_t *v)
{
    bool absolute = t->low.variable >= 0 || t->high.variable >= 0;
    return absolute && t->field->get_absolute ? t->field->get_absolute(m, v) : t->field->get(m, v);
}

static bool binds(const struct term *t, const struct moment *m)
{
    return m->bindings && t->compare == COMPARE_EQ && t->low.variable >= 0 && t->low.number == 0 &&
           !(m->bindings->bound >> t->low.variable & 1);
}

bool term_field_match(const struct term *t, struct moment *m)
{
    int64_t have, low, high = 0;
    bool modular = t->field->get_absolute && (t->low.variable >= 0 || t->high.variable >= 0);
    if (!field_number(t, m, &have))
        return false;
    if (binds(t, m)) {
        m->bindings->bound |= 1u << t->low.variable;
        m->bindings->values[t->low.variable] = have;
        return true;
    }
    return operand_value(&t->low, m, &low) &&
           (t->compare != COMPARE_RANGE || operand_value(&t->high, m, &high)) &&
           compare(t->compare, have, low, high, modular);
}

MATCH(field)
{
    return term_field_match(t, m);
}

static void add_operand(const struct term *t, const struct operand *o, const struct moment *m,
                        struct text *out)
{
    int64_t v;
    if (!operand_value(o, m, &v))
        text_add(out, "a value that is not known");
    else if (t->field->unit == UNIT_SEQUENCE)
        text_u64(out, (uint32_t)v);
    else
        field_value_text(t->field, v, out);
}

void term_field_wanted(const struct term *t, const struct moment *m, struct text *out)
{
    static const char *const words[] = {
        [COMPARE_EQ] = "",         [COMPARE_NE] = "another than ", [COMPARE_LT] = "less than ",
        [COMPARE_LE] = "at most ", [COMPARE_GT] = "more than ",    [COMPARE_GE] = "at least ",
        [COMPARE_RANGE] = "from "};
    text_add(out, words[t->compare]);
    add_operand(t, &t->low, m, out);
    if (t->compare == COMPARE_RANGE) {
        text_add(out, " to ");
        add_operand(t, &t->high, m, out);
    }
}

EXPLAIN(field)
{
    int64_t have;
    if (!field_number(t, m, &have)) {
        text_format(out, "it has nothing to compare: %s is not there", t->field->noun);
        return;
    }
    text_format(out, "%s is ", t->field->noun);
    field_value_text(t->field, have, out);
    text_add(out, ", and expected was ");
    term_field_wanted(t, m, out);
}

MATCH(present)
{
    int64_t v;
    return t->field->get(m, &v);
}

EXPLAIN(present)
{
    (void)m;
    text_format(out, "%s is not there", t->field->noun);
}

MATCH(seq_range)
{
    int64_t from;
    const struct field *f = t->field;
    return m->is_segment && f->get(m, &from) && from == t->low.number &&
           (uint32_t)(from + m->segment.len) == (uint32_t)t->high.number;
}

EXPLAIN(seq_range)
{
    int64_t from;
    if (not_a_segment(m, out) || !t->field->get(m, &from))
        return;
    text_format(out, "its sequence numbers are %lld:%u, not %lld:%lld", (long long)from,
                (uint32_t)(from + m->segment.len), (long long)t->low.number,
                (long long)t->high.number);
}

/* ---- payload ---- */

MATCH(data)
{
    if (!m->is_segment || m->segment.len == 0)
        return false;
    return t->low.number == 0 ||
           track_carries(m->track, &m->segment, (uint64_t)t->low.number, (uint64_t)t->high.number);
}

EXPLAIN(data)
{
    if (not_a_segment(m, out))
        return;
    uint64_t number = track_data_number(m->track, &m->segment);
    if (m->segment.len == 0)
        text_add(out, "it carries no data");
    else if (number > 0)
        text_format(out, "it carries data %llu, not data %lld", (unsigned long long)number,
                    (long long)t->low.number);
    else
        text_format(out, "it carries later data than data %lld", (long long)t->high.number);
}

/* The numbers of its payload's first byte and of the one behind the last. */
static void byte_numbers(const struct moment *m, uint32_t *from, uint32_t *to)
{
    *from = trace_relative_seq(m->trace, &m->segment) + (m->segment.flags & TCP_SYN ? 1 : 0);
    *to = *from + m->segment.len;
}

MATCH(bytes)
{
    uint32_t from, to;
    if (!m->is_segment || m->segment.len == 0)
        return false;
    byte_numbers(m, &from, &to);
    return seq_lt((uint32_t)t->low.number, to) && seq_le(from, (uint32_t)t->high.number);
}

EXPLAIN(bytes)
{
    uint32_t from, to;
    if (not_a_segment(m, out))
        return;
    byte_numbers(m, &from, &to);
    if (m->segment.len == 0)
        text_add(out, "it carries no data");
    else
        text_format(out, "it carries the bytes %u to %u, not %lld to %lld", from, to - 1,
                    (long long)t->low.number, (long long)t->high.number);
}

MATCH(payload)
{
    const uint8_t *bytes;
    size_t n;
    if (!moment_payload(m, &bytes, &n))
        return t->match == PAYLOAD_IS && t->text_bytes == 0 && m->is_packet;
    if (t->match == PAYLOAD_HOLDS)
        return memmem(bytes, n, t->text, t->text_bytes) != NULL;
    return n >= t->text_bytes && (t->match != PAYLOAD_IS || n == t->text_bytes) &&
           memcmp(bytes, t->text, t->text_bytes) == 0;
}

static void add_quoted(const void *bytes, size_t n, struct text *out)
{
    size_t shown = n < 40 ? n : 40;
    text_char(out, '"');
    text_safe(out, bytes, shown);
    text_add(out, shown < n ? "\"..." : "\"");
}

EXPLAIN(payload)
{
    static const char *const words[] = {", which does not hold ", ", which does not start with ",
                                        ", not "};
    const uint8_t *bytes;
    size_t n;
    if (!moment_payload(m, &bytes, &n)) {
        text_add(out, "it has no payload to hold ");
    } else {
        text_add(out, "its payload is ");
        add_quoted(bytes, n, out);
        text_add(out, words[t->match]);
    }
    add_quoted(t->text, t->text_bytes, out);
}

/* ---- what a packet is ---- */

MATCH(protocol)
{
    if (m->is_segment && t->number == PROTO_TCP)
        return true;
    if (!m->is_packet)
        return false;
    const struct packet *p = moment_packet(m);
    return t->number < 0 ? (int64_t)p->net == -t->number
                         : (p->net == NET_IPV4 || p->net == NET_IPV6) && p->protocol == t->number;
}

static const char *protocol_word(int64_t number)
{
    static const struct {
        int64_t number;
        const char *name;
    } names[] = {
        {PROTO_TCP, "TCP"},  {PROTO_UDP, "UDP"},  {PROTO_ICMP, "ICMP"}, {PROTO_ICMPV6, "ICMPv6"},
        {-NET_IPV4, "IPv4"}, {-NET_IPV6, "IPv6"}, {-NET_ARP, "ARP"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number)
            return names[i].name;
    return "another protocol";
}

EXPLAIN(protocol)
{
    if (!m->is_packet) {
        text_add(out, "it is no packet");
        return;
    }
    const struct packet *p = moment_packet(m);
    bool ip = p->net == NET_IPV4 || p->net == NET_IPV6;
    text_format(out, "it is %s, not %s",
                protocol_word(ip && t->number > 0 ? p->protocol : -(int64_t)p->net),
                protocol_word(t->number));
}

MATCH(unreachable)
{
    int64_t type;
    const struct field *f = field_by_name("icmp.type", 9);
    (void)t;
    if (!f->get(m, &type))
        return false;
    return type == (moment_packet(m)->protocol == PROTO_ICMP ? 3 : 1);
}

EXPLAIN(unreachable)
{
    (void)t, (void)m;
    text_add(out, "it is no ICMP message that a destination is unreachable");
}

MATCH(again)
{
    (void)t;
    return m->is_segment && m->segment.again;
}

EXPLAIN(again)
{
    (void)t;
    if (!not_a_segment(m, out))
        text_add(out, "it was sent for the first time, not again");
}

MATCH(fate)
{
    bool wire = trace_has_wire(m->trace), delivered = t->number == FATE_DELIVERED;
    if (!m->is_segment)
        return false;
    if (!wire) /* one moment stands for both */
        return delivered;
    if (t->as_fate)
        return m->segment.fate == t->number;
    return m->kind == (delivered ? TRACE_DELIVERED : TRACE_DROPPED);
}

EXPLAIN(fate)
{
    static const char *const is[] = {"not yet delivered", "delivered", "dropped"};
    if (not_a_segment(m, out))
        return;
    text_format(out, "it was %s, not %s", is[m->segment.fate < FATE_COUNT ? m->segment.fate : 0],
                is[t->number]);
}

MATCH(analysis)
{
    return select_found(m, (uint32_t)t->number);
}

EXPLAIN(analysis)
{
    (void)m;
    text_format(out, "the analysis does not call it %s", select_finding_name((size_t)t->number));
}

/* ---- calls ---- */

MATCH(call_name)
{
    return m->call && strcmp(m->call->name, t->text) == 0;
}

EXPLAIN(call_name)
{
    if (!m->call) {
        text_add(out, "it is no call");
        return;
    }
    text_add(out, "the call is ");
    text_safe_str(out, m->call->name);
    text_format(out, "(), not %s()", t->text);
}

MATCH(call_phase)
{
    return m->kind == (t->number == CALL_ENTER ? TRACE_CALL_ENTER : TRACE_CALL_EXIT);
}

EXPLAIN(call_phase)
{
    if (!m->call)
        text_add(out, "it is no call");
    else if (t->number == CALL_EXIT && m->call->exit_ns < 0)
        text_add(out, "the call did not return");
    else
        text_format(out, "this is where the call %s",
                    t->number == CALL_EXIT ? "is entered, not where it returns"
                                           : "returns, not where it is entered");
}

MATCH(call_args)
{
    return m->call && args_match(t->text, m->call, m->trace);
}

EXPLAIN(call_args)
{
    if (!m->call) {
        text_add(out, "it is no call");
        return;
    }
    text_add(out, "its arguments are (");
    text_safe_escaped(out, m->call->args);
    text_add(out, "), not (");
    text_safe_escaped(out, t->text);
    text_char(out, ')');
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
        text_add(out, "it is no call that returned");
        return;
    }
    text_add(out, "its result is ");
    if (m->call->error)
        text_safe_str(out, m->call->error);
    else
        text_i64(out, m->call->ret);
    text_format(out, ", not %s", t->text ? t->text : "a failure");
}

/* ---- hosts and programs ---- */

MATCH(done)
{
    return track_done(m->track, (enum done_kind)t->number);
}

EXPLAIN(done)
{
    static const char *const words[] = {"a connection is complete for the one who asked for it",
                                        "a connection is accepted", "an end closes"};
    (void)m;
    text_format(out, "this is not the moment at which %s", words[t->number]);
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
    end_pattern_text(&t->a, out);
    if (now == STATE_UNKNOWN)
        text_format(out, " is in a state that is not known here, not %s", tcp_state_name(t->state));
    else
        text_format(out, " is %s, not %s", tcp_state_name(now), tcp_state_name(t->state));
}

MATCH(becomes)
{
    return m->kind == TRACE_STATE && trace_state(m->trace, m->index).to == t->state;
}

EXPLAIN(becomes)
{
    if (m->kind != TRACE_STATE)
        text_add(out, "it is no change of state");
    else
        text_format(out, "the end becomes %s, not %s",
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
        text_add(out, "nothing is printed or typed here");
        return;
    }
    text_format(out, "what is %s is ", n->typed ? "typed" : "printed");
    add_quoted(n->text, strlen(n->text), out);
    if (n->typed != (t->number != 0)) {
        text_format(out, ", and not %s", t->number ? "typed" : "printed");
        return;
    }
    text_add(out, ", which does not hold ");
    add_quoted(t->text ? t->text : "", t->text_bytes, out);
}

MATCH(process)
{
    return m->kind == TRACE_PROCESS &&
           trace_note(m->trace, m->index)->event == (enum process_event)t->number;
}

EXPLAIN(process)
{
    static const char *const words[] = {"starts", "exits", "is killed"};
    if (m->kind != TRACE_PROCESS)
        text_add(out, "no program starts or ends here");
    else
        text_format(out, "the program %s here, and expected was that it %s",
                    words[trace_note(m->trace, m->index)->event], words[t->number]);
}

/* ---- the table ---- */

#define ROW(weight, name)                                                                          \
    {                                                                                              \
        weight, match_##name, explain_##name                                                       \
    }

const struct term_ops *term_ops(enum term_kind kind)
{
    static const struct term_ops table[] = {
        [TERM_DIRECTION] = ROW(4, direction), [TERM_ACTOR] = ROW(3, actor),
        [TERM_HOST] = ROW(2, host),           [TERM_FLAGS] = ROW(5, flags),
        [TERM_BITS] = ROW(4, bits),           [TERM_FIELD] = ROW(1, field),
        [TERM_PRESENT] = ROW(1, present),     [TERM_SEQ_RANGE] = ROW(2, seq_range),
        [TERM_DATA] = ROW(4, data),           [TERM_BYTES] = ROW(3, bytes),
        [TERM_PROTOCOL] = ROW(4, protocol),   [TERM_UNREACHABLE] = ROW(2, unreachable),
        [TERM_PAYLOAD] = ROW(2, payload),     [TERM_AGAIN] = ROW(2, again),
        [TERM_FATE] = ROW(1, fate),           [TERM_ANALYSIS] = ROW(2, analysis),
        [TERM_CALL_NAME] = ROW(5, call_name), [TERM_CALL_PHASE] = ROW(2, call_phase),
        [TERM_CALL_ARGS] = ROW(1, call_args), [TERM_CALL_ERROR] = ROW(1, call_error),
        [TERM_DONE] = ROW(5, done),           [TERM_IS] = ROW(2, is),
        [TERM_BECOMES] = ROW(5, becomes),     [TERM_CONSOLE] = ROW(5, console),
        [TERM_PROCESS] = ROW(5, process),
    };
    static_assert(sizeof table / sizeof table[0] == TERM_KIND_COUNT, "a row a term");
    return &table[kind];
}
