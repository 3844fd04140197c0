#include "tracer/flow/flow.h"

#include <stdlib.h>
#include <string.h>

void endpoint_text(const struct endpoint *e, struct text *out)
{
    bool v4 = address_is_v4(&e->address);
    if (!v4)
        text_char(out, '[');
    address_text(&e->address, out);
    text_add(out, v4 ? ":" : "]:");
    text_u64(out, e->port);
}

bool endpoint_parse(const char *s, struct endpoint *e)
{
    const char *colon = strrchr(s, ':');
    char host[64];
    if (!colon || colon == s || colon[1] < '0' || colon[1] > '9')
        return false;
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    bool bracketed = s[0] == '[' && colon[-1] == ']';
    size_t from = bracketed ? 1 : 0;
    size_t len = (size_t)(colon - s) - 2 * from;
    if (*end != '\0' || port > UINT16_MAX || len >= sizeof host)
        return false;
    memcpy(host, s + from, len);
    host[len] = '\0';
    e->port = (uint16_t)port;
    return address_parse(host, &e->address) && address_is_v4(&e->address) == !bracketed;
}
