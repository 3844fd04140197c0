/* The headers of a packet in a packet, from the outermost on, and what they say. */
#include "tracer/fields/fields.h"

#include "tracer/decode/test_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define IP(total, protocol) ETHERNET_V4 "4500" total "00000000 40" protocol "0000 cb007101 cb007102"
#define UDP(port, bytes)    "c350" port bytes "0000"

static const struct sample {
    const char *prefix; /* around a segment of 40 bytes */
    const char *heads;  /* the headers by name, and the tunnel's value */
} samples[] = {
    {IP("003c", "04"), "Frame Ethernet IPv4 IPv4 TCP "},
    {IP("004c", "2f") "b000 0800 12340000 0000002a 00000007",
     "Frame Ethernet IPv4 GRE(key 42) IPv4 TCP "},
    {IP("0050", "2f") "3081 880b 002a0005 00000001 00000002 ff03 0021",
     "Frame Ethernet IPv4 GRE(key 5) IPv4 TCP "},
    {IP("005a", "11") UDP("12b5", "0046") "08000000 00002a00 020000000022 020000000021 0800",
     "Frame Ethernet IPv4 UDP VXLAN(network 42) Ethernet IPv4 TCP "},
    {IP("004c", "11") UDP("12b6", "0038") "0c000001 00002a00",
     "Frame Ethernet IPv4 UDP VXLAN-GPE(network 42) IPv4 TCP "},
    {IP("0054", "11") UDP("17c1", "0040") "0240 0800 00002a00 0102800100000009",
     "Frame Ethernet IPv4 UDP Geneve(network 42) IPv4 TCP "},
    {IP("0044", "2f") "0000 8847 0002a140",
     "Frame Ethernet IPv4 GRE(key 0) MPLS(label 42) IPv4 TCP "},
    {"020000000002 020000000001 8864 1100 0007 002a 0021",
     "Frame Ethernet PPPoE(session 7) IPv4 TCP "},
    {"020000000002 020000000001 8864 1100 0007 0029 21",
     "Frame Ethernet PPPoE(session 7) IPv4 TCP "},
};

/* The top of the tree, with the values of what is neither a packet's nor a link's header. */
static void heads_of(const struct fields *f, struct text *out)
{
    static const char *const plain[] = {"Frame", "Ethernet", "IPv4", "UDP", "TCP"};
    for (size_t i = 0; i < f->count; i++) {
        bool told = f->field[i].depth == 0;
        if (!told)
            continue;
        text_add(out, f->field[i].name);
        for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
            told = told && strcmp(f->field[i].name, plain[k]) != 0;
        if (told)
            text_format(out, "(%s)", field_value(f, i));
        text_char(out, ' ');
    }
}

static void test_headers(void **state)
{
    (void)state;
    struct fields f = {0};
    struct text heads = {0};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct test_frame t = {.n = 0};
        struct test_segment s = {.flags = TCP_ACK};
        test_put_segment(&t, samples[i].prefix, &s);
        struct frame frame = test_frame_of(&t, LINKTYPE_ETHERNET);
        struct packet p;
        packet_decode(&frame, &p);
        fields_read(&f, &p, NULL);
        text_clear(&heads);
        heads_of(&f, &heads);
        assert_string_equal(text_str(&heads), samples[i].heads);
        for (uint32_t at = 0; at < t.n; at++) /* every byte is some header's */
            assert_int_not_equal(field_of_byte(&f, at), 0);
    }
    text_free(&heads);
    fields_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
