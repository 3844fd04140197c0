#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t bytes[1000];

static struct capture_frame frame_of(int64_t time_ns, uint32_t n, int linktype)
{
    return (struct capture_frame){.time_ns = time_ns,
                                  .linktype = linktype,
                                  .bytes = bytes,
                                  .captured_bytes = n,
                                  .wire_bytes = n + 7};
}

static int frames_of_fd(int fd, struct error *e)
{
    struct capture_frame f;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct source *s = source_open(&(struct source_options){.fd = fd}, e);
    if (!s)
        fail_msg("%s", e->text);
    int frames = 0;
    enum source_result r;
    while ((r = source_next(s, true, &f, e)) == SOURCE_FRAME) {
        assert_true(f.time_ns == 1700000000123456789 + frames);
        assert_int_equal(f.wire_bytes, f.captured_bytes + 7);
        frames++;
    }
    source_close(s);
    assert_int_equal(r, SOURCE_END);
    return frames;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct error e = {0};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct sink *s = sink_open_fd(dup(fd), "out", 276, 1000, &e);
    assert_non_null(s);
    for (int i = 0; i < 2000; i++) {
        struct capture_frame f = frame_of(1700000000123456789 + i, (uint32_t)i % 1001, 276);
        assert_int_equal(sink_write(s, &f, &e), 0);
    }
    assert_int_equal(sink_close(s, &e), 0);
    assert_int_equal(frames_of_fd(fd, &e), 2000);
    close(fd);
}

static void a_flush_reaches_the_file(void **state)
{
    (void)state;
    struct error e = {0};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct sink *s = sink_open_fd(dup(fd), "out", 1, 0, &e);
    struct capture_frame f = frame_of(1700000000123456789, 60, 1);
    assert_int_equal(frames_of_fd(fd, &e), 0); /* the header stands there at once */
    assert_int_equal(lseek(fd, 24, SEEK_SET), 24);
    assert_int_equal(sink_write(s, &f, &e), 0);
    assert_int_equal(sink_flush(s, &e), 0);
    assert_int_equal(frames_of_fd(fd, &e), 1);
    assert_int_equal(sink_close(s, &e), 0);
    close(fd);
}

static void another_link_type_is_refused(void **state)
{
    (void)state;
    struct error e = {0};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct sink *s = sink_open_fd(dup(fd), "out", 1, 0, &e);
    struct capture_frame f = frame_of(0, 60, 113);
    assert_int_equal(sink_write(s, &f, &e), -1);
    assert_non_null(strstr(e.text, "one kind only"));
    assert_int_equal(sink_close(s, &e), 0);
    close(fd);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct error e = {0};
    assert_null(sink_open_file("/dev/full", 1, 0, &e));
    assert_non_null(strstr(e.text, "/dev/full"));
    assert_non_null(strstr(e.text, "No space left"));
    assert_null(sink_open_file("/nonexistent/out.pcap", 1, 0, &e));
    assert_non_null(strstr(e.text, "/nonexistent/out.pcap"));
}

/* With a limit on file size, a write takes some bytes of a record and then no more. */
static void a_file_that_may_not_grow_ends_on_a_whole_record(void **state)
{
    (void)state;
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t limit = 24; limit < 24 + 300; limit += 17) {
        struct error e = {0};
        char path[] = "/tmp/tcpladder-test-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        unlink(path);
        small = (struct rlimit){.rlim_cur = limit, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        struct sink *s = sink_open_fd(dup(fd), "out", 1, 0, &e);
        assert_non_null(s);
        for (int i = 0; i < 5; i++) {
            struct capture_frame f = frame_of(1700000000123456789 + i, 60, 1);
            assert_int_equal(sink_write(s, &f, &e), 0); /* buffered */
        }
        assert_int_equal(sink_flush(s, &e), -1);
        assert_non_null(strstr(e.text, "whole"));
        struct capture_frame f = frame_of(0, 60, 1);
        assert_int_equal(sink_write(s, &f, &e), -1);
        assert_int_equal(sink_close(s, &e), -1);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(frames_of_fd(fd, &e), ((int)limit - 24) / 76);
        close(fd);
    }
    signal(SIGXFSZ, SIG_DFL);
}

static void a_slow_reader_is_waited_for(void **state)
{
    (void)state;
    struct error e = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        struct sink *s = sink_open_fd(ends[1], "out", 1, 0, &e);
        int failed = !s;
        for (int i = 0; i < 500 && !failed; i++) {
            struct capture_frame f = frame_of(1700000000123456789 + i, 1000, 1);
            failed = sink_write(s, &f, &e) < 0;
        }
        _exit(failed || sink_close(s, &e) < 0);
    }
    close(ends[1]);
    struct source *s = source_open(&(struct source_options){.fd = ends[0]}, &e);
    assert_non_null(s);
    usleep(50000);
    struct capture_frame f;
    int frames = 0;
    while (source_next(s, true, &f, &e) == SOURCE_FRAME)
        frames++;
    assert_int_equal(frames, 500);
    source_close(s);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
}

static void a_reader_that_went_is_told(void **state)
{
    (void)state;
    struct error e = {0};
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct sink *s = sink_open_fd(ends[1], "standard output", 1, 0, &e);
    close(ends[0]);
    struct capture_frame f = frame_of(0, 60, 1);
    assert_int_equal(sink_write(s, &f, &e), 0);
    assert_int_equal(sink_flush(s, &e), -1);
    assert_non_null(strstr(e.text, "went away"));
    assert_int_equal(sink_close(s, NULL), -1);
    signal(SIGPIPE, SIG_DFL);
}

/* A pcapng file may stamp packets with any year; a pcap file has 32 bits of seconds. */
static void stamps_beyond_the_format_stand_at_its_ends(void **state)
{
    (void)state;
    static const struct {
        int64_t given, kept;
    } rows[] = {
        {-1, 0},
        {INT64_C(4294967295999999999), INT64_C(4294967295999999999)},
        {INT64_C(4294967296000000000), INT64_C(4294967295999999999)},
        {(INT64_C(1) << 62) - 1, INT64_C(4294967295999999999)},
    };
    struct error e = {0};
    struct capture_frame f;
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct sink *s = sink_open_fd(dup(fd), "out", 1, 0, &e);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        f = frame_of(rows[i].given, 60, 1);
        assert_int_equal(sink_write(s, &f, &e), 0);
    }
    assert_int_equal(sink_close(s, &e), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct source *again = source_open(&(struct source_options){.fd = fd}, &e);
    assert_non_null(again);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(source_next(again, true, &f, &e), SOURCE_FRAME);
        assert_true(f.time_ns == rows[i].kept);
    }
    source_close(again);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_flush_reaches_the_file),
        cmocka_unit_test(another_link_type_is_refused),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(a_file_that_may_not_grow_ends_on_a_whole_record),
        cmocka_unit_test(a_slow_reader_is_waited_for),
        cmocka_unit_test(a_reader_that_went_is_told),
        cmocka_unit_test(stamps_beyond_the_format_stand_at_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
