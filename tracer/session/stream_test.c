#include "tracer/session/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void open_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
}

static uint8_t byte_of(int record, uint32_t i)
{
    return (uint8_t)(record * 7 + (int)i);
}

static void write_numbered(struct stream_writer *w, int record, uint32_t n, bool expected)
{
    uint8_t *bytes = malloc(n ? n : 1);
    assert_non_null(bytes);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = byte_of(record, i);
    assert_int_equal(stream_write(w, 1700000000000000000 + record, bytes, n, n + 5), expected);
    free(bytes);
}

static void check_numbered(const struct stream_record *r, int record, uint32_t n)
{
    assert_true(r->time_ns == 1700000000000000000 + record);
    assert_int_equal(r->captured_bytes, n);
    assert_int_equal(r->wire_bytes, n + 5);
    for (uint32_t i = 0; i < n; i++)
        if (r->bytes[i] != byte_of(record, i))
            fail_msg("record %d differs at byte %u", record, i);
}

static void records_come_back_byte_by_byte(void **state)
{
    (void)state;
    int out[2], in[2];
    open_pipe(out);
    open_pipe(in);
    struct stream_writer *w = stream_writer_new(out[1], true);
    for (int i = 0; i < 5; i++)
        write_numbered(w, i, (uint32_t)i * 31, true);
    assert_int_equal(stream_pending(w), 0);
    stream_writer_free(w);
    close(out[1]);

    struct stream_reader *r = stream_reader_new(in[0], true);
    struct stream_record record;
    int taken = 0;
    char byte;
    while (read(out[0], &byte, 1) == 1) {
        assert_int_equal(stream_fill(r), 0);
        assert_int_equal(write(in[1], &byte, 1), 1);
        assert_int_equal(stream_fill(r), 1);
        if (stream_take(r, &record)) {
            check_numbered(&record, taken, (uint32_t)taken * 31);
            taken++;
        }
    }
    assert_int_equal(taken, 5);
    close(in[1]);
    assert_int_equal(stream_fill(r), -1);
    assert_false(stream_broken(r));
    stream_reader_free(r);
    close(in[0]);
    close(out[0]);
}

static void a_full_pipe_neither_blocks_nor_loses(void **state)
{
    (void)state;
    enum { RECORDS = 3000, BYTES = 1000 };
    int ends[2];
    open_pipe(ends);
    struct stream_writer *w = stream_writer_new(ends[1], false);
    for (int i = 0; i < RECORDS; i++)
        write_numbered(w, i, BYTES, true); /* no one reads: a writer that waits hangs here */
    assert_true(stream_pending(w) > 0);
    struct stream_reader *r = stream_reader_new(ends[0], false);
    int taken = 0;
    while (taken < RECORDS) {
        assert_true(stream_flush(w, false));
        assert_int_equal(stream_fill(r), 1);
        struct stream_record record;
        while (stream_take(r, &record))
            check_numbered(&record, taken++, BYTES);
    }
    assert_int_equal(stream_pending(w), 0);
    assert_int_equal(stream_fill(r), 0);
    stream_writer_free(w);
    stream_reader_free(r);
    close(ends[0]);
    close(ends[1]);
}

static void a_reader_that_goes_ends_the_writing(void **state)
{
    (void)state;
    int ends[2];
    open_pipe(ends);
    struct stream_writer *w = stream_writer_new(ends[1], false);
    for (int i = 0; i < 200; i++)
        write_numbered(w, i, 1000, true);
    assert_true(stream_pending(w) > 0);
    close(ends[0]);
    assert_false(stream_flush(w, true)); /* SIGPIPE has its default action here: not delivered */
    assert_int_equal(stream_pending(w), 0);
    write_numbered(w, 1, 10, false);
    sigset_t pending;
    assert_int_equal(sigpending(&pending), 0);
    assert_false(sigismember(&pending, SIGPIPE));
    stream_writer_free(w);
    close(ends[1]);
}

static void a_descriptor_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        skip();
    struct stream_writer *w = stream_writer_new(fd, true);
    write_numbered(w, 1, 10, false);
    stream_writer_free(w);
    close(fd);
    w = stream_writer_new(-1, true);
    write_numbered(w, 1, 10, false);
    stream_writer_free(w);
}

static void annotations_travel(void **state)
{
    (void)state;
    int ends[2];
    open_pipe(ends);
    struct stream_writer *w = stream_writer_new(ends[1], true);
    struct annotation a = {.type = ANNOTATION_MARK};
    int64_t now = session_now_ns();
    assert_true(now > 1600000000000000000);
    assert_true(stream_annotate(w, now, &a));
    struct stream_reader *r = stream_reader_new(ends[0], true);
    struct stream_record record;
    assert_false(stream_take(r, &record));
    assert_int_equal(stream_fill(r), 1);
    assert_true(stream_take(r, &record));
    assert_true(record.time_ns == now);
    assert_int_equal(record.wire_bytes, record.captured_bytes);
    assert_true(annotation_is(record.bytes, record.captured_bytes));
    stream_writer_free(w);
    stream_reader_free(r);
    close(ends[0]);
    close(ends[1]);
}

/* What a reader makes of `n` bytes and then the end. */
static bool broken_by(const void *bytes, size_t n, bool header, int *records)
{
    int ends[2];
    open_pipe(ends);
    assert_int_equal(write(ends[1], bytes, n), n);
    close(ends[1]);
    struct stream_reader *r = stream_reader_new(ends[0], header);
    struct stream_record record;
    *records = 0;
    do
        while (stream_take(r, &record))
            ++*records;
    while (stream_fill(r) >= 0);
    bool broken = stream_broken(r);
    stream_reader_free(r);
    close(ends[0]);
    return broken;
}

static void every_cut_is_noticed(void **state)
{
    (void)state;
    int ends[2], records;
    open_pipe(ends);
    struct stream_writer *w = stream_writer_new(ends[1], true);
    write_numbered(w, 0, 20, true);
    write_numbered(w, 1, 30, true);
    stream_writer_free(w);
    uint8_t whole[200];
    ssize_t n = read(ends[0], whole, sizeof whole);
    assert_int_equal(n, 24 + 36 + 46);
    close(ends[0]);
    close(ends[1]);
    for (size_t cut = 0; cut <= (size_t)n; cut++) {
        bool broken = broken_by(whole, cut, true, &records);
        assert_int_equal(records, (cut >= 60) + (cut >= 106));
        assert_int_equal(broken, cut != 0 && cut != 24 && cut != 60 && cut != 106);
    }
}

static void other_streams_are_refused(void **state)
{
    (void)state;
    int records;
    uint8_t bytes[40] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, [20] = 1};
    assert_false(broken_by(bytes, 40, true, &records));
    assert_int_equal(records, 1);
    bytes[20] = 101; /* another link type */
    assert_true(broken_by(bytes, 40, true, &records));
    bytes[20] = 1;
    bytes[0] = 0xd4; /* another magic */
    assert_true(broken_by(bytes, 40, true, &records));
    memset(bytes, 0, sizeof bytes);
    memset(bytes + 8, 0xff, 4); /* 4 GiB captured */
    assert_true(broken_by(bytes, 40, false, &records));
    assert_int_equal(records, 0);
    memset(bytes, 0xff, 8); /* nanoseconds past a second */
    memset(bytes + 8, 0, 4);
    assert_true(broken_by(bytes, 40, false, &records));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_byte_by_byte),
        cmocka_unit_test(a_full_pipe_neither_blocks_nor_loses),
        cmocka_unit_test(a_reader_that_goes_ends_the_writing),
        cmocka_unit_test(a_descriptor_that_cannot_be_written_is_told),
        cmocka_unit_test(annotations_travel),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(other_streams_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
