#include "tracer/capture/again_test.h"
#include "tracer/capture/files_test.h"
#include "tracer/capture/source.h"

#include "tracer/base/text.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static volatile uint8_t touched;

/* Read all of a file, and all of it again. Returns how many frames came; the sentence stands in
 * `e`, "" at a good end.
 */
static int frames_in(const struct text *t, struct error *e)
{
    char path[64];
    int fd = file_of(t, path), frames = 0;
    struct source *s = open_path(path, NULL, e);
    struct capture_frame f;
    struct kept_frames kept = {0};
    if (s) {
        enum source_result r;
        while ((r = source_next(s, true, &f, e)) == SOURCE_FRAME) {
            uint8_t sum = 0; /* touch every byte, for AddressSanitizer */
            for (uint32_t i = 0; i < f.captured_bytes; i++)
                sum ^= f.bytes[i];
            touched = sum;
            assert_true(f.wire_bytes >= f.captured_bytes);
            keep_frame(&kept, &f);
            frames++;
        }
        assert_again(s, &kept);
        assert_int_equal(r, e->text[0] ? SOURCE_ERROR : SOURCE_END);
        assert_int_equal(source_fd(s), -1);
    }
    if (e->text[0] && !strstr(e->text, path))
        fail_msg("does not name the file: %s", e->text);
    free(kept.all);
    source_close(s);
    close(fd);
    return frames;
}

static void every_variant_of_pcap_is_read(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        bool big;
        int64_t ns;
    } variants[] = {
        {0xa1b2c3d4, false, 123456000},
        {0xa1b2c3d4, true, 123456000},
        {0xa1b23c4d, false, 123456},
        {0xa1b23c4d, true, 123456},
    };
    for (size_t i = 0; i < 4; i++) {
        struct text t = {0};
        struct error e;
        struct capture_frame f;
        char path[64];
        pcap_header(&t, variants[i].magic, variants[i].big, 65535, 1);
        pcap_record(&t, variants[i].big, 1700000000, 123456, 60, 1500, 'a');
        int fd = file_of(&t, path);
        struct source *s = open_path(path, NULL, &e);
        assert_non_null(s);
        assert_int_equal(source_linktype(s), 1);
        assert_int_equal(source_snaplen(s), 65535);
        assert_false(source_is_live(s));
        uint64_t received, dropped;
        assert_false(source_counts(s, &received, &dropped));
        assert_int_equal(source_next(s, false, &f, &e), SOURCE_FRAME);
        assert_true(f.time_ns == 1700000000000000000 + variants[i].ns);
        assert_int_equal(f.captured_bytes, 60);
        assert_int_equal(f.wire_bytes, 1500);
        assert_int_equal(f.bytes[59], 'a');
        assert_int_equal(source_next(s, true, &f, &e), SOURCE_END);
        source_close(s);
        close(fd);
        text_free(&t);
    }
}

static void longer_records_are_read(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    pcap_header(&t, 0xa1b2cd34, false, 65535, 1);
    for (int i = 0; i < 3; i++) {
        pcap_record(&t, false, 1, 2, 0, 60, 0);
        t.len -= 8; /* the captured length again, then the eight bytes more */
        put32(&t, 60, false);
        put32(&t, 60, false);
        text_repeat(&t, 7, 8);
        text_repeat(&t, 'x', 60);
    }
    assert_int_equal(frames_in(&t, &e), 3);
    assert_string_equal(e.text, "");
    text_free(&t);
}

static void what_is_no_capture_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *says;
    } rows[] = {
        {"", 0, "empty"},
        {"abc", 3, "shorter"},
        {"0123456789", 10, "30313233"},
        {"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00", 10, "ends at byte 10"},
        {"\xd4\xc3\xb2\xa1\x01\x00\x04\x00\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "version 1.4"},
        {"\x1f\x8b\x08\x00", 4, "gzip"},
        {"\x28\xb5\x2f\xfd", 4, "zstd"},
        {"\x0a\x0d\x0d\x0a", 4, "ends at byte 4"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        struct error e;
        text_bytes(&t, rows[i].bytes, rows[i].n);
        assert_int_equal(frames_in(&t, &e), 0);
        assert_says(&e, rows[i].says);
        text_free(&t);
    }
}

static void what_cannot_be_opened_is_told(void **state)
{
    (void)state;
    struct error e;
    assert_null(open_path("/nonexistent/capture.pcap", NULL, &e));
    assert_says(&e, "no file /nonexistent/capture.pcap");
    assert_null(open_path("/tmp", NULL, &e));
    assert_says(&e, "/tmp is a directory");
    assert_null(open_path("/nonexistent/\x1b[2J", NULL, &e));
    assert_null(strchr(e.text, 0x1b));
}

static void a_file_without_permission_is_told(void **state)
{
    (void)state;
    char path[] = "/tmp/tcpladder-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(path, 0), 0);
    uid_t me = geteuid();
    if (me == 0)
        assert_int_equal(seteuid(65534), 0);
    struct error e;
    struct source *s = open_path(path, NULL, &e);
    if (me == 0)
        assert_int_equal(seteuid(0), 0);
    unlink(path);
    assert_null(s);
    assert_says(&e, "may not be read by you");
}

static void every_cut_of_a_pcap_is_told(void **state)
{
    (void)state;
    struct text t = {0};
    pcap_header(&t, 0xa1b2c3d4, true, 65535, 1);
    for (uint32_t i = 0; i < 3; i++)
        pcap_record(&t, true, i, 0, 20 + i, 60, 'a');
    size_t ends[] = {24, 60, 97, 135};
    assert_int_equal(t.len, 135);
    for (size_t cut = 24; cut <= 135; cut++) {
        struct text part = {.s = t.s, .len = cut};
        struct error e;
        int whole = (cut >= ends[1]) + (cut >= ends[2]) + (cut >= ends[3]);
        assert_int_equal(frames_in(&part, &e), whole);
        if (cut == ends[whole]) {
            assert_string_equal(e.text, "");
        } else {
            char says[40];
            snprintf(says, sizeof says, "ends at byte %zu, in the middle", cut);
            assert_says(&e, says);
        }
    }
    text_free(&t);
}

static void impossible_lengths_are_told_and_bounded(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0x7fffffff, 0xffffffff, (1 << 20) + 1};
    for (size_t i = 0; i < 3; i++) {
        struct text t = {0};
        struct error e;
        pcap_header(&t, 0xa1b2c3d4, false, 0xffffffff, 1);
        pcap_record(&t, false, 1, 1, 60, 60, 'a');
        put32(&t, 1, false);
        put32(&t, 1, false);
        put32(&t, lengths[i], false);
        put32(&t, lengths[i], false);
        text_repeat(&t, 'x', 1000);
        assert_int_equal(frames_in(&t, &e), 1);
        assert_says(&e, "damaged at byte 100");
        text_free(&t);
    }
}

static void the_largest_frame_is_read(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    pcap_header(&t, 0xa1b2c3d4, false, 0, 1);
    for (int i = 0; i < 3; i++)
        pcap_record(&t, false, 1, 1, 1 << 20, 1 << 20, 'a');
    assert_int_equal(frames_in(&t, &e), 3);
    assert_string_equal(e.text, "");
    text_free(&t);
}

static void odd_header_values_are_borne(void **state)
{
    (void)state;
    static const uint32_t snaplens[] = {0, 0xffffffff};
    for (size_t i = 0; i < 2; i++) {
        struct text t = {0};
        struct error e;
        struct capture_frame f;
        char path[64];
        pcap_header(&t, 0xa1b2c3d4, false, snaplens[i], 9999);
        pcap_record(&t, false, 0xffffffff, 0xffffffff, 10, 4, 'a'); /* captured above wire */
        pcap_record(&t, false, 0, 0, 0, 0, 'a');                    /* time back, no bytes */
        int fd = file_of(&t, path);
        struct source *s = open_path(path, NULL, &e);
        assert_non_null(s);
        assert_int_equal(source_snaplen(s), 262144);
        assert_int_equal(source_linktype(s), 9999);
        assert_int_equal(source_next(s, true, &f, &e), SOURCE_FRAME);
        assert_true(f.time_ns == 4294967295 * 1000000000 + 4294967295 * 1000);
        assert_int_equal(f.wire_bytes, 10);
        assert_int_equal(source_next(s, true, &f, &e), SOURCE_FRAME);
        assert_true(f.time_ns == 0);
        assert_int_equal(source_next(s, true, &f, &e), SOURCE_END);
        source_close(s);
        close(fd);
        text_free(&t);
    }
}

static void raw_ip_has_one_number(void **state)
{
    (void)state;
    static const uint32_t raw[] = {101, 12, 0xf0000000 | 101};
    for (size_t i = 0; i < 3; i++) {
        struct text t = {0};
        struct error e;
        char path[64];
        pcap_header(&t, 0xa1b2c3d4, false, 0, raw[i]);
        int fd = file_of(&t, path);
        struct source *s = open_path(path, "tcp", &e);
        assert_non_null(s);
        assert_int_equal(source_linktype(s), 101);
        source_close(s);
        close(fd);
        text_free(&t);
    }
}

static void a_file_that_changes_while_read_is_borne(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    struct capture_frame f;
    char path[64];
    pcap_header(&t, 0xa1b2c3d4, false, 0, 1);
    for (int i = 0; i < 40; i++)
        pcap_record(&t, false, 1, 1, 100000, 100000, 'a');
    int fd = file_of(&t, path);
    struct source *s = open_path(path, NULL, &e);
    assert_int_equal(source_next(s, true, &f, &e), SOURCE_FRAME);
    assert_int_equal(ftruncate(fd, 2000000), 0);
    int frames = 1;
    enum source_result r;
    while ((r = source_next(s, true, &f, &e)) == SOURCE_FRAME)
        frames++;
    assert_int_equal(r, SOURCE_ERROR);
    assert_int_equal(frames, 19);
    assert_says(&e, "ends at byte 2000000");
    source_close(s);
    close(fd);
    /* Growing: what was added before the end was reached is read. */
    fd = file_of(&t, path);
    s = open_path(path, NULL, &e);
    assert_int_equal(source_next(s, true, &f, &e), SOURCE_FRAME);
    struct text more = {0};
    pcap_record(&more, false, 1, 1, 10, 10, 'b');
    assert_int_equal(pwrite(fd, more.s, more.len, (off_t)t.len), more.len);
    for (frames = 1; source_next(s, true, &f, &e) == SOURCE_FRAME; frames++)
        continue;
    assert_int_equal(frames, 41);
    source_close(s);
    close(fd);
    text_free(&t);
    text_free(&more);
}

static void past_four_gigabytes_is_read(void **state)
{
    (void)state;
    if (!getenv("TCPLADDER_SLOW_TESTS")) /* 4 GiB through read() take up to 20 s */
        skip();
    char path[] = "/tmp/tcpladder-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    struct text t = {0}, record = {0};
    struct error e;
    struct capture_frame f;
    pcap_header(&t, 0xa1b23c4d, false, 0, 1);
    assert_int_equal(write(fd, t.s, t.len), t.len);
    enum { FRAMES = 4200 };
    bool room = true;
    for (uint32_t i = 0; i < FRAMES && room; i++) { /* sparse: only headers are written */
        text_clear(&record);
        pcap_record(&record, false, i, 0, 0, 1 << 20, 0);
        memcpy(record.s + 8, "\0\0\x10\0", 4);
        off_t at = 24 + (off_t)i * ((1 << 20) + 16);
        room = pwrite(fd, record.s, record.len, at) == 16;
    }
    room = room && ftruncate(fd, 24 + (off_t)FRAMES * ((1 << 20) + 16)) == 0;
    if (room) {
        struct source_options o = {.fd = fd};
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        struct source *s = source_open(&o, &e);
        assert_non_null(s);
        uint32_t frames = 0;
        while (source_next(s, true, &f, &e) == SOURCE_FRAME)
            assert_true(f.time_ns == (int64_t)frames++ * 1000000000);
        assert_int_equal(frames, FRAMES);
        source_close(s);
    }
    close(fd);
    text_free(&t);
    text_free(&record);
    if (!room)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_of_pcap_is_read),
        cmocka_unit_test(longer_records_are_read),
        cmocka_unit_test(what_is_no_capture_is_told),
        cmocka_unit_test(what_cannot_be_opened_is_told),
        cmocka_unit_test(a_file_without_permission_is_told),
        cmocka_unit_test(every_cut_of_a_pcap_is_told),
        cmocka_unit_test(impossible_lengths_are_told_and_bounded),
        cmocka_unit_test(the_largest_frame_is_read),
        cmocka_unit_test(odd_header_values_are_borne),
        cmocka_unit_test(raw_ip_has_one_number),
        cmocka_unit_test(a_file_that_changes_while_read_is_borne),
        cmocka_unit_test(past_four_gigabytes_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
