#include "tracer/flow/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct packet segment(const char *from, uint16_t sport, const char *to, uint16_t dport,
                             uint16_t flags, uint32_t seq, uint32_t ack)
{
    struct packet p = {.is_tcp = true};
    assert_true(address_parse(from, &p.source));
    assert_true(address_parse(to, &p.destination));
    p.tcp = (struct tcp_header){
        .source_port = sport, .destination_port = dport, .flags = flags, .seq = seq, .ack = ack};
    return p;
}

static const struct flow *take(struct flow_table *t, struct packet p, int expected_side)
{
    int side = -1;
    const struct flow *f = flow_of(t, &p, &side);
    assert_int_equal(side, expected_side);
    return f;
}

static void both_directions_are_one(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    const struct flow *f =
        take(t, segment("10.0.0.1", 4000, "10.0.0.2", 80, TCP_SYN, 7, 0), SIDE_INITIATOR);
    const struct flow *same =
        take(t, segment("10.0.0.2", 80, "10.0.0.1", 4000, TCP_SYN | TCP_ACK, 9, 8), SIDE_RESPONDER);
    assert_ptr_equal(f, same);
    assert_int_equal(f->iss[SIDE_INITIATOR], 7);
    assert_int_equal(f->iss[SIDE_RESPONDER], 9);
    assert_int_equal(flow_count(t), 1);
    int side;
    struct endpoint a, b;
    assert_true(endpoint_parse("10.0.0.2:80", &a));
    assert_true(endpoint_parse("10.0.0.1:4000", &b));
    assert_ptr_equal(flow_lookup(t, &a, &b, &side), f);
    assert_int_equal(side, SIDE_RESPONDER);
    b.port = 4001;
    assert_null(flow_lookup(t, &a, &b, &side));
    flow_table_free(t);
}

static void a_syn_ack_tells_who_began(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    const struct flow *f =
        take(t, segment("10.0.0.2", 80, "10.0.0.1", 4000, TCP_SYN | TCP_ACK, 9, 8), SIDE_RESPONDER);
    assert_int_equal(f->ends[SIDE_INITIATOR].port, 4000);
    assert_int_equal(f->iss[SIDE_INITIATOR], 7); /* from the acknowledgement */
    flow_table_free(t);
}

static void a_repeated_syn_is_the_same_connection(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    struct packet syn = segment("10.0.0.1", 4000, "10.0.0.2", 80, TCP_SYN, 7, 0);
    const struct flow *f = take(t, syn, SIDE_INITIATOR);
    assert_ptr_equal(take(t, syn, SIDE_INITIATOR), f);
    syn.tcp.seq = 70000;
    assert_ptr_not_equal(take(t, syn, SIDE_INITIATOR), f);
    assert_int_equal(flow_count(t), 2);
    flow_table_free(t);
}

static void simultaneous_open_is_one_connection(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    const struct flow *f =
        take(t, segment("10.0.0.1", 4000, "10.0.0.2", 80, TCP_SYN, 7, 0), SIDE_INITIATOR);
    assert_ptr_equal(
        take(t, segment("10.0.0.2", 80, "10.0.0.1", 4000, TCP_SYN, 9, 0), SIDE_RESPONDER), f);
    flow_table_free(t);
}

static void ports_are_reused_the_other_way_round(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    take(t, segment("10.0.0.1", 4000, "10.0.0.2", 80, TCP_SYN, 7, 0), SIDE_INITIATOR);
    take(t, segment("10.0.0.2", 80, "10.0.0.1", 4000, TCP_SYN | TCP_ACK, 9, 8), SIDE_RESPONDER);
    take(t, segment("10.0.0.2", 80, "10.0.0.1", 4000, TCP_SYN, 90000, 0), SIDE_INITIATOR);
    assert_int_equal(flow_count(t), 2);
    flow_table_free(t);
}

static void from_the_middle(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    const struct flow *f =
        take(t, segment("fd00::1", 4000, "fd00::2", 80, TCP_ACK, 5000, 9000), SIDE_INITIATOR);
    assert_int_equal(f->iss[SIDE_INITIATOR], 4999);
    assert_int_equal(f->iss[SIDE_RESPONDER], 8999);
    take(t, segment("fd00::2", 80, "fd00::1", 4000, TCP_ACK, 9000, 5000), SIDE_RESPONDER);
    assert_int_equal(f->iss[SIDE_RESPONDER],
                     8999); /* what was guessed stays: numbers do not jump */
    flow_table_free(t);
}

static void a_million_flows(void **state)
{
    (void)state;
    struct flow_table *t = flow_table_new();
    struct packet p = segment("10.0.0.1", 1, "10.0.0.2", 80, TCP_SYN, 7, 0);
    for (uint32_t i = 0; i < 1000000; i++) {
        p.source.bytes[12] = (uint8_t)(i >> 16);
        p.tcp.source_port = (uint16_t)i;
        int side;
        assert_int_equal(flow_of(t, &p, &side)->index, i);
    }
    for (uint32_t i = 0; i < 1000000; i += 999) {
        p.source.bytes[12] = (uint8_t)(i >> 16);
        p.tcp.source_port = (uint16_t)i;
        int side;
        assert_int_equal(flow_of(t, &p, &side)->index, i);
    }
    flow_table_free(t);
}

static void endpoints_as_text(void **state)
{
    (void)state;
    static const char *const good[] = {"10.0.0.1:9502", "[fe80::1]:80", "0.0.0.0:0", "[::]:65535"};
    static const char *const bad[] = {
        "",           "10.0.0.1",      ":80",           "10.0.0.1:",   "10.0.0.1:65536",
        "fe80::1:80", "[fe80::1]",     "[10.0.0.1]:80", "10.0.0.1:8x", "10.0.0.1:-1",
        "name:80",    "[fe80::1]x:80",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct endpoint e;
        struct text out = {0};
        assert_true(endpoint_parse(good[i], &e));
        endpoint_text(&e, &out);
        assert_string_equal(text_str(&out), good[i]);
        text_free(&out);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct endpoint e;
        assert_false(endpoint_parse(bad[i], &e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_one),
        cmocka_unit_test(a_syn_ack_tells_who_began),
        cmocka_unit_test(a_repeated_syn_is_the_same_connection),
        cmocka_unit_test(simultaneous_open_is_one_connection),
        cmocka_unit_test(ports_are_reused_the_other_way_round),
        cmocka_unit_test(from_the_middle),
        cmocka_unit_test(a_million_flows),
        cmocka_unit_test(endpoints_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
