#include "tracer/decode/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct address address_from_v4(const uint8_t bytes[4])
{
    struct address a;
    memcpy(a.bytes, v4_prefix, sizeof v4_prefix);
    memcpy(a.bytes + sizeof v4_prefix, bytes, 4);
    return a;
}

struct address address_from_v6(const uint8_t bytes[16])
{
    struct address a;
    memcpy(a.bytes, bytes, sizeof a.bytes);
    return a;
}

bool address_is_v4(const struct address *a)
{
    return memcmp(a->bytes, v4_prefix, sizeof v4_prefix) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static void dotted_quad(const uint8_t b[4], struct text *out)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            text_char(out, '.');
        text_u64(out, b[i]);
    }
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

void address_text_v6(const struct address *a, struct text *out)
{
    unsigned groups[8];
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)a->bytes[2 * i] << 8 | a->bytes[2 * i + 1];
    struct run zeros = longest_zero_run(groups);
    bool embeds_v4 =
        zeros.start == 0 && (zeros.length == 6 || (zeros.length == 5 && groups[5] == 0xffff));
    for (int i = 0; i < 8;) {
        if (i == zeros.start) {
            text_add(out, "::");
            i += zeros.length;
            continue;
        }
        if (i > 0 && i != zeros.start + zeros.length)
            text_char(out, ':');
        if (i == 6 && embeds_v4) {
            dotted_quad(a->bytes + 12, out);
            return;
        }
        text_hex(out, groups[i++]);
    }
}

void address_text(const struct address *a, struct text *out)
{
    if (address_is_v4(a))
        dotted_quad(a->bytes + sizeof v4_prefix, out);
    else
        address_text_v6(a, out);
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
