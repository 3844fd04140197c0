/* Values as text. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

const struct field_name ethertype_names[] = {
    {0x0800, "IPv4"},   {0x86dd, "IPv6"},       {0x0806, "ARP"},
    {0x8035, "RARP"},   {0x8100, "VLAN"},       {0x88a8, "VLAN, outer"},
    {0x9100, "VLAN"},   {0x9200, "VLAN"},       {0x8847, "MPLS"},
    {0x8848, "MPLS"},   {0x6558, "Ethernet"},   {0x880b, "PPP"},
    {0x8863, "PPPoE"},  {0x8864, "PPPoE"},      {0x8870, "jumbo"},
    {0x888e, "802.1X"}, {0x88b5, "experiment"}, {0x88cc, "LLDP"},
    {0x88e5, "MACsec"}, {0x88f7, "PTP"},        {0, NULL},
};

const struct field_name protocol_names[] = {
    {0, "hop-by-hop options"},
    {1, "ICMP"},
    {2, "IGMP"},
    {4, "IPv4 in IP"},
    {6, "TCP"},
    {17, "UDP"},
    {41, "IPv6 in IP"},
    {43, "routing"},
    {44, "fragment"},
    {47, "GRE"},
    {50, "ESP"},
    {51, "authentication"},
    {58, "ICMPv6"},
    {59, "nothing"},
    {60, "destination options"},
    {89, "OSPF"},
    {132, "SCTP"},
    {0, NULL},
};

void tell_hex(struct writer *w, const struct reading *r)
{
    text_add(&w->value, "0x");
    text_hex_padded(&w->value, r->number, (unsigned)(r->n < 8 ? r->n : 8) * 2);
}

void tell_set(struct writer *w, const struct reading *r)
{
    text_add(&w->value, r->number ? _("1  set") : "0");
}

void tell_zero(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    if (r->number != 0)
        write_verdict(w, FIELD_SUSPICIOUS, N_("It is not 0 here, which is odd."));
}

void tell_mac(struct writer *w, const struct reading *r)
{
    bool zero = true, all = true;
    for (size_t i = 0; i < r->n; i++) {
        if (i > 0)
            text_char(&w->value, ':');
        text_hex_padded(&w->value, r->bytes[i], 2);
        zero = zero && r->bytes[i] == 0;
        all = all && r->bytes[i] == 0xff;
    }
    if (r->n == 6 && zero)
        text_add(&w->value, _(" (none)"));
    else if (r->n == 6 && all)
        text_add(&w->value, _(" (everyone)"));
    else if (r->n == 6 && r->bytes[0] & 1)
        text_add(&w->value, _(" (a group)"));
}

void tell_v4(struct writer *w, const struct reading *r)
{
    struct address a = address_from_v4(r->bytes);
    address_text(&a, &w->value);
}

void tell_v6(struct writer *w, const struct reading *r)
{
    struct address a = address_from_v6(r->bytes);
    address_text_v6(&a, &w->value);
}

void tell_bytes(struct writer *w, const struct reading *r)
{
    enum { MOST = 24 };
    for (size_t i = 0; i < r->n && i < MOST; i++) {
        if (i > 0)
            text_char(&w->value, ' ');
        text_hex_padded(&w->value, r->bytes[i], 2);
    }
    if (r->n > MOST)
        text_add(&w->value, " ...");
}

void tell_words32(struct writer *w, const struct reading *r)
{
    text_format(&w->value, _("%u words: %u bytes"), (unsigned)r->number, (unsigned)r->number * 4);
}

void tell_ethertype(struct writer *w, const struct reading *r)
{
    tell_hex(w, r);
    const char *name = name_of(ethertype_names, r->number);
    if (name)
        text_format(&w->value, " (%s)", name);
}

void tell_protocol(struct writer *w, const struct reading *r)
{
    text_u64(&w->value, r->number);
    const char *name = name_of(protocol_names, r->number);
    if (name)
        text_format(&w->value, " (%s)", name);
}

void tell_text(struct text *out, struct cursor c, size_t n)
{
    enum { MOST = 200 };
    size_t here = cursor_captured_left(&c);
    n = n < here ? n : here;
    size_t line = 0;
    struct cursor look = c;
    while (line < n && line < MOST)
        if (line++, cursor_u8(&look) == '\n')
            break;
    for (int i = 0; i < 3 && line + (size_t)i == MOST && line < n;
         i++) { /* not through a character */
        struct cursor next = c;
        cursor_skip(&next, line);
        if ((cursor_u8(&next) & 0xc0) != 0x80)
            break;
        line--;
    }
    const uint8_t *bytes = cursor_bytes(&c, line);
    text_char(out, '"');
    if (bytes)
        text_safe(out, bytes, line);
    text_add(out, line < n ? "\"..." : "\"");
}
