#include "tracer/decode/address.h"

#include "tracer/base/put.h"

#include <arpa/inet.h>
#include <string.h>

static char *put_dotted_quad(char *at, const uint8_t b[4])
{
    for (int i = 0; i < 4; i++) {
        at = put_small(at, b[i]);
        *at++ = '.';
    }
    return at - 1;
}

/* Zeros in front are written over: whether there are any, nobody can foresee. */
static char *put_group(char *at, unsigned v)
{
    static const char digits[] = "0123456789abcdef";
    *at = digits[v >> 12];
    at += v >= 0x1000;
    *at = digits[v >> 8 & 0xf];
    at += v >= 0x100;
    *at = digits[v >> 4 & 0xf];
    at += v >= 0x10;
    *at++ = digits[v & 0xf];
    return at;
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952 section 4.2). */
struct run {
    int start, length;
};

static struct run longest_zero_run(const unsigned groups[8])
{
    struct run best = {-1, 1}, now = {0, 0};
    for (int i = 0; i < 8; i++) {
        if (groups[i] != 0) {
            now = (struct run){i + 1, 0};
        } else if (++now.length > best.length) {
            best = now;
        }
    }
    return best;
}

char *address_put_v6(char *at, const struct address *a)
{
    unsigned groups[8];
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)a->bytes[2 * i] << 8 | a->bytes[2 * i + 1];
    struct run zeros = longest_zero_run(groups);
    bool embeds_v4 =
        zeros.start == 0 && (zeros.length == 6 || (zeros.length == 5 && groups[5] == 0xffff));
    for (int i = 0; i < 8;) {
        if (i == zeros.start) {
            at = put_str(at, "::");
            i += zeros.length;
            continue;
        }
        if (i > 0 && i != zeros.start + zeros.length)
            *at++ = ':';
        if (i == 6 && embeds_v4)
            return put_dotted_quad(at, a->bytes + 12);
        at = put_group(at, groups[i++]);
    }
    return at;
}

char *address_put(char *at, const struct address *a)
{
    if (address_is_v4(a))
        return put_dotted_quad(at, a->bytes + 12);
    return address_put_v6(at, a);
}

void address_text_v6(const struct address *a, struct text *out)
{
    text_commit_to(out, address_put_v6(text_reserve(out, ADDRESS_MOST + PUT_SPOILT), a));
}

void address_text(const struct address *a, struct text *out)
{
    text_commit_to(out, address_put(text_reserve(out, ADDRESS_MOST + PUT_SPOILT), a));
}

bool address_parse(const char *s, struct address *a)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, s, bytes) == 1) {
        *a = address_from_v4(bytes);
        return true;
    }
    if (inet_pton(AF_INET6, s, bytes) == 1) {
        *a = address_from_v6(bytes);
        return true;
    }
    return false;
}
