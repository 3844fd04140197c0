/* Terms about what a packet carries, and what became of it. */
#include "tracer/select/term_rows.h"

#include "tracer/base/words.h"
#include "tracer/select/field.h"
#include "tracer/select/findings.h"
#include "tracer/select/track.h"
#include "tracer/tcp/seq.h"

#include <string.h>

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
    if (term_no_segment(m, out))
        return;
    uint64_t number = track_data_number(m->track, &m->segment);
    if (m->segment.len == 0)
        text_add(out, _("it carries no data"));
    else if (number > 0)
        text_format(out, _("it carries data %llu, not data %lld"), (unsigned long long)number,
                    (long long)t->low.number);
    else
        text_format(out, _("it carries later data than data %lld"), (long long)t->high.number);
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
    if (term_no_segment(m, out))
        return;
    byte_numbers(m, &from, &to);
    if (m->segment.len == 0)
        text_add(out, _("it carries no data"));
    else
        text_format(out, _("it carries the bytes %u to %u, not %lld to %lld"), from, to - 1,
                    (long long)t->low.number, (long long)t->high.number);
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
    return _("another protocol");
}

EXPLAIN(protocol)
{
    if (!m->is_packet) {
        text_add(out, _("it is no packet"));
        return;
    }
    const struct packet *p = moment_packet(m);
    bool ip = p->net == NET_IPV4 || p->net == NET_IPV6;
    text_format(out, _("it is %s, not %s"),
                protocol_word(ip && t->number > 0 ? p->protocol : -(int64_t)p->net),
                protocol_word(t->number));
}

/* The type that says so, in the packet's own version of ICMP. */
static int64_t unreachable_type(struct moment *m)
{
    return moment_packet(m)->protocol == PROTO_ICMP ? 3 : 1;
}

MATCH(unreachable)
{
    int64_t type;
    (void)t;
    return field_by_name("icmp.type", 9)->get(m, &type) && type == unreachable_type(m);
}

EXPLAIN(unreachable)
{
    int64_t type;
    (void)t;
    if (!field_by_name("icmp.type", 9)->get(m, &type))
        text_add(out, _("it is no ICMP message"));
    else
        text_format(out,
                    _("its ICMP type is %lld, and that a destination is unreachable has type %lld"),
                    (long long)type, (long long)unreachable_type(m));
}

MATCH(again)
{
    (void)t;
    return m->is_segment && m->segment.again;
}

EXPLAIN(again)
{
    (void)t;
    if (!term_no_segment(m, out))
        text_add(out, _("it was sent for the first time, not again"));
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
    static const char *const is[] = {N_("not yet delivered"), N_("delivered"), N_("dropped")};
    if (term_no_segment(m, out))
        return;
    text_format(out, _("it was %s, not %s"),
                _(is[m->segment.fate < FATE_COUNT ? m->segment.fate : 0]), _(is[t->number]));
}

MATCH(wire)
{
    bool copies = t->number == WIRE_DUPLICATED;
    if (!m->is_segment)
        return false;
    if (t->as_fate)
        return copies ? m->segment.copied : m->segment.corrupted;
    return copies ? m->kind == TRACE_COPIED : m->kind == TRACE_DROPPED && m->segment.corrupted;
}

EXPLAIN(wire)
{
    if (!term_no_segment(m, out))
        text_add(out, t->number == WIRE_DUPLICATED ? _("no copy of it arrived")
                                                   : _("it was not damaged on the wire"));
}

MATCH(analysis)
{
    return select_found(m, (enum finding_kind)t->number) != NULL;
}

EXPLAIN(analysis)
{
    (void)m;
    text_format(out, _("the analysis does not call it %s"),
                finding_name((enum finding_kind)t->number));
}
