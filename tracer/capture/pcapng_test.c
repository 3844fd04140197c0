#include "tracer/capture/again_test.h"
#include "tracer/capture/pcapng_time.h"
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
#include <unistd.h>

#include <cmocka.h>

/* A file under construction, in one byte order. */
struct maker {
    struct text t;
    bool big;
};

static void put32(struct maker *m, uint32_t v)
{
    char le[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
    char be[4] = {le[3], le[2], le[1], le[0]};
    text_bytes(&m->t, m->big ? be : le, 4);
}

static void put16(struct maker *m, uint16_t v)
{
    char le[2] = {(char)v, (char)(v >> 8)}, be[2] = {le[1], le[0]};
    text_bytes(&m->t, m->big ? be : le, 2);
}

static void put64(struct maker *m, uint64_t v)
{
    put32(m, (uint32_t)(m->big ? v >> 32 : v));
    put32(m, (uint32_t)(m->big ? v : v >> 32));
}

/* A block around a body that `body` holds. */
static void block(struct maker *m, uint32_t type, struct maker *body)
{
    text_repeat(&body->t, 0, (4 - body->t.len % 4) % 4);
    uint32_t n = (uint32_t)body->t.len + 12;
    put32(m, type);
    put32(m, n);
    text_bytes(&m->t, body->t.s, body->t.len);
    put32(m, n);
    text_free(&body->t);
}

static void section(struct maker *m)
{
    struct maker b = {.big = m->big};
    put32(&b, 0x1a2b3c4d);
    put16(&b, 1);
    put16(&b, 0);
    put64(&b, UINT64_MAX);
    block(m, 0x0a0d0d0a, &b);
}

static void interface(struct maker *m, uint16_t linktype, uint32_t snaplen, int tsresol,
                      int64_t tsoffset)
{
    struct maker b = {.big = m->big};
    put16(&b, linktype);
    put16(&b, 0);
    put32(&b, snaplen);
    put16(&b, 2); /* if_name, to be passed over: five bytes and their padding */
    put16(&b, 5);
    text_bytes(&b.t, "eth\x1b]\0\0", 8);
    if (tsresol >= 0) {
        put16(&b, 9);
        put16(&b, 1);
        text_char(&b.t, (char)tsresol);
        text_repeat(&b.t, 0, 3);
    }
    if (tsoffset != 0) {
        put16(&b, 14);
        put16(&b, 8);
        put64(&b, (uint64_t)tsoffset);
    }
    put32(&b, 0);
    block(m, 1, &b);
}

static void packet(struct maker *m, uint32_t iface, uint64_t ticks, uint32_t claimed, uint32_t n,
                   uint32_t wire)
{
    struct maker b = {.big = m->big};
    put32(&b, iface);
    put32(&b, (uint32_t)(ticks >> 32));
    put32(&b, (uint32_t)ticks);
    put32(&b, claimed);
    put32(&b, wire);
    text_repeat(&b.t, 'e', n);
    block(m, 6, &b);
}

static void simple_packet(struct maker *m, uint32_t wire, uint32_t n)
{
    struct maker b = {.big = m->big};
    put32(&b, wire);
    text_repeat(&b.t, 's', n);
    block(m, 3, &b);
}

static void old_packet(struct maker *m, uint16_t iface, uint64_t ticks, uint32_t n)
{
    struct maker b = {.big = m->big};
    put16(&b, iface);
    put16(&b, 77); /* drops */
    put32(&b, (uint32_t)(ticks >> 32));
    put32(&b, (uint32_t)ticks);
    put32(&b, n);
    put32(&b, n);
    text_repeat(&b.t, 'o', n);
    block(m, 2, &b);
}

static void other_block(struct maker *m, uint32_t type, size_t n)
{
    struct maker b = {.big = m->big};
    text_repeat(&b.t, 0x1b, n);
    block(m, type, &b);
}

struct opened {
    int fd;
    char path[64];
    struct source *s;
    struct error e;
    struct kept_frames kept; /* of which each is asked for again at the end */
};

static void open_made(struct opened *o, const char *bytes, size_t n)
{
    *o = (struct opened){.fd = memfd_create("capture", MFD_CLOEXEC)};
    assert_true(o->fd >= 0);
    for (size_t done = 0; done < n;) {
        ssize_t w = write(o->fd, bytes + done, n - done);
        assert_true(w > 0);
        done += (size_t)w;
    }
    snprintf(o->path, sizeof o->path, "/proc/self/fd/%d", o->fd);
    o->s = source_open(&(struct source_options){.file = o->path, .fd = -1}, &o->e);
}

static void close_made(struct opened *o)
{
    if (o->s)
        assert_again(o->s, &o->kept);
    free(o->kept.all);
    source_close(o->s);
    close(o->fd);
}

/* Read all; the number of frames. A sentence, where there is one, names the file and an offset. */
static int frames_in(const char *bytes, size_t n, char says[768])
{
    struct opened o;
    struct capture_frame f;
    int frames = 0;
    open_made(&o, bytes, n);
    while (o.s && source_next(o.s, true, &f, &o.e) == SOURCE_FRAME) {
        assert_true(f.captured_bytes <= 1 << 20);
        keep_frame(&o.kept, &f);
        frames++;
    }
    snprintf(says, 768, "%s", o.e.text);
    if (says[0] && (!strstr(says, o.path) || !strstr(says, " byte ")))
        fail_msg("names no file and offset: %s", says);
    close_made(&o);
    return frames;
}

static void expect(struct opened *o, int64_t time_ns, int linktype, uint32_t n, uint32_t wire,
                   char fill, uint32_t iface)
{
    struct capture_frame f;
    if (source_next(o->s, true, &f, &o->e) != SOURCE_FRAME)
        fail_msg("no frame: %s", o->e.text);
    keep_frame(&o->kept, &f);
    assert_int_equal(f.time_ns, time_ns);
    assert_int_equal(f.linktype, linktype);
    assert_int_equal(f.captured_bytes, n);
    assert_int_equal(f.wire_bytes, wire);
    assert_int_equal(f.interface, iface);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(f.bytes[i], fill);
}

static void all_blocks_in_both_byte_orders(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct maker m = {.big = big};
        struct opened o;
        struct capture_frame f;
        section(&m);
        other_block(&m, 4, 30); /* names */
        interface(&m, 1, 100, -1, 0);
        interface(&m, 113, 0, 9, 0);
        interface(&m, 101, 0, 6, -1000);
        other_block(&m, 0x40000bad, 3000000); /* larger than the buffer */
        packet(&m, 0, 1700000000123456, 61, 61, 1500);
        packet(&m, 1, 1700000000123456789, 60, 60, 20);
        packet(&m, 2, 1700000000123456, 0, 0, 0);
        simple_packet(&m, 1500, 100);
        simple_packet(&m, 50, 50);
        old_packet(&m, 1, 7, 33);
        other_block(&m, 5, 40); /* statistics */
        open_made(&o, m.t.s, m.t.len);
        assert_non_null(o.s);
        assert_int_equal(source_linktype(o.s), 1);
        assert_int_equal(source_snaplen(o.s), 100);
        expect(&o, 1700000000123456000, 1, 61, 1500, 'e', 0);
        expect(&o, 1700000000123456789, 113, 60, 60, 'e', 1);
        expect(&o, 1699999000123456000, 101, 0, 0, 'e', 2);
        expect(&o, 0, 1, 100, 1500, 's', 0);
        expect(&o, 0, 1, 50, 50, 's', 0);
        expect(&o, 7, 113, 33, 33, 'o', 1);
        assert_int_equal(source_next(o.s, true, &f, &o.e), SOURCE_END);
        close_made(&o);
        text_free(&m.t);
    }
}

static void a_section_may_turn_the_byte_order(void **state)
{
    (void)state;
    struct maker m = {.big = false};
    struct opened o;
    struct capture_frame f;
    section(&m);
    interface(&m, 1, 0, -1, 0);
    packet(&m, 0, 1, 10, 10, 10);
    m.big = true;
    section(&m);
    interface(&m, 228, 0, -1, 0);
    packet(&m, 0, 2, 10, 10, 10);
    open_made(&o, m.t.s, m.t.len);
    expect(&o, 1000, 1, 10, 10, 'e', 0);
    expect(&o, 2000, 228, 10, 10, 'e', 0);
    assert_int_equal(source_next(o.s, true, &f, &o.e), SOURCE_END);
    close_made(&o);
    text_free(&m.t);
}

static void a_section_forgets_the_interfaces_before_it(void **state)
{
    (void)state;
    struct maker m = {.big = false};
    char says[768];
    section(&m);
    interface(&m, 1, 0, -1, 0);
    packet(&m, 0, 1, 10, 10, 10);
    section(&m);
    packet(&m, 0, 2, 10, 10, 10);
    assert_int_equal(frames_in(m.t.s, m.t.len, says), 1);
    assert_non_null(strstr(says, "not described (0)"));
    text_free(&m.t);
}

static void packets_again_are_of_their_own_section(void **state)
{
    (void)state;
    struct maker m = {0};
    struct opened o;
    for (int i = 0; i < 300; i++) { /* the byte order, the clock and the link types change */
        m.big = i % 3 == 0;
        section(&m);
        interface(&m, (uint16_t)(i % 2 ? 1 : 113), 100 + (uint32_t)i, i % 10, i);
        packet(&m, 0, 7, 10, 10, 10);
        interface(&m, (uint16_t)(200 + i % 5), 0, 9, 0);
        packet(&m, 1, 7, 20, 20, 20);
        simple_packet(&m, 500, 400);
        interface(&m, 1, 1, 0, 0); /* which changes nothing of what stands before it */
    }
    open_made(&o, m.t.s, m.t.len);
    for (int i = 0; i < 300; i++) {
        int64_t tick = 1000000000;
        for (int power = i % 10; power > 0; power--)
            tick /= 10;
        expect(&o, 7 * tick + i * INT64_C(1000000000), i % 2 ? 1 : 113, 10, 10, 'e', 0);
        expect(&o, 7, 200 + i % 5, 20, 20, 'e', 1);
        expect(&o, 0, i % 2 ? 1 : 113, 100 + (uint32_t)i, 500, 's', 0);
    }
    close_made(&o);
    text_free(&m.t);
}

static void every_cut_is_told(void **state)
{
    (void)state;
    struct maker m = {.big = true};
    char says[768];
    section(&m);
    size_t ends[4] = {m.t.len};
    interface(&m, 1, 0, 9, 5);
    ends[1] = m.t.len;
    packet(&m, 0, 1, 10, 10, 10);
    ends[2] = m.t.len;
    other_block(&m, 5, 40);
    ends[3] = m.t.len;
    for (size_t cut = 4; cut <= m.t.len; cut++) {
        int frames = frames_in(m.t.s, cut, says);
        assert_int_equal(frames, cut >= ends[2]);
        bool at_end = false;
        for (int i = 0; i < 4; i++)
            at_end |= cut == ends[i];
        char offset[40];
        snprintf(offset, sizeof offset, "ends at byte %zu,", cut);
        if (at_end)
            assert_string_equal(says, "");
        else
            assert_non_null(strstr(says, offset));
    }
    text_free(&m.t);
}

/* Write `v` over the 32 bits at `at`, little-endian. */
static void overwrite(struct maker *m, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        m->t.s[at + (size_t)i] = (char)(v >> 8 * i);
}

static void bad_lengths_are_told(void **state)
{
    (void)state;
    static const struct {
        size_t at; /* within the second packet's block */
        uint32_t v;
        const char *says;
    } rows[] = {
        {4, 0, "impossible (0)"},
        {4, 8, "impossible (8)"},
        {4, 45, "impossible (45)"},
        {4, 0xfffffffc, "more bytes than any"},
        {4, 0xffffffff, "impossible"},
        {4, 40, "at its end differs"},
        {40, 48, "at its front (48)"},
        {8, 1, "not described (1)"},
        {8, 0xffffffff, "not described"},
        {20, 0x7fffffff, "more captured bytes than any frame"},
        {20, 13, "more captured bytes than its block holds (13)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct maker m = {.big = false};
        char says[768], offset[32];
        section(&m);
        interface(&m, 1, 0, -1, 0);
        packet(&m, 0, 1, 10, 10, 10);
        size_t second = m.t.len;
        packet(&m, 0, 1, 12, 12, 12);
        assert_int_equal(m.t.len - second, 44);
        overwrite(&m, second + rows[i].at, rows[i].v);
        if (rows[i].v == 0xfffffffc) /* as if it was long enough */
            text_repeat(&m.t, 0, 100);
        assert_int_equal(frames_in(m.t.s, m.t.len, says), 1);
        snprintf(offset, sizeof offset, "byte %zu", second);
        if (!strstr(says, rows[i].says) || !strstr(says, offset))
            fail_msg("row %zu: %s", i, says);
        text_free(&m.t);
    }
}

static void short_blocks_are_told(void **state)
{
    (void)state;
    static const uint32_t types[] = {1, 2, 3, 6};
    for (size_t i = 0; i < 4; i++) {
        struct maker m = {.big = false};
        char says[768];
        section(&m);
        interface(&m, 1, 0, -1, 0);
        other_block(&m, types[i], 0);
        assert_int_equal(frames_in(m.t.s, m.t.len, says), 0);
        assert_non_null(strstr(says, "too short"));
        text_free(&m.t);
    }
    struct maker m = {.big = false};
    char says[768];
    section(&m);
    overwrite(&m, 8, 0x01020304);
    assert_int_equal(frames_in(m.t.s, m.t.len, says), 0);
    assert_non_null(strstr(says, "byte-order mark"));
    text_free(&m.t);
}

static void odd_options_are_borne(void **state)
{
    (void)state;
    static const uint8_t tails[][8] = {
        {9, 0, 0xff, 0xff, 1, 2, 3, 4}, /* longer than the block */
        {9, 0, 2, 0, 1, 1, 0, 0},       /* of another length than it should have */
        {14, 0, 1, 0, 1, 0, 0, 0},
        {9, 0, 0, 0, 9, 0, 0, 0},
    };
    for (size_t i = 0; i < 4; i++) {
        struct maker m = {.big = false}, b = {.big = false};
        struct opened o;
        section(&m);
        put16(&b, 1);
        put16(&b, 0);
        put32(&b, 0);
        text_bytes(&b.t, tails[i], 8);
        block(&m, 1, &b);
        packet(&m, 0, 5, 10, 10, 10);
        open_made(&o, m.t.s, m.t.len);
        expect(&o, 5000, 1, 10, 10, 'e', 0);
        close_made(&o);
        text_free(&m.t);
    }
}

static void a_million_interfaces_are_borne(void **state)
{
    (void)state;
    struct maker m = {.big = false};
    char says[768];
    section(&m);
    size_t before = m.t.len;
    struct maker b = {.big = false};
    put16(&b, 1);
    put16(&b, 0);
    put32(&b, 0);
    block(&m, 1, &b);
    size_t one = m.t.len - before;
    struct text row = {0};
    text_bytes(&row, m.t.s + before, one);
    for (int i = 0; i < 20; i++) { /* twice as many */
        struct text so_far = {0};
        text_bytes(&so_far, m.t.s + before, m.t.len - before);
        text_bytes(&m.t, so_far.s, so_far.len);
        text_free(&so_far);
    }
    size_t allowed = m.t.len;
    packet(&m, (1 << 20) - 1, 1, 10, 10, 10);
    assert_int_equal(frames_in(m.t.s, m.t.len, says), 1);
    assert_string_equal(says, "");
    m.t.len = allowed;
    text_bytes(&m.t, row.s, one);
    assert_int_equal(frames_in(m.t.s, m.t.len, says), 0);
    assert_non_null(strstr(says, "more interfaces"));
    text_free(&row);
    text_free(&m.t);
}

static void a_pipe_gives_packets_as_they_come(void **state)
{
    (void)state;
    struct maker m = {.big = false};
    int ends[2];
    struct error e = {0};
    struct capture_frame f;
    section(&m);
    interface(&m, 1, 0, -1, 0);
    size_t front = m.t.len;
    other_block(&m, 5, 40);
    packet(&m, 0, 1, 10, 10, 10);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], m.t.s, front), front);
    struct source *s = source_open(&(struct source_options){.fd = ends[0]}, &e);
    assert_non_null(s);
    for (size_t i = front; i < m.t.len; i++) {
        assert_int_equal(source_next(s, false, &f, &e), SOURCE_WAIT);
        assert_int_equal(write(ends[1], m.t.s + i, 1), 1);
    }
    assert_int_equal(source_next(s, false, &f, &e), SOURCE_FRAME);
    assert_int_equal(source_next(s, false, &f, &e), SOURCE_WAIT);
    source_close(s);
    close(ends[0]);
    close(ends[1]);
    text_free(&m.t);
}

static void ticks_of_every_length_become_nanoseconds(void **state)
{
    (void)state;
    static const struct {
        uint8_t tsresol;
        int64_t offset_s;
        uint64_t ticks;
        int64_t ns;
    } rows[] = {
        {6, 0, 1700000000123456, 1700000000123456000},
        {9, 0, 1700000000123456789, 1700000000123456789},
        {0, 0, 1700000000, 1700000000000000000},
        {3, 5, 1500, 6500000000},
        {12, 0, 1700000000123456, 1700000000123},
        {19, 0, 10000000000000000000u, 1000000000},
        {20, 0, 10000000000000000000u, 100000000},
        {127, 0, UINT64_MAX, 0},
        {0x80, 0, 7, 7000000000},
        {0x80 | 1, 0, 3, 1500000000},
        {0x80 | 32, 0, (5ull << 32) | (1ull << 31), 5500000000},
        {0x80 | 63, 0, (1ull << 63) | (1ull << 62), 1500000000},
        {0x80 | 64, 0, 1ull << 63, 500000000},
        {0x80 | 127, 0, UINT64_MAX, 0},
        {6, -10, 1000000, -9000000000},
        {0, 0, UINT64_MAX, (INT64_C(1) << 62) - 1}, /* differences of stamps stay within 64 bits */
        {0, INT64_MAX, 1, (INT64_C(1) << 62) - 1},
        {0, INT64_MIN, 0, 1 - (INT64_C(1) << 62)},
        {0, 9223372035, 0, (INT64_C(1) << 62) - 1},
        {0, -9223372035, 0, 1 - (INT64_C(1) << 62)},
        {9, 9223372036, 1854775807, (INT64_C(1) << 62) - 1}, /* the sum is one past 64 bits */
        {9, 4611686018, 427387903, (INT64_C(1) << 62) - 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pcapng_clock c = PCAPNG_CLOCK_DEFAULT;
        pcapng_clock_resolution(&c, rows[i].tsresol);
        c.offset_s = rows[i].offset_s;
        int64_t ns = pcapng_clock_ns(&c, rows[i].ticks);
        if (ns != rows[i].ns)
            fail_msg("row %zu: %lld", i, (long long)ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_blocks_in_both_byte_orders),
        cmocka_unit_test(a_section_may_turn_the_byte_order),
        cmocka_unit_test(a_section_forgets_the_interfaces_before_it),
        cmocka_unit_test(packets_again_are_of_their_own_section),
        cmocka_unit_test(every_cut_is_told),
        cmocka_unit_test(bad_lengths_are_told),
        cmocka_unit_test(short_blocks_are_told),
        cmocka_unit_test(odd_options_are_borne),
        cmocka_unit_test(a_million_interfaces_are_borne),
        cmocka_unit_test(a_pipe_gives_packets_as_they_come),
        cmocka_unit_test(ticks_of_every_length_become_nanoseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
