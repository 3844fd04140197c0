#include "tracer/trace/trace.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- frames and annotations to feed -----------------------------------------------------------
 */

static void put16(uint8_t *b, unsigned v)
{
    b[0] = (uint8_t)(v >> 8);
    b[1] = (uint8_t)v;
}

static void put32(uint8_t *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b + 2, v & 0xffff);
}

/* A segment between C (10.0.0.1:4000) and S (10.0.0.2:9502). */
static void feed_segment(struct trace *t, int64_t time_ns, char from, unsigned flags, uint32_t seq,
                         uint32_t ack, unsigned payload)
{
    uint8_t b[200] = {0};
    bool c = from == 'C';
    put16(b + 12, 0x0800);
    b[14] = 0x45;
    put16(b + 16, 40 + payload);
    b[22] = 64;
    b[23] = 6;
    put32(b + 26, c ? 0x0a000001 : 0x0a000002);
    put32(b + 30, c ? 0x0a000002 : 0x0a000001);
    put16(b + 34, c ? 4000 : 9502);
    put16(b + 36, c ? 9502 : 4000);
    put32(b + 38, seq);
    put32(b + 42, ack);
    b[46] = 0x50;
    b[47] = (uint8_t)flags;
    struct capture_frame f = {.time_ns = time_ns,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = b,
                              .captured_bytes = 54 + payload,
                              .wire_bytes = 54 + payload};
    trace_add(t, &f);
}

static void feed(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct text frame = {0};
    annotation_write(a, &frame);
    struct capture_frame f = {.time_ns = time_ns,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = (const uint8_t *)frame.s,
                              .captured_bytes = (uint32_t)frame.len,
                              .wire_bytes = (uint32_t)frame.len};
    trace_add(t, &f);
    text_free(&frame);
}

static void feed_session(struct trace *t, char *tier, char *c, char *s)
{
    struct annotation a = {.type = ANNOTATION_SESSION};
    a.session.version = 1;
    a.session.writer = "test";
    a.session.tier = tier;
    a.session.addresses[0] = c;
    a.session.addresses[1] = s;
    a.session.server_port = 9502;
    feed(t, 1, &a);
}

static void feed_fate(struct trace *t, int64_t time_ns, int64_t sent_ns, char from, enum fate fate)
{
    struct annotation a = {.type = ANNOTATION_FATE};
    a.fate.sent_ns = sent_ns;
    a.fate.from = from;
    a.fate.fate = fate;
    feed(t, time_ns, &a);
}

static void feed_call(struct trace *t, int64_t time_ns, char host, uint64_t id, char *name,
                      enum call_phase phase, char *local, char *remote)
{
    struct annotation a = {.type = ANNOTATION_CALL, .host = host};
    a.call.phase = phase;
    a.call.id = id;
    a.call.pid = a.call.tid = 7;
    a.call.name = name;
    a.call.args = "3";
    a.call.fd = 3;
    a.call.local = local;
    a.call.remote = remote;
    feed(t, time_ns, &a);
}

/* "time kind" of every moment, states written out: the story in a line each. */
static char *story(const struct trace *t)
{
    static const char *const kinds[TRACE_KIND_COUNT] = {"segment", "delivered", "dropped", "copied",
                                                        "enter",   "exit",      "state",   "kernel",
                                                        "console", "process",   "note",    "other"};
    struct text out = {0};
    for (size_t i = 0; i < trace_event_count(t); i++) {
        struct trace_event e = trace_event(t, i);
        text_format(&out, "%lld %s", (long long)trace_time(t, i), kinds[e.kind]);
        if (e.kind == TRACE_STATE) {
            const struct state_change got_s = trace_state(t, e.index), *s = &got_s;
            text_format(&out, " %c%d %s>%s", s->host ? s->host : '-', s->side,
                        tcp_state_name(s->from), tcp_state_name(s->to));
        }
        text_char(&out, '\n');
    }
    return out.s;
}

static void expect_story(const struct trace *t, const char *expected)
{
    char *told = story(t);
    assert_string_equal(told, expected);
    free(told);
}

/* ---- the tests --------------------------------------------------------------------------------
 */

/* One read of a program's terminal brings one line or several, as the machine has it. */
static void each_printed_line_is_an_event_however_they_came(void **state)
{
    (void)state;
    static char *const came[][3] = {{"two\n\nthree\nred?"}, {"two\n\n", "three\n", "red?"}};
    static const char *const lines[] = {"two\n\n", "three\n", "red?"};
    for (size_t i = 0; i < 2; i++) {
        struct trace *t = trace_new();
        for (size_t j = 0; j < 3 && came[i][j]; j++) {
            struct annotation a = {.type = ANNOTATION_CONSOLE, .host = 'C'};
            a.console.text = came[i][j];
            feed(t, 5, &a);
        }
        assert_int_equal(trace_event_count(t), 3);
        for (size_t j = 0; j < 3; j++) {
            struct trace_event e = trace_event(t, j);
            assert_int_equal(e.kind, TRACE_CONSOLE);
            assert_string_equal(trace_note(t, e.index)->text, lines[j]);
        }
        trace_free(t);
    }
}

static void session_has_two_moments_a_segment(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_call(t, 5, 'S', 1, "listen", CALL_ENTER, NULL, NULL);
    feed_call(t, 6, 'S', 1, "listen", CALL_EXIT, "0.0.0.0:9502", NULL);
    feed_call(t, 9, 'C', 1, "connect", CALL_ENTER, NULL, NULL);
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed_fate(t, 20, 10, 'C', FATE_DELIVERED);
    feed_segment(t, 21, 'S', TCP_SYN | TCP_ACK, 300, 101, 0);
    feed_fate(t, 31, 21, 'S', FATE_DELIVERED);
    feed_segment(t, 32, 'C', TCP_ACK, 101, 301, 0);
    feed_call(t, 33, 'C', 1, "connect", CALL_EXIT, "10.0.0.1:4000", "10.0.0.2:9502");
    feed_fate(t, 42, 32, 'C', FATE_DELIVERED);
    expect_story(t, "5 enter\n6 exit\n6 state S1 CLOSED>LISTEN\n9 enter\n"
                    "10 segment\n10 state C0 CLOSED>SYN-SENT\n20 delivered\n"
                    "21 segment\n21 state S1 LISTEN>SYN-RECEIVED\n31 delivered\n"
                    "31 state C0 SYN-SENT>ESTABLISHED\n32 segment\n33 exit\n42 delivered\n"
                    "42 state S1 SYN-RECEIVED>ESTABLISHED\n");
    const struct call *connect = trace_call(t, 1);
    assert_int_equal(connect->flow, 0);
    assert_int_equal(connect->side, SIDE_INITIATOR);
    assert_int_equal(connect->enter_ns, 9);
    assert_int_equal(connect->exit_ns, 33);
    assert_int_equal(trace_segment(t, 0).fate_ns, 20);
    struct segment third = trace_segment(t, 2);
    assert_int_equal(trace_relative_ack(t, &third), 1);
    assert_int_equal(trace_state_now(t, 0, SIDE_RESPONDER), STATE_ESTABLISHED);
    trace_free(t);
}

static void a_dropped_segment_reaches_nobody(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed_fate(t, 20, 10, 'C', FATE_DROPPED);
    feed_segment(t, 1010, 'C', TCP_SYN, 100, 0, 0);
    feed_fate(t, 99, 77, 'C', FATE_DELIVERED); /* names no segment */
    feed_fate(t, 1020, 78, 'S', FATE_DROPPED); /* nor this: but that it was lost is told */
    expect_story(t,
                 "10 segment\n10 state C0 CLOSED>SYN-SENT\n20 dropped\n1010 segment\n1020 note\n");
    assert_string_equal(trace_note(t, 0)->text, "A packet from S was lost on the wire");
    assert_false(trace_segment(t, 0).again);
    assert_true(trace_segment(t, 1).again);
    assert_int_equal(trace_segment(t, 0).fate, FATE_DROPPED);
    trace_free(t);
}

/* What a wire does by its rules: a copy has a moment of its own and changes nothing; what comes
 * corrupted reaches nobody. */
static void copies_and_damage_are_told(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    struct annotation copy = {.type = ANNOTATION_FATE}, damage = {.type = ANNOTATION_FATE};
    copy.fate.from = damage.fate.from = 'C';
    copy.fate.fate = FATE_DELIVERED;
    copy.fate.sent_ns = damage.fate.sent_ns = 10;
    copy.fate.reason = (char[]){"duplicate [S]"};
    damage.fate.fate = FATE_DROPPED;
    damage.fate.corrupted = true;
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed(t, 20, &copy);
    copy.fate.copy = 1;
    feed(t, 21, &copy);
    copy.fate.copy = 2;
    feed(t, 22, &copy);
    copy.fate.sent_ns = 11;
    feed(t, 23, &copy); /* of nothing we know */
    feed_segment(t, 30, 'C', TCP_SYN, 100, 0, 0);
    damage.fate.sent_ns = 30;
    feed(t, 40, &damage);
    expect_story(t, "10 segment\n10 state C0 CLOSED>SYN-SENT\n20 delivered\n21 copied\n22 copied\n"
                    "30 segment\n40 dropped\n");
    assert_int_equal(trace_copy(t, 1).segment, 0);
    assert_int_equal(trace_event_segment(t, 4), 0);
    assert_int_equal(trace_event_segment(t, 1), TRACE_NONE);
    assert_true(trace_segment(t, 0).copied && !trace_segment(t, 0).corrupted);
    assert_true(trace_segment(t, 1).corrupted && !trace_segment(t, 1).copied);
    assert_string_equal(trace_segment_reason(t, 0), "duplicate [S]");
    assert_null(trace_segment_reason(t, 1));
    trace_free(t);
}

static void nobody_listens_in_a_session_without_listen(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed_fate(t, 20, 10, 'C', FATE_DELIVERED);
    feed_segment(t, 21, 'S', TCP_RST | TCP_ACK, 0, 101, 0);
    feed_fate(t, 31, 21, 'S', FATE_DELIVERED);
    assert_int_equal(trace_state_now(t, 0, SIDE_RESPONDER), STATE_CLOSED);
    assert_int_equal(trace_state_now(t, 0, SIDE_INITIATOR), STATE_CLOSED);
    trace_free(t);
}

static void a_plain_capture_has_one_moment(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed_segment(t, 21, 'S', TCP_SYN | TCP_ACK, 300, 101, 0);
    feed_segment(t, 32, 'C', TCP_ACK, 101, 301, 0);
    feed_segment(t, 40, 'C', TCP_ACK | TCP_PSH, 101, 301, 7);
    feed_segment(t, 50, 'C', TCP_ACK | TCP_PSH, 101, 301, 7);
    expect_story(t, "10 segment\n10 state -0 CLOSED>SYN-SENT\n21 segment\n"
                    "21 state -1 LISTEN>SYN-RECEIVED\n21 state -0 SYN-SENT>ESTABLISHED\n"
                    "32 segment\n32 state -1 SYN-RECEIVED>ESTABLISHED\n40 segment\n50 segment\n");
    assert_false(trace_segment(t, 3).again);
    assert_true(trace_segment(t, 4).again);
    assert_int_equal(trace_segment(t, 4).frame, 5);
    assert_int_equal(trace_segment_frame(t, 4).captured_bytes, 61);
    assert_int_equal(trace_host_of(t, 0, 0), 0);
    trace_free(t);
}

static void on_loopback_the_port_tells_the_hosts(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "loopback", "10.0.0.1", "10.0.0.1");
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    assert_int_equal(trace_host_of(t, 0, SIDE_INITIATOR), 'C');
    assert_int_equal(trace_host_of(t, 0, SIDE_RESPONDER), 'S');
    trace_free(t);
}

static void what_is_not_tcp_is_kept(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    static const uint8_t bytes[] = {1, 2, 3};
    struct capture_frame f = {.time_ns = 5,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = 3,
                              .wire_bytes = 60};
    trace_add(t, &f);
    f.captured_bytes = 0;
    f.bytes = NULL;
    trace_add(t, &f);
    expect_story(t, "5 other\n5 other\n");
    assert_int_equal(trace_other_frame(t, 0).bytes[2], 3);
    trace_free(t);
}

static void broken_annotations_become_notes(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    uint8_t bytes[20] = {0};
    put16(bytes + 12, ETHERTYPE_ANNOTATION);
    memcpy(bytes + 14, "{\"typ", 5);
    struct capture_frame f = {.time_ns = 5,
                              .linktype = LINKTYPE_ETHERNET,
                              .bytes = bytes,
                              .captured_bytes = 19,
                              .wire_bytes = 19};
    trace_add(t, &f);
    feed_call(t, 6, 'C', 99, "read", CALL_EXIT, NULL, NULL); /* never entered */
    expect_story(t, "5 note\n6 note\n");
    trace_free(t);
}

static void calls_of_both_hosts_do_not_mix(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_call(t, 1, 'C', 1, "connect", CALL_ENTER, NULL, NULL);
    feed_call(t, 2, 'S', 1, "accept", CALL_ENTER, NULL, NULL);
    feed_call(t, 3, 'S', 1, "accept", CALL_EXIT, NULL, NULL);
    assert_int_equal(trace_call(t, 0)->exit_ns, -1);
    assert_int_equal(trace_call(t, 1)->exit_ns, 3);
    trace_free(t);
}

/* A segment's number in the file counts all that stands before it, of whatever kind. */
static void frames_are_numbered(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    uint64_t numbers[200], frame = 0;
    uint32_t seed = 3, segments = 0;
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    frame++;
    while (segments < 200) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t kind = seed >> 30;
        frame++;
        if (kind == 0) {
            struct capture_frame arp = {.time_ns = 1, .linktype = LINKTYPE_RAW};
            trace_add(t, &arp);
        } else if (kind == 1) {
            feed_fate(t, 1, 12345, 'C', FATE_DELIVERED);
        } else {
            feed_segment(t, 1, 'C', TCP_ACK, segments, 0, 1);
            numbers[segments++] = frame;
        }
    }
    for (uint32_t i = 0; i < segments; i++)
        assert_int_equal(trace_segment(t, i).frame, numbers[i]);
    trace_free(t);
}

static void feed_kernel(struct trace *t, int64_t time_ns, char host, char *state, int64_t cwnd)
{
    struct annotation a = {.type = ANNOTATION_KERNEL, .host = host};
    a.kernel.local = host == 'C' ? "10.0.0.1:4000" : "10.0.0.2:9502";
    a.kernel.remote = host == 'C' ? "10.0.0.2:9502" : "10.0.0.1:4000";
    a.kernel.state = state;
    a.kernel.cwnd = cwnd;
    feed(t, time_ns, &a);
}

/* A kernel's word stands beside what the segments had said of the end by then. */
static void the_kernel_has_its_own_word(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_kernel(t, 5, 'C', "SYN-SENT", 10); /* of a connection that was never seen */
    feed_segment(t, 10, 'C', TCP_SYN, 100, 0, 0);
    feed_kernel(t, 11, 'C', "SYN-SENT", 10);
    feed_kernel(t, 12, 'C', "FIN-WAIT-2", -4); /* it disagrees, and is hostile */
    feed_kernel(t, 13, 'C', "no state of ours", 0);
    assert_int_equal(trace_kernel_count(t), 4);
    assert_int_equal(trace_kernel(t, 0)->flow, TRACE_NONE);
    assert_int_equal(trace_kernel(t, 1)->flow, 0);
    assert_int_equal(trace_kernel(t, 1)->side, SIDE_INITIATOR);
    assert_int_equal(trace_kernel(t, 1)->state, STATE_SYN_SENT);
    assert_int_equal(trace_kernel(t, 1)->implied, STATE_SYN_SENT);
    assert_int_equal(trace_kernel(t, 1)->cwnd, 10);
    assert_int_equal(trace_kernel(t, 2)->state, STATE_FIN_WAIT_2);
    assert_int_equal(trace_kernel(t, 2)->implied, STATE_SYN_SENT);
    assert_int_equal(trace_kernel(t, 2)->cwnd, 0);
    assert_int_equal(trace_kernel(t, 3)->state, STATE_UNKNOWN);
    uint32_t second = trace_event_of(t, TRACE_KERNEL, 1);
    assert_ptr_equal(trace_kernel_at(t, 0, SIDE_INITIATOR, second), trace_kernel(t, 1));
    assert_null(trace_kernel_at(t, 0, SIDE_INITIATOR, second - 1));
    assert_null(trace_kernel_at(t, 0, SIDE_RESPONDER, second + 2));
    assert_int_equal(trace_time(t, second), 11);
    trace_free(t);
}

static struct state_change ended_by_kernel(bool timer)
{
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_segment(t, 10, 'C', TCP_SYN, 1000, 0, 0);
    feed_kernel(t, 11, 'C', "SYN-SENT", 10);
    struct annotation a = {.type = ANNOTATION_KERNEL, .host = 'C'};
    a.kernel.local = "10.0.0.1:4000";
    a.kernel.remote = "10.0.0.2:9502";
    a.kernel.state = "CLOSED";
    a.kernel.timer = timer;
    feed(t, 20, &a);
    uint32_t last = (uint32_t)trace_state_count(t) - 1;
    assert_int_equal(trace_state_now(t, 0, SIDE_INITIATOR), STATE_CLOSED);
    assert_int_equal(trace_event(t, trace_event_count(t) - 1).kind, TRACE_STATE);
    assert_int_equal(trace_state_flow(t, last), 0);
    struct state_change change = trace_state(t, last);
    feed(t, 21, &a); /* CLOSED it stays */
    assert_int_equal(trace_state_count(t), last + 1);
    trace_free(t);
    return change;
}

/* A connection that a timer ends, or its program without a FIN: only its kernel's word tells. */
static void what_no_segment_tells_is_an_event(void **state)
{
    (void)state;
    struct state_change by_timer = ended_by_kernel(true), by_program = ended_by_kernel(false);
    assert_int_equal(by_timer.from, STATE_SYN_SENT);
    assert_int_equal(by_timer.to, STATE_CLOSED);
    assert_int_equal(by_timer.event, EVENT_TIMER);
    assert_int_equal(by_timer.cause, CAUSE_TIMER);
    assert_int_equal(by_timer.time_ns, 20);
    assert_int_equal(by_timer.host, 'C');
    assert_int_equal(by_timer.side, SIDE_INITIATOR);
    assert_int_equal(by_program.event, EVENT_CALL_CLOSE);
    assert_int_equal(by_program.cause, CAUSE_CLOSE);
    assert_int_equal(by_program.to, STATE_CLOSED);
}

static char host_at(const struct trace *t, const char *words)
{
    struct endpoint end;
    assert_true(endpoint_parse(words, &end));
    return trace_host_at(t, &end);
}

static void a_host_is_known_by_either_address(void **state)
{
    (void)state;
    for (int v6 = 0; v6 < 2; v6++) {
        struct trace *t = trace_new();
        struct annotation a = {.type = ANNOTATION_SESSION};
        a.session.version = SESSION_VERSION;
        a.session.addresses[0] = "10.0.0.1";
        a.session.addresses[1] = "10.0.0.2";
        a.session.addresses6[0] = v6 ? "fd00::1" : NULL;
        a.session.addresses6[1] = v6 ? "fd00::2" : NULL;
        feed(t, 0, &a);
        assert_int_equal(host_at(t, "10.0.0.2:1"), 'S');
        assert_int_equal(host_at(t, "[fd00::1]:1"), v6 ? 'C' : 0);
        assert_int_equal(host_at(t, "[fd00::2]:1"), v6 ? 'S' : 0);
        assert_int_equal(host_at(t, "[::]:1"), 0);
        trace_free(t);
    }
}

static void feed_held(struct trace *t, int64_t time_ns, int64_t sent_ns, uint64_t number,
                      int repeats, bool over)
{
    struct annotation a = {.type = ANNOTATION_HELD};
    a.held.sent_ns = sent_ns;
    a.held.from = 'C';
    a.held.number = number;
    a.held.repeats = repeats;
    a.held.over = over;
    feed(t, time_ns, &a);
}

static void feed_waits(struct trace *t, int64_t time_ns, char host, int tid, uint64_t id, bool over)
{
    struct annotation a = {.type = ANNOTATION_WAITS, .host = host};
    a.waits.pid = a.waits.tid = tid;
    a.waits.id = id;
    a.waits.name = "connect";
    a.waits.over = over;
    feed(t, time_ns, &a);
}

static void feed_command(struct trace *t, int64_t time_ns, char *text, char *answer, bool failed)
{
    struct annotation a = {.type = ANNOTATION_COMMAND};
    a.command.text = text;
    a.command.answer = answer;
    a.command.failed = failed;
    feed(t, time_ns, &a);
}

/* What is held now, by number, whatever the order in which it is told. */
static void what_is_held_is_known(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_segment(t, 100, 'C', TCP_SYN, 1, 0, 0);
    feed_segment(t, 200, 'C', TCP_ACK, 2, 1, 5);
    feed_held(t, 210, 200, 9, 0, false);
    feed_held(t, 220, 100, 4, 0, false);
    feed_held(t, 230, 150, 5, 0, false); /* of no packet that is there */
    feed_held(t, 240, 100, 4, 2, false);
    assert_int_equal(trace_hold_count(t), 3);
    assert_int_equal(trace_hold(t, 0)->number, 4);
    assert_int_equal(trace_hold(t, 0)->segment, 0);
    assert_int_equal(trace_hold(t, 0)->repeats, 2);
    assert_int_equal(trace_hold(t, 0)->since_ns, 220);
    assert_int_equal(trace_hold(t, 1)->segment, TRACE_NONE);
    assert_int_equal(trace_hold(t, 2)->segment, 1);
    feed_held(t, 250, 150, 5, 0, true);
    feed_held(t, 260, 300, 7, 0, true); /* never told of */
    assert_int_equal(trace_hold_count(t), 2);
    assert_int_equal(trace_hold(t, 1)->number, 9);
    trace_free(t);
}

static void who_waits_is_known(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    feed_session(t, "hosts", "10.0.0.1", "10.0.0.2");
    feed_waits(t, 100, 'C', 7, 1, false);
    feed_waits(t, 200, 'S', 7, 1, false); /* the same numbers on the other host */
    feed_waits(t, 300, 'C', 8, 2, false);
    assert_int_equal(trace_waiting_count(t), 3);
    assert_int_equal(trace_waiting(t, 1)->host, 'S');
    assert_int_equal(trace_waiting(t, 0)->call, TRACE_NONE); /* of which no entry was told */
    feed_waits(t, 400, 'C', 7, 3, false);                    /* where it waits now */
    assert_int_equal(trace_waiting_count(t), 3);
    assert_int_equal(trace_waiting(t, 2)->id, 3);
    feed_waits(t, 500, 'C', 7, 3, true);
    feed_waits(t, 500, 'S', 7, 1, true);
    assert_int_equal(trace_waiting_count(t), 1);
    assert_int_equal(trace_waiting(t, 0)->tid, 8);
    trace_free(t);
}

static void commands_turn_holds_on_and_off(void **state)
{
    (void)state;
    static const struct {
        char *text;
        bool failed, wire, programs[2];
    } rows[] = {
        {"hold C", false, false, {true, false}},
        {"hold S > C [S.]", false, true, {true, false}},
        {"hold programs", false, true, {true, true}},
        {"go", true, true, {true, true}},
        {"go C", false, true, {false, true}},
        {"go", false, false, {false, true}},
        {"goto", false, false, {false, true}},
        {"go programs", false, false, {false, false}},
        {"hold", false, true, {false, false}},
    };
    struct trace *t = trace_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        feed_command(t, (int64_t)i, rows[i].text, "Done.", rows[i].failed);
        struct trace_hands h = trace_hands(t);
        assert_int_equal(h.wire, rows[i].wire);
        assert_int_equal(h.programs[0], rows[i].programs[0]);
        assert_int_equal(h.programs[1], rows[i].programs[1]);
        assert_int_equal(trace_command_count(t), i + 1);
    }
    assert_string_equal(trace_command(t, 1)->text, "hold S > C [S.]");
    assert_string_equal(trace_command(t, 1)->answer, "Done.");
    assert_true(trace_command(t, 3)->failed);
    trace_free(t);
}

/* A file may say that there are very many: they are not all kept, and it takes no longer. */
static void very_many_holds_are_not_kept(void **state)
{
    (void)state;
    struct trace *t = trace_new();
    for (int i = 0; i < 24000; i++) /* the first of them in the order that takes the most moving */
        feed_held(t, 1, 1, (uint64_t)(i < 2000 ? 2000 - i : i), 0, false);
    for (int i = 0; i < 3000; i++)
        feed_waits(t, 1, 'C', i, (uint64_t)i, false);
    assert_true(trace_hold_count(t) > 1000 && trace_hold_count(t) < 20000);
    assert_true(trace_waiting_count(t) >= 1000 && trace_waiting_count(t) < 2000);
    trace_free(t);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_printed_line_is_an_event_however_they_came),
        cmocka_unit_test(session_has_two_moments_a_segment),
        cmocka_unit_test(a_dropped_segment_reaches_nobody),
        cmocka_unit_test(copies_and_damage_are_told),
        cmocka_unit_test(nobody_listens_in_a_session_without_listen),
        cmocka_unit_test(a_plain_capture_has_one_moment),
        cmocka_unit_test(on_loopback_the_port_tells_the_hosts),
        cmocka_unit_test(what_is_not_tcp_is_kept),
        cmocka_unit_test(broken_annotations_become_notes),
        cmocka_unit_test(calls_of_both_hosts_do_not_mix),
        cmocka_unit_test(the_kernel_has_its_own_word),
        cmocka_unit_test(what_no_segment_tells_is_an_event),
        cmocka_unit_test(a_host_is_known_by_either_address),
        cmocka_unit_test(frames_are_numbered),
        cmocka_unit_test(what_is_held_is_known),
        cmocka_unit_test(who_waits_is_known),
        cmocka_unit_test(commands_turn_holds_on_and_off),
        cmocka_unit_test(very_many_holds_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
