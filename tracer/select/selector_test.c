#include "tracer/base/alloc.h"
#include "tracer/select/run.h"
#include "tracer/select/selector.h"
#include "tracer/select/story.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* The microseconds of the events that a selector selects in a trace, in order. */
static char *selected(const struct trace *t, const char *text)
{
    struct select_fault fault;
    struct text out = {0};
    struct selector *s = selector_parse(text, &fault);
    if (!s) {
        text_format(&out, "column %d: %s", fault.column, fault.text);
        return out.s;
    }
    struct select_run *r = select_run_new(t);
    select_run_add(r, s);
    for (size_t event; select_run_next(r, &event);)
        if (select_run_matches(r, 0))
            text_format(&out, "%s%lld", out.len > 0 ? " " : "",
                        (long long)(trace_time(t, event) - STORY_START_NS) / 1000);
    select_run_free(r);
    selector_free(s);
    return out.s ? out.s : xstrdup("");
}

struct row {
    const char *selector;
    const char *times;
};

static int check_rows(const struct trace *t, const struct row *rows, size_t n)
{
    int faults = 0;
    for (size_t i = 0; i < n; i++) {
        char *have = selected(t, rows[i].selector);
        if (strcmp(have, rows[i].times) != 0) {
            printf("%s\n  selects  %s\n  expected %s\n", rows[i].selector, have, rows[i].times);
            faults++;
        }
        free(have);
    }
    return faults;
}

static const struct row in_session[] = {
    /* directions, flags */
    {"C > S [S]", "100040"},
    {"S > C [S.]", "110080"},
    {"C > S [.]", "120100 321040"},
    {"[.] S > C", "150080 181040 192040 193040 213120 310080"},
    {"C > S [P.]", "140040 170000 171000 182000 183000 203080"},
    {"C > S [F.]", "300040"},
    {"C > S [F]", ""},
    {"[*] seq J", "100040"},
    {"[R]", ""},
    {"syn", "100040 110080"},
    {"flags.fin", "300040 311000"},
    {"10.0.0.2 > 10.0.0.1 [S.]", "110080"},
    {"10.0.0.2:9502 > * [S.]", "110080"},
    {"* > S:9502 [S]", "100040"},
    {"* > :80 [S]", ""},
    {"from C fin", "300040"},
    {"to C fin", "311000"},
    {"host 10.0.0.1 syn", "100040 110080"},
    {"host 10.0.0.3", ""},
    {"port 9502 fin", "300040 311000"},
    {"port 34567 fin", "300040 311000"},
    {"port 80", ""},
    {"[fe80::1]:80 > * or ::1 > fe80::2:3 or 10.0.0.1:34567 > 10.0.0.2 [S]", "100040"},
    /* numbers */
    {"C > S seq J", "100040"},
    {"C > S seq J+1", "120100 140040"},
    {"seq 1 C > S", "120100 140040"},
    {"seq 1:7", "140040"},
    {"seq 7:10", "170000 203080"},
    {"seq > J+18", "183000 300040 321040"},
    {"seq 2927179378", "100040"},
    {"rawseq 2927179379", "120100 140040"},
    {"ack J+1", "110080"},
    {"ack 23", "213120"},
    {"ack K+2", "321040"},
    {"ack not (len 0)", "140040 170000 171000 182000 183000 203080"},
    {"win 64240", "100040"},
    {"win != 502", "100040 110080"},
    {"window = 64256 len 6", "140040"},
    {"len > 5", "140040"},
    {"len 4..5", "171000 182000 183000 400000"},
    {"len >= 4 and len <= 5, tcp", "171000 182000 183000"},
    {"mss 1460", "100040"},
    {"mss", "100040 110080"},
    {"mss < 1460", "110080"},
    {"wscale 7", "100040 110080"},
    {"sackok C > S", "100040"},
    {"ts", ""},
    {"conn 1 [S.]", "110080"},
    {"conn 2", ""},
    {"time > 320ms and [.]", "321040"},
    {"time 0.11s..0.12s [S.]", "110080"},
    {"time < 105ms and syn", "100040"},
    {"sport 9502 syn", "110080"},
    {"dport 9502 syn", "100040"},
    {"ttl 64 syn", "100040 110080"},
    /* data */
    {"C > S data", "140040 170000 171000 182000 183000 203080"},
    {"C > S data 1", "140040"},
    {"C > S data 2", "170000 203080"},
    {"C > S data 2 again", "203080"},
    {"C > S data 2 not again", "170000"},
    {"C > S data 3..4", "171000 182000"},
    {"C > S data 6", ""},
    {"S > C data", ""},
    {"C > S bytes 1..6", "140040"},
    {"byte 7", "170000 203080"},
    {"bytes 9..10", "170000 171000 203080"},
    {"\"hello\"", "140040"},
    {"\"hello\\n\"", "140040"},
    {"payload = \"two\"", "170000 203080"},
    {"payload starts \"t\"", "170000 171000 203080"},
    {"payload \"p\"", "400000"},
    {"\"o\\ntwo\"", "170000 203080"},
    {"C > S \"twothree\"", "171000"},
    {"\"othreefour\"", "182000"},
    {"\"two\" delivered", "213080"},
    {"\"reefo\" delivered", "192000"},
    {"hex \"72 66 69\"", "183000"},
    {"\"ttwo\" or \"twotwo\" or \"xtwo\" or \"hreefiv\"", ""},
    {"payload starts \"othree\" or payload = \"twothree\"", ""},
    {"hex \"68 65\"", "140040"},
    {"hex \"6865:6c\"", "140040"},
    {"\"nothing like it\"", ""},
    {"again", "203080"},
    {"retransmission", "203080"},
    {"fast_retransmission", "203080"},
    {"out_of_order", ""},
    {"duplicate_ack", "181040 192040 193040"},
    {"tcp.analysis.retransmission", "203080"},
    {"dup 3", "193040"},
    {"dup", "181040 192040 193040"},
    {"S > C dup >= 2", "192040 193040"},
    /* fates */
    {"dropped", "170010"},
    {"C > S [S] delivered", "110040"},
    {"S > C [.] dup 3 delivered", "203040"},
    {"C > S data not dropped", "140040 171000 182000 183000 203080"},
    {"C > S data 2 (delivered or dropped)", "170010 213080"},
    {"C > S data 2 not delivered", "170000"},
    /* counting */
    {"first C > S data", "140040"},
    {"C > S data first", "140040"},
    {"last C > S data", "203080"},
    {"last of C > S data 2", "203080"},
    {"2nd C > S data", "170000"},
    {"3rd C > S data len > 3", "182000"},
    {"first (C > S data again) or [S]", "100040 203080"},
    {"first C > S [.] and len 0", "120100"},
    {"first (last C > S data)", "203080"},
    {"last C > S", "321040 400000"},
    {"last C > S tcp", "321040"},
    {"100th C > S", ""},
    /* calls */
    {"C enters connect()", "100000"},
    {"C returns connect()", "120140"},
    {"C returns connect() = 0", "120140"},
    {"C connect() = 0", "120140"},
    {"C connect()", "100000"},
    {"connect()", "100000"},
    {"S connect()", ""},
    {"C connect() fails", ""},
    {"C connect() = -1", ""},
    {"C enters connect(3, S:9502)", "100000"},
    {"C enters connect(*, S:9502)", "100000"},
    {"C enters connect(3, 10.0.0.2:9502)", "100000"},
    {"C enters connect(4)", ""},
    {"C enters connect(3, S:80)", ""},
    {"C enters connect(3, S:9502, more)", ""},
    {"C enters send(*, \"hello\\n\")", "140000"},
    {"S returns accept(3, C:34567) >= 0", "130140"},
    {"returns close()", "300060 311020"},
    {"S enters socket(AF_INET, SOCK_STREAM)", "10"},
    {"fd 3 C enters close()", "300000"},
    {"C connected", "120140"},
    {"S accepted", "130140"},
    {"accepted", "130140"},
    {"C closed", "300040"},
    {"S closed", "311000"},
    {"S connected", ""},
    /* states, consoles, programs, other packets */
    {"C becomes ESTABLISHED", "120080"},
    {"S becomes established", "130100"},
    {"S becomes LISTEN", "40"},
    {"C becomes TIME-WAIT", "321000"},
    {"C becomes FIN-WAIT-2", "320080"},
    {"becomes LAST_ACK", "311000"},
    {"C is SYN-SENT syn", "110080"},
    {"C is CLOSED syn", "100040"},
    {"S is LISTEN [S]", "100040"},
    {"S is CLOSE-WAIT len 0 S > C", "310080 311000"},
    {"C > S data, C is ESTABLISHED, len 6", "140040"},
    {"S prints \"22 bytes\"", "223200"},
    {"S prints", "223200"},
    {"kernel", "110400 204100"},
    {"S kernel", "110400"},
    {"kernel ESTABLISHED", "204100"},
    {"kernel established C > S", ""},
    {"C kernel SYN-RECEIVED", ""},
    {"cwnd > 0", "204100"},
    {"kernel cwnd 5 ssthresh 5 unacked 4 backoff 1 retransmits 1", "204100"},
    {"kernel rtt 20.1ms, rto < 1", "204100"},
    {"kernel not ssthresh", "110400"},
    {"kernel not (rto > 0)", "110400"},
    {"S prints \"no\"", ""},
    {"S types \"22\"", ""},
    {"C exits = 0", "500000"},
    {"C exits = 1", ""},
    {"S starts", "0"},
    {"killed", ""},
    {"udp", "400000"},
    {"C > S udp port 9502", "400000"},
    {"icmp", "401000"},
    {"S > C icmp unreachable", "401000"},
    {"icmp.type 3 icmp.code 3", "401000"},
    {"icmp.code 4", ""},
    {"arp or icmp6", ""},
    {"ip and not tcp", "400000 401000"},
    {"udp \"ping\"", "400000"},
    /* logic */
    {"[S] or [S.]", "100040 110080"},
    {"syn and not [S.]", "100040"},
    {"not (len 0) C > S tcp", "140040 170000 171000 182000 183000 203080"},
    {"syn (C > S or len 1)", "100040"},
    {"not tcp not udp icmp", "401000"},
    {"C > S # only these\n [S]", "100040"},
};

static void a_session_is_selected_from(void **state)
{
    (void)state;
    struct story s;
    story_classic(&s, true);
    struct trace *t = story_trace(&s);
    assert_int_equal(check_rows(t, in_session, sizeof in_session / sizeof in_session[0]), 0);
    trace_free(t);
}

/* The wire turned bytes of what was lost, and delivered the last data twice. */
static void what_a_wire_does_is_selected(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"corrupted", "170010"},
        {"C > S data 2 corrupted", "170010"},
        {"dropped", "170010"},
        {"C > S data 2 not corrupted", "203080"},
        {"duplicated", "600000"},
        {"C > S data again duplicated", "600000"},
        {"C > S data again delivered", "213080"},
        {"C > S data 2 not duplicated", "170000"},
        {"S > C duplicated", ""},
        {"C > S data again (delivered or duplicated)", "213080 600000"},
    };
    struct story s;
    story_classic(&s, true);
    for (size_t i = 0; i < s.count; i++)
        s.items[i].corrupted = s.items[i].kind == STORY_FATE && s.items[i].fate == FATE_DROPPED;
    s.items[s.count++] = (struct story_item){.us = 600000,
                                             .kind = STORY_FATE,
                                             .host = 'C',
                                             .of_us = 203080,
                                             .fate = FATE_DELIVERED,
                                             .copy = 1};
    struct trace *t = story_trace(&s);
    assert_int_equal(check_rows(t, rows, sizeof rows / sizeof rows[0]), 0);
    trace_free(t);
}

/* No hosts are named: C is who opened. One moment stands for sent and delivered. */
static void a_plain_capture_is_selected_from(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"C > S [S]", "100040"},
        {"S > C [S.] delivered", "110080"},
        {"dropped", ""},
        {"C connected", "110080"},
        {"C closed", "300040"},
        {"S accepted", ""},
        {"C becomes ESTABLISHED", "110080"},
        {"S is LISTEN [S]", "100040"},
        {"C > S data 2 again", "203080"},
        {"C > S udp", "400000"},
        {"S > C icmp", "401000"},
        {"C enters connect()", ""},
    };
    struct story s;
    story_classic(&s, false);
    struct trace *t = story_trace(&s);
    assert_int_equal(check_rows(t, rows, sizeof rows / sizeof rows[0]), 0);
    trace_free(t);
}

static struct story_item *item_at(struct story *s, int64_t us)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].us == us)
            return &s->items[i];
    fail_msg("the story has nothing at %lld", (long long)us);
    return NULL;
}

/* connect() returns at once and goes on; asked again, it is connected already. accept() had nobody
 * to return the first time. */
static void connections_that_do_not_block_are_complete_once(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"C connected", "120080"}, /* when the SYN-ACK arrives, not when connect() is asked again */
        {"S accepted", "130140"},
        {"C connect() fails", "100020 120140"},
        {"C connect() = EISCONN", "120140"},
    };
    struct story s;
    story_classic(&s, true);
    struct story_item *enter = item_at(&s, 100000), *again = item_at(&s, 120140);
    struct story_item first = *again, refused = *item_at(&s, 130140);
    again->ret = -1, again->error = "EISCONN", again->id = 40;
    first.us = 100020, first.ret = -1, first.error = "EINPROGRESS";
    refused.us = 60, refused.ret = -1, refused.error = "EAGAIN", refused.linked = false;
    struct story_item accepts[] = {refused, *item_at(&s, 50), *enter};
    accepts[1].us = 70, accepts[1].id = 41;
    accepts[2].us = 120110, accepts[2].id = 40;
    item_at(&s, 130140)->id = 41;
    first.linked = true;
    struct story told = {.session = true};
    struct story_item *extra[] = {&accepts[0], &accepts[1], &first, &accepts[2]};
    for (size_t i = 0, e = 0; i < s.count; i++) {
        while (e < 4 && extra[e]->us < s.items[i].us)
            told.items[told.count++] = *extra[e++];
        told.items[told.count++] = s.items[i];
    }
    /* The connection is known by its first segment: the return is told behind that. */
    for (size_t i = 1; i < told.count; i++)
        if (told.items[i].us == 100040 && told.items[i - 1].us == 100020) {
            struct story_item swap = told.items[i];
            told.items[i] = told.items[i - 1];
            told.items[i - 1] = swap;
        }
    struct trace *t = story_trace(&told);
    assert_int_equal(check_rows(t, rows, sizeof rows / sizeof rows[0]), 0);
    trace_free(t);
}

/* What is seen late, in a gap, is a range of its own: ranges are numbered as they are first seen.
 */
static void ranges_are_numbered_as_they_come(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"C > S data 1", "140040"},     {"C > S data 2", "171000"}, {"C > S data 3", "182000"},
        {"C > S data 4", "183000"},     {"C > S data 5", "203080"}, {"C > S data 6", ""},
        {"C > S bytes 7..9", "203080"},
    };
    struct story s;
    story_classic(&s, false);
    struct story_item *lost = item_at(&s, 170000);
    memmove(lost, lost + 1, (size_t)(&s.items[--s.count] - lost) * sizeof *lost);
    struct trace *t = story_trace(&s);
    assert_int_equal(check_rows(t, rows, sizeof rows / sizeof rows[0]), 0);
    trace_free(t);
}

/* ---- what is refused ---- */

static const struct {
    const char *selector;
    int line, column;
    const char *says;
} refused[] = {
    {"", 1, 1, "Expected a term"},
    {"C > S delivred", 1, 7, "Did you mean \"delivered\"?"},
    {"C > X", 1, 5, "Expected a host here"},
    {"C", 1, 2, "Expected \">\" and the other host"},
    {"C conected", 1, 3, "Did you mean \"connected\"?"},
    {"C enters conect()", 1, 10, "Did you mean \"connect\"?"},
    {"C enters connect", 1, 10, "a call with its parentheses"},
    {"C enters connect(3", 1, 17, "not closed on its line"},
    {"C > S [X]", 1, 7, "Flags are written as tcpdump"},
    {"C > S []", 1, 7, "No flag stands"},
    {"C > S [S", 1, 7, "not closed"},
    {"(C > S", 1, 1, "This parenthesis is not closed"},
    {"C > S)", 1, 6, "Expected the end of the selector"},
    {"len", 1, 4, "a number behind len"},
    {"len > \"x\"", 1, 7, "a number or a variable"},
    {"len > 1.5s", 1, 7, "This is a time"},
    {"len > 99999999999999999999", 1, 7, "too large"},
    {"port 70000", 1, 6, "a port, from 1 to 65535"},
    {"10.0.0.1:0 > S", 1, 10, "a port, from 1 to 65535"},
    {"win 70000", 1, 5, "out of range"},
    {"len 7..3", 1, 8, "from the lower number"},
    {"data 0", 1, 6, "which one, from 1"},
    {"data 4..2", 1, 10, "from the lower number"},
    {"seq X", 1, 5, "Only J and K"},
    {"ack 1:8", 1, 7, "Only seq has a range"},
    {"C is ESTABLISED", 1, 6, "Did you mean \"ESTABLISHED\"?"},
    {"is ESTABLISHED", 1, 1, "Whose state?"},
    {"first", 1, 6, "what is to be counted"},
    {"first C > S first", 1, 13, "counted once"},
    {"last (last C > S)", 1, 18, "\"last\" once"},
    {"0th C > S", 1, 1, "begins with the 1st"},
    {"delivered dropped", 1, 18, "delivery and of loss"},
    {"C > S,", 1, 7, "another term behind the comma"},
    {"C > S or", 1, 9, "Expected a term"},
    {"C > S\n  data 3\n  agian", 3, 3, "Did you mean \"again\"?"},
    {"\"hello", 1, 1, "no other one on its line"},
    {"\"\\q\"", 1, 2, "Behind a backslash"},
    {"hex \"4\"", 1, 5, "pairs of hex digits"},
    {"hex \"zz\"", 1, 5, "pairs of hex digits"},
    {"len > 5x", 1, 8, "no unit"},
    {"time > 1.5", 1, 8, "may have a fraction"},
    {"C > S @", 1, 7, "has no meaning"},
    {"C > S \xc3\xa9\xc3\xa9 @", 1, 7, "has no meaning"},
    {"\"\xc3\xa9\" @", 1, 5, "has no meaning"},
    {"payload", 1, 8, "a text in quotation marks"},
    /* habits */
    {"C -> S", 1, 3, "Did you mean \">\"?"},
    {"[S] && C > S", 1, 5, "Did you mean \"and\"?"},
    {"[S] || [F.]", 1, 5, "Did you mean \"or\"?"},
    {"!syn", 1, 1, "Did you mean \"not\"?"},
    {"len => 5", 1, 5, "Did you mean \">=\"?"},
    {"bytes 1-7", 1, 8, "Did you mean \"..\"?"},
    {"S > C SYN-ACK", 1, 7, "Did you mean \"[S.]\"?"},
    {"C > S SYN", 1, 7, "Did you mean \"[S]\"?"},
    {"C sends data", 1, 3, "Did you mean \"C > S\"?"},
    {"third data", 1, 1, "Did you mean \"3rd\"?"},
    {"3 data", 1, 1, "or counts, as in 3rd"},
    {"C returns connect() EINPROGRESS", 1, 21, "fails before the error"},
    {"C connect() failed", 1, 13, "Did you mean \"fails\"?"},
    {"C enters connect() = 0", 1, 20, "its result where it returns"},
    {"C exits 1", 1, 9, "before the status"},
    {"flags.syn = 1", 1, 11, "by itself says"},
    {"tcp.analysis.retransmision", 1, 1, "Did you mean \"retransmission\"?"},
    {"10.0.0.300 > *", 1, 1, "This is no address"},
    {"once [S]", 1, 1, "here stands \"once\"."},
    {"time > 5 s", 1, 10, "Did you mean \"5s\"?"},
    {"syn and and fin", 1, 9, "but here stands \"and\"."},
    {"after C > S", 1, 1, "Expected a term"},
};

static void what_is_no_selector_is_refused(void **state)
{
    (void)state;
    int faults = 0;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct select_fault f;
        struct selector *s = selector_parse(refused[i].selector, &f);
        bool good = !s && f.line == refused[i].line && f.column == refused[i].column &&
                    strstr(f.text, refused[i].says);
        if (!good)
            printf("%s\n  %d:%d: %s\n", refused[i].selector, s ? 0 : f.line, s ? 0 : f.column,
                   s ? "taken" : f.text);
        faults += !good;
        selector_free(s);
    }
    assert_int_equal(faults, 0);
}

static void deep_and_long_texts_are_refused(void **state)
{
    (void)state;
    struct text t = {0};
    struct select_fault f;
    text_repeat(&t, '(', 5000);
    assert_null(selector_parse(t.s, &f));
    assert_non_null(strstr(f.text, "nested too deeply"));
    text_clear(&t);
    for (int i = 0; i < 2000; i++)
        text_add(&t, "syn ");
    assert_null(selector_parse(t.s, &f));
    assert_non_null(strstr(f.text, "too many terms"));
    text_repeat(&t, ' ', 9000);
    assert_null(selector_parse(t.s, &f));
    assert_non_null(strstr(f.text, "characters at the most"));
    text_free(&t);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static bool stands_in(const char *paper, const char *word)
{
    for (const char *at = paper; (at = strstr(at, word)); at++)
        if ((at == paper || !is_letter(at[-1])) && !is_letter(at[strlen(word)]))
            return true;
    return false;
}

/* Every word that begins a term stands in the paper that defines the language. */
static void every_word_is_described(void **state)
{
    (void)state;
    struct text paper = {0};
    FILE *f = fopen(TEST_SOURCE_DIR "/docs/expectations.md", "re");
    assert_non_null(f);
    for (size_t n; (n = fread(text_reserve(&paper, 4096), 1, 4096, f)) > 0;)
        text_commit(&paper, n);
    fclose(f);
    text_str(&paper);
    for (const char *const *w = selector_words(); *w; w++)
        if (!stands_in(paper.s, *w))
            fail_msg("docs/expectations.md says nothing of %s", *w);
    text_free(&paper);
}

/* A trace that grows is followed: what comes later is selected then. */
static void a_growing_trace_is_followed(void **state)
{
    (void)state;
    struct story whole, part;
    struct select_fault f;
    size_t event, taken = 0;
    story_classic(&whole, false);
    part = whole;
    struct trace *t = trace_new();
    struct selector *s = selector_parse("2nd C > S data", &f);
    struct select_run *r = select_run_new(t);
    select_run_add(r, s);
    assert_false(select_run_next(r, &event));
    for (size_t i = 0; i < part.count; i++) {
        if (part.items[i].kind == STORY_SEGMENT)
            story_segment(t, &part.items[i]);
        while (select_run_next(r, &event))
            if (select_run_matches(r, 0)) {
                assert_int_equal(part.items[i].us, 170000);
                assert_int_equal(select_run_segment(r), 5);
                taken++;
            }
    }
    assert_int_equal(taken, 1);
    select_run_free(r);
    selector_free(s);
    trace_free(t);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_selected_from),
        cmocka_unit_test(what_a_wire_does_is_selected),
        cmocka_unit_test(a_plain_capture_is_selected_from),
        cmocka_unit_test(connections_that_do_not_block_are_complete_once),
        cmocka_unit_test(ranges_are_numbered_as_they_come),
        cmocka_unit_test(what_is_no_selector_is_refused),
        cmocka_unit_test(deep_and_long_texts_are_refused),
        cmocka_unit_test(every_word_is_described),
        cmocka_unit_test(a_growing_trace_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
