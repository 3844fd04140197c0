/* analysis_take() has a shorter way to what analysis_take_any() makes of most segments: over
 * connections whose segments are chosen by lot, most of them as they should be, both find the same.
 */
#include "tracer/tcp/ordinary.h"

#include "tracer/base/rounds_test.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SEGMENTS = 400, SHARE_LEAST = 30, SHARE_MOST = 70 };

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

static bool one_in(uint32_t n)
{
    return random_below(n) == 0;
}

/* How a side stands by its own account. */
struct speaker {
    uint32_t next, acked; /* `acked`: what it says of the other */
    uint16_t window;
};

static int64_t step_ns(void)
{
    static const int64_t steps[] = {0,       1000,     50000,    1500000,
                                    2500000, 35000000, 90000000, 210000000};
    return steps[random_below(sizeof steps / sizeof steps[0])];
}

/* Most segments are data in order, or an ACK of some of what the other sent. */
static struct analysis_facts next_segment(struct speaker sides[2], unsigned i)
{
    uint8_t side = (uint8_t)(i < 3 ? i % 2 : random_below(2));
    struct speaker *own = &sides[side], *other = &sides[!side];
    static const uint16_t opening[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
    struct analysis_facts s = {.side = side, .flags = TCP_ACK, .previous = FLOW_NONE};
    if (i < 3 && !one_in(20))
        s.flags = opening[i];
    else if (one_in(60))
        s.flags = (uint16_t)random_below(0x40);
    if (one_in(2))
        s.len = one_in(10) ? 1 : random_below(4) * 100;
    if (!one_in(4))
        own->acked = other->next - random_below(3) * 100;
    if (one_in(10))
        own->window = one_in(4) ? 0 : (uint16_t)(200 + random_below(3) * 300);
    s.seq = own->next + (one_in(12) ? (random_below(9) - 4) * 100 - random_below(2) : 0);
    s.ack = own->acked + (one_in(30) ? random_below(3) * 100 : 0);
    s.window = own->window;
    if ((s.flags & TCP_SYN) || one_in(100)) {
        s.has_mss = !one_in(3);
        s.mss = 300;
        s.has_window_scale = one_in(2);
        s.window_scale = (uint8_t)random_below(3);
    }
    for (; one_in(8) && s.sack_count < 2; s.sack_count++) {
        uint32_t from = own->acked + random_below(4) * 100;
        s.sacks[s.sack_count] = (struct sack_block){from, from + 100 + random_below(2) * 100};
    }
    uint32_t end = s.seq + s.len + (s.flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    if ((int32_t)(end - own->next) > 0)
        own->next = end;
    return s;
}

static void assert_same(const struct analysis_result *a, const struct analysis_result *b)
{
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->completeness, b->completeness);
    assert_int_equal(a->in_flight_known, b->in_flight_known);
    assert_int_equal(a->in_flight, b->in_flight);
    assert_int_equal(a->window_bytes, b->window_bytes);
    assert_int_equal(a->rtt_ns, b->rtt_ns);
    assert_int_equal(a->irtt_ns, b->irtt_ns);
    assert_int_equal(a->rto_us, b->rto_us);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->findings, b->findings, a->count * sizeof a->findings[0]);
}

static unsigned d_sacks(const struct analysis_result *r)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->count; i++)
        n += r->findings[i].kind == FINDING_D_SACK;
    return n;
}

static void assert_counts_the_same(const struct analysis_result *counted,
                                   const struct analysis_result *told)
{
    assert_int_equal(counted->flags, told->flags);
    assert_int_equal(counted->window_bytes, told->window_bytes);
    assert_int_equal(counted->rtt_ns, told->rtt_ns);
    assert_int_equal(d_sacks(counted), d_sacks(told));
}

static void the_two_ways_agree(void **state)
{
    (void)state;
    struct analysis *both = analysis_new(), *any = analysis_new(), *counted = analysis_new();
    int64_t now_ns = INT64_C(1700000000000000000);
    unsigned plain = 0;
    const uint32_t connections = rounds_of(3000, 600);
    for (uint32_t flow = 0; flow < connections; flow++) {
        struct speaker sides[2] = {
            {.next = one_in(4) ? UINT32_MAX - 400 : random_below(UINT32_MAX)},
            {.next = random_below(UINT32_MAX)}};
        sides[0].window = sides[1].window = 1000;
        for (unsigned i = 0; i < SEGMENTS; i++) {
            struct analysis_facts s = next_segment(sides, i);
            struct analysis_result one, other;
            s.time_ns = now_ns += step_ns();
            analysis_take(both, flow, i, &s, &one);
            analysis_take_any(any, flow, i, &s, &other);
            assert_same(&one, &other);
            analysis_count(counted, flow, i, &s, &one);
            assert_counts_the_same(&one, &other);
            plain += one.flags == 0 && one.count == 0;
        }
        struct analysis_connection a, b;
        analysis_connection(both, flow, &a);
        analysis_connection(any, flow, &b);
        assert_int_equal(a.sides[0].srtt_us, b.sides[0].srtt_us);
        assert_int_equal(a.sides[1].rto_us, b.sides[1].rto_us);
    }
    print_message("%u %% without findings\n", plain / (connections * SEGMENTS / 100));
    assert_in_range(plain / (connections * SEGMENTS / 100), SHARE_LEAST, SHARE_MOST);
    analysis_free(both);
    analysis_free(counted);
    analysis_free(any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_two_ways_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
