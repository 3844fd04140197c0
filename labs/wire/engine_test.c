#include "labs/wire/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static const struct engine_options ten_ms = {
    .delay_ns = 10000, .spacing_ns = 1000, .queue_bytes = 4000};

static int setup(void **state)
{
    *state = engine_new(&ten_ms);
    return 0;
}

static int teardown(void **state)
{
    engine_free(*state);
    return 0;
}

/* A frame's bytes are its name, so that one can see that they travel together. */
static void arrive(struct engine *e, enum wire_direction d, int64_t now, int64_t name)
{
    uint8_t bytes[64] = {0};
    memcpy(bytes, &name, sizeof name);
    engine_arrive(e, d, now, name, bytes, sizeof bytes);
}

static void assert_next(struct engine *e, int64_t due, enum wire_direction d, int64_t name)
{
    struct engine_fate fate;
    int64_t next;
    assert_true(engine_next_due(e, &next));
    assert_int_equal(next, due);
    assert_false(engine_take(e, due - 1, &fate));
    assert_true(engine_take(e, due, &fate));
    assert_int_equal(fate.fate, FATE_DELIVERED);
    assert_int_equal(fate.due_ns, due);
    assert_int_equal(fate.direction, d);
    assert_int_equal(fate.name_ns, name);
    assert_int_equal(fate.length_bytes, 64);
    assert_memory_equal(fate.bytes, &name, sizeof name);
}

static void test_empty(void **state)
{
    struct engine_fate fate;
    int64_t due;
    assert_false(engine_next_due(*state, &due));
    assert_false(engine_take(*state, INT64_MAX, &fate));
}

static void test_delay(void **state)
{
    struct engine *e = *state;
    arrive(e, WIRE_FROM_C, 500, 1);
    assert_int_equal(engine_held(e, WIRE_FROM_C), 1);
    assert_next(e, 10500, WIRE_FROM_C, 1);
    assert_int_equal(engine_held(e, WIRE_FROM_C), 0);
}

static void test_spacing_in_one_direction(void **state)
{
    struct engine *e = *state;
    arrive(e, WIRE_FROM_C, 0, 1);
    arrive(e, WIRE_FROM_C, 10, 2);
    arrive(e, WIRE_FROM_C, 20, 3);
    arrive(e, WIRE_FROM_S, 30, 4);
    arrive(e, WIRE_FROM_C, 9000, 5);
    assert_next(e, 10000, WIRE_FROM_C, 1);
    assert_next(e, 10030, WIRE_FROM_S, 4);
    assert_next(e, 11000, WIRE_FROM_C, 2);
    assert_next(e, 12000, WIRE_FROM_C, 3);
    assert_next(e, 19000, WIRE_FROM_C, 5);
}

/* Served late, frames still keep their distance: two at once would look like one burst. */
static void test_late_service_keeps_spacing(void **state)
{
    struct engine *e = *state;
    struct engine_fate fate;
    arrive(e, WIRE_FROM_C, 0, 1);
    arrive(e, WIRE_FROM_C, 5000, 2);
    assert_true(engine_take(e, 30000, &fate));
    assert_int_equal(fate.due_ns, 10000);
    assert_false(engine_take(e, 30000, &fate));
    engine_delivered(e, WIRE_FROM_C, 30500); /* and it took a while */
    assert_next(e, 31500, WIRE_FROM_C, 2);
}

static void test_same_time_in_order_of_arrival(void **state)
{
    struct engine *e = *state;
    arrive(e, WIRE_FROM_S, 7, 1);
    arrive(e, WIRE_FROM_C, 7, 2);
    assert_next(e, 10007, WIRE_FROM_S, 1);
    assert_next(e, 10007, WIRE_FROM_C, 2);
}

static void test_full_queue_drops(void **state)
{
    struct engine *e = *state;
    struct engine_fate fate;
    uint8_t big[3970] = {0};
    engine_arrive(e, WIRE_FROM_C, 0, 1, big, sizeof big);
    arrive(e, WIRE_FROM_C, 1, 2); /* 64 more are too many */
    arrive(e, WIRE_FROM_S, 2, 3); /* the other direction has room */
    assert_true(engine_take(e, 10000, &fate));
    assert_int_equal(fate.fate, FATE_DELIVERED);
    arrive(e, WIRE_FROM_C, 10000, 4); /* and so has this one now */
    assert_true(engine_take(e, 10001, &fate));
    assert_int_equal(fate.fate, FATE_DROPPED);
    assert_int_equal(fate.name_ns, 2);
    assert_non_null(fate.reason);
    assert_next(e, 10002, WIRE_FROM_S, 3);
    assert_next(e, 20000, WIRE_FROM_C, 4);
}

static void test_frame_without_bytes(void **state)
{
    struct engine_fate fate;
    engine_arrive(*state, WIRE_FROM_S, 0, 9, NULL, 0);
    assert_true(engine_take(*state, 10000, &fate));
    assert_int_equal(fate.length_bytes, 0);
}

/* Whatever arrives when, each direction comes out whole, in order and spaced. */
static void test_order_under_load(void **state)
{
    struct engine *e = *state;
    struct engine_fate fate;
    int64_t now = 0, last[2] = {-10000, -10000}, next_name[2] = {0, 0}, sent[2] = {0, 0};
    uint32_t random = 12345;
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525 + 1013904223;
        enum wire_direction d = (random >> 16) & 1;
        now += random >> 24;
        if (engine_held(e, d) < 50)
            arrive(e, d, now, sent[d]++);
        while (engine_take(e, now, &fate)) {
            assert_int_equal(fate.name_ns, next_name[fate.direction]++);
            assert_true(now - last[fate.direction] >= 1000);
            assert_true(fate.due_ns <= now);
            last[fate.direction] = now;
        }
    }
    assert_true(next_name[0] > 100 && next_name[1] > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spacing_in_one_direction, setup, teardown),
        cmocka_unit_test_setup_teardown(test_late_service_keeps_spacing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_time_in_order_of_arrival, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_queue_drops, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frame_without_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_under_load, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
