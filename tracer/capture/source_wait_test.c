/* Sources that wait: pipes, interfaces; and the filters that choose what comes. */
#include "tracer/capture/files_test.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"

#include "tracer/base/text.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

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
        cmocka_unit_test(a_pipe_is_read_a_record_at_a_time),
        cmocka_unit_test(a_signal_ends_the_waiting),
        cmocka_unit_test(filters_choose_frames),
        cmocka_unit_test(an_unknown_interface_is_told),
        cmocka_unit_test(only_interfaces_can_be_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
