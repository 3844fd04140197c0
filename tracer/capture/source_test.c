#include "tracer/capture/again_test.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

#include "tracer/base/text.h"

#include <errno.h>
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
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- files made here ---- */

static void put32(struct text *t, uint32_t v, bool big)
{
    char le[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
    char be[4] = {le[3], le[2], le[1], le[0]};
    text_bytes(t, big ? be : le, 4);
}

static void put16(struct text *t, uint16_t v, bool big)
{
    char le[2] = {(char)v, (char)(v >> 8)}, be[2] = {le[1], le[0]};
    text_bytes(t, big ? be : le, 2);
}

static void pcap_header(struct text *t, uint32_t magic, bool big, uint32_t snaplen, uint32_t link)
{
    put32(t, magic, big);
    put16(t, 2, big);
    put16(t, 4, big);
    put32(t, 0, big);
    put32(t, 0, big);
    put32(t, snaplen, big);
    put32(t, link, big);
}

static void pcap_record(struct text *t, bool big, uint32_t s, uint32_t ticks, uint32_t n,
                        uint32_t wire, char fill)
{
    put32(t, s, big);
    put32(t, ticks, big);
    put32(t, n, big);
    put32(t, wire, big);
    text_repeat(t, fill, n);
}

/* A file of these bytes that has a path, until close(). */
static int file_of(const struct text *t, char path[64])
{
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    size_t done = 0;
    while (done < t->len) {
        ssize_t n = write(fd, t->s + done, t->len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static struct source *open_path(const char *path, const char *filter, struct error *e)
{
    struct source_options o = {.file = path, .fd = -1, .filter = filter};
    e->text[0] = '\0';
    return source_open(&o, e);
}

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

static void assert_says(const struct error *e, const char *part)
{
    if (!strstr(e->text, part))
        fail_msg("\"%s\" does not say \"%s\"", e->text, part);
}

/* ---- pcap ---- */

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

/* ---- pipes ---- */

static void a_pipe_is_read_a_record_at_a_time(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    struct capture_frame f;
    int ends[2];
    pcap_header(&t, 0xa1b23c4d, false, 0, 1);
    size_t header = t.len;
    pcap_record(&t, false, 7, 8, 30, 30, 'a');
    pcap_record(&t, false, 9, 8, 30, 30, 'b');
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], t.s, header), header);
    struct source_options o = {.fd = ends[0]};
    struct source *s = source_open(&o, &e);
    assert_non_null(s);
    assert_int_equal(source_fd(s), ends[0]);
    int frames = 0;
    for (size_t i = header; i < t.len; i++) {
        assert_int_equal(source_next(s, false, &f, &e), SOURCE_WAIT);
        assert_int_equal(write(ends[1], t.s + i, 1), 1);
        if ((i + 1 - header) % 46 == 0) { /* the frame is there with its last byte */
            assert_int_equal(source_next(s, false, &f, &e), SOURCE_FRAME);
            assert_int_equal(f.bytes[29], "ab"[frames++]);
        }
    }
    assert_int_equal(frames, 2);
    assert_int_equal(source_next(s, false, &f, &e), SOURCE_WAIT);
    close(ends[1]);
    assert_int_equal(source_next(s, false, &f, &e), SOURCE_END);
    assert_int_equal(source_next(s, true, &f, &e), SOURCE_END);
    source_close(s);
    assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    close(ends[0]); /* was borrowed: still ours */
    text_free(&t);
}

static struct source *to_stop;

static void stop_it(int signal_number)
{
    (void)signal_number;
    source_stop(to_stop);
}

static void a_signal_ends_the_waiting(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    struct capture_frame f;
    int ends[2];
    pcap_header(&t, 0xa1b23c4d, false, 0, 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], t.s, t.len), t.len);
    struct source_options o = {.fd = ends[0]};
    to_stop = source_open(&o, &e);
    assert_non_null(to_stop);
    struct sigaction act = {.sa_handler = stop_it}, before;
    assert_int_equal(sigaction(SIGALRM, &act, &before), 0);
    struct itimerval soon = {.it_value.tv_usec = 20000};
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_int_equal(source_next(to_stop, true, &f, &e), SOURCE_END);
    assert_int_equal(source_next(to_stop, false, &f, &e), SOURCE_END);
    for (int i = 0; i < 100000; i++)
        source_stop(to_stop); /* never blocks on its own pipe */
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    source_close(to_stop);
    close(ends[0]);
    close(ends[1]);
    text_free(&t);
}

/* ---- filters ---- */

static void put_ethernet(struct text *t, uint16_t ethertype)
{
    struct text frame = {0};
    text_repeat(&frame, 2, 12);
    put16(&frame, ethertype, true);
    text_repeat(&frame, 0, 46);
    put32(t, 1, false);
    put32(t, 1, false);
    put32(t, (uint32_t)frame.len, false);
    put32(t, (uint32_t)frame.len, false);
    text_bytes(t, frame.s, frame.len);
    text_free(&frame);
}

static int frames_passing(const char *path, const char *filter, bool keep_annotations)
{
    struct error e = {0};
    struct capture_frame f;
    struct source_options o = {
        .file = path, .fd = -1, .filter = filter, .keep_annotations = keep_annotations};
    struct source *s = source_open(&o, &e);
    assert_non_null(s);
    int frames = 0;
    while (source_next(s, true, &f, &e) == SOURCE_FRAME)
        frames++;
    source_close(s);
    return frames;
}

static void filters_choose_frames(void **state)
{
    (void)state;
    struct text t = {0};
    char path[64];
    pcap_header(&t, 0xa1b2c3d4, false, 0, 1);
    put_ethernet(&t, 0x0806);
    put_ethernet(&t, 0x88b5);
    put_ethernet(&t, 0x0800);
    int fd = file_of(&t, path);
    assert_int_equal(frames_passing(path, NULL, false), 3);
    assert_int_equal(frames_passing(path, "arp", false), 1);
    assert_int_equal(frames_passing(path, "arp", true), 2);
    assert_int_equal(frames_passing(path, "", false), 3);
    struct error e;
    assert_null(open_path(path, "tcp prot 9502", &e));
    assert_int_equal(e.status, EXIT_WRONG_USAGE);
    assert_says(&e, "tcp prot 9502");
    close(fd);
    text_free(&t);
}

/* ---- interfaces ---- */

static void an_unknown_interface_is_told(void **state)
{
    (void)state;
    struct error e = {0};
    struct source_options o = {.interface = "no\x1bsuch0", .fd = -1};
    assert_null(source_open(&o, &e));
    assert_says(&e, "There is no interface \"no\\x1bsuch0\"");
    assert_says(&e, "tcpladder -D");
    o.interface = "100000";
    assert_null(source_open(&o, &e));
    assert_says(&e, "no interface");
}

static void only_interfaces_can_be_sent_on(void **state)
{
    (void)state;
    struct text t = {0};
    struct error e;
    char path[64];
    pcap_header(&t, 0xa1b2c3d4, false, 0, 1);
    int fd = file_of(&t, path);
    struct source *s = open_path(path, NULL, &e);
    assert_int_equal(source_inject(s, (const uint8_t *)"abc", 3, &e), -1);
    assert_says(&e, "on an interface only");
    source_close(s);
    close(fd);
    text_free(&t);
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
        cmocka_unit_test(a_pipe_is_read_a_record_at_a_time),
        cmocka_unit_test(a_signal_ends_the_waiting),
        cmocka_unit_test(filters_choose_frames),
        cmocka_unit_test(an_unknown_interface_is_told),
        cmocka_unit_test(only_interfaces_can_be_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
