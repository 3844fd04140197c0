/* The numbers of distinct byte ranges, held against a count byte by byte. */
#include "tracer/select/run.h"
#include "tracer/select/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % sides;
}

enum { SEGMENTS = 60, STREAM = 160, MOST = 12 };

/* Segments anywhere near the end of what was sent: repeated, in parts, beyond holes. The stream
 * crosses 2^32. */
static void invent(struct story *s, uint32_t first)
{
    uint32_t next = 0;
    s->session = false;
    s->count = 0;
    for (int i = 0; i < SEGMENTS; i++) {
        uint32_t len = 1 + roll(MOST), back = roll(40), ahead = roll(4) == 0 ? roll(6) : 0;
        uint32_t at = (roll(2) || back > next ? next + ahead : next - back);
        if (at + len >= STREAM)
            at = roll(STREAM - MOST);
        next = at + len > next ? at + len : next;
        s->items[s->count++] = (struct story_item){.us = i,
                                                   .kind = STORY_SEGMENT,
                                                   .host = 'C',
                                                   .flags = TCP_ACK,
                                                   .seq = first + at,
                                                   .data = &"abcdefghijkl"[MOST - len]};
    }
}

static bool selects(const struct trace *t, int number, size_t segment)
{
    struct select_fault f;
    char text[32];
    snprintf(text, sizeof text, "data %d", number);
    struct selector *s = selector_parse(text, &f);
    struct select_run *r = select_run_new(t);
    bool selected = false;
    select_run_add(r, s);
    for (size_t event; !selected && select_run_until(r, 0, &event);)
        selected = select_run_segment(r) == segment;
    select_run_free(r);
    selector_free(s);
    return selected;
}

static void ranges_are_those_counted_byte_by_byte(void **state)
{
    (void)state;
    for (dice = 1; dice < 40; dice++) {
        uint32_t was = dice, first = 0xffffffb0u;
        struct story s;
        int of_byte[STREAM] = {0}, seen = 0;
        invent(&s, first);
        struct trace *t = story_trace(&s);
        uint32_t begin = s.items[0].seq; /* what lies before the first segment is never new */
        for (size_t i = 0; i < s.count; i++) {
            uint32_t from = s.items[i].seq - first, n = (uint32_t)strlen(s.items[i].data);
            bool fresh = false;
            for (uint32_t b = from; b < from + n; b++)
                fresh |= of_byte[b] == 0 && b >= begin - first;
            seen += fresh;
            for (uint32_t b = from; b < from + n; b++)
                if (of_byte[b] == 0 && b >= begin - first)
                    of_byte[b] = seen;
            bool carries[SEGMENTS + 1] = {false};
            for (uint32_t b = from; b < from + n; b++)
                carries[of_byte[b]] = true;
            for (int number = 1; number <= seen; number++)
                if (selects(t, number, i) != carries[number])
                    fail_msg("dice %u, segment %zu: data %d", was, i, number);
        }
        trace_free(t);
        dice = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_those_counted_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
