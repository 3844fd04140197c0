#include "tracer/fields/checksum.h"

#include "tracer/fields/fields.h"
#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A SYN as Linux sent it to a server (from a recorded lab): its sums are true. */
static const char sent[] = "020000000005 02000000000c 0800"
                           "4500003c 50d34000 4006 d5e6 0a000001 0a000002"
                           "bdde251e 775dae16 00000000 a002faf0 91a50000"
                           "020405b4 0402080a 43275bcf 00000000 01030307";

enum { IP_SUM_AT = 24, TCP_SUM_AT = 50 };

static struct packet decode(struct test_frame *f)
{
    struct packet p;
    struct frame frame = test_frame_of(f, LINKTYPE_ETHERNET);
    packet_decode(&frame, &p);
    return p;
}

static struct packet syn(struct test_frame *f)
{
    f->n = 0;
    test_put_hex(f, sent);
    return decode(f);
}

static void put16(struct test_frame *f, size_t at, uint16_t v)
{
    f->bytes[at] = (uint8_t)(v >> 8);
    f->bytes[at + 1] = (uint8_t)v;
}

static void test_correct(void **state)
{
    (void)state;
    struct test_frame f;
    struct packet p = syn(&f);
    assert_int_equal(sum_ipv4_header(&p).verdict, SUM_CORRECT);
    assert_int_equal(sum_transport(&p).verdict, SUM_CORRECT);
    assert_int_equal(sum_transport(&p).found, 0x91a5);
}

/* One bit of the covered bytes turned, each in its turn: wrong, and the due one makes it right. */
static void test_wrong(void **state)
{
    (void)state;
    struct test_frame f;
    for (size_t at = 26; at < sizeof f.bytes && at < 74; at++) {
        syn(&f);
        f.bytes[at] ^= 4;
        struct packet p = decode(&f);
        struct sum s = sum_transport(&p);
        if (p.verdict != VERDICT_OK)
            continue;
        assert_int_equal(s.verdict, SUM_WRONG);
        put16(&f, TCP_SUM_AT, s.expected);
        p = decode(&f);
        assert_int_equal(sum_transport(&p).verdict, SUM_CORRECT);
    }
    syn(&f);
    put16(&f, IP_SUM_AT, 0xd5e7);
    struct packet p = decode(&f);
    assert_int_equal(sum_ipv4_header(&p).verdict, SUM_WRONG);
    assert_int_equal(sum_ipv4_header(&p).expected, 0xd5e6);
}

/* What Linux leaves in the field for the card: the pseudo-header's sum, not complemented. It shows
 * even where not all was captured. */
static void test_offload(void **state)
{
    (void)state;
    struct test_frame f;
    syn(&f);
    put16(&f, TCP_SUM_AT, 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 40);
    struct packet p = decode(&f);
    assert_int_equal(sum_transport(&p).verdict, SUM_PARTIAL);
    assert_int_equal(sum_transport(&p).expected, 0x91a5);
    struct frame cut = test_frame_of(&f, LINKTYPE_ETHERNET);
    cut.captured_bytes = 60;
    packet_decode(&cut, &p);
    assert_int_equal(sum_transport(&p).verdict, SUM_PARTIAL);
    put16(&f, TCP_SUM_AT, 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6); /* without the length (TSO) */
    p = decode(&f);
    assert_int_equal(sum_transport(&p).verdict, SUM_PARTIAL);
    put16(&f, TCP_SUM_AT, 0);
    p = decode(&f);
    assert_int_equal(sum_transport(&p).verdict, SUM_EMPTY);
    assert_int_equal(sum_transport(&p).expected, 0x91a5);
}

static void test_not_judged(void **state)
{
    (void)state;
    struct test_frame f;
    struct packet p;
    syn(&f);
    struct frame cut = test_frame_of(&f, LINKTYPE_ETHERNET);
    cut.captured_bytes = 73;
    packet_decode(&cut, &p);
    assert_int_equal(sum_transport(&p).verdict, SUM_CUT);
    assert_int_equal(sum_ipv4_header(&p).verdict, SUM_CORRECT);
    cut.captured_bytes = 51; /* not even the field */
    packet_decode(&cut, &p);
    assert_int_equal(sum_transport(&p).verdict, SUM_NONE);
    f.bytes[20] = 0x20; /* more fragments follow */
    f.bytes[60] ^= 1;
    p = decode(&f);
    assert_int_equal(sum_transport(&p).verdict, SUM_FRAGMENT);
    memset(&p, 0, sizeof p);
    assert_int_equal(sum_transport(&p).verdict, SUM_NONE);
    assert_int_equal(sum_ipv4_header(&p).verdict, SUM_NONE);
}

/* Of an odd number of bytes; UDP's 0, which means none in IPv4 and nothing in IPv6; ICMP. */
static void test_others(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum sum_verdict verdict;
        uint16_t expected;
    } rows[] = {
        {ETHERNET_V4 "4500001f 12340000 4011 0000 0a000001 0a000002 0035 1234 000b 0000 616263",
         SUM_UNUSED, 0},
        {ETHERNET_V4 "4500001f 12340000 4011 0000 0a000001 0a000002 0035 1234 000b 150a 616263",
         SUM_CORRECT, 0},
        {ETHERNET_V6 "60000000 000b 11 40 fd000000000000000000000000000001"
                     "fd000000000000000000000000000002 0035 1234 000b 0000 616263",
         SUM_EMPTY, 0x2f08},
        {ETHERNET_V4 "4500001d 12340000 4001 0000 0a000002 0a000001 0800 7ffc 0001 0002 78",
         SUM_CORRECT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_hex(&f, rows[i].bytes);
        struct packet p = decode(&f);
        struct sum s = sum_transport(&p);
        if (s.verdict != rows[i].verdict)
            print_error("row %zu: found %04x, expected %04x\n", i, s.found, s.expected);
        assert_int_equal(s.verdict, rows[i].verdict);
        if (rows[i].expected)
            assert_int_equal(s.expected, rows[i].expected);
    }
}

static void test_words(void **state)
{
    (void)state;
    struct test_frame f;
    struct fields list = {0};
    syn(&f);
    put16(&f, TCP_SUM_AT, 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 40);
    struct packet p = decode(&f);
    fields_read(&list, &p, NULL);
    bool seen = false;
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.field[i].name, "checksum") == 0) {
            seen = true;
            assert_int_equal(list.field[i].verdict, FIELD_PLAIN);
            assert_string_equal(field_value(&list, i), "0x1431 (not filled in yet)");
            assert_non_null(strstr(field_about(&list, i), "Not an error"));
        }
    assert_true(seen);
    fields_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_correct), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_offload), cmocka_unit_test(test_not_judged),
        cmocka_unit_test(test_others),  cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
