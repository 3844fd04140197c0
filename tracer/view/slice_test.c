/* What is long is taken in by slices; what was asked for is found all the same. */
#include "tracer/view/ladder.h"
#include "tracer/view/plots.h"
#include "tracer/view/scene.h"
#include "tracer/view/slice.h"
#include "tracer/view/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FLOWS = 3, TURNS = 20000 };

/* Three connections: the second is within the first, the third begins later without a SYN. */
static void tell(struct scene *s)
{
    static const struct {
        uint16_t port;
        uint32_t from, to;
        bool opens;
    } flows[FLOWS] = {{1000, 0, TURNS, true}, {1001, 100, 200, true}, {1002, 150, TURNS, false}};
    scene_begin(s, false);
    for (uint32_t i = 0; i < TURNS; i++)
        for (int f = 0; f < FLOWS; f++) {
            struct scene_segment g = {'C', TCP_ACK, 1001 + 4 * i, 5001, "dat\n", flows[f].port, 1};
            if (i < flows[f].from || i >= flows[f].to)
                continue;
            if (i == flows[f].from && flows[f].opens) {
                scene_sends(
                    s, i * 10,
                    (struct scene_segment){'C', TCP_SYN, 1000 + 4 * i, 0, NULL, flows[f].port, 1});
                scene_sends(s, i * 10 + 1,
                            (struct scene_segment){'S', TCP_SYN | TCP_ACK, 5000, 1001 + 4 * i, NULL,
                                                   flows[f].port, 1});
            }
            scene_sends(s, i * 10 + 2, g);
        }
}

static bool concerns(const struct trace *t, size_t i, uint32_t flow)
{
    struct trace_event e = trace_event(t, i);
    int side;
    if (e.kind == TRACE_STATE)
        return trace_state_flow(t, e.index) == flow;
    return e.kind == TRACE_SEGMENT && trace_segment_flow(t, e.index, &side) == flow;
}

static void a_connection_is_within_its_range(void **state)
{
    (void)state;
    struct scene s;
    tell(&s);
    assert_int_equal(trace_flow_count(s.trace), FLOWS);
    for (uint32_t f = 0; f < FLOWS; f++) {
        struct trace_range r = trace_flow_range(s.trace, f);
        assert_true(concerns(s.trace, r.from, f) && concerns(s.trace, r.to - 1, f));
        for (size_t i = 0; i < trace_event_count(s.trace); i++)
            assert_true(!concerns(s.trace, i, f) || (i >= r.from && i < r.to));
    }
    assert_int_equal(trace_segment_flags(s.trace, trace_syn_of(s.trace, 1, SIDE_INITIATOR)),
                     TCP_SYN);
    assert_int_equal(trace_segment_flags(s.trace, trace_syn_of(s.trace, 1, SIDE_RESPONDER)),
                     TCP_SYN | TCP_ACK);
    assert_int_equal(trace_syn_of(s.trace, 2, SIDE_INITIATOR), TRACE_NONE);
    scene_end(&s);
}

/* The moment of the last segment but one of a connection. */
static uint32_t near_end(const struct trace *t, uint32_t flow)
{
    size_t i = trace_event_count(t);
    for (int seen = 0; seen < 2;) {
        int side;
        struct trace_event e = trace_event(t, --i);
        seen += e.kind == TRACE_SEGMENT && trace_segment_flow(t, e.index, &side) == flow;
    }
    return (uint32_t)i;
}

/* Opened at a moment near the end, with so little time that only the beginning is there at first.
 */
static void *open_at(const struct view_type *type, const struct trace *t, uint32_t event)
{
    struct view_target target = {.type = type, .flow = 0, .event = event};
    void *view = type->open(t);
    type->show(view, &target);
    return view;
}

static void finish(const struct view_type *type, void *view)
{
    while (type->busy(view))
        type->update(view);
}

static void what_was_asked_for_is_found(void **state)
{
    static const struct view_type *const types[] = {&ladder_view, &stream_view, &plots_view};
    (void)state;
    struct scene s;
    tell(&s);
    uint32_t event = near_end(s.trace, 0);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        void *view = open_at(types[i], s.trace, event);
        finish(types[i], view);
        assert_int_equal(types[i]->target(view).event, event);
        types[i]->close(view);
    }
    scene_end(&s);
}

/* Who moves on meanwhile is left where he went; who asks for the end has it when it is there. */
static void a_move_counts_more(void **state)
{
    (void)state;
    struct scene s;
    tell(&s);
    struct ladder *v = open_at(&ladder_view, s.trace, near_end(s.trace, 0));
    v->wanted = near_end(s.trace, 0); /* however fast the machine is */
    ladder_view.command(v, COMMAND_FIRST);
    finish(&ladder_view, v);
    assert_int_equal(v->cursor, 0);
    layout_free(&v->layout);
    layout_init(&v->layout, s.trace, &(uint32_t){0}, 1);
    ladder_view.command(v, COMMAND_LAST); /* nothing is laid out yet */
    finish(&ladder_view, v);
    assert_int_equal(v->cursor, v->layout.count - 1);
    ladder_view.close(v);
    scene_end(&s);
}

/* A slice of no time at all does some work, and does not do all. */
static void a_slice_ends(void **state)
{
    (void)state;
    struct scene s;
    struct layout l;
    tell(&s);
    layout_init(&l, s.trace, NULL, 0);
    assert_true(layout_update_some(&l, 0));
    assert_true(l.count > 0 && l.taken < trace_event_count(s.trace));
    size_t slices = 1;
    while (l.taken < trace_event_count(s.trace)) {
        size_t before = l.taken;
        layout_update_some(&l, 0);
        assert_true(l.taken > before);
        slices++;
    }
    assert_true(slices > 10);
    layout_free(&l);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_within_its_range),
        cmocka_unit_test(what_was_asked_for_is_found),
        cmocka_unit_test(a_move_counts_more),
        cmocka_unit_test(a_slice_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
