/* Frames held by hand, on a clock of the test's own: nothing here waits, and no kernel is asked. */
#include "labs/wire/engine.h"
#include "labs/wire/hands.h"
#include "labs/wire/orders.h"

#include "labs/wire/rulebook.h"
#include "tracer/base/clock.h"
#include "tracer/decode/packet.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MS      INT64_C(1000000)
#define DELAY   (10 * MS)
#define SPACING MS

struct bench {
    struct engine *engine;
    struct orders *orders;
    struct text answer;
};

static void set_up(struct bench *b, bool remembers)
{
    *b = (struct bench){0};
    b->engine = engine_new(
        &(struct engine_options){.delay_ns = DELAY, .spacing_ns = SPACING, .queue_bytes = 1 << 20});
    b->orders = orders_new(&(struct orders_options){
        .engine = b->engine,
        .rulebook = {.addresses = {"10.0.0.1", "10.0.0.2"}, .grows = remembers},
    });
}

static void tear_down(struct bench *b)
{
    orders_free(b->orders);
    engine_free(b->engine);
    text_free(&b->answer);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void be(uint8_t *at, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

struct sent {
    enum wire_direction from;
    uint16_t flags;
    uint32_t seq, ack, len;
    uint16_t port; /* C's; 0: 34567 */
};

/* A segment arrives at `at`, by which it is named, too. */
static void arrives(struct bench *b, int64_t at, struct sent s)
{
    uint8_t f[14 + 20 + 20 + 1460] = {0};
    uint32_t length = 14 + 20 + 20 + s.len;
    bool c = s.from == WIRE_FROM_C;
    uint16_t port = s.port ? s.port : 34567;
    be(f + 12, 0x0800, 2);
    f[14] = 0x45;
    be(f + 16, length - 14, 2);
    f[22] = 64, f[23] = 6;
    be(f + 26, c ? 0x0a000001 : 0x0a000002, 4);
    be(f + 30, c ? 0x0a000002 : 0x0a000001, 4);
    be(f + 34, c ? port : 9502, 2);
    be(f + 36, c ? 9502 : port, 2);
    be(f + 38, s.seq, 4);
    be(f + 42, s.ack, 4);
    f[46] = 5 << 4;
    f[47] = (uint8_t)s.flags;
    be(f + 48, 64240, 2);
    engine_arrive(b->engine, s.from, at, at, f, length);
    orders_count(b->orders, length);
}

static const struct sent syn = {WIRE_FROM_C, TCP_SYN, 1000, 0, 0, 0};
static const struct sent syn_ack = {WIRE_FROM_S, TCP_SYN | TCP_ACK, 5000, 1001, 0, 0};
static const struct sent ack = {WIRE_FROM_C, TCP_ACK, 1001, 5001, 0, 0};

static struct sent data(uint32_t nth, uint32_t len)
{
    return (struct sent){WIRE_FROM_C, TCP_ACK | TCP_PSH, 1001 + nth * len, 5001, len, 0};
}

/* ---- what is expected ------------------------------------------------------------------------ */

static void does(struct bench *b, int64_t at, const char *line, bool done, const char *answer)
{
    text_clear(&b->answer);
    bool did = orders_do(b->orders, line, at, &b->answer);
    if (answer)
        assert_string_equal(text_str(&b->answer), answer);
    assert_int_equal(did, done);
}

static void nothing_by(struct bench *b, int64_t at)
{
    struct engine_fate f;
    assert_false(engine_take(b->engine, at, &f));
}

static void comes(struct bench *b, int64_t at, int64_t name, enum fate fate, const char *reason,
                  int copy)
{
    struct engine_fate f;
    int64_t due;
    assert_true(engine_next_due(b->engine, &due));
    assert_int_equal(due, at);
    nothing_by(b, at - 1);
    assert_true(engine_take(b->engine, at, &f));
    assert_int_equal(f.name_ns, name);
    assert_int_equal(f.fate, fate);
    assert_int_equal(f.copy, copy);
    if (reason)
        assert_string_equal(f.reason, reason);
    else
        assert_null(f.reason);
}

/* All comes that is to come. */
static void drain(struct bench *b)
{
    struct engine_fate f;
    int64_t due;
    while (engine_next_due(b->engine, &due))
        assert_true(engine_take(b->engine, due, &f));
}

static void tells(struct bench *b, uint64_t number, uint32_t repeats, bool over)
{
    struct flight f;
    bool is_over;
    assert_true(engine_told(b->engine, &f, &is_over));
    assert_int_equal(f.number, number);
    assert_int_equal(f.repeats, repeats);
    assert_int_equal(is_over, over);
}

static void tells_nothing(struct bench *b)
{
    struct flight f;
    bool over;
    assert_false(engine_told(b->engine, &f, &over));
}

/* ---- holding --------------------------------------------------------------------------------- */

static void held_until_let(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true,
         "The wire holds all that is sent from now on; both kernels' timers run on.");
    arrives(&b, 5 * MS, syn);
    tells(&b, 1, 0, false);
    tells_nothing(&b);
    nothing_by(&b, INT64_MAX);
    does(&b, 4000 * MS, "let", true, "Let through: 1  C > S  54 bytes");
    tells(&b, 1, 0, true);
    comes(&b, 4000 * MS, 5 * MS, FATE_DELIVERED, "held by hand", 0);
    does(&b, 4000 * MS, "let", false, "The wire holds nothing. `flight` lists what travels.");
    tear_down(&b);
}

/* What is let go at once has been on the wire no longer than others. */
static void let_within_the_delay(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 0, syn);
    does(&b, 3 * MS, "let 1", true, NULL);
    comes(&b, DELAY, 0, FATE_DELIVERED, "held by hand", 0);
    tear_down(&b);
}

/* What travels when the wire comes to be held arrives. */
static void what_travels_arrives(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    arrives(&b, 0, syn);
    does(&b, 1 * MS, "hold", true, NULL);
    does(&b, 2 * MS, "flight", true, "1  C > S  54 bytes, travels, 8 ms to go");
    does(&b, 2 * MS, "let 1", false, "Segment 1 is not held: it travels, and arrives in 8 ms.");
    comes(&b, DELAY, 0, FATE_DELIVERED, NULL, 0);
    does(&b, 20 * MS, "flight", true, "Nothing is in flight.");
    tear_down(&b);
}

static void repeats_fold(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 1 * MS, syn);
    arrives(&b, 1001 * MS, syn);
    arrives(&b, 3001 * MS, syn);
    tells(&b, 1, 2, false); /* it was not asked before */
    comes(&b, 1001 * MS + DELAY, 1001 * MS, FATE_DROPPED, "repeats a held one", 0);
    comes(&b, 3001 * MS + DELAY, 3001 * MS, FATE_DROPPED, "repeats a held one", 0);
    does(&b, 3500 * MS, "flight", true, "1  C > S  54 bytes, held 3.4 s, sent 3 times");
    does(&b, 3500 * MS, "let", true, "Let through: 1  C > S  54 bytes, sent 3 times");
    comes(&b, 3500 * MS, 1 * MS, FATE_DELIVERED, "held by hand", 0);
    arrives(&b, 7001 * MS, syn); /* the one that it repeats is held no longer */
    tells(&b, 4, 0, false);
    tear_down(&b);
}

/* The same direction, connection, flags, number and length, and only what takes up numbers. */
static void only_repeats_fold(void **state)
{
    (void)state;
    struct sent first = data(0, 100),
                others[] = {data(0, 100), data(0, 100), data(0, 100), data(0, 100), data(0, 100)};
    others[0].len = 99;
    others[1].seq++;
    others[2].flags |= TCP_FIN;
    others[3].port = 40000;
    others[4].from = WIRE_FROM_S;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 0, first);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        arrives(&b, (int64_t)i + 1, others[i]);
    arrives(&b, 10, ack); /* duplicate ACKs have a meaning of their own */
    arrives(&b, 11, ack);
    nothing_by(&b, INT64_MAX);
    assert_int_equal(engine_held(b.engine, WIRE_FROM_C) + engine_held(b.engine, WIRE_FROM_S), 8);
    first.flags &= (uint16_t)~TCP_PSH; /* and a newer acknowledgement: still a repeat */
    first.ack++;
    arrives(&b, 12, first);
    comes(&b, 12 + DELAY, 12, FATE_DROPPED, "repeats a held one", 0);
    tear_down(&b);
}

/* ---- what becomes of one --------------------------------------------------------------------- */

static void dropped(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    arrives(&b, 0, syn);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 1, syn_ack);
    does(&b, 100, "drop", true, "Dropped: 2  S > C  54 bytes");
    comes(&b, 100, 1, FATE_DROPPED, "dropped by hand", 0);
    does(&b, 200, "drop", false, NULL); /* the first held one: there is none */
    does(&b, 200, "drop 1", true, NULL);
    comes(&b, 200, 0, FATE_DROPPED, "dropped by hand", 0);
    does(&b, 300, "drop 1", false,
         "There is no segment 1 in flight. `flight` lists those that there are.");
    nothing_by(&b, INT64_MAX);
    tear_down(&b);
}

static void duplicated(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 0, data(0, 100));
    does(&b, 50 * MS, "dup", true, "Let through twice: 1  C > S  154 bytes");
    comes(&b, 50 * MS, 0, FATE_DELIVERED, "duplicated by hand", 0);
    comes(&b, 50 * MS + SPACING, 0, FATE_DELIVERED, "duplicated by hand", 1);
    nothing_by(&b, INT64_MAX);
    tear_down(&b);
}

static void delayed(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    arrives(&b, 0, data(0, 100));
    arrives(&b, 1, data(1, 100));
    does(&b, 50 * MS, "delay 2s 1", true, "Delayed: 1  C > S  154 bytes");
    does(&b, 60 * MS, "flight", true,
         "1  C > S  154 bytes, travels, 1.9 s to go\n2  C > S  154 bytes, held 60 ms");
    does(&b, 60 * MS, "let 2", true, NULL); /* it overtakes */
    comes(&b, 60 * MS, 1, FATE_DELIVERED, "held by hand", 0);
    does(&b, 70 * MS, "delay 1s 1", true, NULL); /* once more */
    comes(&b, 3050 * MS, 0, FATE_DELIVERED, "delayed by hand", 0);
    tear_down(&b);
}

static void all_let_go_in_order(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "hold", true, NULL);
    for (uint32_t i = 0; i < 3; i++)
        arrives(&b, i, data(i, 100));
    arrives(&b, 3, syn_ack);
    does(&b, 50 * MS, "let 2", true, NULL);
    does(&b, 60 * MS, "go", true, "Let through: 3. The wire holds nothing from now on.");
    comes(&b, 50 * MS, 1, FATE_DELIVERED, "held by hand", 0);
    comes(&b, 60 * MS, 0, FATE_DELIVERED, "held by hand", 0);
    comes(&b, 60 * MS, 3, FATE_DELIVERED, "held by hand", 0); /* the other direction */
    comes(&b, 61 * MS, 2, FATE_DELIVERED, "held by hand", 0);
    arrives(&b, 70 * MS, ack);
    comes(&b, 80 * MS, 70 * MS, FATE_DELIVERED, NULL, 0);
    does(&b, 90 * MS, "go", true, "The wire holds nothing from now on.");
    tear_down(&b);
}

/* ---- selectors and rules --------------------------------------------------------------------- */

static void held_by_a_selector(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, true);
    does(&b, 0, "hold S > C [S.]", true,
         "The wire holds what S > C [S.] selects from now on; both kernels' timers run on.");
    arrives(&b, 0, syn);
    arrives(&b, 1, syn_ack);
    comes(&b, DELAY, 0, FATE_DELIVERED, NULL, 0);
    nothing_by(&b, INT64_MAX);
    does(&b, 200 * MS, "flight", true,
         "2  S > C  [S.] seq K=5000, ack 1001, win 64240, held 200 ms");
    does(&b, 300 * MS, "go", true, NULL);
    comes(&b, 300 * MS, 1, FATE_DELIVERED, "held by hand", 0);
    arrives(&b, 400 * MS, syn_ack); /* it holds no longer */
    comes(&b, 400 * MS + DELAY, 400 * MS, FATE_DELIVERED, NULL, 0);
    tear_down(&b);
}

/* A rule that comes late counts from the first segment on, where that is remembered. */
static void late_rules_count_from_the_first(void **state)
{
    (void)state;
    for (int remembers = 0; remembers < 2; remembers++) {
        struct bench b;
        int64_t at = 0;
        set_up(&b, remembers);
        arrives(&b, at, syn);
        arrives(&b, at += DELAY, syn_ack);
        arrives(&b, at += DELAY, data(0, 100));
        drain(&b);
        does(&b, at, "rule 'drop C > S data 2'", true,
             remembers ? "From now on: drop C > S data 2"
                       : "From now on: drop C > S data 2, counted from what is sent from now on");
        arrives(&b, at += 100 * MS, data(1, 100));
        comes(&b, at + DELAY, at, remembers ? FATE_DROPPED : FATE_DELIVERED,
              remembers ? "drop C > S data 2" : NULL, 0);
        arrives(&b, at += 100 * MS, data(2, 100));
        comes(&b, at + DELAY, at, remembers ? FATE_DELIVERED : FATE_DROPPED,
              remembers ? NULL : "drop C > S data 2", 0);
        tear_down(&b);
    }
}

/* A flood is not kept in memory without end; rules then begin with what comes. */
static void a_flood_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    int64_t at = 0;
    set_up(&b, true);
    does(&b, 0, "hold C > S data 1", true, NULL);
    does(&b, 0, "go", true, NULL);
    tear_down(&b);
    set_up(&b, true);
    for (uint32_t i = 0; i < ORDERS_KEEP_BYTES / 1514 + 1; i++) {
        arrives(&b, at += MS, data(i, 1460));
        drain(&b);
    }
    does(&b, at, "hold", true, NULL);
    arrives(&b, at += MS, data(0, 1460));
    does(&b, at, "flight", true, NULL);
    assert_non_null(strstr(text_str(&b.answer), "  C > S  1514 bytes, held 0 ms"));
    does(&b, at, "rule drop C > S data 2", true, NULL);
    tear_down(&b);
}

/* What a rule holds is listed and can be let go too; a hold by hand has the last word. */
static void rules_and_hands(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, true);
    does(&b, 0, "rule hold C > S [S] until S > C", true, NULL);
    arrives(&b, 0, syn);
    tells_nothing(&b);
    does(&b, 20 * MS, "flight", true, "1  C > S  [S] seq J=1000, win 64240, held by a rule 20 ms");
    does(&b, 30 * MS, "hold", true, NULL);
    arrives(&b, 40 * MS, (struct sent){WIRE_FROM_C, TCP_SYN, 7000, 0, 0, 40000});
    arrives(&b, 50 * MS, syn_ack); /* lets go what the rule holds, and stays itself */
    comes(&b, 50 * MS, 0, FATE_DELIVERED, "hold C > S [S] until S > C", 0);
    nothing_by(&b, INT64_MAX);
    tear_down(&b);
}

static void other_commands_are_none_of_the_wires(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b, false);
    does(&b, 0, "step C", false, "`step` is no command of the wire.");
    does(&b, 0, "flihgt", false, "There is no command \"flihgt\". Did you mean \"flight\"?");
    does(&b, 0, "# nothing", true, "");
    tear_down(&b);
}

int main(void)
{
    if (!annotations_or_skip()) /* the rules know C and S by one */
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_until_let),
        cmocka_unit_test(let_within_the_delay),
        cmocka_unit_test(what_travels_arrives),
        cmocka_unit_test(repeats_fold),
        cmocka_unit_test(only_repeats_fold),
        cmocka_unit_test(dropped),
        cmocka_unit_test(duplicated),
        cmocka_unit_test(delayed),
        cmocka_unit_test(all_let_go_in_order),
        cmocka_unit_test(held_by_a_selector),
        cmocka_unit_test(late_rules_count_from_the_first),
        cmocka_unit_test(a_flood_is_forgotten),
        cmocka_unit_test(rules_and_hands),
        cmocka_unit_test(other_commands_are_none_of_the_wires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
