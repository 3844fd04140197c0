/* The detail view's screens, and its ways: what is selected stays selected from packet to packet.
 */
#include "tracer/view/picture.h"

#include "tracer/base/rounds_test.h"
#include "tracer/decode/test_frames.h"
#include "tracer/fields/checksum.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/command.h"

#define SYN_OPTIONS   "020405b4 0402 080a 00bc614e 00000000 01 030307"
#define LATER_OPTIONS "0101 080a 00bc6155 00bc6150"

static void put16(struct test_frame *f, size_t at, uint16_t v)
{
    f->bytes[at] = (uint8_t)(v >> 8);
    f->bytes[at + 1] = (uint8_t)v;
}

/* Fill in the sums that a sender would. */
static void fill_sums(struct test_frame *f)
{
    struct packet p;
    struct frame frame = test_frame_of(f, LINKTYPE_ETHERNET);
    packet_decode(&frame, &p);
    if (p.net == NET_IPV4)
        put16(f, p.net_at + 10u, sum_ipv4_header(&p).expected);
    if (p.is_tcp)
        put16(f, p.transport_at + 16u, sum_transport(&p).expected);
    else if (p.protocol == PROTO_ICMP)
        put16(f, p.transport_at + 2u, sum_transport(&p).expected);
}

static void add(struct scene *s, int64_t at_us, const struct test_frame *f, size_t captured)
{
    struct capture_frame c = {.time_ns = s->start_ns + at_us * 1000,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = f->bytes,
                              .captured_bytes = (uint32_t)captured,
                              .wire_bytes = (uint32_t)f->n};
    trace_add(s->trace, &c);
}

static void sends(struct scene *s, int64_t at_us, struct test_segment g)
{
    struct test_frame f = {.n = 0};
    test_put_segment(&f, ETHERNET_V4, &g);
    fill_sums(&f);
    add(s, at_us, &f, f.n);
}

static void handshake(struct scene *s)
{
    sends(s, 0, (struct test_segment){.flags = TCP_SYN, .seq = 1759881472, .options = SYN_OPTIONS});
    sends(s, 10050,
          (struct test_segment){.from_server = true,
                                .flags = TCP_SYN | TCP_ACK,
                                .seq = 542055559,
                                .ack = 1759881473,
                                .options = SYN_OPTIONS});
    sends(s, 20080,
          (struct test_segment){
              .flags = TCP_ACK, .seq = 1759881473, .ack = 542055560, .options = LATER_OPTIONS});
    sends(s, 30000,
          (struct test_segment){.flags = TCP_PSH | TCP_ACK,
                                .seq = 1759881473,
                                .ack = 542055560,
                                .options = LATER_OPTIONS,
                                .payload_bytes = 30});
}

/* The same as a session has it: with the SYN's fate, so that both ends' states are known. */
static void session(struct scene *s)
{
    uint64_t connect = scene_enters(s, -50, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    sends(s, 0, (struct test_segment){.flags = TCP_SYN, .seq = 1759881472, .options = SYN_OPTIONS});
    scene_fate(s, 10000, 'C', 0, FATE_DELIVERED);
    scene_returns(s, 10100, 'C', connect, (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"}, -1,
                  (char[]){"EINTR"});
}

/* On the sending machine: the card is still to fill in the sum, and to cut the segment. */
static void offload(struct scene *s)
{
    struct test_frame f = {.n = 0};
    handshake(s);
    test_put_segment(&f, ETHERNET_V4,
                     &(struct test_segment){.flags = TCP_ACK,
                                            .seq = 1759881503,
                                            .ack = 542055560,
                                            .options = LATER_OPTIONS,
                                            .payload_bytes = 2896});
    fill_sums(&f);
    put16(&f, 50, (uint16_t)(0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 32 + 2896));
    add(s, 40000, &f, f.n);
}

/* What a receiver sees of a bad link: a byte is turned, a segment is missing, a duplicate comes. */
static void trouble(struct scene *s)
{
    struct test_frame f = {.n = 0};
    handshake(s);
    test_put_segment(&f, ETHERNET_V4,
                     &(struct test_segment){.from_server = true,
                                            .flags = TCP_PSH | TCP_ACK,
                                            .seq = 542055560,
                                            .ack = 1759881503,
                                            .options = LATER_OPTIONS,
                                            .payload_bytes = 14});
    fill_sums(&f);
    f.bytes[70] ^= 0x20;
    add(s, 50000, &f, f.n);
    sends(s, 60000,
          (struct test_segment){.flags = TCP_ACK,
                                .seq = 1759881503,
                                .ack = 542055560,
                                .options = "0101 080a 00bc6188 00bc6150"
                                           "0101 0512 204f1c96 204f1ca4 204f1cc0 204f1ce0"});
}

/* Packets that are no segments, and one that was not captured whole. */
static void others(struct scene *s)
{
    static const char *const frames[] = {
        "ffffffffffff 020000000001 0806"
        "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002",
        ETHERNET_V4 "45000038 12340000 4001 0000 0a000002 0a000001 0303 0000 00000000"
                    "4500003c 12344000 4006 0000 0a000001 0a000002 9c40 251f 00000007",
        "020000000002 020000000001 88cc 0207041b5b324a9b",
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct test_frame f = {.n = 0};
        test_put_hex(&f, frames[i]);
        fill_sums(&f);
        add(s, (int64_t)i * 1000, &f, f.n);
    }
    struct test_frame f = {.n = 0};
    test_put_segment(&f, ETHERNET_V4,
                     &(struct test_segment){.flags = TCP_PSH | TCP_ACK, .payload_bytes = 60});
    fill_sums(&f);
    add(s, 4000, &f, 61);
}

static void nothing(struct scene *s)
{
    (void)s;
}

static const struct picture pictures[] = {
    {"detail-80", 80, 24, false, true, session, {0}},
    {"detail-flags-80",
     80,
     24,
     false,
     false,
     handshake,
     {'J', 'j', 'j', 'j', 'j', 'j', 'j', 'j', 'l', KEY_CODE_PAGE_DOWN, 'k', 'k'}},
    {"detail-80-ascii", 80, 24, true, false, handshake, {'J', 'J', 'J', 'G', '\t', 'h'}},
    {"detail-120", 120, 40, false, true, session, {'g', 'j', 'l', 'j', 'j', 'l', 'G', 'k', 'k'}},
    {"detail-data-120", 120, 40, false, false, handshake, {'J', 'J', 'J', 'G', '\t', KEY_CODE_UP}},
    {"detail-160", 160, 40, false, false, offload, {'J', 'J', 'J', 'J', 'G'}},
    {"detail-offload-80",
     80,
     24,
     false,
     false,
     offload,
     {'J', 'J', 'J', 'J', KEY_CODE_PAGE_DOWN, 'k'}},
    {"detail-wrong-80",
     80,
     24,
     false,
     false,
     trouble,
     {KEY_CODE_PAGE_DOWN, 'k', 'J', 'J', 'J', 'J'}},
    {"detail-sack-80", 80, 24, false, false, trouble, {'J', 'J', 'J', 'J', 'J', 'G', 'k'}},
    {"detail-arp-80", 80, 24, false, false, others, {'j', 'j', 'j'}},
    {"detail-icmp-120", 120, 40, false, false, others, {'J', KEY_CODE_PAGE_DOWN, 'k'}},
    {"detail-unknown-60", 60, 16, false, false, others, {'J', 'J', 'G', '\t', 'l', 'l'}},
    {"detail-cut-80", 80, 24, false, false, others, {'J', 'J', 'J', 'G'}},
    {"detail-40", 40, 10, false, false, handshake, {'j'}},
    {"detail-none-80", 80, 24, false, false, nothing, {0}},
};

static void test_pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++)
        take_picture(&pictures[i], "detail", NULL);
}

/* Enter opens the pane, Enter again the fields, of a call its story; q comes back. */
static void test_entered(void **state)
{
    (void)state;
    static const struct picture entered[] = {
        {"detail-entered-80",
         80,
         24,
         false,
         true,
         session,
         {'g', 'l', KEY_CODE_ENTER, KEY_CODE_ENTER}},
        {"detail-call-full-80",
         80,
         24,
         false,
         true,
         session,
         {'g', KEY_CODE_ENTER, KEY_CODE_ENTER}},
        {"detail-back-80", 80, 24, false, true, session, {'g', 'l', 'D', 'q'}},
    };
    for (size_t i = 0; i < sizeof entered / sizeof entered[0]; i++)
        take_picture(&entered[i], "ladder", NULL);
}

/* Whatever is pressed, at every size, nothing is read or drawn amiss: the sanitizers watch. */
static void test_any_keys(void **state)
{
    (void)state;
    static const uint32_t keys[] = {'j',
                                    'k',
                                    'l',
                                    'h',
                                    '\t',
                                    ' ',
                                    KEY_CODE_ENTER,
                                    'J',
                                    'K',
                                    'G',
                                    'g',
                                    KEY_CODE_PAGE_UP,
                                    KEY_CODE_PAGE_DOWN,
                                    'l',
                                    'j',
                                    'J'};
    struct scene s;
    struct grid g = {0};
    scene_begin(&s, false);
    trouble(&s);
    others(&s);
    struct viewer *v = viewer_new(s.trace, "any keys", false);
    assert_true(viewer_show(v, "detail"));
    uint32_t random = 1;
    for (uint32_t i = 0; i < rounds_of(4000, 1000); i++) {
        random = random * 1103515245u + 12345u;
        if (i % 40 == 0)
            grid_resize(&g, 10 + (int)(random >> 16) % 40, 40 + (int)(random >> 20) % 120);
        viewer_key(v, keys[(random >> 16) % (sizeof keys / sizeof keys[0])]);
        viewer_draw(v, &g);
    }
    viewer_free(v);
    grid_free(&g);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pictures),
                                       cmocka_unit_test(test_entered),
                                       cmocka_unit_test(test_any_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
