/* decode_plain() is a shorter way to what the layers say one by one: over frames with any byte
 * changed and any end cut off, the two agree. */
#include "tracer/decode/layers.h"

#include "tracer/base/rounds_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

enum { FRAME_BYTES = 14 + 20 + 32 + 10 };

static const uint8_t plain[FRAME_BYTES] = {
    2,    0,    0,    0,    0,  1, 2,    0, 0,   0,   0,   2,   8,   0, /* Ethernet */
    0x45, 0,    0,    62,   1,  2, 0x40, 0, 64,  6,   0,   0,           /* IPv4 */
    10,   0,    0,    1,    10, 0, 0,    2,                             /* addresses */
    0x80, 0,    0,    80,   1,  2, 3,    4, 5,   6,   7,   8,           /* TCP */
    0x80, 0x18, 0x01, 0xf6, 0,  0, 0,    0, 1,   1,   8,   10,          /* options */
    0,    0,    0,    1,    0,  0, 0,    2, 'h', 'e', 'l', 'l', 'o', ' ', 'y', 'o', 'u', '!',
};

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* As packet_decode() would without the shorter way. */
static void decode_by_layers(const struct frame *frame, struct packet *p)
{
    struct cursor c;
    memset(p, 0, sizeof *p);
    p->frame = *frame;
    p->tunnels_most = TUNNELS_MAX;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->wire_bytes);
    if (!decode_link(&c, p))
        p->net = NET_OTHER;
    p->verdict = c.verdict;
    p->verdict_at = (uint32_t)c.at;
}

static bool is_taken(const struct frame *frame)
{
    struct packet p = {.frame = *frame};
    struct cursor c;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->wire_bytes);
    return decode_plain(&c, &p);
}

static void the_two_ways_agree(void **state)
{
    (void)state;
    unsigned taken = 0;
    const uint32_t rounds = rounds_of(300000, 60000);
    for (unsigned round = 0; round < rounds; round++) {
        uint8_t bytes[FRAME_BYTES];
        memcpy(bytes, plain, sizeof bytes);
        for (uint32_t i = random_below(4); i > 0; i--)
            bytes[random_below(FRAME_BYTES)] = (uint8_t)random_below(256);
        uint32_t captured = random_below(4) ? FRAME_BYTES : random_below(FRAME_BYTES + 1);
        struct frame frame = {
            .linktype = LINKTYPE_ETHERNET,
            .bytes = bytes,
            .captured_bytes = captured,
            .wire_bytes = captured + (random_below(4) ? FRAME_BYTES - captured : random_below(9)),
        };
        struct packet one, other;
        memset(&one, 0, sizeof one); /* tunnels past the count are not set */
        packet_decode(&frame, &one);
        decode_by_layers(&frame, &other);
        assert_memory_equal(&one, &other, sizeof one);
        taken += is_taken(&frame);
    }
    assert_in_range(taken, rounds / 4, rounds * 9 / 10); /* both ways were gone */
}

static void odd_frames_are_left_to_the_layers(void **state)
{
    (void)state;
    static const struct {
        unsigned at;
        uint8_t byte;
    } odd[] = {
        {12, 0x81}, {14, 0x46}, {14, 0x65}, {16, 1}, {17, 19}, {20, 0x20}, {21, 1}, {23, 17},
    };
    struct frame frame = {.linktype = LINKTYPE_ETHERNET,
                          .bytes = plain,
                          .captured_bytes = FRAME_BYTES,
                          .wire_bytes = FRAME_BYTES};
    assert_true(is_taken(&frame));
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        uint8_t bytes[FRAME_BYTES];
        memcpy(bytes, plain, sizeof bytes);
        bytes[odd[i].at] = odd[i].byte;
        frame.bytes = bytes;
        assert_false(is_taken(&frame));
    }
    frame.bytes = plain;
    frame.linktype = LINKTYPE_LINUX_SLL;
    assert_false(is_taken(&frame));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_ways_agree),
        cmocka_unit_test(odd_frames_are_left_to_the_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
