#include "labs/guide/place.h"

#include "labs/guide/guide.h"
#include "tracer/base/alloc.h"
#include "tracer/base/state_file.h"
#include "tracer/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char session[] = TEST_SOURCE_DIR "/docs/examples/data.pcap";

static const char paper[] =
    "---\ntitle: T\nhosts: { C: c, S: s }\n---\n"
    "Before.\n"
    "```step\nuntil C > S [S]\n```\n"
    "```ask\nWhat does it acknowledge?\nanswer: rawack of first S > C [S.]\n"
    "hint: One.\nwrong {J}: No.\nright: As always.\n```\n"
    "```step\nuntil S > C [S.]\nuntil C returns connect()\n```\n"
    "```ask\nWho?  answer: \"kernel\"\npoints: 3\n```\n"
    "After.\n";

static char folder[] = "/tmp/place-test-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? setenv("XDG_STATE_HOME", folder, 1) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"progress.json", "place-my_lab.json", "cut.pcap"};
    char own[sizeof folder + 64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(own, sizeof own, "%s/tcpladder/%s", folder, names[i]);
        unlink(own);
    }
    snprintf(own, sizeof own, "%s/tcpladder", folder);
    rmdir(own);
    return rmdir(folder); /* nothing else was left there */
}

/* The lab, all of its session recorded, and a student at a place in it. */
struct stage {
    struct lesson lesson;
    struct place place;
    struct recording *recording;
    struct guide *guide;
};

static void enter(struct stage *s, const char *text)
{
    struct source_options o = {.file = session, .fd = -1};
    struct capture_frame frame;
    struct error e;
    assert_int_equal(lesson_parse(text, "p", &s->lesson, &e), 0);
    free(s->lesson.name);
    s->lesson.name = xstrdup("my/lab"); /* a name that is none for a file */
    assert_int_equal(place_read(&s->lesson, &s->place, &e), 0);
    s->recording = recording_new(&s->lesson);
    s->guide = guide_new(&s->lesson, s->recording, &s->place);
    struct source *source = source_open(&o, &e);
    assert_non_null(source);
    while (source_next(source, true, &frame, &e) == SOURCE_FRAME)
        recording_add(s->recording, &frame);
    recording_end(s->recording);
    source_close(source);
}

static void leave(struct stage *s)
{
    guide_free(s->guide);
    recording_free(s->recording);
    place_free(&s->place);
    lesson_free(&s->lesson);
}

#ifdef HAVE_JANSSON
/* Go through what was passed before; *recalled is what is told of the questions. */
static void come_back(struct stage *s, struct text *recalled)
{
    struct text says = {0};
    for (;;) {
        enum guide_now now = guide_now(s->guide);
        assert_false(guide_is_back(s->guide, &says));
        if (!guide_passed(s->guide) && now != GUIDE_PROSE)
            break;
        if (now == GUIDE_ASK)
            guide_recall(s->guide, recalled);
        guide_on(s->guide);
        if (guide_is_back(s->guide, &says))
            break;
    }
    assert_false(guide_is_back(s->guide, &says)); /* is said once */
    assert_true(says.len > 0);
    text_free(&says);
}

static void who_left_goes_on_there(void **state)
{
    (void)state;
    struct stage s;
    struct text says = {0}, recalled = {0};
    enter(&s, paper);
    assert_false(place_in_the_middle(&s.place));
    assert_false(guide_is_back(s.guide, &says)); /* nobody was away */
    for (int i = 0; i < 2; i++) {                /* the prose, the first step */
        assert_false(guide_passed(s.guide));
        guide_on(s.guide);
    }
    assert_int_equal(guide_answer(s.guide, "J", &says), ANSWER_WRONG);
    leave(&s);

    /* in the middle of a question */
    enter(&s, paper);
    assert_true(place_in_the_middle(&s.place));
    come_back(&s, &recalled);
    assert_int_equal(recalled.len, 0);
    assert_int_equal(guide_now(s.guide), GUIDE_ASK);
    guide_recall(s.guide, &recalled);
    assert_string_equal(text_str(&recalled), "You answered `J`.");
    assert_int_equal(guide_answer(s.guide, "J+1", &says), ANSWER_RIGHT);
    guide_on(s.guide);
    guide_on(s.guide);
    leave(&s);

    /* between two lines of a step */
    text_clear(&recalled);
    enter(&s, paper);
    text_clear(&says);
    place_sentence(&s.place, &says);
    assert_non_null(strstr(text_str(&says), "2 of 3 steps"));
    assert_non_null(strstr(text_str(&says), "1 of 2 questions"));
    come_back(&s, &recalled);
    assert_string_equal(text_str(&recalled),
                        "You answered `J`. The answer: 1759881473. As always.");
    assert_int_equal(guide_now(s.guide), GUIDE_STEP);
    guide_on(s.guide);
    assert_int_equal(guide_answer(s.guide, "kernel", &says), ANSWER_RIGHT);
    struct guide_score score = guide_score(s.guide);
    assert_int_equal(score.right_at_once, 1);
    assert_int_equal(score.right_later, 1);
    assert_int_equal(score.points, 3);
    guide_on(s.guide);
    guide_on(s.guide);
    assert_int_equal(guide_now(s.guide), GUIDE_OVER);
    text_clear(&says);
    guide_note(s.guide, &says);
    assert_int_equal(says.len, 0);
    leave(&s);

    /* gone through: there is nothing to come back to */
    enter(&s, paper);
    assert_false(place_in_the_middle(&s.place));
    leave(&s);
    text_free(&says);
    text_free(&recalled);
}

static void what_does_not_fit_is_not_taken(void **state)
{
    (void)state;
    struct stage s;
    struct error e;
    struct text broken = {0}, longer = {0};
    enter(&s, paper);
    guide_on(s.guide);
    guide_on(s.guide);
    leave(&s);
    text_format(&longer, "%s```step\nuntil the end\n```\n", paper);
    enter(&s, text_str(&longer)); /* the lab is another one by now */
    assert_false(place_in_the_middle(&s.place));
    leave(&s);
    enter(&s, paper);
    assert_true(place_in_the_middle(&s.place));
    static const char *const others[] = {
        "[1]", "{\"shape\": 3, \"marks\": 7}", "{}",
        "{\"shape\": \"SQSSQ\", \"passed\": -1, \"marks\": [{}, 2]}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct place p;
        text_clear(&broken);
        text_add(&broken, others[i]);
        assert_int_equal(state_file_write("place-my_lab.json", &broken, &e), 0);
        assert_int_equal(place_read(&s.lesson, &p, &e), i == 0 ? -1 : 0);
        assert_true(i > 0 || strstr(e.text, "Remove it"));
        assert_false(i > 0 && place_in_the_middle(&p));
        if (i > 0)
            place_free(&p);
    }
    assert_int_equal(place_forget(&s.lesson, &e), 0);
    assert_int_equal(place_forget(&s.lesson, &e), 0); /* is none there, none is */
    leave(&s);
    text_free(&broken);
    text_free(&longer);
}

/* Only the very session, and all of it, is one to go on in. */
static void a_session_is_known_again(void **state)
{
    (void)state;
    struct stage s;
    struct error e;
    struct text bytes = {0}, path = {0};
    enter(&s, paper);
    s.place.began_ns = recording_began_ns(s.recording);
    assert_true(place_session_is_whole(&s.place, session));
    s.place.began_ns++;
    assert_false(place_session_is_whole(&s.place, session));
    s.place.began_ns--;
    assert_false(place_session_is_whole(&s.place, "/nonexistent"));
    FILE *f = fopen(session, "rb");
    assert_non_null(f);
    text_commit(&bytes, fread(text_reserve(&bytes, 1 << 16), 1, 1 << 16, f));
    fclose(f);
    bytes.len -= 20; /* its end has not been written */
    assert_int_equal(state_file_write("cut.pcap", &bytes, &e), 0);
    state_file_path("cut.pcap", &path);
    assert_false(place_session_is_whole(&s.place, text_str(&path)));
    text_free(&bytes);
    text_free(&path);
    leave(&s);
}
#endif

int main(void)
{
#ifndef HAVE_JANSSON
    (void)enter, (void)leave, (void)set_up, (void)tear_down, (void)paper;
    puts("SKIP: nothing is remembered: this was built without libjansson");
    return 77;
#else
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_left_goes_on_there),
        cmocka_unit_test(what_does_not_fit_is_not_taken),
        cmocka_unit_test(a_session_is_known_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
#endif
}
