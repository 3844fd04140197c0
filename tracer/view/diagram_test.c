#include "tracer/view/diagram.h"

#include "tracer/view/glyph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int last_edge(void)
{
    return (int)diagram_edge_count - 1;
}

static enum tcp_state state_of(unsigned place)
{
    return place == PLACE_CLOSED_AGAIN ? STATE_CLOSED : (enum tcp_state)place;
}

static void test_edges_are_rows(void **state)
{
    (void)state;
    for (int i = 0; i < last_edge(); i++) {
        const struct diagram_edge *e = &diagram_edges[i];
        const struct tcp_transition *row = tcp_transition(e->from, e->event);
        assert_non_null(row);
        assert_int_equal(row->to, state_of(e->to));
        assert_int_equal(diagram_edge_of(e->from, e->event), i);
    }
}

/* Whatever is not drawn leads to CLOSED from any state, or begins where the capture did, or is a
 * SYN-ACK from a host whose listen() nobody saw, or a FIN that comes before the handshake is over,
 * which the RFC's text has and its figure has not. */
static void test_rows_are_edges(void **state)
{
    (void)state;
    for (enum tcp_state s = 0; s < STATE_UNKNOWN; s++)
        for (enum tcp_event e = 0; e < TCP_EVENT_COUNT; e++) {
            const struct tcp_transition *row = tcp_transition(s, e);
            int edge = diagram_edge_of(s, e);
            bool undrawn = (s == STATE_CLOSED && e == EVENT_SENT_SYN_ACK) ||
                           (s == STATE_SYN_RECEIVED && e == EVENT_RECEIVED_FIN);
            bool ends = e == EVENT_SENT_RST || e == EVENT_RECEIVED_RST || e == EVENT_TIMER ||
                        e == EVENT_CALL_CLOSE;
            if (!row || undrawn)
                assert_int_equal(edge, -1);
            else if (edge == last_edge())
                assert_true(ends && row->to == STATE_CLOSED);
            else
                assert_in_range(edge, 0, last_edge() - 1);
        }
}

/* A label is its event's name, "rcv" and "snd" for short. */
static void test_labels(void **state)
{
    (void)state;
    for (int i = 0; i < last_edge(); i++) {
        const char *label = diagram_edges[i].label;
        const char *name = tcp_event_name(diagram_edges[i].event);
        if (strncmp(name, "sent ", 5) == 0)
            assert_true(strncmp(label, "snd ", 4) == 0 && strcmp(label + 4, name + 5) == 0);
        else if (strncmp(name, "received ", 9) == 0)
            assert_true(strncmp(label, "rcv ", 4) == 0 && strcmp(label + 4, name + 9) == 0);
        else
            assert_true(strcmp(label, "listen()") == 0 || strcmp(label, "2MSL") == 0);
    }
}

static const struct diagram_box *box_of(unsigned place)
{
    for (size_t i = 0; i < diagram_box_count; i++)
        if (diagram_boxes[i].place == place)
            return &diagram_boxes[i];
    return NULL;
}

static bool holds(const struct diagram_box *b, struct diagram_point p)
{
    return b && p.y == b->y && p.x >= b->x && p.x < b->x + DIAGRAM_BOX_COLS;
}

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < diagram_edge_count; i++) {
        const struct diagram_edge *e = &diagram_edges[i];
        assert_in_range(e->points, 2, DIAGRAM_POINTS);
        assert_true(e->from == DIAGRAM_ANY || holds(box_of(e->from), e->path[0]));
        assert_true(holds(box_of(e->to), e->path[e->points - 1]));
        for (int p = 1; p < e->points; p++)
            assert_true((e->path[p].x == e->path[p - 1].x) != (e->path[p].y == e->path[p - 1].y));
    }
}

static bool is_head(uint32_t glyph)
{
    return glyph == GLYPH_HEAD_RIGHT || glyph == GLYPH_HEAD_LEFT || glyph == GLYPH_HEAD_UP ||
           glyph == GLYPH_HEAD_DOWN;
}

/* Mark the cells that an edge has for itself; none may have been another's. */
static void claim(int edge, struct grid *g, struct area a, uint8_t *owned)
{
    struct diagram_marks m = {.sign = "CS", .now = {STATE_UNKNOWN, STATE_UNKNOWN}, .lit = edge};
    int cells = 0, heads = 0;
    grid_clear(g);
    diagram_draw(&m, g, a);
    for (int i = 0; i < g->rows * g->cols; i++) {
        if (g->cells[i].role != ROLE_HOST_C)
            continue;
        assert_int_equal(owned[i], 0);
        owned[i] = 1;
        cells++;
        heads += is_head(g->cells[i].glyph);
    }
    assert_true(cells > (int)strlen(diagram_edges[edge].label));
    assert_int_equal(heads, 1);
}

/* No edge or label lies on another one's, on a box, or outside, in either drawing. */
static void check_size(int rows, int cols)
{
    struct area room = {0, 0, rows, cols};
    struct grid g = {0};
    uint8_t owned[60 * 200] = {0};
    room.rows = diagram_rows(room);
    assert_true(room.rows > 0 && room.rows <= rows && room.rows * cols <= (int)sizeof owned);
    grid_resize(&g, room.rows, cols);
    for (int i = 0; i < (int)diagram_edge_count; i++)
        claim(i, &g, room, owned);
    struct diagram_marks all = {.sign = "CS", .now = {STATE_UNKNOWN, STATE_UNKNOWN}, .lit = -1};
    for (size_t b = 0; b < diagram_box_count; b++)
        all.been[0][diagram_boxes[b].place] = true;
    grid_clear(&g);
    diagram_draw(&all, &g, room);
    int boxes = 0;
    for (int i = 0; i < g.rows * g.cols; i++) {
        assert_false(owned[i] && g.cells[i].role == ROLE_NORMAL);
        boxes += g.cells[i].role == ROLE_HOST_C;
    }
    assert_int_equal(boxes, diagram_box_count);
    grid_free(&g);
}

static void test_nothing_overlaps(void **state)
{
    (void)state;
    check_size(21, 80);
    check_size(21, 99);
    check_size(37, 80);
    check_size(37, 120);
    check_size(60, 200);
}

static void test_room(void **state)
{
    (void)state;
    assert_int_equal(diagram_rows((struct area){0, 0, 18, 80}), 0);
    assert_int_equal(diagram_rows((struct area){0, 0, 40, 79}), 0);
    assert_int_equal(diagram_rows((struct area){0, 0, 19, 80}), 15);
    assert_int_equal(diagram_rows((struct area){0, 0, 36, 80}), 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_are_rows),   cmocka_unit_test(test_rows_are_edges),
        cmocka_unit_test(test_labels),           cmocka_unit_test(test_paths),
        cmocka_unit_test(test_nothing_overlaps), cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
