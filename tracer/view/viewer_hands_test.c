/* A run in one's hands, on the screen: what is held, what keys ask of the run, what it answers. */
#include "tracer/view/picture.h"

#include "tracer/session/readable_test.h"
#include "tracer/view/stage.h"

/* ---- a run that is held ---------------------------------------------------------------------- */

static void asks(struct scene *s, int64_t at_us, char *text, char *answer, bool failed)
{
    struct annotation a = {.type = ANNOTATION_COMMAND};
    a.command.text = text;
    a.command.answer = answer;
    a.command.failed = failed;
    scene_annotate(s, at_us, &a);
}

static void holds(struct scene *s, int64_t at_us, int64_t sent_us, uint64_t number, int repeats,
                  bool over)
{
    struct annotation a = {.type = ANNOTATION_HELD};
    a.held.sent_ns = s->start_ns + sent_us * 1000;
    a.held.from = 'C';
    a.held.number = number;
    a.held.repeats = repeats;
    a.held.over = over;
    scene_annotate(s, at_us, &a);
}

static void waits(struct scene *s, int64_t at_us, char host, uint64_t id, enum waits_at at,
                  char *name, bool over)
{
    struct annotation a = {.type = ANNOTATION_WAITS, .host = host};
    a.waits.at = at;
    a.waits.pid = a.waits.tid = host == 'C' ? 100 : 200;
    a.waits.id = id;
    a.waits.name = name;
    a.waits.over = over;
    scene_annotate(s, at_us, &a);
}

/* The programs are held; C is about to call connect(), and S is in accept(). */
static void held_programs(struct scene *s)
{
    scene_server(s);
    asks(s, 90000, (char[]){"hold programs"}, NULL, false);
    s->line = 28;
    uint64_t id = scene_enters(s, 100310, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    waits(s, 100320, 'C', id, WAITS_ENTRY, (char[]){"connect"}, false);
}

/* Then the wire; the SYN is sent three times, a second SYN of another connection once. */
static void held_wire(struct scene *s)
{
    struct scene_segment other = SCENE_SYN;
    held_programs(s);
    asks(s, 200000, (char[]){"hold"}, (char[]){"The wire holds all that is sent from now on."},
         false);
    waits(s, 300000, 'C', s->calls, WAITS_ENTRY, (char[]){"connect"}, true);
    scene_sends(s, 300040, SCENE_SYN);
    holds(s, 300050, 300040, 1, 0, false);
    for (int i = 1; i <= 2; i++) {
        int64_t at_us = i == 1 ? 1300040 : 3300040;
        scene_sends(s, at_us, SCENE_SYN);
        holds(s, at_us + 10, 300040, 1, i, false);
        struct annotation a = {.type = ANNOTATION_FATE};
        a.fate.from = 'C';
        a.fate.sent_ns = s->start_ns + at_us * 1000;
        a.fate.fate = FATE_DROPPED;
        a.fate.reason = (char[]){"repeats a held one"};
        scene_annotate(s, at_us + 10000, &a);
    }
    other.client_port = 40000;
    scene_sends(s, 3400000, other);
    holds(s, 3400010, 3400000, 4, 0, false);
}

static void asked_for_flight(struct scene *s)
{
    held_wire(s);
    asks(s, 3500000, (char[]){"flight"},
         (char[]){"1  C > S  [S] seq J=2927179378, win 64240, held 3.2 s, sent 3 times\n"
                  "4  C > S  [S] seq J=2927179378, win 64240, held 100 ms"},
         false);
}

static void all_let_go(struct scene *s)
{
    held_wire(s);
    asks(s, 3500000, (char[]){"go"},
         (char[]){"Let through: 2. The wire holds nothing from now on."}, false);
    holds(s, 3500001, 300040, 1, 2, true);
    holds(s, 3500002, 3400000, 4, 0, true);
    asks(s, 3500003, (char[]){"go programs"}, (char[]){"Both programs go on."}, false);
    scene_fate(s, 3500010, 'C', 300040, FATE_DELIVERED);
    scene_fate(s, 3501010, 'C', 3400000, FATE_DELIVERED);
}

/* Side by side: a SYN that has been sent three times, and the answer to another one. */
static void held_both_ways(struct scene *s)
{
    struct scene_segment other = SCENE_SYN;
    struct annotation a = {.type = ANNOTATION_HELD};
    held_wire(s);
    other.client_port = 50000;
    scene_sends(s, 3500000, other);
    scene_fate(s, 3510000, 'C', 3500000, FATE_DELIVERED);
    scene_sends(
        s, 3510100,
        (struct scene_segment){'S', TCP_SYN | TCP_ACK, 1663540288, other.seq + 1, NULL, 50000, 0});
    a.held.sent_ns = s->start_ns + 3510100000;
    a.held.from = 'S';
    a.held.number = 6;
    scene_annotate(s, 3510110, &a);
}

static void test_pictures(void **state)
{
    (void)state;
    static const struct picture pictures[] = {
        {"held-programs-80", 80, 24, false, true, held_programs, {0}},
        {"held-80", 80, 24, false, true, held_wire, {0}},
        {"held-80-ascii", 80, 24, true, true, held_wire, {0}},
        {"held-120", 120, 30, false, true, held_wire, {0}},
        {"held-40", 40, 10, false, true, held_wire, {0}},
        {"held-flight-80", 80, 24, false, true, asked_for_flight, {0}},
        {"held-calls-80", 80, 24, false, true, held_wire, {'C'}},
        {"held-lanes-80",
         80,
         24,
         false,
         true,
         held_both_ways,
         {'c', 'g', ' ', 'G', ' ', KEY_CODE_ENTER}},
        {"held-lanes-80-ascii",
         80,
         24,
         true,
         true,
         held_both_ways,
         {'c', 'g', ' ', 'G', ' ', KEY_CODE_ENTER}},
        {"held-lanes-140",
         140,
         24,
         false,
         true,
         held_both_ways,
         {'c', 'g', ' ', ' ', ' ', KEY_CODE_ENTER}},
        {"held-no-more-80", 80, 24, false, true, all_let_go, {0}},
    };
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++)
        take_picture(&pictures[i], "ladder", NULL);
}

/* ---- what keys ask --------------------------------------------------------------------------- */

static void set_up(struct stage *s, void (*story)(struct scene *), bool can_type)
{
    *s = (struct stage){0};
    scene_begin(&s->scene, true);
    story(&s->scene);
    stage_open(s, "a run", can_type, 24, 80);
}

/* Keys, Enter as \r: the last of them asks this of the run. */
static void assert_asks(struct stage *s, const char *keys, const char *line)
{
    enum viewer_answer a = VIEWER_NOTHING;
    for (; *keys; keys++)
        a = viewer_key(s->viewer, *keys == '\r' ? KEY_CODE_ENTER : (unsigned char)*keys);
    char host = 0;
    assert_int_equal(a, VIEWER_TYPED);
    assert_string_equal(viewer_typed(s->viewer, &host), line);
    assert_int_equal(host, ':');
}

static void test_keys_ask_the_run(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *line;
    } rows[] = {
        {"W", "hold"},
        {"(", "hold programs"},
        {")", "go programs"},
        {"!", "go"},
        {"w", "let"},
        {"X", "drop"},
        {"B", "dup"},
        {"I", "flight"},
        {",", "step C"},
        {".", "step S"},
        {"z1.5s\r", "delay 1.5s"},
        {":hold C > S [S]\r", "hold C > S [S]"},
        {":hold C\r", "hold C"},
        {":let 4\r", "let 4"},
        {":delay 200ms 4\r", "delay 200ms 4"},
        {":go S\r", "go S"},
        {":step S\r", "step S"},
        {":rule drop C > S data 3\r", "rule drop C > S data 3"},
    };
    struct stage s;
    set_up(&s, held_wire, true);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_asks(&s, rows[i].keys, rows[i].line);
    stage_close(&s);
}

/* With a held segment selected, that one is meant. */
static void test_the_selected_segment_is_meant(void **state)
{
    (void)state;
    struct stage s;
    set_up(&s, held_wire, true);
    viewer_key(s.viewer, 'G');
    viewer_key(s.viewer, KEY_CODE_UP);
    viewer_key(s.viewer, KEY_CODE_DOWN);
    assert_asks(&s, "w", "let 4");
    assert_asks(&s, "z2s\r", "delay 2s 4");
    assert_asks(&s, ":drop 1\r", "drop 1");
    stage_close(&s);
}

/* A line typed to a program is still its own. */
static void test_typing_goes_to_the_program(void **state)
{
    (void)state;
    struct stage s;
    char host;
    set_up(&s, held_programs, true);
    assert_asks(&s, "W", "hold");
    viewer_key(s.viewer, 'i');
    viewer_key(s.viewer, 'x');
    assert_int_equal(viewer_key(s.viewer, KEY_CODE_ENTER), VIEWER_TYPED);
    assert_string_equal(viewer_typed(s.viewer, &host), "x");
    assert_int_equal(host, 'C');
    stage_close(&s);
}

static void test_answers_are_said(void **state)
{
    (void)state;
    struct stage s;
    set_up(&s, held_wire, true);
    asks(&s.scene, 3500000, (char[]){"let 9"}, (char[]){"There is no segment 9 in flight.\x1b[31m"},
         true);
    assert_true(viewer_update(s.viewer));
    assert_true(sees(&s, "There is no segment 9 in flight.\\x1b[31m"));
    viewer_key(s.viewer, KEY_CODE_UP);
    assert_false(sees(&s, "no segment 9"));
    stage_close(&s);
}

/* What cannot be held says so, in each of its ways. */
static void test_recordings_cannot_be_held(void **state)
{
    (void)state;
    static const char keys[] = "W(!w,.XBIz";
    struct stage s;
    set_up(&s, held_wire, false);
    for (const char *key = keys; *key; key++) {
        assert_int_equal(viewer_key(s.viewer, (unsigned char)*key), VIEWER_REDRAW);
        assert_true(sees(&s, "This is a recording: there is no wire to hold"));
        viewer_key(s.viewer, KEY_CODE_ESCAPE);
    }
    viewer_set_source(s.viewer, SOURCE_LIVE);
    viewer_key(s.viewer, 'W');
    assert_true(sees(&s, "This is a capture: there is no wire to hold"));
    stage_close(&s);

    set_up(&s, held_wire, true);
    struct annotation end = {.type = ANNOTATION_END, .end = {.verdict = (char[]){"done"}}};
    scene_annotate(&s.scene, 4000000, &end);
    viewer_update(s.viewer);
    assert_false(sees(&s, "timers run on")); /* nothing is held any more */
    viewer_key(s.viewer, 'W');
    assert_true(sees(&s, "The run has ended: nothing is left to be held or stepped."));
    stage_close(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_keys_ask_the_run),
        cmocka_unit_test(test_the_selected_segment_is_meant),
        cmocka_unit_test(test_typing_goes_to_the_program),
        cmocka_unit_test(test_answers_are_said),
        cmocka_unit_test(test_recordings_cannot_be_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
