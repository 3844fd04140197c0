#include "tracer/view/connections.h"

#include "tracer/view/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % sides;
}

static struct connections *open_list(const struct trace *t)
{
    return connections_view.open(t);
}

static void settle(struct connections *v)
{
    while (connections_view.update(v)) {
    }
    connections_arrange(v);
}

static void type_words(struct connections *v, const char *s)
{
    connections_view.filter(v, s, NULL);
}

/* Some segment of one of `clients` connections. */
static void add_some(struct scene *s, int64_t at_us, uint32_t clients)
{
    static const uint16_t flags[] = {TCP_SYN, TCP_ACK, TCP_ACK | TCP_PSH, TCP_FIN | TCP_ACK};
    static const char *const data[] = {NULL, "x", "some words", "again and again"};
    scene_sends(s, at_us,
                (struct scene_segment){roll(2) ? 'C' : 'S', roll(40) ? flags[roll(4)] : TCP_RST,
                                       100 + roll(40), 100, data[roll(4)],
                                       (uint16_t)(1000 + roll(clients)), 0});
}

static void assert_same_order(const struct connections *a, const struct connections *b)
{
    assert_int_equal(a->shown, b->shown);
    for (size_t i = 0; i < a->shown; i++)
        assert_int_equal(a->order[i].row, b->order[i].row);
    assert_int_equal(a->open, b->open);
    assert_int_equal(a->total.again, b->total.again);
    for (int side = 0; side < SIDE_COUNT; side++)
        assert_int_equal(a->total.bytes[side], b->total.bytes[side]);
}

/* Merged as segments come, the list is the one that is sorted afresh at the end; by every column,
 * either way round, filtered or not. */
static void test_growing_is_the_same_as_sorted_afresh(void **state)
{
    (void)state;
    for (int column = 0; column < COLUMN_COUNT; column++)
        for (int way = 0; way < 4; way++) {
            struct scene s;
            scene_begin(&s, false);
            struct connections *grown = open_list(s.trace);
            dice = (uint32_t)(column * 4 + way);
            for (int i = 0; i < column; i++)
                connections_view.command(grown, COMMAND_SORT_NEXT);
            if (way % 2)
                connections_view.command(grown, COMMAND_SORT_REVERSE);
            if (way / 2)
                type_words(grown, "-WAIT");
            for (int64_t i = 0; i < 300; i++) {
                add_some(&s, i * 100, 20);
                connections_view.update(grown);
                if (roll(3) == 0)
                    connections_arrange(grown);
            }
            settle(grown);
            struct connections *whole = open_list(s.trace);
            whole->column = grown->column;
            whole->falling = grown->falling;
            if (way / 2)
                type_words(whole, "-wait");
            connections_reorder(whole);
            settle(whole);
            assert_true(whole->shown > 0);
            assert_same_order(grown, whole);
            connections_view.close(grown);
            connections_view.close(whole);
            scene_end(&s);
        }
}

/* What is counted from segments and changes of state is what the trace says itself. */
static void test_counts_are_the_traces(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    dice = 7;
    for (int64_t i = 0; i < 2000; i++)
        add_some(&s, i * 100, 50);
    struct connections *v = open_list(s.trace);
    settle(v);
    assert_int_equal(v->count, trace_flow_count(s.trace));
    for (uint32_t row = 0; row < v->count; row++)
        for (int side = 0; side < SIDE_COUNT; side++) {
            const struct flow *f = trace_flow(s.trace, row);
            assert_int_equal(v->rows[row].segments[side], f->segments[side]);
            assert_int_equal(v->rows[row].bytes[side], f->payload_bytes[side]);
            assert_int_equal(v->rows[row].state[side], trace_state_now(s.trace, row, side));
        }
    connections_view.close(v);
    scene_end(&s);
}

static int64_t rtt_of_first(const struct scene *s)
{
    struct connections *v = open_list(s->trace);
    settle(v);
    int64_t rtt = v->rows[0].rtt_ns;
    connections_view.close(v);
    return rtt;
}

static void test_round_trip_where_the_handshake_was_seen_once(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    scene_sends(&s, 100, SCENE_SYN);
    scene_sends(&s, 20100, SCENE_SYN_ACK);
    assert_int_equal(rtt_of_first(&s), -1);
    scene_sends(&s, 20150, SCENE_ACK);
    scene_sends(&s, 90000, SCENE_ACK);
    assert_int_equal(rtt_of_first(&s), 20050000);
    scene_end(&s);
    scene_begin(&s, false); /* which of the two was answered? */
    scene_sends(&s, 100, SCENE_SYN);
    scene_sends(&s, 1000100, SCENE_SYN);
    scene_sends(&s, 1020100, SCENE_SYN_ACK);
    scene_sends(&s, 1020150, SCENE_ACK);
    assert_int_equal(rtt_of_first(&s), -1);
    scene_end(&s);
    scene_begin(&s, false); /* begun in the middle */
    scene_sends(&s, 20100, SCENE_SYN_ACK);
    scene_sends(&s, 20150, SCENE_ACK);
    assert_int_equal(rtt_of_first(&s), -1);
    scene_end(&s);
}

static void test_numbers_fit_their_columns(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } cases[] = {{0, "0"},
                 {99999, "99999"},
                 {100000, "100k"},
                 {999999, "999k"},
                 {1200000, "1.2M"},
                 {99950000, "99.9M"},
                 {100000000, "100M"},
                 {5000000000, "5.0G"},
                 {UINT64_MAX, "18.4E"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text t = {0};
        column_number(cases[i].n, &t);
        assert_string_equal(text_str(&t), cases[i].text);
        text_free(&t);
    }
}

/* ---- by keys ----------------------------------------------------------------------------- */

static void syn_of(struct scene *s, int64_t at_us, uint16_t port)
{
    scene_sends(s, at_us, (struct scene_segment){'C', TCP_SYN, 1000, 0, NULL, port, 0});
}

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    scene_begin(&s->scene, false);
    for (uint16_t port = 40001; port <= 40060; port++)
        syn_of(&s->scene, port, port);
    stage_open(s, "a list", false, 24, 80);
    *state = s;
    return 0;
}

static void type(struct stage *s, const char *words)
{
    for (; *words; words++)
        press(s, *words == '\r' ? KEY_CODE_ENTER : (unsigned char)*words);
    while (viewer_busy(s->viewer))
        viewer_update(s->viewer);
}

/* The text of the selected line. */
static bool selected(struct stage *s, const char *word)
{
    sees(s, "");
    const char *line = text_str(&s->seen);
    for (int row = 0; row < s->grid.rows; row++) {
        const char *end = strchr(line, '\n');
        if (grid_cell(&s->grid, row, 0)->selected) {
            const char *found = strstr(line, word);
            return found && found < end;
        }
        line = end + 1;
    }
    return false;
}

static void test_a_ladder_is_opened_and_closed(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    assert_true(selected(s, ":40001 "));
    press(s, 'j');
    press(s, '>');
    press(s, KEY_CODE_ENTER);
    assert_true(sees(s, "connection 2 of 60"));
    press(s, KEY_CODE_ENTER);
    assert_true(sees(s, "q closes, J K"));
    press(s, 'q');
    assert_true(sees(s, "connection 2 of 60"));
    assert_int_equal(press(s, KEY_CODE_ESCAPE), VIEWER_REDRAW);
    assert_true(selected(s, ":40002 ")); /* as it was left */
    assert_true(sees(s, "by from"));
    press(s, KEY_CODE_ENTER);
    press(s, 'c'); /* back to this list, not to one more */
    assert_true(sees(s, "by from"));
    press(s, 'q');
    assert_true(sees(s, "opened by"));
    assert_int_equal(press(s, 'q'), VIEWER_QUIT);
}

static void test_next_view_goes_round(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    press(s, KEY_CODE_ENTER);
    for (size_t i = 0; i < view_type_count; i++)
        press(s, 'v');
    assert_true(sees(s, "60 connections"));
    assert_int_equal(press(s, 'q'), VIEWER_QUIT); /* nothing lies beneath any more */
}

static void test_a_mark_brings_back_what_stood_side_by_side(void **state)
{
    struct stage *s = *state;
    const char keys[] = "c  \r";
    for (const char *k = keys; *k; k++)
        press(s, *k == '\r' ? KEY_CODE_ENTER : (unsigned char)*k);
    assert_true(sees(s, "  2 connections"));
    press(s, 'j');
    press(s, 'm');
    press(s, 'a');
    press(s, 'a'); /* all connections */
    assert_false(sees(s, "  2 connections"));
    press(s, '\'');
    press(s, 'a');
    assert_true(sees(s, "  2 connections"));
    assert_true(sees(s, "line 2 of"));
    press(s, '\'');
    press(s, '\''); /* back to all */
    assert_true(sees(s, "60 connections"));
    assert_false(sees(s, "  2 connections"));
}

static void test_a_list_opened_while_paused_is_whole(void **state)
{
    struct stage *s = *state;
    for (uint32_t i = 0; i < 10000; i++)
        scene_sends(&s->scene, 100000 + i,
                    (struct scene_segment){'C', TCP_SYN, i, 0, NULL, (uint16_t)(1 + i), 1000});
    press(s, 'p');
    press(s, 'c');
    assert_true(viewer_busy(s->viewer)); /* it is taken in by slices */
    while (viewer_busy(s->viewer))
        viewer_update(s->viewer);
    assert_false(viewer_busy(s->viewer)); /* nor does a picture that is held keep us awake */
    assert_true(sees(s, "10060 connections"));
}

static void test_the_filter_narrows_as_it_is_typed(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    press(s, 'f');
    for (const char *k = ":4002"; *k; k++)
        press(s, (unsigned char)*k);
    assert_true(sees(s, "10 of 60 connections"));
    press(s, 'Q'); /* a letter here */
    assert_true(sees(s, "No connection holds this"));
    press(s, KEY_CODE_BACKSPACE);
    press(s, KEY_CODE_DOWN);
    assert_true(selected(s, ":40021 "));
    press(s, KEY_CODE_ENTER); /* kept */
    assert_true(sees(s, "Esc clears"));
    syn_of(&s->scene, 90000, 40100);
    syn_of(&s->scene, 90001, 4002);
    viewer_update(s->viewer);
    assert_true(sees(s, "11 of 62 connections"));
    press(s, KEY_CODE_ESCAPE);
    assert_true(sees(s, "62 connections"));
    assert_true(selected(s, ":40021 "));
}

/* A selector picks connections by what happened in them; one word is a text, as it always was. */
static void test_the_filter_takes_a_selector(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    type(s, ":filter C > S [S]\r");
    assert_true(sees(s, "60 connections"));
    assert_true(sees(s, "filter: C > S [S]"));
    type(s, ":filter :40021 > * syn\r");
    assert_true(sees(s, "1 of 60 connections"));
    assert_true(selected(s, ":40021 "));
    scene_sends(&s->scene, 90000, (struct scene_segment){'C', TCP_ACK, 1001, 1, "GET /", 40050, 0});
    type(s, ":filter payload \"GET\"\r");
    assert_true(sees(s, "1 of 61 connections") || sees(s, "1 of 60 connections"));
    assert_true(selected(s, ":40050 "));
    scene_sends(&s->scene, 90001, (struct scene_segment){'C', TCP_ACK, 1001, 1, "GET /", 40030, 0});
    viewer_update(s->viewer);
    assert_true(sees(s, "2 of 60 connections")); /* as it grows */
    type(s, ":filter last (C > S data)\r");
    assert_true(sees(s, "2 of 60 connections"));
    type(s, ":filter syn\r"); /* a text: the states' names hold it */
    assert_true(sees(s, "60 connections"));
    type(s, ":filter (fin)\r");
    assert_true(sees(s, "No connection holds this"));
    press(s, KEY_CODE_ESCAPE);
    assert_true(sees(s, "60 connections"));
}

/* What can be no text is a selector that is wrong: it is said, and the filter stays. */
static void test_a_wrong_selector_is_told(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    type(s, ":filter :4002\r");
    assert_true(sees(s, "10 of 60 connections"));
    type(s, ":filter dta > 3\r");
    assert_true(sees(s, "Did you mean"));
    assert_true(sees(s, ":40029 ") && !sees(s, ":40030 "));
    type(s, ":filter [fe80\r"); /* an address may begin so */
    assert_true(sees(s, "No connection holds this"));
}

static void test_the_cursor_stays_with_its_connection(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    for (int i = 0; i < 8; i++)
        press(s, '>');
    assert_true(sees(s, "by bytes"));
    assert_true(selected(s, ":40001 "));
    scene_sends(&s->scene, 90000, (struct scene_segment){'C', TCP_ACK, 1001, 1, "much", 40050, 0});
    viewer_update(s->viewer);
    assert_true(selected(s, ":40050 ")); /* not moved yet: the first stays selected */
    press(s, 'j');
    assert_true(selected(s, ":40001 "));
    for (uint16_t port = 40030; port < 40050; port++)
        scene_sends(&s->scene, 90000,
                    (struct scene_segment){'C', TCP_ACK, 1001, 1, "more and more", port, 0});
    viewer_update(s->viewer);
    assert_true(selected(s, ":40001 "));
    press(s, 'A');
    assert_true(selected(s, ":40060 "));
    syn_of(&s->scene, 90000, 41000);
    viewer_update(s->viewer);
    assert_true(selected(s, ":41000 "));
}

static void test_scrolling_has_bounds(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    assert_true(sees(s, "60 connections")); /* a page is what was drawn */
    for (int i = 0; i < 20; i++)
        press(s, KEY_CODE_PAGE_DOWN);
    assert_true(selected(s, ":40060 "));
    press(s, KEY_CODE_HOME);
    assert_true(selected(s, ":40001 "));
    press(s, KEY_CODE_UP);
    press(s, KEY_CODE_END);
    assert_true(selected(s, ":40060 "));
    for (int i = 0; i < 20; i++)
        press(s, KEY_CODE_PAGE_UP);
    assert_true(selected(s, ":40001 "));
}

static void test_a_paused_list_keeps_still(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    press(s, 'p');
    syn_of(&s->scene, 90000, 41000);
    assert_false(viewer_update(s->viewer));
    assert_true(sees(s, "60 connections"));
    press(s, 'p');
    assert_true(sees(s, "61 connections"));
}

static void test_every_size(void **state)
{
    struct stage *s = *state;
    press(s, 'c');
    for (int i = 0; i < COLUMN_COUNT; i++) {
        for (int rows = 0; rows <= 30; rows += 5)
            for (int cols = 0; cols <= 200; cols += 11) {
                grid_resize(&s->grid, rows, cols);
                viewer_draw(s->viewer, &s->grid);
            }
        press(s, i == 5 ? 'f' : '>');
        press(s, KEY_CODE_ENTER);
        press(s, 'q');
        press(s, 'G');
    }
    grid_resize(&s->grid, 24, 80);
    assert_true(sees(s, "60 connections"));
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The times printed are for people; they are of the processor, so that a busy machine changes none.
 */
static void test_twenty_thousand(void **state)
{
    struct stage *s = *state;
    enum { CONNECTIONS = 20000, FRAMES = 50 };
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        scene_sends(&s->scene, 100000 + i,
                    (struct scene_segment){'C', TCP_SYN, i, 0, NULL, (uint16_t)(1 + i % 10000),
                                           1000 + i / 10000});
    int64_t start = now_ns();
    press(s, 'c');
    assert_true(viewer_busy(s->viewer)); /* the first of them are shown, and keys answered */
    assert_true(sees(s, "10.0.0.1:"));
    while (viewer_busy(s->viewer))
        viewer_update(s->viewer);
    viewer_draw(s->viewer, &s->grid);
    int64_t opened = now_ns();
    for (int i = 0; i < COLUMN_COUNT; i++) {
        press(s, '>');
        viewer_draw(s->viewer, &s->grid);
    }
    int64_t sorted = now_ns();
    for (int i = 0; i < 8; i++)
        press(s, '>');
    viewer_draw(s->viewer, &s->grid);
    int64_t live = now_ns();
    for (uint32_t i = 0; i < FRAMES; i++) {
        for (uint32_t k = 0; k < 100; k++)
            scene_sends(&s->scene, 300000 + i,
                        (struct scene_segment){'C', TCP_ACK, i, 0, "data",
                                               (uint16_t)(1 + (i * 977 + k * 31) % 10000), 1000});
        viewer_update(s->viewer);
        viewer_draw(s->viewer, &s->grid);
    }
    int64_t typed = now_ns();
    press(s, 'f');
    press(s, '7');
    viewer_draw(s->viewer, &s->grid);
    int64_t end = now_ns();
    print_message("20000 connections: opened in %lld ms, sorted in %lld ms, a live frame in %lld "
                  "us, filtered in %lld ms\n",
                  (long long)(opened - start) / 1000000,
                  (long long)(sorted - opened) / COLUMN_COUNT / 1000000,
                  (long long)(typed - live) / FRAMES / 1000, (long long)(end - typed) / 1000000);
    assert_true(sees(s, " of 20060 connections"));
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growing_is_the_same_as_sorted_afresh),
        cmocka_unit_test(test_counts_are_the_traces),
        cmocka_unit_test(test_round_trip_where_the_handshake_was_seen_once),
        cmocka_unit_test(test_numbers_fit_their_columns),
        ON_STAGE(test_a_ladder_is_opened_and_closed),
        ON_STAGE(test_next_view_goes_round),
        ON_STAGE(test_a_mark_brings_back_what_stood_side_by_side),
        ON_STAGE(test_a_list_opened_while_paused_is_whole),
        ON_STAGE(test_the_filter_narrows_as_it_is_typed),
        ON_STAGE(test_the_filter_takes_a_selector),
        ON_STAGE(test_a_wrong_selector_is_told),
        ON_STAGE(test_the_cursor_stays_with_its_connection),
        ON_STAGE(test_scrolling_has_bounds),
        ON_STAGE(test_a_paused_list_keeps_still),
        ON_STAGE(test_every_size),
        ON_STAGE(test_twenty_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
