/* Annotations in just the spelling of our own writer: what is read of them without a parser, and
 * written without a table. */
#include "tracer/session/annotation_fields.h"

#include "tracer/base/put.h"

#include <string.h>

enum { STAMP_DIGITS_MOST = 19 }; /* of the year 2262, the last that a stamp can tell */

/* Pass `word`, where the text goes on with it. */
static bool pass(const char **at, const char *end, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(end - *at) < n || memcmp(*at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

static bool pass_digits(const char **at, const char *end, int64_t *value)
{
    const char *first = *at;
    uint64_t sum = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        if (*at - first == STAMP_DIGITS_MOST)
            return false;
        sum = sum * 10 + (uint64_t)(**at - '0');
    }
    *value = (int64_t)sum;
    return *at > first && sum <= INT64_MAX;
}

bool annotation_read_delivered(const char *text, size_t n, struct annotation *a)
{
    const char *at = text, *end = text + n;
    int64_t sent_ns;
    if (!pass(&at, end, "{\"type\":\"fate\",\"sent\":\"") || !pass_digits(&at, end, &sent_ns) ||
        !pass(&at, end, "\",\"from\":\"") || at == end || (*at != 'C' && *at != 'S'))
        return false;
    char from = *at++;
    if (!pass(&at, end, "\",\"fate\":\"delivered\"}") || at != end)
        return false;
    *a = (struct annotation){.type = ANNOTATION_FATE};
    a->fate.sent_ns = sent_ns;
    a->fate.from = from;
    a->fate.fate = FATE_DELIVERED;
    return true;
}

bool annotation_write_delivered(const struct annotation *a, struct text *out)
{
    enum { AROUND_BYTES = 64 };
    static const char begin[] = "{\"type\":\"fate\",\"sent\":\"";
    if (a->type != ANNOTATION_FATE || a->fate.fate != FATE_DELIVERED || a->fate.reason ||
        a->fate.copy || a->fate.corrupted || a->fate.sent_ns < 0 ||
        (a->fate.from != 'C' && a->fate.from != 'S'))
        return false;
    char *at = text_reserve(out, sizeof begin + PUT_U64_MOST + PUT_SPOILT + AROUND_BYTES);
    at = put_str(at, begin);
    at = put_u64(at, (uint64_t)a->fate.sent_ns);
    at = put_str(at, "\",\"from\":\"");
    *at++ = a->fate.from;
    text_commit_to(out, put_str(at, "\",\"fate\":\"delivered\"}"));
    return true;
}

enum annotation_type annotation_peek(const uint8_t *frame, size_t n)
{
    if (!annotation_is(frame, n))
        return ANNOTATION_UNKNOWN;
    const char *at = (const char *)frame + ANNOTATION_HEADER_BYTES, *end = (const char *)frame + n;
    if (!pass(&at, end, "{\"type\":\""))
        return ANNOTATION_UNKNOWN;
    int type = 0;
    while (type < ANNOTATION_UNKNOWN) {
        const char *here = at;
        if (pass(&here, end, annotation_type_name((enum annotation_type)type)) &&
            pass(&here, end, "\""))
            break;
        type++;
    }
    return (enum annotation_type)type;
}
