#include "tracer/flow/reassembly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A receiver that keeps the bytes that are new, '.' where none has come. */
struct receiver {
    struct reassembly r;
    char stream[64];
    uint64_t taken;
};

static int set_up(void **state)
{
    struct receiver *v = calloc(1, sizeof *v);
    assert_non_null(v);
    memset(v->stream, '.', sizeof v->stream - 1);
    *state = v;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void take(struct receiver *v, struct offered o, const char *bytes)
{
    for (struct byte_range run; reassembly_next(&v->r, &o, &run); v->taken += run.to - run.from)
        for (uint64_t i = run.from; i < run.to && i < sizeof v->stream - 1; i++)
            v->stream[i] = bytes[(int64_t)i - o.base];
}

static void arrives(struct receiver *v, uint32_t seq, const char *bytes)
{
    take(v, reassembly_offer(&v->r, seq, false, false, (uint32_t)strlen(bytes)), bytes);
}

static void expect(const struct receiver *v, const char *stream, uint64_t next)
{
    assert_memory_equal(v->stream, stream, strlen(stream));
    assert_int_equal(v->stream[strlen(stream)], '.');
    assert_int_equal(v->r.next, next);
}

static void bytes_in_order_are_taken_as_they_come(void **state)
{
    struct receiver *v = *state;
    arrives(v, 1, "hello ");
    arrives(v, 7, "world");
    expect(v, "hello world", 11);
    assert_int_equal(v->r.held_count, 0);
}

static void a_gap_stays_until_it_is_filled(void **state)
{
    struct receiver *v = *state;
    arrives(v, 1, "ab");
    arrives(v, 5, "ef");
    arrives(v, 9, "ij");
    expect(v, "ab..ef..ij", 2);
    assert_int_equal(v->r.held_count, 2);
    arrives(v, 7, "gh");
    expect(v, "ab..efghij", 2);
    assert_int_equal(v->r.held_count, 1);
    arrives(v, 3, "cd");
    expect(v, "abcdefghij", 10);
    assert_int_equal(v->r.held_count, 0);
}

static void each_byte_is_new_once(void **state)
{
    struct receiver *v = *state;
    arrives(v, 1, "abcd");
    arrives(v, 1, "abcd");
    arrives(v, 3, "cdef");
    arrives(v, 0, "xa"); /* a keep-alive: the SYN's place, and a byte seen before */
    expect(v, "abcdef", 6);
    assert_int_equal(v->taken, 6);
}

static void of_two_copies_the_first_wins(void **state)
{
    struct receiver *v = *state;
    arrives(v, 3, "CD");
    arrives(v, 7, "GH");
    arrives(v, 1, "abcdefghij");
    expect(v, "abCDefGHij", 10);
    arrives(v, 4, "XXXXXXXXX");
    expect(v, "abCDefGHijXX", 12);
}

static void offsets_go_on_past_the_wrap(void **state)
{
    struct receiver *v = *state;
    v->r.next = v->r.end = UINT64_C(0x2fffffff0); /* two wraps behind us, 16 bytes before a third */
    struct offered o = reassembly_offer(&v->r, 0x11, false, false, 16); /* after the wrap, early */
    take(v, o, "................");
    assert_int_equal(v->r.end, UINT64_C(0x300000020));
    assert_int_equal(v->r.next, UINT64_C(0x2fffffff0));
    o = reassembly_offer(&v->r, 0xfffffff1, false, false, 32); /* across it */
    take(v, o, "................................");
    assert_int_equal(v->r.next, UINT64_C(0x300000020));
    assert_int_equal(v->taken, 48);
}

static void a_syn_with_data_begins_the_stream(void **state)
{
    struct receiver *v = *state;
    take(v, reassembly_offer(&v->r, 0, true, false, 3), "abc");
    arrives(v, 4, "def");
    expect(v, "abcdef", 6);
}

static void nothing_follows_the_fin(void **state)
{
    struct receiver *v = *state;
    arrives(v, 1, "ab");
    take(v, reassembly_offer(&v->r, 5, false, true, 2), "ef");
    assert_true(v->r.finished);
    assert_int_equal(v->r.fin_at, 6);
    arrives(v, 5, "efgh");
    arrives(v, 9, "ij");
    expect(v, "ab..ef", 2);
    arrives(v, 3, "cd");
    expect(v, "abcdef", 6);
    take(v, reassembly_offer(&v->r, 3, false, true, 0), ""); /* another end, too early: no end */
    assert_int_equal(v->r.fin_at, 6);
}

static void what_no_window_holds_is_not_taken(void **state)
{
    struct receiver *v = *state;
    arrives(v, 1, "abc");
    arrives(v, 4 + (1u << 30) + 1, "far");
    arrives(v, 4 + (1u << 31), "other side");
    arrives(v, UINT32_MAX - 20, "before the stream");
    expect(v, "abc", 3);
    assert_int_equal(v->r.end, 3);
    assert_int_equal(v->taken, 3);
}

static void memory_is_bounded_and_the_oldest_gap_given_up(void **state)
{
    struct receiver *v = *state;
    for (uint32_t i = 1; i <= REASSEMBLY_HELD; i++)
        arrives(v, 1 + 2 * i, "x"); /* at offsets 2, 4, ... */
    assert_int_equal(v->r.held_count, REASSEMBLY_HELD);
    assert_int_equal(v->r.next, 0);
    arrives(v, 1 + 2 * (REASSEMBLY_HELD + 1), "x");
    assert_int_equal(v->r.held_count, REASSEMBLY_HELD);
    assert_int_equal(v->r.next, 3);
    arrives(v, 1, "late");
    assert_int_equal(v->stream[0], '.');
    assert_int_equal(v->stream[3], 'e');
}

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % sides;
}

/* Whatever the order, against a map of bytes: each is new once, and in the end all were. */
static void any_order_gives_the_same_stream(void **state)
{
    struct receiver *v = *state;
    static const char whole[] = "The quick brown fox jumps over the lazy dog 0123456789";
    for (uint32_t seed = 0; seed < 200; seed++) {
        memset(&v->r, 0, sizeof v->r);
        memset(v->stream, '.', sizeof v->stream - 1);
        v->taken = 0;
        dice = seed;
        while (v->r.next < sizeof whole - 1) {
            uint32_t at = roll(sizeof whole - 1), n = 1 + roll(9);
            n = n < sizeof whole - 1 - at ? n : (uint32_t)sizeof whole - 1 - at;
            take(v, reassembly_offer(&v->r, at + 1, false, false, n), whole + at);
        }
        expect(v, whole, sizeof whole - 1);
        assert_int_equal(v->taken, sizeof whole - 1);
        assert_int_equal(v->r.held_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_in_order_are_taken_as_they_come, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_gap_stays_until_it_is_filled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_byte_is_new_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_two_copies_the_first_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(offsets_go_on_past_the_wrap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_syn_with_data_begins_the_stream, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_follows_the_fin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_no_window_holds_is_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_bounded_and_the_oldest_gap_given_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(any_order_gives_the_same_stream, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
