/* What the golden captures cannot show: time zones, names, frames that are wrong, and that no
 * frame, cut anywhere and with any byte changed, makes the printer read past it or write a control
 * character. */
#include "tracer/print/line.h"

#include "tracer/print/golden_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static void print_one(struct line_printer *lp, const struct frame *frame, struct text *out)
{
    struct packet p;
    text_clear(out);
    packet_decode(frame, &p);
    line_print(lp, &p, out);
}

static struct frame syn_frame(struct test_frame *f, int64_t time_ns)
{
    f->n = 0;
    test_put_segment(f, ETHERNET_V4, &(struct test_segment){.flags = TCP_SYN});
    struct frame frame = test_frame_of(f, LINKTYPE_ETHERNET);
    frame.time_ns = time_ns;
    return frame;
}

static void expect_time(const struct line_options *options, const int64_t *times_ns,
                        const char *const *expected, size_t count)
{
    struct line_printer *lp = line_printer_new(options);
    struct text out = {0};
    struct test_frame f;
    for (size_t i = 0; i < count; i++) {
        struct frame frame = syn_frame(&f, times_ns[i]);
        print_one(lp, &frame, &out);
        char *rest = strstr(out.s, "IP ");
        assert_non_null(rest);
        *rest = '\0';
        assert_string_equal(out.s, expected[i]);
    }
    line_printer_free(lp);
    text_free(&out);
}

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void test_time_zone(void **state)
{
    (void)state;
    /* both sides of the end of summer time, 27 October 2024 01:00 UTC */
    const int64_t times[] = {1729990799999999999, 1729990800000000000, 1729990800000001000,
                             1729990799000000000};
    const char *const berlin[] = {
        "2024-10-27 02:59:59.999999 ",
        "2024-10-27 02:00:00.000000 ",
        "2024-10-27 02:00:00.000001 ",
        "2024-10-27 02:59:59.000000 ",
    };
    set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    expect_time(&(struct line_options){.time = LINE_TIME_DATE}, times, berlin, 4);
    const char *const kolkata[] = {"06:29:59.999999999 ", "06:30:00.000000000 ",
                                   "06:30:00.000001000 ", "06:29:59.000000000 "};
    set_zone("IST-5:30");
    expect_time(&(struct line_options){.nanoseconds = true}, times, kolkata, 4);
    set_zone("UTC");
}

static void test_times_out_of_range(void **state)
{
    (void)state;
    const int64_t times[] = {0, 2147483647999999000, 2147483648000000000, -1, INT64_MAX, INT64_MIN};
    const char *const wrong = "[Error converting time] ";
    const char *const epoch[] = {"0.000000 ", "2147483647.999999 ", wrong, wrong, wrong, wrong};
    expect_time(&(struct line_options){.time = LINE_TIME_EPOCH}, times, epoch, 6);
    const char *const day[] = {"00:00:00.000000 ", "03:14:07.999999 ", wrong, wrong, wrong, wrong};
    expect_time(&(struct line_options){.time = LINE_TIME_OF_DAY}, times, day, 6);
}

static void test_elapsed(void **state)
{
    (void)state;
    const int64_t times[] = {1000000000000, 1000000500000, 999999500000, 1086400000000000};
    const char *const previous[] = {" 00:00:00.000000 ", " 00:00:00.000500 ", "-00:00:00.001000 ",
                                    " 13:30:00.000500 "};
    const char *const first[] = {" 00:00:00.000000 ", " 00:00:00.000500 ", "-00:00:00.000500 ",
                                 " 13:30:00.000000 "};
    expect_time(&(struct line_options){.time = LINE_TIME_SINCE_PREVIOUS}, times, previous, 4);
    expect_time(&(struct line_options){.time = LINE_TIME_SINCE_FIRST}, times, first, 4);
    /* as far apart as can be: no overflow */
    const int64_t far[] = {INT64_MIN, INT64_MAX};
    struct line_printer *lp =
        line_printer_new(&(struct line_options){.time = LINE_TIME_SINCE_FIRST});
    struct text out = {0};
    struct test_frame f;
    for (size_t i = 0; i < 2; i++) {
        struct frame frame = syn_frame(&f, far[i]);
        print_one(lp, &frame, &out);
        assert_non_null(strstr(text_str(&out), " IP 10.0.0.1.40000 > "));
    }
    line_printer_free(lp);
    text_free(&out);
}

static unsigned asked;

static const char *named_interface(uint32_t index, char *buffer, uint32_t buffer_bytes)
{
    (void)buffer;
    (void)buffer_bytes;
    asked++;
    return index == 3 ? "eth\x1b[0" : NULL;
}

/* A name is asked for once, and none reaches the terminal raw. */
static void test_interface_names(void **state)
{
    (void)state;
    struct line_printer *lp = line_printer_new(
        &(struct line_options){.time = LINE_TIME_NONE, .interface_name = named_interface});
    struct text out = {0};
    asked = 0;
    for (int i = 0; i < 4; i++) {
        struct test_frame f = {.n = 0};
        test_put_segment(&f,
                         i % 2 ? "0800 0000 00000004 0001 00 06 0000000000000000"
                               : "0800 0000 00000003 0001 04 06 0000000000000000",
                         &(struct test_segment){.flags = TCP_SYN});
        struct frame frame = test_frame_of(&f, LINKTYPE_LINUX_SLL2);
        print_one(lp, &frame, &out);
        const char *start = i % 2 ? "?     In  IP 10.0.0.1." : "eth\\x1b[0 Out IP 10.0.0.1.";
        assert_memory_equal(out.s, start, strlen(start));
    }
    assert_int_equal(asked, 2);
    line_printer_free(lp);
    text_free(&out);
}

/* 127.0.0.1 has a name everywhere; a port has one where /etc/services is there. Without any, the
 * numbers stand. */
static void test_host_names(void **state)
{
    (void)state;
    struct line_printer *lp =
        line_printer_new(&(struct line_options){.time = LINE_TIME_NONE, .names = true});
    struct text out = {0};
    struct test_frame f = {.n = 0};
    test_put_hex(&f, "45000028 00000000 40060000 7f000001 7f000001"
                     "0009251e 00000001 00000002 50020100 00000000");
    struct frame frame = test_frame_of(&f, LINKTYPE_RAW);
    for (int i = 0; i < 2; i++) {
        print_one(lp, &frame, &out);
        assert_memory_equal(out.s, "IP ", 3);
        assert_non_null(strstr(out.s, ".9502: Flags [S], seq 1, win 256, length 0\n"));
        assert_true(strstr(out.s, ".discard > ") || strstr(out.s, ".9 > "));
        assert_true(strstr(out.s, "localhost.") || strstr(out.s, "127.0.0.1."));
    }
    line_printer_free(lp);
    text_free(&out);
}

static void test_wrong_records(void **state)
{
    (void)state;
    struct line_printer *lp = line_printer_new(&(struct line_options){.time = LINE_TIME_NONE});
    struct text out = {0};
    struct test_frame f;
    struct frame frame = syn_frame(&f, 0);
    frame.captured_bytes = 0;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "[Invalid header: caplen==0]\n");
    frame.wire_bytes = 0;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "[Invalid header: caplen==0, len==0]\n");
    frame.captured_bytes = 54;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "[Invalid header: len==0]\n");
    frame.wire_bytes = 53;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "[Invalid header: len(53) < caplen(54)]\n");
    frame = syn_frame(&f, 0);
    frame.linktype = 9999;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "link type 9999, length 54\n");
    line_printer_free(lp);
    text_free(&out);
}

/* A segment too big for the length field, which tcpdump calls bad, is a segment. */
static void test_offloaded(void **state)
{
    (void)state;
    struct line_printer *lp = line_printer_new(&(struct line_options){.time = LINE_TIME_NONE});
    struct text out = {0};
    struct test_frame f = {.n = 0};
    test_put_segment(
        &f, ETHERNET_V4,
        &(struct test_segment){
            .flags = TCP_ACK | TCP_PSH, .seq = 1, .payload_bytes = 60, .length_error = -100});
    struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
    frame.wire_bytes = 14 + 40 + 70000;
    print_one(lp, &frame, &out);
    assert_string_equal(out.s, "IP 10.0.0.1.40000 > 10.0.0.2.9502: Flags [P.], seq 1:70001, ack 0, "
                               "win 32792, length 70000\n");
    line_printer_free(lp);
    text_free(&out);
}

static void expect_harmless(const struct text *out)
{
    assert_true(out->len > 0 && out->s[out->len - 1] == '\n');
    for (size_t i = 0; i < out->len; i++)
        assert_true(out->s[i] == '\n' || out->s[i] == '\t' ||
                    (out->s[i] >= 0x20 && out->s[i] < 0x7f));
}

static const struct golden_frame *const hostile_sets[] = {option_frames, multipath, headers,
                                                          extensions,    tags,      others};
static const size_t hostile_counts[] = {
    sizeof option_frames / sizeof option_frames[0],
    sizeof multipath / sizeof multipath[0],
    sizeof headers / sizeof headers[0],
    sizeof extensions / sizeof extensions[0],
    sizeof tags / sizeof tags[0],
    sizeof others / sizeof others[0],
};

/* Bytes changed and frames cut by a fixed sequence of numbers. */
static void test_hostile(void **state)
{
    (void)state;
    struct line_printer *lp =
        line_printer_new(&(struct line_options){.time = LINE_TIME_NONE, .dump = LINE_DUMP_ASCII});
    struct test_guard guard = test_guard_new();
    struct text out = {0};
    uint32_t number = 1;
    for (int round = 0; round < 20000; round++) {
        struct test_frame f = {.n = 0};
        number = number * 1664525 + 1013904223;
        size_t set = (number >> 8) % 6;
        const struct golden_frame *g = &hostile_sets[set][(number >> 16) % hostile_counts[set]];
        if (g->whole) {
            test_put_hex(&f, g->link ? g->link : ETHERNET_V4);
            test_put_hex(&f, g->whole);
        } else {
            test_put_segment(&f, g->link ? g->link : g->s.v6 ? ETHERNET_V6 : ETHERNET_V4, &g->s);
        }
        for (int changes = round % 4; changes > 0; changes--) {
            number = number * 1664525 + 1013904223;
            f.bytes[12 + (number >> 8) % (f.n - 12)] = (uint8_t)(number >> 24);
        }
        struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
        number = number * 1664525 + 1013904223;
        size_t n = round % 3 ? f.n : 1 + (number >> 8) % f.n;
        frame.bytes = test_guard_place(&guard, f.bytes, n);
        frame.captured_bytes = (uint32_t)n;
        print_one(lp, &frame, &out);
        expect_harmless(&out);
    }
    line_printer_free(lp);
    test_guard_free(&guard);
    text_free(&out);
}

/* Packets inside packets end somewhere. */
static void test_tunnels(void **state)
{
    (void)state;
    struct line_printer *lp = line_printer_new(&(struct line_options){.time = LINE_TIME_NONE});
    struct text out = {0};
    struct test_frame f = {.n = 0};
    enum { DEPTH = 50 };
    for (unsigned i = 0; i < DEPTH; i++) {
        test_put_hex(&f, "4500");
        test_put(&f, (DEPTH - i) * 20, 2);
        test_put_hex(&f, "00000000 40040000 0a000001 0a000002");
    }
    struct frame frame = test_frame_of(&f, LINKTYPE_RAW);
    print_one(lp, &frame, &out);
    expect_harmless(&out);
    unsigned levels = 0;
    for (const char *at = out.s; (at = strstr(at, "10.0.0.1 > 10.0.0.2")); at++)
        levels++;
    assert_true(levels > 1 && levels < 12);
    line_printer_free(lp);
    text_free(&out);
}

/* Many conversations: each keeps its own numbers. */
static void test_many_conversations(void **state)
{
    (void)state;
    struct line_printer *lp = line_printer_new(&(struct line_options){.time = LINE_TIME_NONE});
    struct text out = {0};
    enum { CONVERSATIONS = 20000 };
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < CONVERSATIONS; i++) {
            struct test_frame f = {.n = 0};
            struct test_segment s = {.flags = TCP_ACK,
                                     .seq = (uint32_t)(i * 1000 + pass),
                                     .ack = 1,
                                     .payload_bytes = 1,
                                     .port_error = i % 20000};
            s.v6 = i % 3 == 0;
            test_put_segment(&f, s.v6 ? ETHERNET_V6 : ETHERNET_V4, &s);
            struct frame frame = test_frame_of(&f, LINKTYPE_ETHERNET);
            print_one(lp, &frame, &out);
            if (pass == 1)
                assert_non_null(strstr(out.s, ", seq 1:2, ack 1,"));
        }
    }
    line_printer_free(lp);
    text_free(&out);
}

int main(void)
{
    set_zone("UTC");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_zone),  cmocka_unit_test(test_times_out_of_range),
        cmocka_unit_test(test_elapsed),    cmocka_unit_test(test_interface_names),
        cmocka_unit_test(test_host_names), cmocka_unit_test(test_wrong_records),
        cmocka_unit_test(test_offloaded),  cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_tunnels),    cmocka_unit_test(test_many_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
