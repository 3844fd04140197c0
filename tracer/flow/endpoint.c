#include "tracer/flow/flow.h"

#include "tracer/base/put.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(ADDRESS_MOST + sizeof "[]:" + PUT_U32_MOST + PUT_SPOILT <= ENDPOINT_MOST, "it fits");

char *endpoint_put(char *at, const struct endpoint *e)
{
    if (address_is_v4(&e->address))
        at = put_str(address_put(at, &e->address), ":");
    else
        at = put_str(address_put(put_str(at, "["), &e->address), "]:");
    return put_u32(at, e->port);
}

void endpoint_text(const struct endpoint *e, struct text *out)
{
    text_commit_to(out, endpoint_put(text_reserve(out, ENDPOINT_MOST), e));
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
