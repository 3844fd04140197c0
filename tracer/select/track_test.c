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

/* "data 1", "data 2" and so on, asked of each segment. */
static struct select_run *ask(const struct trace *t, struct selector **selectors)
{
    struct select_run *r = select_run_new(t);
    for (int i = 0; i < SEGMENTS; i++) {
        struct select_fault f;
        char text[32];
        snprintf(text, sizeof text, "data %d", i + 1);
        selectors[i] = selector_parse(text, &f);
        assert_non_null(selectors[i]);
        select_run_add(r, selectors[i]);
    }
    return r;
}

static void check(const struct story *s, uint32_t first, uint32_t was)
{
    struct trace *t = story_trace(s);
    struct selector *selectors[SEGMENTS];
    struct select_run *r = ask(t, selectors);
    uint32_t begin = s->items[0].seq - first; /* what lies before the first segment is never new */
    int of_byte[STREAM] = {0}, seen = 0;
    for (size_t event; select_run_next(r, &event);) {
        uint32_t i = select_run_segment(r);
        if (i == TRACE_NONE)
            continue;
        uint32_t from = s->items[i].seq - first, to = from + (uint32_t)strlen(s->items[i].data);
        bool carries[SEGMENTS + 1] = {false}, fresh = false;
        for (uint32_t b = from; b < to; b++)
            fresh |= of_byte[b] == 0 && b >= begin;
        seen += fresh;
        for (uint32_t b = from; b < to; b++) {
            if (of_byte[b] == 0 && b >= begin)
                of_byte[b] = seen;
            carries[of_byte[b]] = true;
        }
        for (int number = 1; number <= SEGMENTS; number++)
            if (select_run_matches(r, (size_t)number - 1) != carries[number])
                fail_msg("dice %u, segment %u: data %d", was, i, number);
    }
    select_run_free(r);
    for (int i = 0; i < SEGMENTS; i++)
        selector_free(selectors[i]);
    trace_free(t);
}

static void ranges_are_those_counted_byte_by_byte(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 40; seed++) {
        struct story s;
        dice = seed;
        invent(&s, 0xffffffb0u);
        check(&s, 0xffffffb0u, seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_those_counted_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
