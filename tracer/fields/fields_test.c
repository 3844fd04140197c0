/* The list of fields: what it says of frames that are whole, and that it keeps its promises for
 * frames that are cut or bent: no read past the end, every range within the capture, every text fit
 * for a terminal. */
#include "tracer/fields/fields.h"

#include "tracer/base/rounds_test.h"
#include "tracer/base/utf8.h"
#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ALL_OPTIONS                                                                                \
    "020405b4 030307 0402 080a0000000100000002 050a0000000100000002 220b010203040506070809"

static const struct sample {
    int linktype;
    const char *link;
    struct test_segment segment;
    const char *rest; /* instead of a segment */
} samples[] = {
    {LINKTYPE_ETHERNET, ETHERNET_V4, {.flags = TCP_SYN, .options = ALL_OPTIONS}, NULL},
    {LINKTYPE_ETHERNET,
     ETHERNET_V6,
     {.v6 = true,
      .flags = TCP_ACK | TCP_PSH,
      .payload_bytes = 30,
      .options = "0101 080a 00000001 00000002"},
     NULL},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 88a8 0001 8100 a002 0800",
     {.flags = TCP_ACK, .options = "01010101", .payload_bytes = 9},
     NULL},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 0040 aaaa03 000000 0800",
     {.flags = TCP_ACK, .extensions = "94040000 070b0c 0a000001 0a000002 00"},
     NULL},
    {LINKTYPE_ETHERNET,
     ETHERNET_V6,
     {.v6 = true,
      .flags = TCP_ACK,
      .extensions = "2b 00 0104 00000000"
                    "2c 02 04 00 00 00 0000 20010db8000000000000000000000001"
                    "33 00 0001 00000001"
                    "3c 04 0000 00000001 00000002 000102030405060708090a0b"
                    "06 00 0104 00000000"},
     NULL},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4,
     {.flags = TCP_ACK, .next = 51, .extensions = NULL, .payload_bytes = 3},
     NULL},
    {LINKTYPE_LINUX_SLL,
     "0000 0001 0006 0000000000000000 8100 0005 0800",
     {.flags = TCP_ACK, .payload_bytes = 3},
     NULL},
    {LINKTYPE_LINUX_SLL2, "86dd 0000 00000001 0304 00 06 0000000000000000", {.v6 = true}, NULL},
    {LINKTYPE_NULL, "02000000", {.flags = TCP_FIN}, NULL},
    {LINKTYPE_LOOP, "00000018", {.v6 = true, .flags = TCP_RST}, NULL},
    {LINKTYPE_RAW, "", {.v6 = true, .flags = TCP_RST}, NULL},
    {LINKTYPE_ETHERNET, /* MPTCP, TCP-AO, user timeout, an unknown one, MD5 */
     ETHERNET_V4,
     {.flags = TCP_SYN,
      .options = "1e0c0001 0102030405060708 1c04803c fd06 01020304 1d040102 220200"},
     NULL},
    {LINKTYPE_ETHERNET,
     "ffffffffffff 020000000001 0806",
     {.flags = 0},
     "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"},
    {LINKTYPE_ETHERNET,
     "ffffffffffff 020000000001 0806",
     {.flags = 0},
     "0006 0800 08 04 0002 0200000000000001 0a000001 0000000000000000 0a000002"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4,
     {.flags = 0}, /* UDP, with a trailer */
     "45000020 12340000 4011 0000 0a000001 0a000002 0035 1234 000c 0000 61620a63 000000"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4,
     {.flags = 0}, /* a port is unreachable: the SYN is quoted */
     "45000038 12340000 4001 0000 0a000002 0a000001 0303 0000 00000000"
     "4500003c 12344000 4006 0000 0a000001 0a000002 9c40 251e 00000007"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4,
     {.flags = 0}, /* the next link is narrower */
     "45000038 12340000 4001 0000 0a000002 0a000001 0304 0000 00000578"
     "450005dc 12344000 4006 0000 0a000001 0a000002 9c40 251e 00000007"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4,
     {.flags = 0},
     "4500001d 12340000 4001 0000 0a000002 0a000001 0800 0000 0001 0002 78"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V6,
     {.flags = 0},
     "60000000 0018 3a ff fd000000000000000000000000000001 fd000000000000000000000000000002"
     "8700 0000 00000000 fd000000000000000000000000000002"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V6,
     {.flags = 0},
     "60000000 003a 3a ff fd000000000000000000000000000001 fd000000000000000000000000000002"
     "0200 0000 00000500 60000000 0500 06 40 fd000000000000000000000000000002"
     "fd000000000000000000000000000001 9c40 251e 00000007 0000"},
    {LINKTYPE_ETHERNET,
     "025443504c00 025443504c43 88b5",
     {.flags = 0},
     "7b2274797065223a226e6f7465222c2274657874223a221b5b33316d227d"},
    {LINKTYPE_ETHERNET, "020000000002 020000000001 88cc", {.flags = 0}, "0207 04 1b5b32 4a9b"},
    {147, "", {.flags = 0}, "0102030405"},
    {LINKTYPE_ETHERNET,
     ETHERNET_V4 "4500005c 00000000 402f0000 cb007101 cb007102 f000 0800 12340000 0000002a 00000007"
                 "0800 0004 0a000003 00000000",
     {.flags = TCP_ACK},
     NULL},
    {LINKTYPE_RAW,
     "4500005e 00000000 40110000 cb007101 cb007102 c350 12b5 004a 0000 08000000 00002a00"
     "020000000022 020000000021 8100 0007 0800",
     {.flags = TCP_ACK},
     NULL},
    {LINKTYPE_RAW,
     "45000058 00000000 40110000 cb007101 cb007102 c350 17c1 0044 0000 0240 8847 00002a00"
     "0102800100000009 0002a140",
     {.flags = TCP_ACK},
     NULL},
    {LINKTYPE_ETHERNET,
     "020000000002 020000000001 8864 1100 0007 002c ff03 0021",
     {.flags = TCP_ACK},
     NULL},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static struct frame make(const struct sample *s, struct test_frame *f)
{
    f->n = 0;
    if (s->rest) {
        test_put_hex(f, s->link);
        test_put_hex(f, s->rest);
    } else {
        test_put_segment(f, s->link, &s->segment);
    }
    return test_frame_of(f, s->linktype);
}

static void read_fields(struct fields *f, const struct frame *frame)
{
    struct packet p;
    packet_decode(frame, &p);
    fields_read(f, &p, NULL);
}

static void expect_fit(const char *s)
{
    size_t n = strlen(s);
    for (size_t at = 0; at < n;) {
        uint32_t c = 0;
        size_t bytes = utf8_read((const uint8_t *)s + at, n - at, &c);
        assert_true(bytes > 0 && utf8_is_safe(c));
        at += bytes;
    }
}

/* What every list promises; a sentence fits three lines of eighty columns. */
enum { LONGEST = 222 };

static void expect_sound(const struct fields *f, const struct frame *frame)
{
    assert_true(f->count > 0);
    for (size_t i = 0; i < f->count; i++) {
        const struct field *e = &f->field[i];
        assert_true(e->name && e->name[0]);
        assert_true(e->verdict < FIELD_VERDICT_COUNT);
        assert_true((uint64_t)e->from + e->bytes <= frame->captured_bytes);
        assert_true(e->depth <= (i > 0 ? f->field[i - 1].depth + 1 : 0));
        assert_true(field_about(f, i)[0] != '\0');
        expect_fit(field_value(f, i));
        expect_fit(field_about(f, i));
        if (strlen(field_about(f, i)) > LONGEST)
            print_error("%s: %s\n", e->name, field_about(f, i));
        assert_true(strlen(field_about(f, i)) <= LONGEST);
    }
}

static size_t find(const struct fields *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->field[i].name, name) == 0)
            return i;
    print_error("no field is named %s\n", name);
    assert_true(false);
    return 0;
}

static void expect_says(const struct fields *f, const char *name, const char *value)
{
    assert_string_equal(field_value(f, find(f, name)), value);
}

/* Each byte of a whole frame is in a field, within the bytes of the field's parent, and no header
 * is left without one. */
static void test_every_byte(void **state)
{
    (void)state;
    struct fields f = {0};
    for (size_t k = 0; k < SAMPLES; k++) {
        struct test_frame t;
        struct frame frame = make(&samples[k], &t);
        read_fields(&f, &frame);
        expect_sound(&f, &frame);
        for (uint32_t at = 0; at < frame.captured_bytes; at++) {
            size_t i = field_of_byte(&f, at);
            assert_true(i != FIELD_NONE);
            if (i == 0 || (f.field[i].depth == 0 && field_last_part(&f, i) > i)) {
                print_error("sample %zu, byte %u is only in %s\n", k, at, f.field[i].name);
                assert_true(false);
            }
        }
        for (size_t i = 1; i < f.count; i++) {
            size_t parent = field_parent(&f, i);
            const struct field *e = &f.field[i];
            if (parent == FIELD_NONE || e->bytes == 0)
                continue;
            if (e->from + e->bytes > f.field[parent].from + f.field[parent].bytes)
                print_error("sample %zu, %s is not all in %s\n", k, e->name, f.field[parent].name);
            assert_true(e->from >= f.field[parent].from);
            assert_true(e->from + e->bytes <= f.field[parent].from + f.field[parent].bytes);
        }
    }
    fields_free(&f);
}

/* Cut at every byte, the last of them the last that can be read: of the wire's length, and of that
 * of the bytes left. */
static void test_cut(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    struct fields f = {0};
    for (size_t k = 0; k < SAMPLES; k++) {
        struct test_frame t;
        struct frame whole = make(&samples[k], &t);
        for (size_t n = 0; n <= t.n; n++) {
            struct frame frame = whole;
            frame.bytes = test_guard_place(&guard, t.bytes, n);
            frame.captured_bytes = (uint32_t)n;
            read_fields(&f, &frame);
            expect_sound(&f, &frame);
            if (n < t.n)
                assert_int_equal(f.field[0].verdict, FIELD_TRUNCATED);
            struct packet p;
            packet_decode(&frame, &p);
            if (p.verdict == VERDICT_TRUNCATED) {
                bool told = false;
                for (size_t i = 1; i < f.count; i++)
                    told = told || f.field[i].verdict == FIELD_TRUNCATED;
                if (!told)
                    print_error("sample %zu cut at %zu\n", k, n);
                assert_true(told);
            }
            frame.wire_bytes = (uint32_t)n;
            read_fields(&f, &frame);
            expect_sound(&f, &frame);
            packet_decode(&frame, &p);
            if (p.verdict == VERDICT_MALFORMED) {
                bool told = false;
                for (size_t i = 1; i < f.count; i++)
                    told = told || f.field[i].verdict == FIELD_MALFORMED;
                assert_true(told);
            }
        }
    }
    fields_free(&f);
    test_guard_free(&guard);
}

/* Each byte with any one of its bits turned, with none and with all of them set; all 256 values are
 * the fuzz target's. Where not all is tried, one bit of each byte, the next one of the next. */
static void test_bent(void **state)
{
    (void)state;
    struct test_guard guard = test_guard_new();
    struct fields f = {0};
    for (size_t k = 0; k < SAMPLES; k++) {
        struct test_frame t;
        struct frame frame = make(&samples[k], &t);
        for (size_t at = 0; at < t.n; at++)
            for (unsigned way = 0; way < 10; way++) {
                if (way < 8 && way != at % 8 && !rounds_are_all())
                    continue;
                uint8_t *bytes = (uint8_t *)test_guard_place(&guard, t.bytes, t.n);
                bytes[at] = (uint8_t)(way < 8 ? bytes[at] ^ 1u << way : way == 8 ? 0 : 0xff);
                frame.bytes = bytes;
                read_fields(&f, &frame);
                expect_sound(&f, &frame);
            }
    }
    fields_free(&f);
    test_guard_free(&guard);
}

static void test_syn(void **state)
{
    (void)state;
    struct fields f = {0};
    struct test_frame t;
    struct frame frame = make(&samples[0], &t);
    read_fields(&f, &frame);
    expect_says(&f, "TCP", "port 40000 > 9502 [S]");
    expect_says(&f, "flags", "none");
    expect_says(&f, "SYN", "1  set");
    expect_says(&f, "ACK", "0");
    expect_says(&f, "maximum segment", "1460 bytes");
    expect_says(&f, "window scale", "7: times 128");
    expect_says(&f, "SACK", "1 block");
    expect_says(&f, "block", "1 to 2");
    expect_says(&f, "echo", "2");
    expect_says(&f, "fast open", "cookie 01 02 03 04 05 06 07 08 09");
    const struct field *syn = &f.field[find(&f, "SYN")];
    assert_int_equal(syn->from, 46);
    assert_int_equal(syn->mask, TCP_SYN);
    assert_int_equal(field_of_byte(&f, 54), find(&f, "maximum segment"));
    assert_string_equal(f.field[field_parent(&f, find(&f, "SYN"))].name, "flags");
    fields_free(&f);
}

static void test_facts(void **state)
{
    (void)state;
    struct fields f = {0};
    struct test_frame t;
    struct frame frame = make(&samples[1], &t);
    struct packet p;
    packet_decode(&frame, &p);
    struct field_facts facts = {.has_relative_seq = true,
                                .relative_seq = 11,
                                .has_relative_ack = true,
                                .relative_ack = 22,
                                .scale_known = true,
                                .window_shift = 3,
                                .mss = 20,
                                .again = true};
    fields_read(&f, &p, &facts);
    expect_says(&f, "sequence number", "11 (absolute 0)");
    expect_says(&f, "acknowledgment", "22 (absolute 0)");
    expect_says(&f, "window", "32792 x 8 = 262336 bytes");
    expect_says(&f, "Payload", "30 bytes: \"hello, world\\r\\n\"...");
    assert_non_null(strstr(field_about(&f, find(&f, "Payload")), "TSO"));
    assert_non_null(strstr(field_about(&f, find(&f, "TCP")), "retransmission"));
    facts.mss = 30;
    fields_read(&f, &p, &facts);
    assert_null(strstr(field_about(&f, find(&f, "Payload")), "TSO"));
    fields_free(&f);
}

static void test_quoted(void **state)
{
    (void)state;
    struct fields f = {0};
    struct test_frame t;
    struct frame frame = make(&samples[15], &t);
    read_fields(&f, &frame);
    expect_says(&f, "ICMP", "destination unreachable");
    expect_says(&f, "code", "3 (port unreachable: nobody listens)");
    expect_says(&f, "TCP", "port 40000 > 9502");
    expect_says(&f, "not quoted", "from byte 70 on");
    assert_int_equal(f.field[find(&f, "sequence number")].from, 66);
    frame = make(&samples[16], &t);
    read_fields(&f, &frame);
    expect_says(&f, "next hop's MTU", "1400");
    fields_free(&f);
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        struct test_segment segment;
        const char *name;
        enum field_verdict verdict;
    } rows[] = {
        {{.flags = TCP_SYN | TCP_FIN}, "flags", FIELD_PLAIN}, /* IPv4's flags come first */
        {{.flags = TCP_ACK, .options = "0304 0000"}, "option", FIELD_MALFORMED},
        {{.flags = TCP_ACK, .options = "0204 05b4"}, "maximum segment", FIELD_SUSPICIOUS},
        {{.flags = TCP_SYN, .options = "03030f00"}, "window scale", FIELD_SUSPICIOUS},
        {{.flags = TCP_SYN, .ack = 5}, "acknowledgment", FIELD_SUSPICIOUS},
        {{.flags = TCP_ACK, .urgent = 5}, "urgent pointer", FIELD_SUSPICIOUS},
        {{.flags = TCP_ACK, .offset_words = 4}, "data offset", FIELD_MALFORMED},
        {{.flags = TCP_ACK, .offset_words = 9}, "data offset", FIELD_MALFORMED},
        {{.flags = TCP_ACK, .length_error = 9}, "total length", FIELD_MALFORMED},
        {{.flags = TCP_ACK, .options = "02000000"}, "malformed", FIELD_MALFORMED},
    };
    struct fields f = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_frame t = {.n = 0};
        test_put_segment(&t, ETHERNET_V4, &rows[i].segment);
        struct frame frame = test_frame_of(&t, LINKTYPE_ETHERNET);
        read_fields(&f, &frame);
        expect_sound(&f, &frame);
        assert_int_equal(f.field[find(&f, rows[i].name)].verdict, rows[i].verdict);
        if (i == 0)
            assert_int_equal(field_gravest(&f, find(&f, "TCP")), FIELD_SUSPICIOUS);
    }
    fields_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_bent),       cmocka_unit_test(test_syn),
        cmocka_unit_test(test_facts),      cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
