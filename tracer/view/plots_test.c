#include "tracer/view/plots.h"

#include "tracer/base/rounds_test.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/transfer.h"
#include "tracer/view/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct plots *open_plots(const struct trace *t)
{
    struct plots *v = plots_view.open(t);
    do
        plots_view.update(v);
    while (plots_view.busy(v));
    return v;
}

static void draw(struct plots *v, int rows, int cols, bool ascii, struct text *out)
{
    struct grid g = {.ascii = ascii};
    grid_resize(&g, rows, cols);
    plots_view.draw(v, &g, (struct area){0, 0, rows, cols});
    text_clear(out);
    grid_text(&g, out);
    grid_free(&g);
}

static void any_size_is_drawn_and_ascii_is_ascii(void **state)
{
    struct scene s;
    struct text t = {0};
    (void)state;
    scene_begin(&s, true);
    transfer_story(&s, true, 1000);
    struct plots *v = open_plots(s.trace);
    for (int kind = 0; kind < PLOT_KIND_COUNT; kind++) {
        for (int rows = 1; rows <= 101; rows += rounds_are_all() ? 5 : 10)
            for (int cols = 1; cols <= 301; cols += rounds_are_all() ? 20 : 50)
                draw(v, rows, cols, (rows ^ cols) & 4, &t);
        draw(v, 8, 40, true, &t);
        for (size_t i = 0; i < t.len; i++)
            assert_true((t.s[i] >= ' ' && t.s[i] <= '~') || t.s[i] == '\n');
        plots_view.command(v, COMMAND_FORM);
        plots_view.command(v, COMMAND_ZOOM_IN);
    }
    text_free(&t);
    plots_view.close(v);
    scene_end(&s);
}

static void the_cursor_walks_the_segments_and_zoom_keeps_it_in_sight(void **state)
{
    struct scene s;
    struct text t = {0};
    int64_t from, to, first, last;
    (void)state;
    scene_begin(&s, false);
    transfer_story(&s, false, 1000);
    struct plots *v = open_plots(s.trace);
    assert_int_equal(v->cursor, v->series.count - 1);
    assert_int_equal(plots_view.command(v, COMMAND_FIRST), VIEW_REDRAW);
    assert_false(v->follow);
    draw(v, 22, 80, false, &t);
    for (uint32_t i = 1; i < v->series.count; i++) {
        plots_view.command(v, COMMAND_DOWN);
        assert_int_equal(v->cursor, i);
    }
    plots_view.command(v, COMMAND_DOWN);
    assert_int_equal(v->cursor, v->series.count - 1);
    plots_view.command(v, COMMAND_FIRST);
    uint32_t steps = 0;
    for (uint32_t was = UINT32_MAX; was != v->cursor; steps++) {
        was = v->cursor;
        plots_view.command(v, COMMAND_NEXT_SEGMENT);
    }
    assert_in_range(steps, 20, 100); /* a column at a time, over those without anything */
    for (int i = 0; i < 40; i++) {
        plots_view.command(v, i % 7 == 6 ? COMMAND_PAGE_UP : COMMAND_ZOOM_IN);
        if (i % 3 == 2)
            plots_view.command(v, COMMAND_PREVIOUS_SEGMENT);
        draw(v, 22, 80, false, &t);
        plots_range(v, &from, &to);
        plots_whole(v, &first, &last);
        assert_true(plots_point(v).time_ns >= from && plots_point(v).time_ns <= to);
        assert_true(from >= first && to <= last && to - from >= 1000);
    }
    assert_false(v->all);
    for (int i = 0; i < 40; i++)
        plots_view.command(v, COMMAND_ZOOM_OUT);
    assert_true(v->all);
    plots_view.command(v, COMMAND_ZOOM_IN);
    plots_view.command(v, COMMAND_ZOOM_ALL);
    assert_true(v->all);
    text_free(&t);
    plots_view.close(v);
    scene_end(&s);
}

/* Each item's segment, asked for by any of its moments, is found again; and the ladder is asked for
 * the segment under the cursor. */
static void a_segment_is_found_from_and_for_other_views(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, true);
    transfer_story(&s, true, 1000);
    struct plots *v = open_plots(s.trace);
    size_t events = trace_event_count(s.trace), asked = 0;
    for (uint32_t e = 0; e < events; e += 7) {
        struct trace_event event = trace_event(s.trace, e);
        if (event.kind != TRACE_SEGMENT && event.kind != TRACE_DELIVERED)
            continue;
        struct view_target to = {.type = &plots_view, .flow = 0, .event = e};
        plots_view.show(v, &to);
        struct view_target back = plots_view.target(v);
        assert_ptr_equal(back.type, &ladder_view);
        assert_int_equal(trace_event(s.trace, back.event).index, event.index);
        asked++;
    }
    assert_true(asked > 100);
    assert_int_equal(plots_view.command(v, COMMAND_OPEN), VIEW_OPEN);
    struct view_target note = {.type = &plots_view, .flow = TRACE_NONE, .event = 0};
    plots_view.show(v, &note);
    plots_view.close(v);
    scene_end(&s);
}

static void keys_go_there_and_back(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    transfer_story(&s, false, 1000);
    struct viewer *v = viewer_new(s.trace, "plots", false);
    struct grid g = {0};
    grid_resize(&g, 24, 80);
    viewer_update(v);
    viewer_draw(v, &g);
    viewer_key(v, 'P');
    assert_string_equal(viewer_view(v), "plots");
    viewer_draw(v, &g);
    viewer_key(v, KEY_CODE_ENTER);
    assert_string_equal(viewer_view(v), "ladder");
    viewer_key(v, 'q');
    assert_string_equal(viewer_view(v), "plots");
    viewer_key(v, 'q');
    assert_string_equal(viewer_view(v), "ladder");
    grid_free(&g);
    viewer_free(v);
    scene_end(&s);
}

/* The cursor and a zoomed picture go along with what comes; the first key stops them. */
static void a_live_trace_is_followed(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, false);
    struct plots *v = plots_view.open(s.trace);
    struct text t = {0};
    assert_false(plots_view.update(v));
    draw(v, 22, 80, false, &t);
    assert_int_equal(plots_view.command(v, COMMAND_ZOOM_IN), VIEW_DONE);
    assert_int_equal(plots_view.command(v, COMMAND_OPEN), VIEW_DONE);
    scene_sends(&s, 0, SCENE_SYN);
    assert_true(plots_view.update(v));
    assert_int_equal(v->series.count, 1);
    scene_sends(&s, 20000, SCENE_SYN_ACK);
    assert_true(plots_view.update(v));
    assert_int_equal(v->cursor, 1);
    plots_view.command(v, COMMAND_ZOOM_IN);
    int64_t to = v->to;
    scene_sends(&s, 90000, (struct scene_segment){'C', TCP_ACK, 2927179379u, 1, "x", 0, 0});
    assert_true(plots_view.update(v));
    assert_int_equal(v->cursor, 2);
    assert_true(v->to > to);
    assert_false(plots_view.update(v));
    plots_view.command(v, COMMAND_FIRST);
    scene_sends(&s, 95000, (struct scene_segment){'C', TCP_ACK, 2927179380u, 1, "x", 0, 0});
    assert_true(plots_view.update(v));
    assert_int_equal(v->cursor, 0);
    plots_view.command(v, COMMAND_FOLLOW);
    assert_int_equal(v->cursor, 3);
    text_free(&t);
    plots_view.close(v);
    scene_end(&s);
}

static void connections_and_directions_take_turns(void **state)
{
    struct scene s;
    struct scene_segment other = SCENE_SYN;
    (void)state;
    scene_begin(&s, false);
    transfer_story(&s, false, 1000);
    other.client_port = 40000;
    scene_sends(&s, 3000000, other);
    struct plots *v = open_plots(s.trace);
    assert_int_equal(v->series.side, SIDE_INITIATOR);
    plots_view.command(v, COMMAND_NEXT_FLOW);
    assert_int_equal(v->series.flow, 1);
    assert_int_equal(v->series.count, 1);
    plots_view.command(v, COMMAND_NEXT_FLOW);
    plots_view.command(v, COMMAND_PREVIOUS_FLOW);
    assert_int_equal(v->series.flow, 1);
    plots_view.command(v, COMMAND_DIRECTION);
    assert_int_equal(v->series.side, SIDE_RESPONDER);
    assert_int_equal(v->series.count, 0);
    struct text t = {0};
    draw(v, 22, 80, false, &t);
    assert_non_null(strstr(text_str(&t), "d shows the other"));
    plots_view.command(v, COMMAND_DIRECTION);
    assert_int_equal(v->series.count, 1);
    text_free(&t);
    plots_view.close(v);
    scene_end(&s);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A million of them within the 16 ms of a frame; of fewer, which are drawn one by one and may be
 * under a sanitizer here, no more than that it ends. */
static void a_plot_of_many_segments_is_drawn_in_time(void **state)
{
    struct scene s;
    struct text t = {0};
    (void)state;
    scene_begin(&s, false);
    bool slow = getenv("TCPLADDER_SLOW_TESTS") != NULL;
    uint32_t n = slow ? 500000 : rounds_of(50000, 10000);
    scene_sends(&s, 0, SCENE_SYN);
    scene_sends(&s, 20000, SCENE_SYN_ACK);
    for (uint32_t i = 0; i < n; i++) {
        scene_sends(&s, 40000 + i * 20,
                    (struct scene_segment){'C', TCP_ACK, 2927179379u + i * 8, 1181523845u,
                                           "8 bytes.", 0, 0});
        if (i >= 1000)
            scene_sends(&s, 40010 + i * 20,
                        (struct scene_segment){'S', TCP_ACK, 1181523845u,
                                               2927179379u + (i - 1000) * 8, NULL, 0, 0});
    }
    struct plots *v = open_plots(s.trace);
    assert_int_equal(v->series.count, 2 * n - 1000 + 2);
    for (int kind = 0; kind < PLOT_KIND_COUNT; kind++) {
        double began = cpu_ms();
        draw(v, 60, 200, false, &t);
        double took = cpu_ms() - began;
        print_message("%s: %.2f ms\n", plot_types[v->kind].tab, took);
        assert_true(took < (slow ? 16 : 1000));
        plots_view.command(v, COMMAND_FORM);
    }
    text_free(&t);
    plots_view.close(v);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_size_is_drawn_and_ascii_is_ascii),
        cmocka_unit_test(the_cursor_walks_the_segments_and_zoom_keeps_it_in_sight),
        cmocka_unit_test(a_segment_is_found_from_and_for_other_views),
        cmocka_unit_test(keys_go_there_and_back),
        cmocka_unit_test(a_live_trace_is_followed),
        cmocka_unit_test(connections_and_directions_take_turns),
        cmocka_unit_test(a_plot_of_many_segments_is_drawn_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
