/* The promises of a wire's stream, with frames that come late, twice at one time, and out of order.
 */
#include "labs/wire/recorder.h"

#include "tracer/session/stream.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define T  INT64_C(1700000000000000000)
#define MS INT64_C(1000000)

struct fixture {
    int ends[2];
    struct recorder *recorder;
    struct stream_reader *reader;
};

static int setup(void **state)
{
    static struct fixture f;
    if (pipe2(f.ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -1;
    f.recorder = recorder_new(f.ends[1]);
    f.reader = stream_reader_new(f.ends[0], false);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    recorder_free(f->recorder);
    stream_reader_free(f->reader);
    close(f->ends[0]);
    close(f->ends[1]);
    return 0;
}

static int64_t packet(struct fixture *f, enum wire_direction d, int64_t time_ns)
{
    static const uint8_t bytes[60];
    return recorder_packet(f->recorder, d,
                           &(struct capture_frame){.time_ns = time_ns,
                                                   .bytes = bytes,
                                                   .captured_bytes = sizeof bytes,
                                                   .wire_bytes = sizeof bytes});
}

static int64_t next_time(struct fixture *f, struct annotation *a)
{
    struct stream_record record;
    struct error e;
    recorder_flush(f->recorder);
    while (!stream_take(f->reader, &record))
        assert_int_equal(stream_fill(f->reader), 1);
    *a = (struct annotation){.type = ANNOTATION_UNKNOWN};
    if (annotation_is(record.bytes, record.captured_bytes))
        assert_int_equal(annotation_read(record.bytes, record.captured_bytes, a, &e), 0);
    return record.time_ns;
}

static void test_stamps_of_a_direction_differ(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(packet(f, WIRE_FROM_C, T), T);
    assert_int_equal(packet(f, WIRE_FROM_C, T), T + 1);
    assert_int_equal(packet(f, WIRE_FROM_C, T - 5), T + 2);
    assert_int_equal(packet(f, WIRE_FROM_S, T), T); /* the direction tells these apart */
}

static void test_late_frame_keeps_the_promise(void **state)
{
    struct fixture *f = *state;
    struct annotation a;
    recorder_mark(f->recorder, T);
    int64_t promised = next_time(f, &a);
    assert_int_equal(a.type, ANNOTATION_MARK);
    assert_true(promised < T); /* it trails */
    assert_int_equal(packet(f, WIRE_FROM_C, promised + 7), promised + 7);
    assert_int_equal(packet(f, WIRE_FROM_S, promised - 30 * MS), promised);
    assert_int_equal(next_time(f, &a), promised + 7);
    assert_int_equal(next_time(f, &a), promised);
}

static void test_marks_never_go_back(void **state)
{
    struct fixture *f = *state;
    struct annotation a;
    recorder_mark(f->recorder, T);
    recorder_mark(f->recorder, T - 3600000 * MS); /* the clock was set back */
    int64_t first = next_time(f, &a);
    assert_int_equal(next_time(f, &a), first);
}

static void test_fate_follows_its_packet(void **state)
{
    struct fixture *f = *state;
    struct annotation a;
    int64_t name = packet(f, WIRE_FROM_S, T);
    struct engine_fate fate = {
        .fate = FATE_DROPPED, .direction = WIRE_FROM_S, .name_ns = name, .reason = "why"};
    recorder_fate(f->recorder, &fate, T - MS);
    assert_int_equal(next_time(f, &a), T);
    assert_int_equal(next_time(f, &a), T); /* never before it */
    assert_int_equal(a.type, ANNOTATION_FATE);
    assert_int_equal(a.fate.sent_ns, T);
    assert_int_equal(a.fate.from, 'S');
    assert_int_equal(a.fate.fate, FATE_DROPPED);
    assert_string_equal(a.fate.reason, "why");
    annotation_free(&a);
}

static void test_copies_and_damage(void **state)
{
    struct fixture *f = *state;
    struct annotation a;
    int64_t name = packet(f, WIRE_FROM_C, T);
    struct engine_fate copy = {.fate = FATE_DELIVERED, .name_ns = name, .copy = 2};
    struct engine_fate damaged = {.fate = FATE_DELIVERED, .name_ns = name, .corrupted = true};
    recorder_fate(f->recorder, &copy, T);
    recorder_fate(f->recorder, &damaged, T);
    next_time(f, &a);
    next_time(f, &a);
    assert_int_equal(a.fate.fate, FATE_DELIVERED);
    assert_int_equal(a.fate.copy, 2);
    assert_false(a.fate.corrupted);
    next_time(f, &a);
    assert_int_equal(a.fate.fate, FATE_DROPPED); /* by its receiver */
    assert_int_equal(a.fate.copy, 0);
    assert_true(a.fate.corrupted);
}

static void test_end(void **state)
{
    struct fixture *f = *state;
    struct annotation a;
    recorder_end(f->recorder, "void", "3 frames were lost", 3, 4567000);
    next_time(f, &a);
    assert_int_equal(a.type, ANNOTATION_END);
    assert_string_equal(a.end.verdict, "void");
    assert_int_equal(a.end.dropped_frames, 3);
    annotation_free(&a);
}

/* A reader that is gone stops neither the recorder nor, by a signal, its process. */
static void test_reader_gone(void **state)
{
    struct fixture *f = *state;
    close(f->ends[0]);
    packet(f, WIRE_FROM_C, T);
    recorder_mark(f->recorder, T);
    recorder_end(f->recorder, "done", NULL, 0, 0);
    assert_false(recorder_blocked(f->recorder));
    f->ends[0] = -1;
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stamps_of_a_direction_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(test_late_frame_keeps_the_promise, setup, teardown),
        cmocka_unit_test_setup_teardown(test_marks_never_go_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fate_follows_its_packet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copies_and_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reader_gone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
