/* What stands between a packet and the one that it carries. Only tunnels that decode has looked
 * into come here: their headers are whole. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

static const struct field_row gre_rows[] = {
    {N_("checksum present"), 0, 2, 1, 0x8000, tell_set, NULL, N_("Set: a checksum follows.")},
    {N_("routes present"), 0, 2, 1, 0x4000, tell_set, NULL,
     N_("Set: source routes follow, which nobody uses any more (RFC 1701).")},
    {N_("key present"), 0, 2, 1, 0x2000, tell_set, NULL, N_("Set: a key follows (RFC 2890).")},
    {N_("sequence present"), 0, 2, 1, 0x1000, tell_set, NULL,
     N_("Set: a sequence number follows (RFC 2890).")},
    {N_("version"), 0, 2, 1, 0x0007, NULL, NULL,
     N_("0; 1 carries PPP and acknowledges (RFC 2637).")},
    {N_("type"), 2, 2, 1, 0, tell_ethertype, NULL, N_("What the tunnel carries.")},
};
static const struct field_row gre_sum_rows[] = {
    {N_("checksum"), 0, 2, 1, 0, tell_hex, NULL,
     N_("It covers the GRE header and what it carries.")},
    {N_("offset"), 2, 2, 1, 0, NULL, NULL, N_("Which source route is next; without routes 0.")},
};
static const struct field_row gre_key_rows[] = {
    {N_("key"), 0, 4, 1, 0, NULL, NULL, N_("Tells several tunnels between two hosts apart.")},
};
static const struct field_row gre_call_rows[] = {
    {N_("payload length"), 0, 2, 1, 0, NULL, NULL, N_("Bytes that the tunnel carries here.")},
    {N_("call"), 2, 2, 1, 0, NULL, NULL, N_("Which of the receiver's calls it belongs to.")},
};
static const struct field_row gre_seq_rows[] = {
    {N_("sequence"), 0, 4, 1, 0, NULL, NULL,
     N_("Counts the tunnel's packets; those that come late may be dropped. Not TCP's number.")},
};
static const struct field_row gre_ack_rows[] = {
    {N_("acknowledgement"), 0, 4, 1, 0, NULL, NULL,
     N_("The highest sequence number that has come.")},
};

static const struct field_row vxlan_rows[] = {
    {N_("identifier valid"), 0, 1, 1, 0x08, tell_set, NULL, N_("Always set (RFC 7348).")},
    {N_("reserved"), 1, 3, 1, 0, tell_hex, NULL,
     N_("0, but that some networks keep a group of their own here; OTV has its overlay's number.")},
    {N_("VNI"), 4, 3, 1, 0, NULL, NULL,
     N_("The number of the virtual network: addresses inside belong to it alone.")},
    {N_("reserved"), 7, 1, 1, 0, tell_zero, NULL, N_("Always 0.")},
};

static const struct field_name gpe_nexts[] = {
    {1, "IPv4"}, {2, "IPv6"}, {3, "Ethernet"}, {4, "NSH"}, {0, NULL},
};
static const struct field_row gpe_rows[] = {
    {N_("identifier valid"), 0, 1, 1, 0x08, tell_set, NULL, N_("Set: the VNI counts.")},
    {N_("protocol valid"), 0, 1, 1, 0x04, tell_set, NULL, N_("Set: the next protocol counts.")},
    {N_("next protocol"), 3, 1, 1, 0, NULL, gpe_nexts, N_("What the tunnel carries.")},
    {N_("VNI"), 4, 3, 1, 0, NULL, NULL,
     N_("The number of the virtual network: addresses inside belong to it alone.")},
    {N_("reserved"), 7, 1, 1, 0, tell_zero, NULL, N_("Always 0.")},
};

static const struct field_row geneve_rows[] = {
    {N_("version"), 0, 1, 1, 0xc0, NULL, NULL, N_("0 is the only one (RFC 8926).")},
    {N_("options length"), 0, 1, 1, 0x3f, tell_words32, NULL,
     N_("Bytes of options behind the VNI.")},
    {N_("control"), 1, 1, 1, 0x80, tell_set, NULL,
     N_("Set: for the tunnel's end, not for a host behind.")},
    {N_("critical"), 1, 1, 1, 0x40, tell_set, NULL,
     N_("Set: who does not know an option marked so must drop the packet.")},
    {N_("type"), 2, 2, 1, 0, tell_ethertype, NULL, N_("What the tunnel carries.")},
    {N_("VNI"), 4, 3, 1, 0, NULL, NULL,
     N_("The number of the virtual network: addresses inside belong to it alone.")},
    {N_("reserved"), 7, 1, 1, 0, tell_zero, NULL, N_("Always 0.")},
};

static const struct field_name special_labels[] = {
    {0, "IPv4 follows"}, {1, "router alert"}, {2, "IPv6 follows"}, {3, "none"}, {0, NULL},
};
static const struct field_row label_rows[] = {
    {N_("label"), 0, 4, 2, 0xfffff000, NULL, special_labels,
     N_("Agreed between two routers: it chooses the way on, and each router puts its own in "
        "place.")},
    {N_("traffic class"), 0, 4, 2, 0x0e00, NULL, NULL, N_("How urgent the packet is to a router.")},
    {N_("bottom of stack"), 0, 4, 2, 0x0100, tell_set, NULL,
     N_("Set: the last label; the packet follows.")},
    {N_("time to live"), 0, 4, 2, 0x00ff, NULL, NULL,
     N_("Every router takes one off, as of IP's.")},
};

static const struct field_row pppoe_rows[] = {
    {N_("version"), 0, 1, 1, 0xf0, NULL, NULL, N_("1 (RFC 2516).")},
    {N_("type"), 0, 1, 1, 0x0f, NULL, NULL, "1."},
    {N_("code"), 1, 1, 1, 0, tell_hex, NULL,
     N_("0 carries a packet; others open or close the session.")},
    {N_("session"), 2, 2, 1, 0, NULL, NULL, N_("Which subscriber's session on this link.")},
    {N_("length"), 4, 2, 1, 0, NULL, NULL, N_("Bytes of PPP, its protocol field included.")},
};

static const struct field_row ppp_address_rows[] = {
    {N_("address and control"), 0, 2, 1, 0, tell_hex, NULL, N_("Always 0xff03; mostly left out.")},
};
static const struct field_name ppp_protocols[] = {
    {0x0021, "IPv4"}, {0x0057, "IPv6"}, {0x0281, "MPLS"}, {0x0283, "MPLS"}, {0, NULL},
};
static const struct field_row ppp_protocol_rows[] = {
    {N_("PPP protocol"), 0, 2, 1, 0, tell_hex, ppp_protocols, N_("What PPP carries (RFC 1661).")},
};
static const struct field_row ppp_short_rows[] = {
    {N_("PPP protocol"), 0, 1, 1, 0, tell_hex, ppp_protocols, N_("What PPP carries, in one byte.")},
};

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/* The rows of what comes next, and past it. */
static void write_next(struct writer *w, struct cursor *c, size_t bytes,
                       const struct field_row *rows, size_t n)
{
    write_rows(w, *c, rows, n);
    cursor_skip(c, bytes);
}

/* PPP's own header, up to what it carries. */
static void write_ppp(struct writer *w, struct cursor c, size_t inside_at)
{
    if (inside_at - c.at > 2)
        write_next(w, &c, 2, ROWS(ppp_address_rows));
    if (inside_at - c.at > 1)
        write_next(w, &c, 2, ROWS(ppp_protocol_rows));
    else
        write_next(w, &c, 1, ROWS(ppp_short_rows));
}

static void write_bytes(struct writer *w, struct cursor c, size_t n, const char *name,
                        const char *about)
{
    size_t from = c.at;
    const struct reading r = {.bytes = cursor_bytes(&c, n), .n = n};
    if (!r.bytes || n == 0)
        return;
    tell_bytes(w, &r);
    write_field(w, name, w->depth + 1, from, n, about);
}

static void gre_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    struct cursor look = c;
    unsigned flags = cursor_be16(&look), version = flags & 7;
    write_next(w, &c, 4, ROWS(gre_rows));
    if (version == 0 && flags & 0xc000)
        write_next(w, &c, 4, ROWS(gre_sum_rows));
    if (flags & 0x2000 && version == 0)
        write_next(w, &c, 4, ROWS(gre_key_rows));
    else if (flags & 0x2000)
        write_next(w, &c, 4, ROWS(gre_call_rows));
    if (flags & 0x1000)
        write_next(w, &c, 4, ROWS(gre_seq_rows));
    if (version == 0) {
        write_bytes(w, c, t->inside_at - c.at, "routes", N_("Where it is to pass (RFC 1701)."));
        return;
    }
    if (flags & 0x0080)
        write_next(w, &c, 4, ROWS(gre_ack_rows));
    write_ppp(w, c, t->inside_at);
}

static void vxlan_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    (void)t;
    WRITE_ROWS(w, c, vxlan_rows);
}

static void gpe_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    (void)t;
    WRITE_ROWS(w, c, gpe_rows);
}

static void geneve_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    write_next(w, &c, 8, ROWS(geneve_rows));
    write_bytes(w, c, t->inside_at - c.at, "options",
                N_("What the tunnel's ends tell each other of the packet."));
}

static void mpls_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    while (c.at < t->inside_at && cursor_ok(&c)) {
        struct cursor look = c;
        text_format(&w->value, _("label %u"), cursor_be32(&look) >> 12);
        write_field(w, N_("entry"), w->depth + 1, c.at, 4,
                    N_("One label of the stack; routers look at the first alone."));
        write_next(w, &c, 4, ROWS(label_rows));
    }
}

static void pppoe_fields(struct writer *w, struct cursor c, const struct tunnel *t)
{
    write_next(w, &c, 6, ROWS(pppoe_rows));
    write_ppp(w, c, t->inside_at);
}

/* By kind; IP in IP has no header of its own. */
static const struct carrier {
    const char *name, *identifier, *about;
    void (*fields)(struct writer *w, struct cursor c, const struct tunnel *t);
} carriers[TUNNEL_COUNT] = {
    [TUNNEL_GRE] = {"GRE", "key", N_("A tunnel through IP for packets of any protocol (RFC 2784)."),
                    gre_fields},
    [TUNNEL_VXLAN] =
        {"VXLAN", "network",
         N_("An Ethernet frame sent through UDP, so that hosts far apart seem to share a "
            "cable (RFC 7348)."),
         vxlan_fields},
    [TUNNEL_GPE] = {"VXLAN-GPE", "network", N_("VXLAN that says what it carries."), gpe_fields},
    [TUNNEL_GENEVE] = {"Geneve", "network",
                       N_("A virtual network through UDP, with room for options (RFC 8926)."),
                       geneve_fields},
    [TUNNEL_MPLS] =
        {"MPLS", "label",
         N_("Labels that routers pass the packet on by, without a look at its addresses "
            "(RFC 3032)."),
         mpls_fields},
    [TUNNEL_PPPOE] = {"PPPoE", "session",
                      N_("A subscriber's line to the provider, carried over Ethernet (RFC 2516)."),
                      pppoe_fields},
};

void write_tunnel(struct writer *w, const struct tunnel *t)
{
    const struct carrier *carrier = &carriers[t->kind];
    if (carrier->fields) {
        text_format(&w->value, "%s %u", carrier->identifier, t->identifier);
        write_field(w, carrier->name, w->depth, t->header_at, t->inside_at - t->header_at,
                    carrier->about);
        carrier->fields(w, cursor_over(w->p, t->header_at), t);
    }
    if (t->inside == ETHERTYPE_BRIDGED)
        write_ethernet(w, t->inside_at);
}
