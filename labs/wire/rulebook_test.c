/* Rules on a wire without a network: a conversation goes in, and what comes out of the engine, and
 * when, is held to what each rule says. */
#include "labs/wire/rulebook.h"

#include "tracer/base/clock.h"
#include "tracer/base/text.h"
#include "tracer/decode/packet.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define MS INT64_C(1000000)

/* A frame is named by a letter. */
struct sent {
    char name;
    int64_t ms;
    enum wire_direction from;
    uint16_t flags;
    uint32_t seq, ack; /* counted from the SYN */
    uint32_t len;
};

static const struct sent conversation[] = {
    {'a', 0, WIRE_FROM_C, TCP_SYN, 0, 0, 0},
    {'b', 20, WIRE_FROM_S, TCP_SYN | TCP_ACK, 0, 1, 0},
    {'c', 40, WIRE_FROM_C, TCP_ACK, 1, 1, 0},
    {'d', 50, WIRE_FROM_C, TCP_ACK | TCP_PSH, 1, 1, 100},
    {'e', 52, WIRE_FROM_C, TCP_ACK | TCP_PSH, 101, 1, 100},
    {'f', 54, WIRE_FROM_C, TCP_ACK | TCP_PSH, 201, 1, 100},
    {'g', 56, WIRE_FROM_C, TCP_ACK | TCP_PSH, 301, 1, 100},
    {'h', 75, WIRE_FROM_S, TCP_ACK, 1, 101, 0},
    {'i', 77, WIRE_FROM_S, TCP_ACK, 1, 201, 0},
    {'j', 254, WIRE_FROM_C, TCP_ACK | TCP_PSH, 201, 1, 100},
    {'k', 300, WIRE_FROM_C, TCP_ACK | TCP_FIN, 401, 1, 0},
};
enum { SENT = sizeof conversation / sizeof conversation[0] };
static const char untouched[] = "a@10 b@30 c@50 d@60 e@62 f@64 g@66 h@85 i@87 j@264 k@310 ";

static void put_be(uint8_t *at, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static uint32_t sum_words(const uint8_t *bytes, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The sum of a TCP segment with its pseudo-header: 0xffff where its checksum is right. */
static uint32_t tcp_sum(const uint8_t *frame, size_t n)
{
    return sum_words(frame + 26, 8, sum_words(frame + 34, n - 34, 6 + (uint32_t)(n - 34)));
}

static size_t make_frame(const struct sent *s, uint8_t *b)
{
    bool up = s->from == WIRE_FROM_C;
    size_t n = 54 + s->len;
    memset(b, 0, n);
    put_be(b + 12, 0x0800, 2);
    b[14] = 0x45;
    put_be(b + 16, (uint32_t)n - 14, 2);
    b[22] = 64, b[23] = PROTO_TCP;
    put_be(b + 26, up ? 0x0a000001 : 0x0a000002, 4);
    put_be(b + 30, up ? 0x0a000002 : 0x0a000001, 4);
    put_be(b + 34, up ? 34567 : 9502, 2);
    put_be(b + 36, up ? 9502 : 34567, 2);
    put_be(b + 38, (up ? 4000000000u : 7000) + s->seq, 4);
    put_be(b + 42, s->flags & TCP_ACK ? (up ? 7000 : 4000000000u) + s->ack : 0, 4);
    b[46] = 0x50, b[47] = (uint8_t)s->flags;
    put_be(b + 48, 8192, 2);
    memset(b + 54, 'x', s->len);
    put_be(b + 50, ~tcp_sum(b, n) & 0xffff, 2);
    return n;
}

struct wire {
    struct rules *rules;
    struct rulebook *book;
    struct engine *engine;
    struct text out;
    uint64_t corrupted;
};

static const struct rulebook_options hosts = {.addresses = {"10.0.0.1", "10.0.0.2"}};

static struct rules *parsed(const char *text)
{
    struct select_fault f;
    struct rules *r = rules_parse(text, strlen(text), &f);
    if (!r)
        fail_msg("%s: %d:%d: %s", text, f.line, f.column, f.text);
    return r;
}

static void lay(struct wire *w, const char *rules, const struct engine_options *options)
{
    struct engine_options o = *options;
    *w = (struct wire){.rules = rules[0] ? parsed(rules) : NULL};
    if (w->rules) {
        w->book = rulebook_new(&hosts);
        rulebook_add(w->book, w->rules);
    }
    o.rules = w->book;
    w->engine = engine_new(&o);
}

static void tear(struct wire *w)
{
    engine_free(w->engine);
    rulebook_free(w->book);
    rules_free(w->rules);
    text_free(&w->out);
}

/* Let out what is due: "c@50", dropped "c@50x", a copy "c@50+", damaged "c@50~". */
static void take_until(struct wire *w, int64_t until_ns)
{
    struct engine_fate fate;
    int64_t due_ns;
    while (engine_next_due(w->engine, &due_ns) && due_ns <= until_ns) {
        assert_true(engine_take(w->engine, due_ns, &fate));
        uint32_t sum = tcp_sum(fate.bytes, fate.length_bytes);
        assert_int_equal(sum == 0xffff, !fate.corrupted);
        text_format(&w->out, "%c@%lld%s%s%s ", (char)fate.name_ns, (long long)(due_ns / MS),
                    fate.fate == FATE_DROPPED ? "x" : "", fate.copy > 0 ? "+" : "",
                    fate.corrupted ? "~" : "");
        w->corrupted += fate.corrupted;
    }
}

static void send_one(struct wire *w, const struct sent *s)
{
    uint8_t frame[1600];
    size_t n = make_frame(s, frame);
    take_until(w, s->ms * MS - 1);
    engine_arrive(w->engine, s->from, s->ms * MS, s->name, frame, (uint32_t)n);
}

static const struct engine_options ten_ms = {
    .delay_ns = 10 * MS, .spacing_ns = MS, .queue_bytes = 100000};

static const struct {
    const char *rules, *out;
} rows[] = {
    {"", untouched},
    {"drop C > S [S]", "a@10x b@30 c@50 d@60 e@62 f@64 g@66 h@85 i@87 j@264 k@310 "},
    /* what is sent again is another packet: 'every' means that one too */
    {"drop C > S data 3", "a@10 b@30 c@50 d@60 e@62 f@64x g@66 h@85 i@87 j@264 k@310 "},
    {"drop every C > S data 3", "a@10 b@30 c@50 d@60 e@62 f@64x g@66 h@85 i@87 j@264x k@310 "},
    {"drop C > S data 3 again", "a@10 b@30 c@50 d@60 e@62 f@64 g@66 h@85 i@87 j@264x k@310 "},
    {"drop 2nd C > S data", "a@10 b@30 c@50 d@60 e@62x f@64 g@66 h@85 i@87 j@264 k@310 "},
    {"drop seq 301:401", "a@10 b@30 c@50 d@60 e@62 f@64 g@66x h@85 i@87 j@264 k@310 "},
    {"drop S > C ack J+201", "a@10 b@30 c@50 d@60 e@62 f@64 g@66 h@85 i@87x j@264 k@310 "},
    {"drop bytes 150..250", "a@10 b@30 c@50 d@60 e@62x f@64x g@66 h@85 i@87 j@264 k@310 "},
    {"drop udp", untouched},
    /* a delayed one is overtaken */
    {"delay 3ms C > S data 2", "a@10 b@30 c@50 d@60 f@64 e@65 g@66 h@85 i@87 j@264 k@310 "},
    {"delay 200ms S > C [.] first", "a@10 b@30 c@50 d@60 e@62 f@64 g@66 i@87 j@264 h@285 k@310 "},
    {"delay 3ms C > S data 2\ndelay 3ms C > S data 2..3",
     "a@10 b@30 c@50 d@60 g@66 f@67 e@68 h@85 i@87 j@264 k@310 "},
    /* copies stand behind their packet, and take room */
    {"duplicate C > S data 1", "a@10 b@30 c@50 d@60 d@61+ e@62 f@64 g@66 h@85 i@87 j@264 k@310 "},
    {"duplicate 3 C > S data 1",
     "a@10 b@30 c@50 d@60 d@61+ d@62+ d@63+ e@64 f@65 g@66 h@85 i@87 j@264 k@310 "},
    {"reorder C > S data 2", "a@10 b@30 c@50 d@60 f@64 e@65 g@66 h@85 i@87 j@264 k@310 "},
    {"reorder 2 C > S data 2", "a@10 b@30 c@50 d@60 f@64 g@66 e@67 h@85 i@87 j@264 k@310 "},
    {"reorder C > S data 2..3", "a@10 b@30 c@50 d@60 g@66 e@67 f@68 h@85 i@87 j@264 k@310 "},
    /* one that is not sent overtakes nobody; one that nobody overtakes comes within a second */
    {"reorder C > S data 2\ndrop C > S data 3",
     "a@10 b@30 c@50 d@60 f@64x g@66 e@67 h@85 i@87 j@264 k@310 "},
    {"reorder [F.]", "a@10 b@30 c@50 d@60 e@62 f@64 g@66 h@85 i@87 j@264 k@1310 "},
    {"corrupt C > S data 3", "a@10 b@30 c@50 d@60 e@62 f@64~ g@66 h@85 i@87 j@264 k@310 "},
    {"corrupt 50 C > S data 3\nduplicate C > S data 3",
     "a@10 b@30 c@50 d@60 e@62 f@64~ f@65+~ g@66 h@85 i@87 j@264 k@310 "},
    {"corrupt 7 [S.]", "a@10 b@30~ c@50 d@60 e@62 f@64 g@66 h@85 i@87 j@264 k@310 "},
    {"hold [S.] for 25ms", "a@10 c@50 b@55 d@60 e@62 f@64 g@66 h@85 i@87 j@264 k@310 "},
    /* let go at once, or when its way is over */
    {"hold C > S data 2 until S > C [.]",
     "a@10 b@30 c@50 d@60 f@64 g@66 e@75 h@85 i@87 j@264 k@310 "},
    {"hold C > S data 2 until C > S data 3", untouched},
    {"hold C > S data 2 until udp", "a@10 b@30 c@50 d@60 f@64 g@66 h@85 i@87 j@264 k@310 "},
    /* 154 bytes at 1.232 Mbit/s are 1 ms, at 123.2 kbit/s 10 ms */
    {"rate 1232kbit C > S data", "a@10 b@30 c@50 d@61 e@63 f@65 g@67 h@85 i@87 j@265 k@310 "},
    {"rate 123.2kbit C > S data", "a@10 b@30 c@50 d@70 e@80 h@85 i@87 f@90 g@100 j@274 k@310 "},
    {"rate 123.2kbit queue 1 C > S data",
     "a@10 b@30 c@50 f@64x g@66x d@70 e@80 h@85 i@87 j@274 k@310 "},
    {"drop C > S data 1\nrate 123.2kbit C > S data",
     "a@10 b@30 c@50 d@60x e@72 f@82 h@85 i@87 g@92 j@274 k@310 "},
    /* the first that applies ends it where it drops */
    {"drop C > S data 2\nduplicate C > S data 2..3",
     "a@10 b@30 c@50 d@60 e@62x f@64 f@65+ g@66 h@85 i@87 j@264 k@310 "},
    {"drop C > S probability 0%", untouched},
};

static void each_rule_does_what_it_says(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire w;
        lay(&w, rows[i].rules, &ten_ms);
        for (size_t s = 0; s < SENT; s++)
            send_one(&w, &conversation[s]);
        take_until(&w, INT64_C(100) * NS_PER_S);
        if (strcmp(text_str(&w.out), rows[i].out) != 0) {
            printf("%s\n  gives %s\n  not   %s\n", rows[i].rules, text_str(&w.out), rows[i].out);
            faults++;
        }
        tear(&w);
    }
    assert_int_equal(faults, 0);
}

/* The rule is told, as it was written, with what it did; the link's own doing is not. */
static void a_fate_names_its_rule(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *reason;
    } told[] = {
        {"drop C > S [S]  # the first", "drop C > S [S]"},
        {"delay 3ms [S]\nduplicate  [S]", "duplicate  [S]"},
        {"jitter 3ms [S]", NULL},
        {"rate 1mbit [S]", NULL},
        {"corrupt 2 [S] probability 100%", "corrupt 2 [S] probability 100%"},
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct wire w;
        struct engine_fate fate;
        lay(&w, told[i].rules, &ten_ms);
        send_one(&w, &conversation[0]);
        assert_true(engine_take(w.engine, 90 * MS, &fate));
        if (told[i].reason)
            assert_string_equal(fate.reason, told[i].reason);
        else
            assert_null(fate.reason);
        tear(&w);
    }
}

/* ---- chance -------------------------------------------------------------------------------- */

enum { MANY = 4000 };

/* Send MANY data segments each way, S's in between those of C or all behind them, and tell the
 * fates of one direction. */
static void many(const char *rules, bool mixed, enum wire_direction of, struct text *out)
{
    struct wire w;
    struct engine_options wide = {.queue_bytes = SIZE_MAX / 2};
    lay(&w, rules, &wide);
    for (int turn = 0; turn < 2 * MANY; turn++) {
        enum wire_direction d = (enum wire_direction)(mixed ? turn % 2 : turn / MANY);
        uint32_t nth = (uint32_t)(mixed ? turn / 2 : turn % MANY);
        struct sent s = {'a', 0, d, TCP_ACK, 1 + 10 * nth, 1, 10};
        uint8_t frame[100];
        struct engine_fate fate;
        size_t n = make_frame(&s, frame);
        engine_arrive(w.engine, d, turn, nth, frame, (uint32_t)n);
        assert_true(engine_take(w.engine, turn, &fate));
        if (d == of)
            text_char(out, fate.fate == FATE_DROPPED ? 'x' : '.');
    }
    tear(&w);
}

static size_t losses(const struct text *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++)
        n += t->s[i] == 'x';
    return n;
}

static void chance_is_the_same_again(void **state)
{
    (void)state;
    static const char seven[] = "drop tcp probability 5% seed 7";
    struct text a = {0}, b = {0}, other = {0}, back = {0};
    many(seven, false, WIRE_FROM_C, &a);
    many(seven, true, WIRE_FROM_C, &b); /* however the directions are interleaved */
    assert_string_equal(text_str(&a), text_str(&b));
    many("drop tcp probability 5% seed 8", false, WIRE_FROM_C, &other);
    many(seven, false, WIRE_FROM_S, &back);
    assert_string_not_equal(text_str(&a), text_str(&other));
    assert_string_not_equal(text_str(&a), text_str(&back));
    const struct text *const all[] = {&a, &other, &back};
    for (int i = 0; i < 3; i++)
        assert_in_range(losses(all[i]), MANY / 20 * 3 / 4, MANY / 20 * 5 / 4);
    text_free(&a);
    text_free(&b);
    text_free(&other);
    text_free(&back);
}

/* Jitter is drawn from all of its range, and nobody overtakes. */
static void jitter_keeps_the_order(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    struct wire w;
    struct engine_options wide = {.queue_bytes = SIZE_MAX / 2};
    int64_t low_ns = INT64_MAX, high_ns = 0;
    uint8_t frame[100];
    lay(&w, "jitter 8ms C > S", &wide);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct sent s = {'a', 0, WIRE_FROM_C, TCP_ACK, 1 + 10 * i, 1, 10};
        size_t n = make_frame(&s, frame);
        engine_arrive(w.engine, s.from, i * 5 * MS, i, frame, (uint32_t)n);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        struct engine_fate fate;
        int64_t due_ns;
        assert_true(engine_next_due(w.engine, &due_ns));
        assert_true(engine_take(w.engine, due_ns, &fate));
        assert_int_equal(fate.name_ns, i);
        int64_t late_ns = fate.due_ns - i * 5 * MS;
        low_ns = late_ns < low_ns ? late_ns : low_ns;
        high_ns = late_ns > high_ns ? late_ns : high_ns;
    }
    assert_in_range(low_ns, 0, MS / 2);
    assert_in_range(high_ns, 15 * MS / 2, 8 * MS);
    tear(&w);
}

/* ---- rules that come later ------------------------------------------------------------------ */

static void later_rules_know_what_was_sent(void **state)
{
    (void)state;
    struct rulebook_options grows = hosts;
    grows.grows = true;
    struct rulebook *book = rulebook_new(&grows);
    struct rules *first = parsed("delay 1ms udp"), *later = parsed("drop C > S data 3");
    uint8_t frame[1600];
    rulebook_add(book, first);
    for (size_t s = 0; s < SENT; s++) {
        size_t n = make_frame(&conversation[s], frame);
        if (conversation[s].name == 'f')
            rulebook_add(book, later);
        struct ruling r =
            rulebook_rule(book, conversation[s].from, conversation[s].ms * MS, frame, (uint32_t)n);
        assert_int_equal(r.drop, conversation[s].name == 'f');
    }
    assert_int_equal(rulebook_count(book), 2);
    rulebook_free(book);
    rules_free(first);
    rules_free(later);
}

/* ---- what a wire meets ---------------------------------------------------------------------- */

/* Any bytes may come: no rule is met by what says nothing, and a student's annotation is no word of
 * the session's. */
static void strays_pass(void **state)
{
    (void)state;
    struct wire w;
    struct engine_fate fate;
    static const char forged[] = "{\"type\":\"session\",\"version\":1,\"address_c\":\"10.0.0.2\","
                                 "\"address_s\":\"10.0.0.1\"}";
    uint8_t frame[200] = {[12] = 0x88, [13] = 0xb5};
    lay(&w, "drop C > S\ncorrupt 3 arp\nhold udp until udp", &ten_ms);
    memcpy(frame + 14, forged, sizeof forged - 1);
    engine_arrive(w.engine, WIRE_FROM_C, 0, 1, frame, 14 + sizeof forged - 1);
    engine_arrive(w.engine, WIRE_FROM_C, 0, 2, frame, 0);
    for (uint32_t n = 1; n < 60; n++)
        engine_arrive(w.engine, WIRE_FROM_S, 0, 3, (const uint8_t[60]){[12] = 8}, n);
    while (engine_take(w.engine, NS_PER_S, &fate)) {
        assert_int_equal(fate.fate, FATE_DELIVERED);
        engine_delivered(w.engine, fate.direction, 0);
    }
    assert_int_equal(engine_held(w.engine, WIRE_FROM_C) + engine_held(w.engine, WIRE_FROM_S), 0);
    tear(&w);
}

/* The link's own rate and queue, without any rule. */
static void a_link_has_a_rate(void **state)
{
    (void)state;
    struct wire w;
    struct engine_options slow = ten_ms;
    slow.bits_per_s = 123200;
    slow.queue_frames = 2;
    lay(&w, "", &slow);
    for (size_t s = 0; s < SENT; s++)
        send_one(&w, &conversation[s]);
    take_until(&w, INT64_C(100) * NS_PER_S);
    assert_string_equal(text_str(&w.out),
                        "a@13 b@33 c@53 g@66x d@70 e@80 h@88 f@90 i@92 j@274 k@313 ");
    tear(&w);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_does_what_it_says),
        cmocka_unit_test(a_fate_names_its_rule),
        cmocka_unit_test(chance_is_the_same_again),
        cmocka_unit_test(jitter_keeps_the_order),
        cmocka_unit_test(later_rules_know_what_was_sent),
        cmocka_unit_test(strays_pass),
        cmocka_unit_test(a_link_has_a_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
