/* One field of a trace is changed, and the expectation that held before must fail and name it. */
#include "tracer/base/alloc.h"
#include "tracer/select/expect.h"
#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum member { FLAGS, SEQ, ACK, WIN, MSS, DATA, NAME, RET, ERRNO, FATE, HOST, PORT, WHEN, GONE };

struct row {
    const char *lines;
    int64_t us; /* the item that is changed ... */
    enum story_kind kind;
    enum member member; /* ... in this member ... */
    int64_t number;     /* ... to this */
    const char *text;
    const char *says;
};

#define SEGMENT(us, member, number, says) us, STORY_SEGMENT, member, number, NULL, says

static const struct row rows[] = {
    /* segments */
    {" C > S [S] seq J\n", SEGMENT(100040, FLAGS, TCP_ACK, "its flags are [.], not [S]")},
    {" S > C [S.]\n", SEGMENT(110080, FLAGS, TCP_RST | TCP_ACK, ", not [S.]")},
    {" C > S [S] seq J\n S > C [S.]\n C > S [.] seq J+1\n",
     SEGMENT(120100, SEQ, STORY_J + 2, "its sequence number is 2927179380, and expected was 29")},
    {" C > S [S] seq J\n S > C [S.] ack J+1\n",
     SEGMENT(110080, ACK, STORY_J + 2, "its acknowledgement number is 2927179380, and expected")},
    {" C > S data 1 seq 1:7\n",
     SEGMENT(140040, SEQ, STORY_J + 3, "its sequence numbers are 3:9, not 1:7")},
    {" S > C [S.]\n next C > S [.] ack 1\n",
     SEGMENT(120100, ACK, STORY_K + 3, "its acknowledgement number is 3, and expected was 1")},
    {" C > S [S] win 64240\n",
     SEGMENT(100040, WIN, 1, "its window (win) is 1, and expected was 64240")},
    {" [S]\n [S.]\n C > S [.] seq J+1, window 64256\n",
     SEGMENT(120100, WIN, 5, "its window in bytes is 640, and expected was 64256")},
    {" C > S [S] mss 1460\n",
     SEGMENT(100040, MSS, 536, "its MSS option is 536, and expected was 1460")},
    {" C > S [S] sackok\n", SEGMENT(100040, MSS, 0, "its SACK-permitted option is not there")},
    {" C > S [S] wscale 7\n", SEGMENT(100040, MSS, 0, "its window scale option is not there")},
    {" C > S data 1 len 6\n", 140040, STORY_SEGMENT, DATA, 0, "hell",
     "its length (len) is 4, and expected was 6"},
    {" C > S data 1 \"hello\"\n", 140040, STORY_SEGMENT, DATA, 0, "hallo\n",
     "its payload is \"hallo\\n\", which does not hold \"hello\""},
    {" C > S payload starts \"he\"\n", 140040, STORY_SEGMENT, DATA, 0, "xello\n",
     "which does not start with \"he\""},
    {" C > S payload = \"hello\\n\"\n", 140040, STORY_SEGMENT, DATA, 0, "hello!",
     "its payload is \"hello!\", not \"hello\\n\""},
    {" C > S bytes 19..22\n", SEGMENT(183000, SEQ, STORY_J + 40, "it carries the bytes")},
    {" C > S data 5\n", SEGMENT(183000, GONE, 0, "not data 5")},
    {" C > S data 2 again\n",
     SEGMENT(203080, GONE, 0, "it was sent for the first time, not again")},
    {" S > C [.] dup 3\n",
     SEGMENT(193040, ACK, STORY_J + 8, "its count as a duplicate ACK is 2, and expected was 3")},
    {" C > S data retransmission\n",
     SEGMENT(203080, GONE, 0, "the analysis does not call it retransmission")},
    {" C > S fin\n", SEGMENT(300040, FLAGS, TCP_ACK, "without FIN")},
    {" C > S [F.]\n", SEGMENT(300040, HOST, 'S', "it goes S > C, not C > S")},
    {" exactly 2 fin\n", SEGMENT(300040, GONE, 0, "It happened 1 time, and expected was 2")},
    {" never [R.]\n",
     SEGMENT(213120, FLAGS, TCP_RST | TCP_ACK, "This must not happen, and it did")},
    {" C > S data 1\n next S > C [.]\n", SEGMENT(150080, GONE, 0, "this comes between")},
    {" C > S [S]\n S > C [S.] within 15ms\n",
     SEGMENT(110080, WHEN, 118000,
             "It comes 0.017960 s after the line before, and allowed is up to 0.015000 s")},
    {" [S.] time < 115ms\n",
     SEGMENT(110080, WHEN, 118000,
             "its time is 0.118000 s, and expected was less than 0.115000 s")},
    {" C > S [S]\n S > C [S.]\n", SEGMENT(110080, WHEN, 90000, "It comes too early")},
    {" C > S data 1 after S > C [S.]\n",
     SEGMENT(140040, WHEN, 105000, "It comes before what it must come after")},
    {" C > S \"hello\" before C > S [F.]\n",
     SEGMENT(140040, WHEN, 305000, "It does not come before what it must")},
    {" 10.0.0.1:34567 > S [S]\n",
     SEGMENT(100040, PORT, 40000, "it goes 10.0.0.1:40000 > S, not 10.0.0.1:34567 > S")},
    {" port 34567, [S]\n", SEGMENT(100040, PORT, 40000, "neither of them *:34567")},
    {" sport 34567 [S]\n",
     SEGMENT(100040, PORT, 40000, "its source port is 40000, and expected was 34567")},
    /* fates */
    {" C > S [S] delivered\n", 110040, STORY_FATE, FATE, FATE_DROPPED, NULL,
     "it was dropped, not delivered"},
    {" C > S data 2 dropped\n", 170010, STORY_FATE, FATE, FATE_DELIVERED, NULL,
     "it was delivered, not dropped"},
    {" C > S [S] not dropped\n", 110040, STORY_FATE, FATE, FATE_DROPPED, NULL,
     "\"dropped\" holds, and the line says not"},
    /* calls */
    {" C enters connect()\n", 100000, STORY_ENTER, NAME, 0, "bind",
     "the call is bind(), not connect()"},
    {" C enters connect(3, S:9502)\n", 100000, STORY_ENTER, DATA, 0, "3, 10.0.0.2:80",
     "its arguments are (3, 10.0.0.2:80), not (3, S:9502)"},
    {" C enters connect()\n", 100000, STORY_ENTER, HOST, 'S', NULL, "the host at work is S, not C"},
    {" C returns connect()\n", 120140, STORY_EXIT, GONE, 0, NULL, "the call did not return"},
    {" C connect() = 0\n", 120140, STORY_EXIT, RET, 7, NULL, "its result is 7, and expected was 0"},
    {" C send() > 5\n", 140060, STORY_EXIT, RET, 2, NULL,
     "its result is 2, and expected was more than 5"},
    {" C connected\n", 120140, STORY_EXIT, ERRNO, -1, "ECONNREFUSED", "a connection is complete"},
    {" S accepted\n", 130140, STORY_EXIT, ERRNO, -1, "EAGAIN", "a connection is accepted"},
    {" C closed\n", SEGMENT(300040, FLAGS, TCP_ACK, "the host at work is S, not C")},
    /* states */
    {" C becomes ESTABLISHED\n", SEGMENT(110080, FLAGS, TCP_ACK, "becomes")},
    {" S becomes LAST-ACK\n", SEGMENT(311000, FLAGS, TCP_ACK, "not LAST-ACK")},
    {" C > S data 1, S is ESTABLISHED\n",
     SEGMENT(120100, GONE, 0, "S is SYN-RECEIVED, not ESTABLISHED")},
    /* consoles, programs, other packets */
    {" S prints \"22 bytes\"\n", 223200, STORY_PRINT, DATA, 0, "got 21 bytes\n",
     "what is printed is \"got 21 bytes\\n\", which does not hold \"22 bytes\""},
    {" C exits = 0\n", 500000, STORY_PROCESS, RET, 3, NULL,
     "the status with which it ended is 3, and expected was 0"},
    {" C exits\n", 500000, STORY_PROCESS, FLAGS, PROCESS_KILLED, NULL,
     "the program is killed here, and expected was that it exits"},
    {" udp \"ping\"\n", 400000, STORY_UDP, DATA, 0, "pong",
     "its payload is \"pong\", which does not hold \"ping\""},
    {" C > S udp\n", 400000, STORY_UDP, HOST, 'S', NULL, "it goes S > C, not C > S"},
    {" icmp unreachable\n", 401000, STORY_ICMP, FLAGS, 11, NULL,
     "no ICMP message that a destination is unreachable"},
    {" icmp.type 3\n", 401000, STORY_ICMP, FLAGS, 11, NULL,
     "its ICMP type is 11, and expected was 3"},
    {" icmp.code 3\n", 401000, STORY_ICMP, WIN, 1, NULL, "its ICMP code is 1, and expected was 3"},
    {" udp\n", 400000, STORY_UDP, GONE, 0, NULL, "not UDP"},
    /* counting, logic, blocks, variables */
    {" 2nd C > S data seq 7\n",
     SEGMENT(170000, GONE, 0, "counted in its connection, it is not number 2")},
    {" last C > S [.] ack 2\n",
     SEGMENT(321040, ACK, STORY_K + 1, "its acknowledgement number is 1, and expected was 2")},
    {" [S] (mss 1460 or mss 1400)\n", SEGMENT(100040, MSS, 536, "its MSS option is 536")},
    {" any order {\n C > S [F.]\n S > C [F.]\n }\n",
     SEGMENT(311000, FLAGS, TCP_ACK, "its flags are [.], not [F.]")},
    {" C > S [F.] seq X\n S > C [.] ack X+1\n",
     SEGMENT(310080, ACK, STORY_J + 23,
             "its acknowledgement number is 2927179401, and expected was 2927179402 (ack X+1)")},
};

/* What is kept in time order stays so. */
static void change(struct story *s, size_t i, const struct row *r)
{
    struct story_item *it = &s->items[i];
    switch (r->member) {
    case FLAGS: it->flags = (uint16_t)r->number; break;
    case SEQ: it->seq = (uint32_t)r->number; break;
    case ACK: it->ack = (uint32_t)r->number; break;
    case WIN: it->win = (uint16_t)r->number; break;
    case MSS: it->mss = (uint16_t)r->number; break;
    case PORT: it->port = (uint16_t)r->number; break;
    case HOST: it->host = (char)r->number; break;
    case FATE: it->fate = (enum fate)r->number; break;
    case RET: it->ret = r->number; break;
    case DATA: it->data = r->text; break;
    case NAME: it->name = r->text; break;
    case ERRNO: it->ret = r->number, it->error = r->text; break;
    case WHEN:
    case GONE: {
        struct story_item moved = *it;
        memmove(it, it + 1, (--s->count - i) * sizeof *it);
        if (r->member == GONE)
            break;
        moved.us = r->number;
        for (i = 0; i < s->count && s->items[i].us < moved.us;)
            i++;
        memmove(&s->items[i + 1], &s->items[i], (s->count++ - i) * sizeof *it);
        s->items[i] = moved;
        break;
    }
    }
}

static enum expect_result judge(const struct story *s, const char *lines, struct text *why)
{
    struct text text = {0};
    struct select_fault f;
    text_format(&text, "\"x\"%s\n%s",
                strstr(lines, "udp") || strstr(lines, "icmp") ? " across connections" : "", lines);
    struct expectations *e = expectations_parse(text.s, text.len, &f);
    if (!e)
        fail_msg("%s: %s", lines, f.text);
    struct trace *t = story_trace(s);
    struct expect_outcome *o = expectations_check(e, t);
    enum expect_result result = o[0].result;
    text_add(why, text_str(&o[0].why));
    expect_outcomes_free(o, 1);
    expectations_free(e);
    trace_free(t);
    text_free(&text);
    return result;
}

static size_t item_of(const struct story *s, const struct row *r)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].us == r->us && s->items[i].kind == r->kind)
            return i;
    fail_msg("%s: the story has no such item", r->lines);
    return 0;
}

static void a_changed_field_is_noticed_and_named(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct story s;
        struct text before = {0}, after = {0};
        story_classic(&s, true);
        enum expect_result first = judge(&s, rows[i].lines, &before);
        change(&s, item_of(&s, &rows[i]), &rows[i]);
        enum expect_result second = judge(&s, rows[i].lines, &after);
        if (first != EXPECT_MET || second != EXPECT_MISSED ||
            !strstr(text_str(&after), rows[i].says)) {
            printf("%s  before: %s\n  after: %s\n  expected: %s\n", rows[i].lines,
                   first == EXPECT_MET ? "met" : text_str(&before),
                   second == EXPECT_MET ? "met" : text_str(&after), rows[i].says);
            faults++;
        }
        text_free(&before);
        text_free(&after);
    }
    assert_int_equal(faults, 0);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_field_is_noticed_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
