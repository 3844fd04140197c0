#include "tracer/view/viewer.h"

#include "tracer/base/rounds_test.h"
#include "tracer/view/command.h"
#include "tracer/view/layout.h"
#include "tracer/view/stage.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    scene_begin(&s->scene, true);
    scene_handshake(&s->scene);
    scene_rest(&s->scene);
    stage_open(s, "a story", true, 24, 80);
    *state = s;
    return 0;
}

/* The target of the selected line, GRID_NO_TARGET where none is selected. */
static uint32_t selected(struct stage *s)
{
    look(s);
    for (int row = 0; row < s->grid.rows; row++)
        if (grid_cell(&s->grid, row, 0)->selected)
            return grid_cell(&s->grid, row, 0)->target;
    return GRID_NO_TARGET;
}

static void test_every_size(void **state)
{
    struct stage *s = *state;
    static const uint32_t keys[] = {
        'g', KEY_CODE_ENTER, 'J', 'G',           '?', 'q', 'q', 'A', 't', 'v',
        'x', KEY_CODE_ENTER, 'v', KEY_CODE_ENTER};
    const int each_row = rounds_are_all() ? 1 : 4, each_col = rounds_are_all() ? 1 : 3;
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        for (int rows = 0; rows <= 40; rows += rows < 12 ? 1 : each_row)
            for (int cols = 0; cols <= 130; cols += rows < 12 ? each_col : 7) {
                grid_resize(&s->grid, rows, cols);
                viewer_draw(s->viewer, &s->grid);
            }
        grid_resize(&s->grid, 24, 300);
        viewer_draw(s->viewer, &s->grid);
        press(s, keys[k]);
    }
    grid_resize(&s->grid, 9, 80);
    assert_true(sees(s, "too small"));
    grid_resize(&s->grid, 10, 40);
    assert_false(sees(s, "too small"));
}

static void test_scrolling_has_bounds(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 200; i++)
        press(s, KEY_CODE_UP);
    assert_int_equal(selected(s), 0);
    assert_true(sees(s, "server started"));
    press(s, KEY_CODE_PAGE_UP);
    press(s, KEY_CODE_LEFT);
    assert_int_equal(selected(s), 0);
    for (int i = 0; i < 200; i++)
        press(s, i % 2 ? KEY_CODE_DOWN : KEY_CODE_PAGE_DOWN);
    assert_true(sees(s, "exited with 0"));
    uint32_t last = selected(s);
    press(s, KEY_CODE_HOME);
    assert_int_equal(selected(s), 0);
    press(s, KEY_CODE_END);
    assert_int_equal(selected(s), last);
}

static void test_segments_are_stepped_through(void **state)
{
    struct stage *s = *state;
    press(s, 'g');
    look(s);
    for (uint32_t i = 0; i < trace_segment_count(s->scene.trace); i++) {
        press(s, 'l');
        struct trace_event e = trace_event(s->scene.trace, selected(s));
        assert_int_equal(e.kind, TRACE_SEGMENT);
        assert_int_equal(e.index, i);
    }
}

static void test_pause_and_follow(void **state)
{
    struct stage *s = *state;
    press(s, 'p');
    scene_prints(&s->scene, 2000000, 'C', (char[]){"later"});
    assert_false(viewer_update(s->viewer));
    assert_true(sees(s, "PAUSED"));
    assert_false(sees(s, "> later"));
    press(s, 'p');
    assert_true(sees(s, "> later"));
    press(s, 'g');
    scene_prints(&s->scene, 2000100, 'C', (char[]){"later still"});
    assert_true(viewer_update(s->viewer));
    assert_false(sees(s, "> later still"));
    press(s, 'A');
    assert_true(sees(s, "> later still"));
}

static void test_closing_order(void **state)
{
    struct stage *s = *state;
    press(s, KEY_CODE_ENTER);
    press(s, '?');
    assert_true(sees(s, "Select the line above."));
    assert_int_equal(press(s, 'q'), VIEWER_REDRAW);
    assert_true(sees(s, "q closes, J K"));
    assert_int_equal(press(s, KEY_CODE_ESCAPE), VIEWER_REDRAW);
    assert_false(sees(s, "q closes, J K"));
    assert_int_equal(press(s, KEY_CODE_ESCAPE), VIEWER_NOTHING);
    assert_int_equal(press(s, 'q'), VIEWER_QUIT);
    assert_int_equal(press(s, 'Q'), VIEWER_QUIT);
}

static void test_typing(void **state)
{
    struct stage *s = *state;
    char host = 0;
    press(s, 'i');
    press(s, 'Q'); /* a letter here, not a command */
    press(s, 0x6c49);
    press(s, KEY_CODE_BACKSPACE);
    press(s, 0x1b);
    press(s, 0x9b);
    assert_true(sees(s, "to C> Q_"));
    press(s, '\t');
    assert_int_equal(press(s, KEY_CODE_ENTER), VIEWER_TYPED);
    assert_string_equal(viewer_typed(s->viewer, &host), "Q");
    assert_int_equal(host, 'S');
    press(s, 'i');
    assert_int_equal(press(s, KEY_CODE_ESCAPE), VIEWER_REDRAW);
    assert_true(sees(s, "help"));
}

/* Laid out event by event, the picture is the same as laid out at once. */
static void test_growing_is_the_same_as_whole(void **state)
{
    struct stage *s = *state;
    struct scene live;
    struct layout grown;
    struct layout whole;
    scene_begin(&live, false);
    layout_init(&grown, live.trace, NULL, 0);
    for (uint32_t i = 0; i < trace_segment_count(s->scene.trace); i++) {
        const struct segment got_g = trace_segment(s->scene.trace, i), *g = &got_g;
        struct frame f = trace_segment_frame(s->scene.trace, i);
        scene_add(&live, g->time_ns / 1000 % 10000000, f.bytes, f.captured_bytes);
        layout_update(&grown);
    }
    layout_init(&whole, live.trace, NULL, 0);
    layout_update(&whole);
    assert_int_equal(grown.count, whole.count);
    for (size_t r = 0; r < whole.count; r++) {
        struct ladder_row a = layout_row(&grown, r), b = layout_row(&whole, r);
        assert_int_equal(a.event, b.event);
        assert_int_equal(a.sent, b.sent);
        assert_int_equal(a.kind, b.kind);
        for (int h = 0; h < HOST_COUNT; h++) {
            assert_int_equal(a.margin[h].kind, b.margin[h].kind);
            assert_int_equal(layout_state(&grown, r, h), layout_state(&whole, r, h));
        }
    }
    layout_free(&grown);
    layout_free(&whole);
    scene_end(&live);
}

static void test_calls_and_rows(void **state)
{
    struct stage *s = *state;
    struct layout l;
    layout_init(&l, s->scene.trace, NULL, 0);
    layout_update(&l);
    for (uint32_t i = 0; i < trace_call_count(s->scene.trace); i++) {
        const struct call *c = trace_call(s->scene.trace, i);
        struct call_rows rows = layout_call(&l, i);
        bool blocks = c->exit_ns - c->enter_ns > 1000000;
        assert_true(rows.enter < l.count);
        assert_true(blocks ? rows.exit > rows.enter : rows.exit == rows.enter);
        for (uint32_t r = rows.enter + 1; blocks && r <= rows.exit; r++)
            assert_true(layout_blocked(&l, r, c->host == 'S') > 0);
    }
    assert_int_equal(layout_blocked(&l, l.count - 1, 0), 0);
    assert_int_equal(layout_blocked(&l, l.count - 1, 1), 0);
    for (uint32_t i = 0; i < trace_segment_count(s->scene.trace); i++) {
        struct segment_rows rows = layout_segment(&l, i);
        assert_true(rows.sent < rows.ended && rows.ended < l.count);
    }
    layout_free(&l);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A long capture: a frame is drawn from what is in sight, wherever that is. */
static void test_the_title_tells_of_the_source(void **state)
{
    struct stage *s = *state;
    assert_true(sees(s, "reading"));
    viewer_set_progress(s->viewer, 42, 100);
    s->grid.ascii = true;
    assert_true(sees(s, " segments  ####------ 42%"));
    viewer_set_progress(s->viewer, 101, 100); /* a file that shrank */
    assert_true(sees(s, "########## 100%"));
    viewer_set_progress(s->viewer, UINT64_MAX - 1, UINT64_MAX);
    assert_true(sees(s, "%"));
    grid_resize(&s->grid, 24, 60);
    assert_true(sees(s, "# 100%") && !sees(s, "segments"));
    grid_resize(&s->grid, 24, 40);
    assert_true(sees(s, "100%") && !sees(s, "#"));
    grid_resize(&s->grid, 24, 80);
    viewer_set_source(s->viewer, SOURCE_LIVE);
    assert_false(sees(s, "%") || sees(s, "missed") || sees(s, "kept"));
    viewer_set_dropped(s->viewer, 12);
    viewer_set_passed_over(s->viewer, 1234567);
    assert_true(sees(s, "12 packets missed  1,234,567 not kept  live"));
}

static void test_a_long_capture(void **state)
{
    struct stage *s = *state;
    const uint32_t segments = rounds_of(100000, 20000);
    for (uint32_t i = 0; i < segments; i++)
        scene_sends(&s->scene, 2000000 + i,
                    (struct scene_segment){i % 2 ? 'S' : 'C', TCP_ACK, 3000000000u + i,
                                           1181523845u + i, NULL, 0, 0});
    int64_t start = now_ns();
    do
        viewer_update(s->viewer);
    while (viewer_busy(s->viewer));
    int64_t laid_out = now_ns();
    for (int i = 0; i < 100; i++) {
        press(s, i % 3 == 0 ? 'g' : i % 3 == 1 ? 'G' : KEY_CODE_PAGE_UP);
        viewer_draw(s->viewer, &s->grid);
    }
    int64_t drawn = now_ns();
    print_message("%u segments laid out in %lld ms, a frame drawn in %lld us\n", segments,
                  (long long)(laid_out - start) / 1000000, (long long)(drawn - laid_out) / 100000);
    assert_true(laid_out - start < 5000000000);
    assert_true((drawn - laid_out) / 100 < 100000000); /* generous: for sanitizers, busy machines */
}

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % sides;
}

/* One random moment: a segment with any flags, a fate, a call, words with any bytes. */
static void add_noise(struct scene *s, int64_t at_us)
{
    char words[8];
    for (int i = 0; i < 7; i++)
        words[i] = (char)(1 + roll(255));
    words[7] = '\0';
    char host = roll(2) ? 'C' : 'S';
    switch (roll(7)) {
    case 0:
    case 1:
    case 2:
        scene_sends(s, at_us,
                    (struct scene_segment){host, (uint16_t)roll(256), roll(90), roll(90),
                                           roll(2) ? words : NULL, (uint16_t)(roll(3) * 7), 0});
        break;
    case 3: scene_fate(s, at_us, host, at_us - (int64_t)roll(20), roll(2) + 1); break;
    case 4: scene_enters(s, at_us, host, words, words); break;
    case 5: scene_returns(s, at_us, host, roll(9) + 1, words, words, -1, words); break;
    default: scene_prints(s, at_us, host, words); break;
    }
}

/* Whatever comes, at whatever size, under whatever keys: a picture, and no harm in it. */
static void test_noise(void **state)
{
    struct stage *s = *state;
    static const uint32_t keys[] = {'k',
                                    'j',
                                    'g',
                                    'G',
                                    'A',
                                    'a',
                                    ']',
                                    '[',
                                    't',
                                    'h',
                                    'l',
                                    'J',
                                    'K',
                                    'p',
                                    'v',
                                    'x',
                                    'L',
                                    'H',
                                    '{',
                                    '}',
                                    'o',
                                    'c',
                                    ' ',
                                    ' ',
                                    'S',
                                    'C',
                                    '?',
                                    'q',
                                    KEY_CODE_ENTER,
                                    KEY_CODE_PAGE_UP};
    for (uint32_t seed = 0; seed < rounds_of(6, 2); seed++) {
        struct scene noise;
        scene_begin(&noise, seed % 2);
        struct viewer *v = viewer_new(noise.trace, "noise", false);
        dice = seed;
        for (int64_t i = 0; i < 600; i++) {
            add_noise(&noise, i + (roll(50) == 0 ? 600000 : 0));
            viewer_update(v);
            viewer_key(v, keys[roll(sizeof keys / sizeof keys[0])]);
            grid_resize(&s->grid, (int)roll(60), (int)roll(200));
            viewer_draw(v, &s->grid);
            int controls = 0; /* an assertion a cell would take longer than the drawing */
            for (int at = 0; at < s->grid.rows * s->grid.cols; at++)
                controls += s->grid.cells[at].glyph != 0 && s->grid.cells[at].glyph < ' ';
            assert_int_equal(controls, 0);
        }
        viewer_free(v);
        scene_end(&noise);
    }
}

/* Each segment's arrow ends ever further below its start. With every row of every slope walked this
 * would take minutes. */
static void test_long_slopes_are_drawn_where_they_are_seen(void **state)
{
    struct stage *s = *state;
    struct scene long_way;
    enum { DRAWINGS = 100 };
    const uint32_t segments = rounds_of(20000, 10000);
    scene_begin(&long_way, true);
    for (uint32_t i = 0; i < segments; i++)
        scene_sends(&long_way, i, (struct scene_segment){'C', TCP_SYN, i, 0, 0, 0, 0});
    for (uint32_t i = segments; i-- > 0;)
        scene_fate(&long_way, 2 * segments - i, 'C', i, FATE_DELIVERED);
    struct viewer *v = viewer_new(long_way.trace, "far", false);
    do
        viewer_update(v);
    while (viewer_busy(v));
    for (int i = 0; i < DRAWINGS; i++) {
        viewer_key(v, i % 2 ? 'G' : 'k');
        viewer_draw(v, &s->grid);
    }
    text_clear(&s->seen);
    grid_text(&s->grid, &s->seen);
    assert_non_null(strstr(text_str(&s->seen), "\xe2\x96\xb6")); /* an arrow's head */
    viewer_free(v);
    scene_end(&long_way);
}

/* From view to view, what is selected stays so; q leads back the same way. */
static void test_the_selected_is_shown_elsewhere(void **state)
{
    struct stage *s = *state;
    press(s, 'C');
    press(s, 'g');
    press(s, 'l'); /* accept(), which blocked */
    assert_string_equal(viewer_view(s->viewer), "calls");
    uint32_t call = selected(s);
    assert_int_equal(trace_event(s->scene.trace, call).kind, TRACE_CALL_ENTER);
    press(s, 'L');
    assert_string_equal(viewer_view(s->viewer), "ladder");
    assert_int_equal(selected(s), call);
    press(s, 'g');
    for (int i = 0; i < 5; i++)
        press(s, 'l'); /* the server's data */
    uint32_t sent = selected(s);
    press(s, 'S');
    assert_true(sees(s, "S> welcome"));
    uint32_t delivered = selected(s);
    assert_int_equal(trace_event(s->scene.trace, delivered).kind, TRACE_DELIVERED);
    assert_true(delivered > sent);
    press(s, 'q');
    assert_int_equal(selected(s), sent);
    press(s, 'q');
    assert_string_equal(viewer_view(s->viewer), "calls");
    assert_int_equal(selected(s), call);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_long_slopes_are_drawn_where_they_are_seen, set_up,
                                        stage_tear_down),
        cmocka_unit_test_setup_teardown(test_every_size, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_scrolling_has_bounds, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_segments_are_stepped_through, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_pause_and_follow, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_closing_order, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_typing, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_growing_is_the_same_as_whole, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_calls_and_rows, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_the_selected_is_shown_elsewhere, set_up,
                                        stage_tear_down),
        cmocka_unit_test_setup_teardown(test_noise, set_up, stage_tear_down),
        cmocka_unit_test_setup_teardown(test_the_title_tells_of_the_source, set_up,
                                        stage_tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_capture, set_up, stage_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
