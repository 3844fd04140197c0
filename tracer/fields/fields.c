#include "tracer/fields/fields_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <stdlib.h>

static void write_frame(struct writer *w)
{
    const struct frame *f = &w->p->frame;
    text_u64(&w->value, f->wire_bytes);
    text_add(&w->value, _(" bytes"));
    if (f->captured_bytes < f->wire_bytes) {
        text_format(&w->value, _(", %u of them captured"), f->captured_bytes);
        write_verdict(w, FIELD_TRUNCATED,
                      N_("The rest was left out by the capture (its snapshot length)."));
    }
    write_field(w, "Frame", w->depth, 0, f->captured_bytes,
                N_("All that was captured of this packet, from the link header to the last byte."));
    if (!packet_linktype_known(f->linktype)) {
        text_format(&w->value, _("link type %d"), f->linktype);
        write_field(w, N_("link"), w->depth, 0, f->captured_bytes,
                    N_("A link type whose headers are not known here, so the bytes stand as they "
                       "are."));
    }
}

/* What decode found wrong and no header's rows told of. */
static void write_rest(struct writer *w, size_t first)
{
    static const enum field_verdict verdicts[VERDICT_COUNT] = {FIELD_PLAIN, FIELD_TRUNCATED,
                                                               FIELD_MALFORMED};
    enum field_verdict due = verdicts[w->p->verdict], told = FIELD_PLAIN;
    for (size_t i = first; i < w->out->count; i++)
        if (w->out->field[i].verdict > told)
            told = w->out->field[i].verdict;
    if (told >= due)
        return;
    struct cursor c = cursor_over(w->p, 0);
    c.verdict = w->p->verdict;
    c.at = w->p->verdict_at;
    write_missing(w, &c, w->depth);
}

static void write_headers(struct writer *w)
{
    const struct packet *p = w->p;
    if (p->net == NET_ARP)
        write_arp(w);
    else if (p->net == NET_IPV4)
        write_ipv4(w);
    else if (p->net == NET_IPV6)
        write_ipv6(w);
    if (p->transport_at > 0 && p->protocol == PROTO_TCP)
        write_tcp(w);
    else if (p->transport_at > 0 && p->protocol == PROTO_UDP)
        write_udp(w);
    else if (p->transport_at > 0)
        write_icmp(w);
}

/* The packets that the packet is carried by, from the outermost on, each with its tunnel's header.
 */
static void write_carriers(struct writer *w)
{
    const struct packet *innermost = w->p;
    for (unsigned i = 0; i < innermost->tunnel_count; i++) {
        struct packet carrier;
        packet_decode_to(&innermost->frame, i, &carrier);
        w->p = &carrier;
        if (carrier.tunnel_count == i) { /* else a label stack in a tunnel: it has no IP header */
            write_headers(w);
            w->outer_end = w->outer_end > 0 ? w->outer_end : net_end(&carrier);
        }
        w->p = innermost;
        write_tunnel(w, &innermost->tunnels[i]);
    }
}

void write_packet(struct writer *w)
{
    if (!w->quoted)
        write_frame(w);
    size_t first = w->out->count;
    write_link(w);
    write_carriers(w);
    write_headers(w);
    write_payload(w);
    write_rest(w, first);
}

void fields_read(struct fields *f, const struct packet *p, const struct field_facts *facts)
{
    static const struct field_facts nothing;
    struct writer w = {.out = f, .p = p, .facts = facts ? facts : &nothing};
    f->count = 0;
    text_clear(&f->words);
    text_bytes(&f->words, "", 1); /* offset 0 is the empty text */
    write_packet(&w);
    text_free(&w.value);
    text_free(&w.about);
}

void fields_free(struct fields *f)
{
    free(f->field);
    text_free(&f->words);
    *f = (struct fields){0};
}

const char *field_value(const struct fields *f, size_t i)
{
    return f->words.s + f->field[i].value_at;
}

const char *field_about(const struct fields *f, size_t i)
{
    return f->words.s + f->field[i].about_at;
}

size_t field_parent(const struct fields *f, size_t i)
{
    uint8_t depth = f->field[i].depth;
    while (i > 0)
        if (f->field[--i].depth < depth)
            return i;
    return FIELD_NONE;
}

size_t field_last_part(const struct fields *f, size_t i)
{
    size_t last = i;
    while (last + 1 < f->count && f->field[last + 1].depth > f->field[i].depth)
        last++;
    return last;
}

size_t field_of_byte(const struct fields *f, uint32_t at)
{
    size_t best = FIELD_NONE;
    for (size_t i = 0; i < f->count; i++) {
        const struct field *e = &f->field[i];
        if (at < e->from || at - e->from >= e->bytes)
            continue;
        /* of several that share a byte (bits of it), the first of the smallest */
        if (best == FIELD_NONE || e->bytes < f->field[best].bytes ||
            (e->bytes == f->field[best].bytes && e->mask == 0))
            best = i;
    }
    return best;
}

enum field_verdict field_gravest(const struct fields *f, size_t i)
{
    enum field_verdict gravest = FIELD_PLAIN;
    for (size_t k = i; k <= field_last_part(f, i); k++)
        if (f->field[k].verdict > gravest)
            gravest = f->field[k].verdict;
    return gravest;
}
