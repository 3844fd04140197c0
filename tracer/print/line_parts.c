#include "tracer/print/line_parts.h"

#include "tracer/base/put.h"

const char *line_name(const struct line_name *names, uint32_t number)
{
    for (; names->name; names++)
        if (names->number == number)
            return names->name;
    return NULL;
}

void line_cut(struct line *l)
{
    line_add(l, " [|");
    line_add(l, l->protocol);
    line_add(l, "]");
}

void line_abandon(struct line *l)
{
    line_cut(l);
    l->extent = EXTENT_WHOLE;
}

void line_hex(struct line *l, const char *before, uint64_t v)
{
    text_add(l->out, before);
    text_hex(l->out, v);
}

bool line_field_or(struct line *l, size_t bytes, enum line_base base, const char *before,
                   uint32_t *value, void (*missing)(struct line *l))
{
    *value = 0;
    for (size_t i = 0; i < bytes; i++)
        *value = *value << 8 | cursor_u8(&l->c);
    if (!cursor_ok(&l->c)) {
        missing(l);
        return false;
    }
    if (before && base == LINE_HEX)
        line_hex(l, before, *value);
    else if (before)
        line_u64(l, before, *value);
    return true;
}

bool line_field(struct line *l, size_t bytes, enum line_base base, const char *before,
                uint32_t *value)
{
    return line_field_or(l, bytes, base, before, value, line_abandon);
}

void line_hex_bytes(struct line *l, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_hex_padded(l->out, bytes[i], 2);
}

void line_mac(struct line *l, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            line_add(l, ":");
        text_hex_padded(l->out, bytes[i], 2);
    }
}

static void add_address(struct line *l, const struct address *a, bool is_v6)
{
    if (l->lp->options.names)
        line_add(l, line_host_name(&l->lp->names, a, is_v6));
    else if (is_v6)
        address_text_v6(a, l->out);
    else
        address_text(a, l->out);
}

void line_source(struct line *l)
{
    add_address(l, &l->p->source, l->p->net == NET_IPV6);
}

void line_destination(struct line *l)
{
    add_address(l, &l->p->destination, l->p->net == NET_IPV6);
}

void line_address_v4(struct line *l, const uint8_t bytes[4])
{
    struct address a = address_from_v4(bytes);
    add_address(l, &a, false);
}

void line_address_v6(struct line *l, const uint8_t bytes[16])
{
    struct address a = address_from_v6(bytes);
    add_address(l, &a, true);
}

void line_addresses(struct line *l)
{
    if (l->has_addresses)
        return;
    l->has_addresses = true;
    line_source(l);
    line_add(l, " > ");
    line_destination(l);
    line_add(l, ": ");
}

static void add_port(struct line *l, const char *service, uint16_t port)
{
    const char *name =
        l->lp->options.names ? line_service_name(&l->lp->names, service, port) : NULL;
    if (name)
        line_add(l, name);
    else
        line_u64(l, "", port);
}

struct line_way *line_endpoints(struct line *l, const char *service, uint16_t source,
                                uint16_t destination)
{
    if (!l->has_addresses && !l->lp->options.names) {
        struct line_way *way = line_way_place(&l->lp->ways, l->p, source, destination);
        line_way_enter(way, l->p, source, destination);
        text_commit_to(l->out, line_way_put(text_reserve(l->out, LINE_WAY_MOST), way));
        return way;
    }
    if (!l->has_addresses) {
        line_source(l);
        line_add(l, ".");
    }
    add_port(l, service, source);
    line_add(l, " > ");
    if (!l->has_addresses) {
        line_destination(l);
        line_add(l, ".");
    }
    add_port(l, service, destination);
    line_add(l, ": ");
    return NULL;
}
