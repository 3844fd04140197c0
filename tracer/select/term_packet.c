/* Terms about packets: their ends, flags, payload. */
#include "tracer/select/term_rows.h"

#include "tracer/base/words.h"
#include "tracer/select/track.h"

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
        letters[i] =
            trace_session(t)->present ? trace_host_at(t, &ends[i]) : "CS"[i == 0 ? side : !side];
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
        text_add(out, _("it is no packet"));
        return;
    }
    const char *rest = text_gap(out, _("it goes {}, not {}"));
    add_end(&t->a, &ends[0], letters[0], out);
    text_add(out, " > ");
    add_end(&t->b, &ends[1], letters[1], out);
    rest = text_gap(out, rest);
    end_pattern_text(&t->a, out);
    text_add(out, " > ");
    end_pattern_text(&t->b, out);
    text_add(out, rest);
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
        text_add(out, _("it is no packet"));
        return;
    }
    const char *rest = text_gap(out, _("its ends are {} and {}, neither of them {}"));
    endpoint_text(&ends[0], out);
    rest = text_gap(out, rest);
    endpoint_text(&ends[1], out);
    rest = text_gap(out, rest);
    end_pattern_text(&t->a, out);
    text_add(out, rest);
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

bool term_no_segment(const struct moment *m, struct text *out)
{
    if (!m->is_segment)
        text_add(out, _("it is no TCP segment"));
    return !m->is_segment;
}

EXPLAIN(flags)
{
    if (term_no_segment(m, out))
        return;
    bool laden = t->bare && m->segment.flags == TCP_ACK;
    const char *rest =
        text_gap(out, laden ? _("its flags are {}, but it carries {} bytes; [.] is a bare ACK")
                            : _("its flags are {}, not {}"));
    flags_text(m->segment.flags, out);
    rest = text_gap(out, rest);
    if (laden)
        text_u64(out, m->segment.len);
    else
        text_safe(out, t->text, t->text_bytes);
    text_add(out, rest);
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
    if (term_no_segment(m, out))
        return;
    const char *rest = text_gap(out, _("its flags are {}, without {}"));
    flags_text(m->segment.flags, out);
    rest = text_gap(out, rest);
    for (size_t i = 0; i < sizeof bit_names / sizeof bit_names[0]; i++)
        if (bit_names[i].bit == t->flags_set)
            text_add(out, bit_names[i].name);
    text_add(out, rest);
}
