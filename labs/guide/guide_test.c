#include "labs/guide/guide.h"

#include "tracer/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The session that stands in docs: J is 1759881472. */
static const char session[] = TEST_SOURCE_DIR "/docs/examples/data.pcap";

static const char paper[] =
    "---\ntitle: T\nhosts: { C: c, S: s }\nread: RFC 9293 3.5 | RFC 793 | man 2 connect\n---\n"
    "Before.\n"
    "```wire\ndrop C > S data 9\n```\n"
    "```step\nuntil C > S [S]\n```\n"
    "J is {J}.\n"
    "```ask\nWhat does it acknowledge?\nanswer: rawack of first S > C [S.]\n"
    "hint: One.\nhint: Two, {J}.\nwrong {J}: No.\n```\n"
    "```step\nuntil S > C [S.]\nuntil C returns connect()\n```\n"
    "```ask\nWho?  answer: \"kernel\"\npoints: 3\n```\n"
    "```step\nuntil C > S [R]\n```\n"
    "```ask\nWhy? answer\nanswer: seq of [R]\n```\n"
    "```expect\n\"e\"\n    C > S [S]\n```\n"
    "After.\n";

struct stage {
    struct lesson lesson;
    struct recording *recording;
    struct guide *guide;
    struct source *source;
};

static void set_up_with(struct stage *s, const char *text)
{
    struct error e;
    struct source_options o = {.file = session, .fd = -1};
    assert_int_equal(lesson_parse(text, "p", &s->lesson, &e), 0);
    s->recording = recording_new(&s->lesson);
    s->guide = guide_new(&s->lesson, s->recording, NULL);
    s->source = source_open(&o, &e);
    assert_non_null(s->source);
}

static void set_up(struct stage *s)
{
    set_up_with(s, paper);
}

static void tear_down(struct stage *s)
{
    source_close(s->source);
    guide_free(s->guide);
    recording_free(s->recording);
    lesson_free(&s->lesson);
}

/* Take frames up to the first after which the guide has something else to say; false at the end. */
static bool feed(struct stage *s)
{
    struct capture_frame frame;
    struct error e;
    enum guide_now before = guide_now(s->guide);
    while (guide_now(s->guide) == before)
        if (source_next(s->source, true, &frame, &e) != SOURCE_FRAME) {
            recording_end(s->recording);
            return false;
        } else {
            recording_add(s->recording, &frame);
        }
    return true;
}

static size_t shown(struct stage *s)
{
    struct capture_frame frame;
    size_t n = 0;
    while (recording_next(s->recording, &frame))
        n++;
    return n;
}

#define assert_says(call, s, words)                                                                \
    do {                                                                                           \
        struct text out = {0};                                                                     \
        call((s)->guide, &out);                                                                    \
        assert_string_equal(text_str(&out), words);                                                \
        text_free(&out);                                                                           \
    } while (0)

static void another_hint(struct guide *g, struct text *out)
{
    assert_true(guide_hint(g, out));
}

static void report(struct guide *g, struct text *out)
{
    static const struct guide_end end = {"/a/file", "data"};
    guide_report(g, &end, out);
}

static void a_way_through_a_lab(void **state)
{
    (void)state;
    struct stage s;
    struct text says = {0};
    set_up(&s);
    assert_int_equal(guide_now(s.guide), GUIDE_PROSE);
    assert_says(guide_text, &s, "Before.\n");
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT); /* nothing was sent yet */
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT);
    assert_true(feed(&s));
    assert_int_equal(guide_now(s.guide), GUIDE_STEP);
    assert_int_equal(shown(&s), 0);
    guide_reveal(s.guide);
    size_t first = shown(&s);
    assert_true(first > 0);
    guide_on(s.guide);
    assert_says(guide_text, &s, "J is 1759881472.\n");
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT); /* the answer is not known yet */
    assert_true(feed(&s));
    assert_int_equal(shown(&s), 0); /* and now it is, but not shown */
    assert_int_equal(guide_now(s.guide), GUIDE_ASK);
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_ASK); /* no way around it */
    assert_int_equal(guide_answer(s.guide, "J", &says), ANSWER_WRONG);
    assert_string_equal(text_str(&says), "No.");
    assert_says(another_hint, &s, "One.");
    assert_says(another_hint, &s, "Two, 1759881472.");
    text_clear(&says);
    assert_false(guide_hint(s.guide, &says));
    assert_int_equal(guide_answer(s.guide, "1759881473", &says), ANSWER_RIGHT);
    guide_on(s.guide);
    for (int line = 0; line < 2; line++) { /* the two lines of a step are two steps */
        if (guide_now(s.guide) == GUIDE_WAIT)
            assert_true(feed(&s));
        assert_int_equal(guide_now(s.guide), GUIDE_STEP);
        guide_reveal(s.guide);
        assert_true(shown(&s) > 0);
        guide_on(s.guide);
    }
    assert_says(guide_text, &s, "Who?");
    assert_says(guide_tell, &s, "kernel.");
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT);
    assert_false(feed(&s)); /* nobody resets this connection */
    assert_int_equal(guide_now(s.guide), GUIDE_STEP);
    assert_says(guide_text, &s,
                "*In this run it did not come to that:* `C > S [R]`. What happened instead is "
                "shown to its end.");
    guide_reveal(s.guide);
    assert_true(shown(&s) > 0);
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_PROSE); /* nothing to be asked */
    assert_says(guide_text, &s,
                "Why? answer *This run has no answer: nothing happened that is [R].*");
    guide_on(s.guide);
    assert_says(guide_text, &s, "After.\n");
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_OVER);
    struct guide_score score = guide_score(s.guide);
    assert_int_equal(score.questions, 2); /* what could not be asked is none */
    assert_int_equal(score.right_later, 1);
    assert_int_equal(score.told, 1);
    assert_int_equal(score.points, 0);
    assert_int_equal(score.points_most, 4);
    assert_says(
        report, &s,
        "**0 of 2** questions right the first time: 0 of 4 points. Right after another try: 1. "
        "Told: 1.\n\nTo look at again:\n\n- What does it acknowledge? You answered `J`. The "
        "answer: *1759881473*.\n- Who? The answer: *kernel*.\n\nTo read next:\n\n- RFC "
        "9293 3.5: https://www.rfc-editor.org/rfc/rfc9293#section-3.5\n- RFC 793: "
        "https://www.rfc-editor.org/rfc/rfc793\n- man 2 connect\n\nThe session is kept; to "
        "see it again: `tcpladder -r /a/file`\n\nThe next lab: `tcplab run data`\n");
    text_free(&says);
    tear_down(&s);
}

static void what_is_shown_is_all_in_the_end(void **state)
{
    (void)state;
    struct stage s;
    struct capture_frame frame;
    struct error e;
    size_t frames = 0;
    set_up(&s);
    while (source_next(s.source, true, &frame, &e) == SOURCE_FRAME) {
        recording_add(s.recording, &frame);
        frames++;
    }
    recording_end(s.recording);
    recording_reveal(s.recording, 1);
    size_t some = shown(&s);
    recording_reveal(s.recording, 0); /* what was seen stays seen */
    assert_int_equal(shown(&s), 0);
    recording_reveal_all(s.recording);
    assert_int_equal(some + shown(&s), frames);
    tear_down(&s);
}

static void typed_words_are_no_markdown(void **state)
{
    (void)state;
    struct text out = {0};
    guide_code("*a* `b`", &out);
    assert_string_equal(text_str(&out), "`*a* 'b'`");
    text_free(&out);
}

static void looking_back(void **state)
{
    (void)state;
    struct stage s;
    struct capture_frame frame;
    struct error e;
    set_up(&s);
    while (source_next(s.source, true, &frame, &e) == SOURCE_FRAME)
        recording_add(s.recording, &frame);
    recording_end(s.recording);
    recording_reveal(s.recording, 0);
    size_t first = shown(&s);
    recording_reveal(s.recording, 1);
    size_t second = shown(&s);
    assert_true(first > 0 && second > 0);
    assert_false(recording_begins_anew(s.recording));
    recording_look_back(s.recording, 1);
    assert_true(recording_begins_anew(s.recording));
    assert_false(recording_begins_anew(s.recording)); /* is said once */
    assert_int_equal(shown(&s), first);
    recording_look_back(s.recording, 0);
    assert_true(recording_begins_anew(s.recording));
    assert_int_equal(shown(&s), 0);
    recording_look_back(s.recording, 1);
    assert_false(recording_begins_anew(s.recording)); /* onwards the picture only grows */
    assert_int_equal(shown(&s), first);
    recording_look_on(s.recording);
    assert_false(recording_begins_anew(s.recording));
    assert_int_equal(shown(&s), second); /* and what was not revealed is still not */
    recording_look_back(s.recording, 1);
    recording_reveal(s.recording, 2); /* the run has gone on meanwhile */
    assert_int_equal(shown(&s), first);
    tear_down(&s);
}

/* A number of segments grows until the run is over; a value of the text comes when it comes. */
static void what_the_run_has_not_settled_is_waited_for(void **state)
{
    (void)state;
    struct stage s;
    set_up_with(&s, "---\ntitle: T\nhosts: { C: c, S: s }\n---\n"
                    "K is {K}.\n"
                    "```ask\nHow many?\nanswer: count of C > S data\n```\n"
                    "There were {count of C > S data}.\n");
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT);
    assert_true(feed(&s));
    assert_int_equal(guide_now(s.guide), GUIDE_PROSE);
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_WAIT);
    assert_false(feed(&s));
    assert_int_equal(guide_now(s.guide), GUIDE_ASK);
    assert_says(guide_tell, &s, "1.");
    guide_on(s.guide);
    assert_says(guide_text, &s, "There were 1.\n");
    tear_down(&s);
}

int main(void)
{
#ifndef HAVE_JANSSON
    puts("SKIP: sessions cannot be read: this was built without libjansson");
    return 77;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_through_a_lab),
        cmocka_unit_test(what_the_run_has_not_settled_is_waited_for),
        cmocka_unit_test(what_is_shown_is_all_in_the_end),
        cmocka_unit_test(typed_words_are_no_markdown),
        cmocka_unit_test(looking_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
