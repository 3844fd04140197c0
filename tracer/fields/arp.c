/* ARP and RARP, RFC 826. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

static const struct field_name operations[] = {
    {1, "who has"}, {2, "is at"}, {3, "RARP asks"}, {4, "RARP answers"}, {0, NULL},
};
static const struct field_name hardware[] = {{1, "Ethernet"}, {0, NULL}};

static const struct field_row rows[] = {
    {N_("hardware"), 0, 2, 1, 0, NULL, hardware,
     N_("The kind of link whose addresses are asked for.")},
    {N_("protocol"), 2, 2, 1, 0, tell_ethertype, NULL, N_("The kind of address that is known.")},
    {N_("hardware length"), 4, 1, 1, 0, NULL, NULL, N_("Bytes of a link address; 6 on Ethernet.")},
    {N_("protocol length"), 5, 1, 1, 0, NULL, NULL, N_("Bytes of a protocol address; 4 for IPv4.")},
    {N_("operation"), 6, 2, 1, 0, NULL, operations,
     N_("1 asks who has an address, 2 answers (RFC 826).")},
};

static const struct field_row address_rows[] = {
    {N_("sender's card"), 8, 6, 1, 0, tell_mac, NULL,
     N_("Who asks or answers; every host that hears it remembers the pair.")},
    {N_("sender"), 14, 4, 1, 0, tell_v4, NULL, N_("The sender's IPv4 address.")},
    {N_("target's card"), 18, 6, 1, 0, tell_mac, NULL,
     N_("What is asked for: in a question it is still empty.")},
    {N_("target"), 24, 4, 1, 0, tell_v4, NULL, N_("The address whose card is asked for.")},
};

void write_arp(struct writer *w)
{
    struct cursor c = cursor_over(w->p, w->p->net_at), look = c;
    cursor_skip(&look, 4);
    uint16_t lengths = cursor_be16(&look), operation = cursor_be16(&look);
    const char *name = name_of(operations, operation);
    size_t n = cursor_ok(&look) ? 8u + 2u * (lengths >> 8) + 2u * (lengths & 0xff) : 8;
    if (cursor_ok(&look) && name) {
        text_add(&w->value, name);
        text_char(&w->value, ' ');
        address_text(operation == 1 ? &w->p->destination : &w->p->source, &w->value);
    }
    write_field(w, "ARP", w->depth, c.at, n,
                N_("Finds the card that has an address on this link (RFC 826)."));
    if (!WRITE_ROWS(w, c, rows))
        return;
    if (lengths == (6 << 8 | 4)) {
        WRITE_ROWS(w, c, address_rows);
        return;
    }
    text_format(&w->value, _("%zu bytes"), n - 8);
    write_field(w, N_("addresses"), w->depth + 1, c.at + 8, n - 8,
                N_("Addresses of lengths that are not Ethernet's and IPv4's."));
}
