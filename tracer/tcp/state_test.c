#include "tracer/tcp/state.h"

#include "tracer/decode/packet.h"
#include "tracer/tcp/seq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Two ends and the segments between them; every step names the states both must then be in. */
struct pair {
    struct tcp_end a, b;
};

static void give(struct tcp_end *from, struct tcp_end *to, struct tcp_facts s)
{
    struct tcp_change changes[TCP_CHANGES_MAX];
    tcp_end_sent(from, &s, changes);
    if (to)
        tcp_end_received(to, &s, changes);
}

static void states(const struct pair *p, enum tcp_state a, enum tcp_state b)
{
    assert_string_equal(tcp_state_name(p->a.state), tcp_state_name(a));
    assert_string_equal(tcp_state_name(p->b.state), tcp_state_name(b));
}

/* ISS 100 and 300; all past the handshake. */
static struct pair established(void)
{
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_LISTEN}};
    give(&p.a, &p.b, (struct tcp_facts){TCP_SYN, 100, 0, 0});
    states(&p, STATE_SYN_SENT, STATE_LISTEN);
    give(&p.b, &p.a, (struct tcp_facts){TCP_SYN | TCP_ACK, 300, 101, 0});
    states(&p, STATE_ESTABLISHED, STATE_SYN_RECEIVED);
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 101, 301, 0});
    states(&p, STATE_ESTABLISHED, STATE_ESTABLISHED);
    return p;
}

static void four_segments_close(void **state)
{
    (void)state;
    struct pair p = established();
    give(&p.a, &p.b, (struct tcp_facts){TCP_FIN | TCP_ACK, 101, 301, 0});
    states(&p, STATE_FIN_WAIT_1, STATE_CLOSE_WAIT);
    give(&p.b, &p.a, (struct tcp_facts){TCP_ACK, 301, 102, 0});
    states(&p, STATE_FIN_WAIT_2, STATE_CLOSE_WAIT);
    give(&p.b, &p.a, (struct tcp_facts){TCP_FIN | TCP_ACK, 301, 102, 0});
    states(&p, STATE_TIME_WAIT, STATE_LAST_ACK);
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 102, 302, 0});
    states(&p, STATE_TIME_WAIT, STATE_CLOSED);
}

static void three_segments_close(void **state)
{
    (void)state;
    struct pair p = established();
    give(&p.a, &p.b, (struct tcp_facts){TCP_FIN | TCP_ACK, 101, 301, 0});
    struct tcp_facts fin = {TCP_FIN | TCP_ACK, 301, 102, 0};
    struct tcp_change changes[TCP_CHANGES_MAX];
    tcp_end_sent(&p.b, &fin, changes);
    assert_int_equal(tcp_end_received(&p.a, &fin, changes), 2);
    assert_int_equal(changes[0].to, STATE_FIN_WAIT_2);
    assert_int_equal(changes[1].to, STATE_TIME_WAIT);
    states(&p, STATE_TIME_WAIT, STATE_LAST_ACK);
}

static void both_close_at_once(void **state)
{
    (void)state;
    struct pair p = established();
    struct tcp_facts fin_a = {TCP_FIN | TCP_ACK, 101, 301, 0};
    struct tcp_facts fin_b = {TCP_FIN | TCP_ACK, 301, 101, 0};
    struct tcp_change changes[TCP_CHANGES_MAX];
    tcp_end_sent(&p.a, &fin_a, changes);
    tcp_end_sent(&p.b, &fin_b, changes);
    tcp_end_received(&p.a, &fin_b, changes);
    tcp_end_received(&p.b, &fin_a, changes);
    states(&p, STATE_CLOSING, STATE_CLOSING);
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 102, 302, 0});
    give(&p.b, &p.a, (struct tcp_facts){TCP_ACK, 302, 102, 0});
    states(&p, STATE_TIME_WAIT, STATE_TIME_WAIT);
}

static void both_open_at_once(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_CLOSED}};
    struct tcp_facts syn_a = {TCP_SYN, 100, 0, 0}, syn_b = {TCP_SYN, 300, 0, 0};
    struct tcp_change changes[TCP_CHANGES_MAX];
    tcp_end_sent(&p.a, &syn_a, changes);
    tcp_end_sent(&p.b, &syn_b, changes);
    tcp_end_received(&p.a, &syn_b, changes);
    tcp_end_received(&p.b, &syn_a, changes);
    states(&p, STATE_SYN_RECEIVED, STATE_SYN_RECEIVED);
    give(&p.a, &p.b, (struct tcp_facts){TCP_SYN | TCP_ACK, 100, 301, 0});
    give(&p.b, &p.a, (struct tcp_facts){TCP_SYN | TCP_ACK, 300, 101, 0});
    states(&p, STATE_ESTABLISHED, STATE_ESTABLISHED);
}

static void refused(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_LISTEN}};
    give(&p.a, &p.b, (struct tcp_facts){TCP_SYN, 100, 0, 0});
    give(&p.b, &p.a, (struct tcp_facts){TCP_RST | TCP_ACK, 0, 101, 0});
    states(&p, STATE_CLOSED, STATE_CLOSED);
}

static void a_stray_rst_does_not_refuse(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_LISTEN}};
    give(&p.a, &p.b, (struct tcp_facts){TCP_SYN, 100, 0, 0});
    struct tcp_facts rst = {TCP_RST | TCP_ACK, 0, 77, 0};
    struct tcp_change changes[TCP_CHANGES_MAX];
    assert_int_equal(tcp_end_received(&p.a, &rst, changes), 0);
    states(&p, STATE_SYN_SENT, STATE_LISTEN);
}

static void reset_breaks_off(void **state)
{
    (void)state;
    struct pair p = established();
    give(&p.a, &p.b, (struct tcp_facts){TCP_RST | TCP_ACK, 101, 301, 0});
    states(&p, STATE_CLOSED, STATE_CLOSED);
}

static void an_old_reset_is_ignored(void **state)
{
    (void)state;
    struct pair p = established();
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 101, 301, 50});
    struct tcp_facts rst = {TCP_RST, 120, 0, 0};
    struct tcp_change changes[TCP_CHANGES_MAX];
    assert_int_equal(tcp_end_received(&p.b, &rst, changes), 0);
}

static void wrong_answers_do_not_open(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_LISTEN}};
    give(&p.a, NULL, (struct tcp_facts){TCP_SYN, 100, 0, 0});
    struct tcp_facts answer = {TCP_SYN | TCP_ACK, 300, 100, 0}; /* J, not J+1 */
    struct tcp_change changes[TCP_CHANGES_MAX];
    assert_int_equal(tcp_end_received(&p.a, &answer, changes), 0);
}

static void fin_waits_for_the_gap(void **state)
{
    (void)state;
    struct pair p = established();
    struct tcp_facts first = {TCP_ACK, 101, 301, 10}, second = {TCP_ACK, 111, 301, 10};
    struct tcp_facts fin = {TCP_FIN | TCP_ACK, 121, 301, 5};
    struct tcp_change changes[TCP_CHANGES_MAX];
    assert_int_equal(tcp_end_received(&p.b, &fin, changes), 0);
    assert_int_equal(tcp_end_received(&p.b, &second, changes), 0);
    assert_int_equal(tcp_end_received(&p.b, &first, changes), 1);
    assert_int_equal(p.b.state, STATE_CLOSE_WAIT);
    assert_int_equal(p.b.rcv_nxt, 127);
    tcp_end_free(&p.b);
}

static void fin_comes_again(void **state)
{
    (void)state;
    struct pair p = established();
    give(&p.a, &p.b, (struct tcp_facts){TCP_FIN | TCP_ACK, 101, 301, 0});
    give(&p.a, &p.b, (struct tcp_facts){TCP_FIN | TCP_ACK, 101, 301, 0});
    states(&p, STATE_FIN_WAIT_1, STATE_CLOSE_WAIT);
}

static void numbers_wrap(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_CLOSED}, {.state = STATE_LISTEN}};
    give(&p.a, &p.b, (struct tcp_facts){TCP_SYN, 0xffffffff, 0, 0});
    give(&p.b, &p.a, (struct tcp_facts){TCP_SYN | TCP_ACK, 0xfffffffe, 0, 0});
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 0, 0xffffffff, 0});
    states(&p, STATE_ESTABLISHED, STATE_ESTABLISHED);
    give(&p.b, &p.a, (struct tcp_facts){TCP_ACK, 0xffffffff, 0, 20});
    give(&p.b, &p.a, (struct tcp_facts){TCP_FIN | TCP_ACK, 19, 0, 0});
    states(&p, STATE_CLOSE_WAIT, STATE_FIN_WAIT_1);
    assert_int_equal(p.a.rcv_nxt, 20);
    assert_true(seq_lt(0xfffffff0, 5));
    assert_true(seq_ge(5, 0xfffffff0));
}

static void from_the_middle(void **state)
{
    (void)state;
    struct pair p = {{.state = STATE_UNKNOWN}, {.state = STATE_UNKNOWN}};
    give(&p.a, &p.b, (struct tcp_facts){TCP_ACK, 5000, 9000, 10});
    states(&p, STATE_ESTABLISHED, STATE_ESTABLISHED);
    struct pair q = {{.state = STATE_UNKNOWN}, {.state = STATE_UNKNOWN}};
    give(&q.a, &q.b, (struct tcp_facts){TCP_FIN | TCP_ACK, 5000, 9000, 0});
    states(&q, STATE_FIN_WAIT_1, STATE_CLOSE_WAIT);
}

static void many_gaps_are_bounded(void **state)
{
    (void)state;
    struct pair p = established();
    struct tcp_change changes[TCP_CHANGES_MAX];
    for (uint32_t i = 50; i > 0; i--) { /* from the far end: every one beyond a gap */
        struct tcp_facts s = {TCP_ACK, 101 + i * 10, 301, 5};
        tcp_end_received(&p.b, &s, changes);
    }
    assert_int_equal(p.b.rcv_nxt, 101);
    for (uint32_t i = 0; i <= TCP_HELD_MAX; i++) { /* filled: the nearest ones are still known */
        struct tcp_facts s = {TCP_ACK, p.b.rcv_nxt, 301, 111 + i * 10 - p.b.rcv_nxt};
        tcp_end_received(&p.b, &s, changes);
        assert_int_equal(p.b.rcv_nxt, 111 + i * 10 + (i < TCP_HELD_MAX ? 5 : 0));
    }
    tcp_end_free(&p.b);
}

static void all_behind_one_gap_is_kept(void **state)
{
    (void)state;
    struct pair p = established();
    struct tcp_change changes[TCP_CHANGES_MAX];
    struct tcp_facts lost = {TCP_ACK, 101, 301, 10};
    struct tcp_facts fin = {TCP_FIN | TCP_ACK, 111 + 5 * TCP_HELD_MAX * 10, 301, 0};
    for (uint32_t i = 0; i < 5 * TCP_HELD_MAX; i++) {
        struct tcp_facts s = {TCP_ACK, 111 + i * 10, 301, 10};
        tcp_end_received(&p.b, &s, changes);
    }
    tcp_end_received(&p.b, &lost, changes);
    assert_int_equal(p.b.rcv_nxt, fin.seq);
    assert_int_equal(tcp_end_received(&p.b, &fin, changes), 1);
    assert_int_equal(p.b.state, STATE_CLOSE_WAIT);
    tcp_end_free(&p.b);
}

static void the_table_is_sound(void **state)
{
    (void)state;
    for (int from = 0; from < TCP_STATE_COUNT; from++) {
        assert_non_null(tcp_state_name((enum tcp_state)from));
        for (int event = 0; event < TCP_EVENT_COUNT; event++) {
            const struct tcp_transition *row =
                tcp_transition((enum tcp_state)from, (enum tcp_event)event);
            if (!row)
                continue;
            assert_int_not_equal(row->from, row->to);
            assert_true(strlen(row->rule) > 0);
            assert_int_not_equal(row->to, STATE_UNKNOWN);
        }
    }
    assert_null(tcp_transition(STATE_CLOSED, EVENT_RECEIVED_FIN));
    struct tcp_end end = {.state = STATE_TIME_WAIT};
    struct tcp_change changes[TCP_CHANGES_MAX];
    assert_int_equal(tcp_end_event(&end, EVENT_TIMER, changes), 1);
    assert_int_equal(end.state, STATE_CLOSED);
    assert_int_equal(tcp_end_event(&end, EVENT_TIMER, changes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_segments_close),
        cmocka_unit_test(three_segments_close),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(both_open_at_once),
        cmocka_unit_test(refused),
        cmocka_unit_test(a_stray_rst_does_not_refuse),
        cmocka_unit_test(reset_breaks_off),
        cmocka_unit_test(an_old_reset_is_ignored),
        cmocka_unit_test(wrong_answers_do_not_open),
        cmocka_unit_test(fin_waits_for_the_gap),
        cmocka_unit_test(fin_comes_again),
        cmocka_unit_test(numbers_wrap),
        cmocka_unit_test(from_the_middle),
        cmocka_unit_test(many_gaps_are_bounded),
        cmocka_unit_test(all_behind_one_gap_is_kept),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
