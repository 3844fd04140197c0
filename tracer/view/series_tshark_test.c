/* The series against tshark's own figures (tcp.analysis.ack_rtt, tcp.analysis.bytes_in_flight), on
 * a capture made here. Where tshark is not installed the test is skipped. */
#include "tracer/view/series.h"

#include "tracer/view/scene_file.h"
#include "tracer/view/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES_MOST = 4096 };

/* What tshark says of each frame, by number from 1; -1 where it says nothing. */
struct figures {
    int64_t rtt_ns[FRAMES_MOST], flight[FRAMES_MOST];
    int frames;
};

/* "0.040020000" as nanoseconds. */
static int64_t nanoseconds(const char *s)
{
    return (int64_t)(strtod(s, NULL) * 1e9 + 0.5);
}

static void ask_tshark(const char *path, struct figures *f)
{
    char command[512], line[256];
    snprintf(command, sizeof command,
             "tshark -n -r %s -T fields -E separator=, -e frame.number -e tcp.analysis.ack_rtt "
             "-e tcp.analysis.bytes_in_flight 2>/dev/null",
             path);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    f->frames = 0;
    while (fgets(line, sizeof line, p)) {
        char *rtt = strchr(line, ','), *flight = rtt ? strchr(rtt + 1, ',') : NULL;
        int i = atoi(line);
        assert_non_null(flight);
        assert_in_range(i, 1, FRAMES_MOST - 1);
        f->rtt_ns[i] = rtt[1] != ',' ? nanoseconds(rtt + 1) : -1;
        f->flight[i] = flight[1] > ' ' ? atoll(flight + 1) : -1;
        f->frames = i;
    }
    assert_int_equal(pclose(p), 0);
}

/* All that tshark calls bytes in flight, and every round-trip time: but tshark leaves one out only
 * where the very segment was sent twice, Karn's rule (ours) where any of those answered was. */
static void compare(const struct scene *s, const struct figures *f)
{
    struct series r;
    struct series_point p;
    int flights = 0, times = 0, karn = 0;
    series_begin(&r, s->trace, 0, SIDE_INITIATOR);
    series_update(&r, INT64_MAX);
    struct series_walk w = series_walk(&r, 0);
    while (series_next(&w, &p)) {
        uint32_t segment = trace_event(s->trace, p.event).index;
        uint64_t frame = trace_segment(s->trace, segment).frame;
        assert_in_range(frame, 1, (uint64_t)f->frames);
        if (!(p.flags & (SERIES_ACK | SERIES_SYN | SERIES_FIN))) {
            assert_int_equal(p.flight, f->flight[frame]);
            flights++;
        }
        if (p.rtt_ns != SERIES_UNKNOWN) {
            assert_int_equal(p.rtt_ns, f->rtt_ns[frame]);
            times++;
        } else if (p.flags & SERIES_ACK && f->rtt_ns[frame] >= 0) {
            karn++;
        }
    }
    print_message("%d bytes in flight and %d round-trip times agree; %d left out by Karn's rule\n",
                  flights, times, karn);
    assert_true(flights > TRANSFER_SEGMENTS);
    assert_true(times > TRANSFER_SEGMENTS / 2);
    assert_true(karn < 10);
    series_free(&r);
}

static void the_series_agrees_with_tshark(void **state)
{
    static const uint32_t starts[] = {2927179378u, UINT32_MAX - 90000};
    static struct figures f;
    (void)state;
    for (int i = 0; i < 2; i++) {
        char path[] = "/tmp/tcpladder-series-XXXXXX";
        struct scene s;
        struct error e;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        close(fd);
        scene_begin(&s, false);
        transfer_story(&s, false, starts[i]);
        assert_int_equal(scene_write(&s, path, &e), 0);
        ask_tshark(path, &f);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(f.frames, trace_segment_count(s.trace));
        compare(&s, &f);
        scene_end(&s);
    }
}

int main(void)
{
    if (system("tshark --version >/dev/null 2>&1") != 0) {
        printf("SKIP: tshark is not installed, with which the plots' figures are compared\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_series_agrees_with_tshark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
