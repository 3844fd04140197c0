#include "tracer/view/columns.h"

#include "tracer/base/rounds_test.h"
#include "tracer/view/ladder.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/stage.h"

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
    scene_begin(&s->scene, false);
    stage_open(s, "a story", false, 24, 80);
    viewer_from_start(s->viewer);
    *state = s;
    return 0;
}

static enum viewer_answer press_on(struct stage *s, uint32_t key)
{
    enum viewer_answer a = press(s, key);
    viewer_update(s->viewer);
    viewer_draw(s->viewer, &s->grid);
    return a;
}

/* A SYN of a client whose address ends so. */
static void syn(struct scene *s, int64_t at_us, uint32_t client)
{
    scene_sends(s, at_us,
                (struct scene_segment){'C', TCP_SYN, 1000, 0, NULL,
                                       (uint16_t)(30000 + client % 30000), client});
}

static void syns(struct scene *s, uint32_t from, uint32_t to)
{
    for (uint32_t client = from; client < to; client++)
        syn(s, client, client);
}

/* ---- the columns ------------------------------------------------------------------------- */

struct hosts {
    struct scene scene;
    struct layout layout;
    struct columns_set columns;
};

static void open_hosts(struct hosts *h, uint32_t from, uint32_t to)
{
    scene_begin(&h->scene, false);
    syns(&h->scene, from, to);
    layout_init(&h->layout, h->scene.trace, NULL, 0);
    layout_update(&h->layout);
    columns_begin(&h->columns, &h->layout, COLUMNS_HOSTS);
}

static void close_hosts(struct hosts *h)
{
    layout_free(&h->layout);
    scene_end(&h->scene);
}

static void test_hosts_stand_in_the_order_of_their_first_segment(void **state)
{
    (void)state;
    struct hosts h;
    static const uint32_t clients[] = {9, 7, 9, 8, 7};
    static const int expected[] = {0, 2, 3};
    open_hosts(&h, 0, 0);
    for (uint32_t i = 0; i < 5; i++)
        syn(&h.scene, i, clients[i]);
    layout_update(&h.layout);
    columns_update(&h.columns, &h.layout);
    assert_int_equal(h.columns.count, 4);
    const struct trace *t = h.scene.trace;
    for (uint32_t flow = 0; flow < trace_flow_count(t); flow++) {
        int column = columns_of(&h.columns, t, flow, SIDE_INITIATOR);
        assert_int_equal(column, expected[flow]);
        assert_int_equal(columns_of(&h.columns, t, flow, SIDE_RESPONDER), 1);
    }
    close_hosts(&h);
}

static void test_sideways_has_bounds(void **state)
{
    (void)state;
    struct hosts h;
    struct text words = {0};
    open_hosts(&h, 10, 21); /* and the server */
    columns_arrange(&h.columns, &h.layout, 0, 10, 0, 71);
    columns_status(&h.columns, &words);
    assert_string_equal(text_str(&words), "hosts 1-3 of 12");
    assert_false(columns_move(&h.columns, -1));
    for (int i = 0; i < 9; i++) {
        assert_true(columns_move(&h.columns, 1));
        columns_arrange(&h.columns, &h.layout, 0, 10, 0, 71);
        assert_int_equal(h.columns.first, i + 1); /* the cursor's row does not take it back */
    }
    assert_false(columns_move(&h.columns, 1));
    text_clear(&words);
    columns_status(&h.columns, &words);
    assert_string_equal(text_str(&words), "hosts 10-12 of 12");
    columns_arrange(&h.columns, &h.layout, 0, 10, 1, 71); /* the second client and the server */
    assert_int_equal(h.columns.first, 1);
    text_free(&words);
    close_hosts(&h);
}

/* Of more hosts than there is memory for, those of the rows in sight have columns, and keep them.
 */
static void test_of_many_hosts_those_in_sight_have_columns(void **state)
{
    (void)state;
    struct hosts h;
    enum { ROWS = 20 };
    open_hosts(&h, 10, 1010);
    assert_true(h.columns.many);
    const struct trace *t = h.scene.trace;
    for (size_t first = 0; first + ROWS < h.layout.count; first += first < 100 ? 1 : 37) {
        int before = columns_of(&h.columns, t, (uint32_t)first + 5, SIDE_INITIATOR);
        int server = columns_of(&h.columns, t, 0, SIDE_RESPONDER);
        columns_arrange(&h.columns, &h.layout, first, ROWS, first + 7, 111);
        assert_int_equal(h.columns.count, ROWS + 1);
        for (size_t r = first; r < first + ROWS; r++) {
            uint32_t flow = (uint32_t)r; /* a row a connection */
            assert_true(columns_of(&h.columns, t, flow, SIDE_INITIATOR) >= 0);
        }
        if (first > 0 && first < 100) {
            assert_int_equal(columns_of(&h.columns, t, (uint32_t)first + 5, SIDE_INITIATOR),
                             before);
            assert_int_equal(columns_of(&h.columns, t, 0, SIDE_RESPONDER), server);
        }
    }
    close_hosts(&h);
}

static void test_arrows_lie_between_their_hosts(void **state)
{
    (void)state;
    struct hosts h;
    struct grid g = {0};
    struct again_memory memory = {0};
    open_hosts(&h, 10, 14);
    struct area a = {0, 9, 4, 111};
    grid_resize(&g, a.rows, a.col + a.cols);
    columns_arrange(&h.columns, &h.layout, 0, a.rows, 0, a.cols);
    columns_draw(&h.columns, &h.layout, &memory, 0, &g, a);
    int server = a.col + columns_cell(&h.columns, 1, a.cols);
    for (int row = 0; row < a.rows; row++) {
        int client =
            a.col + columns_cell(&h.columns,
                                 columns_of(&h.columns, h.scene.trace, (uint32_t)row, 0), a.cols);
        int low = client < server ? client : server, high = client < server ? server : client;
        int heads = 0;
        for (int col = 0; col < g.cols; col++) {
            const struct cell *c = grid_cell(&g, row, col);
            bool drawn = c->glyph != ' ' && c->glyph != 0x2502;
            assert_true(!drawn || (col > low && col < high));
            heads += c->glyph == (client < server ? 0x25b6u : 0x25c0u);
        }
        assert_int_equal(heads, 1);
    }
    grid_free(&g);
    close_hosts(&h);
}

/* ---- the view ---------------------------------------------------------------------------- */

static void test_two_hosts_have_no_lanes(void **state)
{
    struct stage *s = *state;
    syn(&s->scene, 0, 1);
    press_on(s, 'H');
    assert_true(sees(s, "three hosts or more"));
    assert_true(sees(s, "the wire"));
    syn(&s->scene, 1, 3);
    press_on(s, 'H');
    assert_false(sees(s, "the wire"));
    assert_true(sees(s, "3 hosts"));
    press_on(s, ']'); /* a connection alone is between two hosts */
    assert_true(sees(s, "the wire"));
    press_on(s, 'a');
    assert_true(sees(s, "3 hosts"));
    press_on(s, 'H');
    assert_true(sees(s, "the wire"));
}

static void open_tagged(struct stage *s, int n)
{
    press_on(s, 'c');
    press_on(s, 'g');
    for (int i = 0; i < n; i++)
        press_on(s, ' ');
    press_on(s, KEY_CODE_ENTER);
}

static void test_tagged_connections_are_opened_together(void **state)
{
    struct stage *s = *state;
    syns(&s->scene, 10, 15);
    open_tagged(s, 2);
    assert_string_equal(viewer_view(s->viewer), "ladder");
    assert_true(sees(s, "2 connections  line 1 of 2"));
    assert_true(sees(s, "10.0.0.10:30010"));
    assert_true(sees(s, "10.0.0.11:30011"));
    assert_false(sees(s, "10.0.0.12:30012"));
    assert_true(sees(s, "SYN-SENT"));
    press_on(s, 'H'); /* the two and their server */
    assert_true(sees(s, "the wire"));
    press_on(s, 'H');
    assert_true(sees(s, "3 hosts"));
    press_on(s, 'H');
    assert_true(sees(s, "2 connections"));
    press_on(s, ']');
    assert_true(sees(s, "connection 1 of 5"));
    press_on(s, 'a');
    assert_true(sees(s, "line 1 of 5"));
    press_on(s, 'q');
    assert_true(sees(s, "2 tagged"));
    press_on(s, 'U');
    assert_false(sees(s, "tagged"));
}

static void test_eight_at_most_are_opened(void **state)
{
    struct stage *s = *state;
    syns(&s->scene, 10, 30);
    open_tagged(s, 9);
    assert_true(sees(s, "8 of the 9 tagged are shown"));
    assert_true(sees(s, "connections 1-3 of 8"));
    press_on(s, '}');
    assert_true(sees(s, "connections 2-4 of 8"));
    for (int i = 0; i < 20; i++)
        press_on(s, '}');
    assert_true(sees(s, "connections 6-8 of 8"));
}

/* In a session the calls and what the programs say have no place here, and take none. */
static void test_lifelines_have_no_rows_of_calls(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, true);
    scene_handshake(&s);
    scene_crosses(&s, 200000, (struct scene_segment){'C', TCP_SYN, 7, 0, NULL, 40000, 0});
    struct ladder *v = ladder_view.open(s.trace);
    struct view_target both = {.flow = 0, .event = TRACE_NONE, .flows = {0, 1}, .flow_count = 2};
    ladder_view.update(v);
    ladder_view.show(v, &both);
    assert_int_equal(ladder_form(v), LADDER_PAIRS);
    for (size_t r = 0; r < v->layout.count; r++) {
        struct ladder_row row = layout_row(&v->layout, r);
        for (int h = 0; h < HOST_COUNT; h++)
            assert_true(row.margin[h].kind == MARGIN_NONE || row.margin[h].kind == MARGIN_STATE);
    }
    ladder_view.command(v, COMMAND_LANES);
    assert_int_equal(ladder_form(v), LADDER_TWO_HOSTS);
    assert_int_equal(layout_row(&v->layout, 0).margin[HOST_RIGHT].kind, MARGIN_NOTE);
    ladder_view.close(v);
    scene_end(&s);
}

static void test_every_size(void **state)
{
    struct stage *s = *state;
    syns(&s->scene, 1, 100);
    scene_sends(&s->scene, 900, (struct scene_segment){'S', TCP_RST, 1000, 0, "ab", 0, 0});
    for (int tagged = 0; tagged < 6; tagged += 5) {
        if (tagged > 0)
            open_tagged(s, tagged);
        else
            press_on(s, 'H');
        for (int rows = 10; rows <= 40; rows += 3)
            for (int cols = 40; cols <= 250; cols += rounds_are_all() ? 3 : 11) {
                grid_resize(&s->grid, rows, cols);
                press_on(s, cols % 2 ? '}' : KEY_CODE_DOWN);
                press_on(s, cols % 5 ? KEY_CODE_DOWN : '{');
            }
    }
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void test_very_many_hosts(void **state)
{
    struct stage *s = *state;
    enum { FRAMES = 100 };
    const uint32_t hosts = rounds_of(100000, 20000);
    for (uint32_t client = 10; client < hosts + 10; client++)
        syn(&s->scene, client, client);
    press_on(s, 'g');
    press_on(s, 'H');
    int64_t start = now_ns();
    for (int i = 0; i < FRAMES; i++)
        press_on(s, i % 3 == 0 ? 'g' : i % 3 == 1 ? 'G' : KEY_CODE_PAGE_UP);
    int64_t a_frame = (now_ns() - start) / FRAMES;
    print_message("%u hosts: a frame in %lld us\n", hosts, (long long)a_frame / 1000);
    assert_true(sees(s, "in sight"));
    assert_true(sizeof(struct columns_set) < 1024); /* whatever the capture holds */
    assert_true(a_frame < 100000000);               /* generous: for sanitizers, busy machines */
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, stage_tear_down)

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_stand_in_the_order_of_their_first_segment),
        cmocka_unit_test(test_sideways_has_bounds),
        cmocka_unit_test(test_of_many_hosts_those_in_sight_have_columns),
        cmocka_unit_test(test_arrows_lie_between_their_hosts),
        ON_STAGE(test_two_hosts_have_no_lanes),
        ON_STAGE(test_tagged_connections_are_opened_together),
        ON_STAGE(test_eight_at_most_are_opened),
        ON_STAGE(test_every_size),
        ON_STAGE(test_very_many_hosts),
        cmocka_unit_test(test_lifelines_have_no_rows_of_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
