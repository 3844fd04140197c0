/* The term about a packet's payload: what it holds, begins with, is. */
#include "tracer/select/term_rows.h"

#include "tracer/base/words.h"

#include <string.h>

/* How far back what was sent before is looked for, in segments of the trace; how much of it is. */
enum { LOOK_BACK = 1000, BEFORE_MOST = 512 };

static uint32_t first_byte(const struct segment *s)
{
    return s->seq + (s->flags & TCP_SYN ? 1 : 0);
}

/* The bytes of the moment's direction before those of its segment, as far as they were sent (in
 * whatever segments, and captured whole) before it. They end at the end of `before`; how many. */
static size_t sent_before(const struct moment *m, uint8_t *before, size_t want)
{
    uint32_t next = first_byte(&m->segment), looked = 0;
    size_t have = 0;
    for (uint32_t i = m->index; i-- > 0 && have < want && looked++ < LOOK_BACK;) {
        struct moment p = {.trace = m->trace, .index = i, .is_packet = true, .is_segment = true};
        const uint8_t *bytes;
        size_t n;
        if (trace_segment_flow(m->trace, i, &p.side) != m->flow || p.side != m->side)
            continue;
        p.segment = trace_segment(m->trace, i);
        if (p.segment.len == 0 || first_byte(&p.segment) + p.segment.len != next)
            continue;
        if (!moment_payload(&p, &bytes, &n) || n != p.segment.len)
            break;
        size_t taken = n < want - have ? n : want - have;
        memcpy(before + want - have - taken, bytes + n - taken, taken);
        have += taken;
        next -= p.segment.len;
    }
    return have;
}

/* Whether the payload begins with the last `k` bytes of the text. */
static bool ends_here(const struct term *t, const uint8_t *bytes, size_t n, size_t k)
{
    return k <= n && memcmp(bytes, t->text + (t->text_bytes - k), k) == 0;
}

/* The text is cut: its end is the beginning of this payload, and the rest was sent before. */
static bool ends_cut_text(const struct term *t, struct moment *m, const uint8_t *bytes, size_t n)
{
    uint8_t before[BEFORE_MOST];
    size_t k = 1, have, want = t->text_bytes - 1 < BEFORE_MOST ? t->text_bytes - 1 : BEFORE_MOST;
    while (k < t->text_bytes && !ends_here(t, bytes, n, k))
        k++;
    if (!m->is_segment || k >= t->text_bytes)
        return false;
    have = sent_before(m, before, want);
    if (have == 0 || !moment_payload(m, &bytes, &n))
        return false;
    for (; k < t->text_bytes; k++) {
        size_t rest = t->text_bytes - k;
        if (rest <= have && ends_here(t, bytes, n, k) &&
            memcmp(before + (want - rest), t->text, rest) == 0)
            return true;
    }
    return false;
}

MATCH(payload)
{
    const uint8_t *bytes;
    size_t n;
    if (!moment_payload(m, &bytes, &n))
        return t->match == PAYLOAD_IS && t->text_bytes == 0 && m->is_packet;
    if (t->match == PAYLOAD_HOLDS)
        return memmem(bytes, n, t->text, t->text_bytes) != NULL ||
               (t->text_bytes > 1 && ends_cut_text(t, m, bytes, n));
    return n >= t->text_bytes && (t->match != PAYLOAD_IS || n == t->text_bytes) &&
           memcmp(bytes, t->text, t->text_bytes) == 0;
}

void term_add_quoted(const void *bytes, size_t n, struct text *out)
{
    size_t shown = n < 40 ? n : 40;
    text_char(out, '"');
    text_safe(out, bytes, shown);
    text_add(out, shown < n ? "\"..." : "\"");
}

EXPLAIN(payload)
{
    static const char *const words[] = {N_("its payload is {}, which does not hold {}"),
                                        N_("its payload is {}, which does not start with {}"),
                                        N_("its payload is {}, not {}")};
    const uint8_t *bytes;
    size_t n;
    bool any = moment_payload(m, &bytes, &n);
    const char *rest = text_gap(out, any ? _(words[t->match]) : _("it has no payload to hold {}"));
    if (any) {
        term_add_quoted(bytes, n, out);
        rest = text_gap(out, rest);
    }
    term_add_quoted(t->text, t->text_bytes, out);
    text_add(out, rest);
}
