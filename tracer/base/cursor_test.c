#include "tracer/base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint8_t count_up[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                     0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7};

static struct cursor at_front(size_t captured, size_t claimed)
{
    struct cursor c;
    cursor_init(&c, count_up, captured, claimed);
    return c;
}

static void integers_are_read_bytewise_in_their_order(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 16);
    assert_int_equal(cursor_u8(&c), 0x01);
    assert_int_equal(cursor_be16(&c), 0x2345);
    assert_int_equal(cursor_be32(&c), 0x6789abcd);
    assert_int_equal(cursor_le16(&c), 0xf0ef);
    assert_int_equal(cursor_le32(&c), 0xf4f3f2f1);
    assert_int_equal(cursor_claimed_left(&c), 3);
    c = at_front(16, 16);
    assert_true(cursor_be64(&c) == 0x0123456789abcdef);
    assert_true(cursor_be64(&c) == 0xf0f1f2f3f4f5f6f7);
    assert_true(cursor_ok(&c));
    assert_int_equal(cursor_claimed_left(&c), 0);
    assert_int_equal(cursor_captured_left(&c), 0);
}

/* Every reader, so that each can be held to the same bounds. */
static uint64_t read_u8(struct cursor *c)
{
    return cursor_u8(c);
}
static uint64_t read_be16(struct cursor *c)
{
    return cursor_be16(c);
}
static uint64_t read_be32(struct cursor *c)
{
    return cursor_be32(c);
}
static uint64_t read_le16(struct cursor *c)
{
    return cursor_le16(c);
}
static uint64_t read_le32(struct cursor *c)
{
    return cursor_le32(c);
}
static const struct {
    size_t bytes;
    uint64_t (*read)(struct cursor *c);
} readers[] = {
    {1, read_u8}, {2, read_be16}, {2, read_le16}, {4, read_be32}, {4, read_le32}, {8, cursor_be64},
};

static void every_reader_stops_at_every_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        for (size_t captured = 0; captured <= 16; captured++) {
            for (size_t claimed = 0; claimed <= 16; claimed++) {
                struct cursor c = at_front(captured, claimed);
                uint64_t v = readers[i].read(&c);
                enum verdict expected = readers[i].bytes > claimed    ? VERDICT_MALFORMED
                                        : readers[i].bytes > captured ? VERDICT_TRUNCATED
                                                                      : VERDICT_OK;
                assert_int_equal(c.verdict, expected);
                assert_int_equal(cursor_ok(&c), expected == VERDICT_OK);
                assert_true((v != 0) == (expected == VERDICT_OK));
            }
        }
    }
}

static void a_failure_stays(void **state)
{
    (void)state;
    struct cursor c = at_front(3, 10);
    assert_int_equal(cursor_be32(&c), 0);
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
    assert_int_equal(c.at, 0);
    assert_int_equal(cursor_u8(&c), 0); /* there, but the cursor has failed */
    assert_false(cursor_skip(&c, 0));
    assert_null(cursor_bytes(&c, 1));
    assert_int_equal(cursor_be16(&c), 0);
    assert_null(cursor_bytes(&c, 100)); /* a later, other failure does not replace the first */
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
    assert_int_equal(c.at, 0);
}

static void bytes_are_lent_in_place(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 16);
    assert_ptr_equal(cursor_bytes(&c, 0), count_up);
    assert_ptr_equal(cursor_bytes(&c, 5), count_up);
    assert_ptr_equal(cursor_bytes(&c, 11), count_up + 5);
    assert_ptr_equal(cursor_bytes(&c, 0), count_up + 16);
    assert_true(cursor_ok(&c));
    assert_null(cursor_bytes(&c, 1));
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
}

static void skip_says_whether_the_bytes_were_there(void **state)
{
    (void)state;
    struct cursor c = at_front(4, 8);
    assert_true(cursor_skip(&c, 4));
    assert_true(cursor_skip(&c, 0));
    assert_false(cursor_skip(&c, 1));
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
}

static void a_huge_length_does_not_wrap(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 16);
    cursor_u8(&c);
    assert_false(cursor_skip(&c, SIZE_MAX));
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
    c = at_front(16, SIZE_MAX);
    cursor_u8(&c);
    assert_false(cursor_skip(&c, SIZE_MAX - 1));
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
    c = at_front(16, 16);
    cursor_u8(&c);
    struct cursor child = cursor_sub(&c, SIZE_MAX);
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
    assert_int_equal(cursor_claimed_left(&child), 15);
}

static void what_is_behind_the_claimed_end_is_hidden(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 4);
    assert_int_equal(cursor_captured_left(&c), 4);
    assert_int_equal(cursor_claimed_left(&c), 4);
    cursor_be32(&c);
    assert_true(cursor_ok(&c));
    cursor_u8(&c);
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
}

static void nothing_at_all_can_be_read(void **state)
{
    (void)state;
    struct cursor c;
    cursor_init(&c, NULL, 0, 0);
    assert_true(cursor_skip(&c, 0));
    assert_true(cursor_ok(&c));
    assert_int_equal(cursor_u8(&c), 0);
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
}

static void narrow_pulls_the_end_in_and_never_out(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 16);
    cursor_skip(&c, 4);
    cursor_narrow(&c, 12); /* where it is already */
    assert_int_equal(cursor_claimed_left(&c), 12);
    cursor_narrow(&c, 13);
    cursor_narrow(&c, SIZE_MAX);
    assert_int_equal(cursor_claimed_left(&c), 12);
    cursor_narrow(&c, 2);
    assert_int_equal(cursor_claimed_left(&c), 2);
    assert_int_equal(cursor_captured_left(&c), 2);
    cursor_narrow(&c, 12);
    assert_int_equal(cursor_claimed_left(&c), 2);
    cursor_narrow(&c, 0);
    assert_int_equal(cursor_u8(&c), 0);
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
}

static void narrow_leaves_a_short_capture_short(void **state)
{
    (void)state;
    struct cursor c = at_front(6, 16);
    cursor_narrow(&c, 10);
    assert_int_equal(cursor_captured_left(&c), 6);
    assert_int_equal(cursor_claimed_left(&c), 10);
    assert_false(cursor_skip(&c, 8));
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
}

static void a_child_has_bounds_of_its_own(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 16);
    cursor_skip(&c, 2);
    struct cursor child = cursor_sub(&c, 4);
    assert_int_equal(cursor_be32(&child), 0x456789ab);
    assert_int_equal(cursor_u8(&child), 0);
    assert_int_equal(child.verdict, VERDICT_MALFORMED);
    assert_true(cursor_ok(&c)); /* the child's failure is its own */
    assert_int_equal(cursor_u8(&c), 0xcd);
    child = cursor_sub(&c, 0);
    assert_true(cursor_ok(&child));
    assert_int_equal(cursor_claimed_left(&child), 0);
    child = cursor_sub(&c, 9); /* all that is left */
    assert_int_equal(cursor_claimed_left(&child), 9);
    assert_int_equal(cursor_claimed_left(&c), 0);
    assert_true(cursor_ok(&c));
}

static void a_child_longer_than_its_parent_is_the_packets_fault(void **state)
{
    (void)state;
    struct cursor c = at_front(16, 8);
    cursor_skip(&c, 2);
    struct cursor child = cursor_sub(&c, 7);
    assert_true(cursor_ok(&child)); /* what is claimed of it can be read */
    assert_int_equal(cursor_claimed_left(&child), 6);
    assert_int_equal(c.verdict, VERDICT_MALFORMED);
    assert_int_equal(cursor_claimed_left(&c), 0);
}

static void a_child_past_the_capture_is_the_captures_fault(void **state)
{
    (void)state;
    struct cursor c = at_front(4, 16);
    struct cursor child = cursor_sub(&c, 8);
    assert_true(cursor_ok(&c));
    assert_int_equal(cursor_captured_left(&child), 4);
    assert_int_equal(cursor_claimed_left(&child), 8);
    cursor_be32(&child);
    cursor_u8(&child);
    assert_int_equal(child.verdict, VERDICT_TRUNCATED);
    assert_int_equal(cursor_captured_left(&c), 0); /* the parent stands beyond its last byte */
    assert_int_equal(cursor_claimed_left(&c), 8);
    cursor_u8(&c);
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
}

static void a_failed_parent_has_failed_children(void **state)
{
    (void)state;
    struct cursor c = at_front(4, 16);
    cursor_be64(&c);
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
    struct cursor child = cursor_sub(&c, 2);
    assert_int_equal(child.verdict, VERDICT_TRUNCATED);
    assert_int_equal(cursor_u8(&child), 0);
    child = cursor_sub(&c, SIZE_MAX);
    assert_int_equal(c.verdict, VERDICT_TRUNCATED);
    assert_null(cursor_bytes(&child, 0));
}

static void a_whole_is_had_where_all_of_it_is_here(void **state)
{
    (void)state;
    struct cursor c = at_front(8, 16), whole;
    assert_true(cursor_whole(&c, 5, &whole));
    assert_int_equal(cursor_claimed_left(&whole), 5);
    assert_int_equal(cursor_u8(&whole), 0x01);
    assert_int_equal(cursor_u8(&c), 0xab); /* c is past it */
    assert_false(cursor_whole(&c, 3, &whole));
    assert_true(cursor_ok(&c)); /* not a failure, and nothing moved */
    assert_int_equal(cursor_u8(&c), 0xcd);
    cursor_skip(&c, 2);
    assert_false(cursor_whole(&c, 0, &whole)); /* once failed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_is_had_where_all_of_it_is_here),
        cmocka_unit_test(integers_are_read_bytewise_in_their_order),
        cmocka_unit_test(every_reader_stops_at_every_end),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(bytes_are_lent_in_place),
        cmocka_unit_test(skip_says_whether_the_bytes_were_there),
        cmocka_unit_test(a_huge_length_does_not_wrap),
        cmocka_unit_test(what_is_behind_the_claimed_end_is_hidden),
        cmocka_unit_test(nothing_at_all_can_be_read),
        cmocka_unit_test(narrow_pulls_the_end_in_and_never_out),
        cmocka_unit_test(narrow_leaves_a_short_capture_short),
        cmocka_unit_test(a_child_has_bounds_of_its_own),
        cmocka_unit_test(a_child_longer_than_its_parent_is_the_packets_fault),
        cmocka_unit_test(a_child_past_the_capture_is_the_captures_fault),
        cmocka_unit_test(a_failed_parent_has_failed_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
