#include "tracer/view/states.h"

#include "tracer/view/scene.h"
#include "tracer/session/readable_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void listens(struct scene *s, int64_t at_us, char *local)
{
    struct annotation a = {.type = ANNOTATION_CALL, .host = 'S'};
    a.call.pid = a.call.tid = 200;
    a.call.id = ++s->calls;
    a.call.name = (char[]){"listen"};
    a.call.args = (char[]){"3, 5"};
    a.call.fd = 3;
    a.call.phase = CALL_ENTER;
    scene_annotate(s, at_us, &a);
    a.call.phase = CALL_EXIT;
    a.call.local = local;
    scene_annotate(s, at_us + 4, &a);
}

/* The view follows from before the first connection; a step back stops it, the end starts it. */
static void test_walk(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, true);
    struct states *v = states_view.open(s.trace);
    assert_int_equal(v->flow, TRACE_NONE);
    listens(&s, 100, (char[]){"0.0.0.0:9502"});
    assert_true(states_view.update(v));
    assert_int_equal(v->cursor, 1);
    assert_int_equal(trace_state(s.trace, v->steps[0]).to, STATE_LISTEN);

    scene_sends(&s, 1000, SCENE_SYN);
    assert_true(states_view.update(v));
    assert_int_equal(v->flow, 0);
    assert_int_equal(v->count, 2);
    assert_int_equal(v->start[SIDE_RESPONDER], STATE_CLOSED);
    assert_int_equal(v->cursor, 2);
    assert_true(v->follow);

    assert_int_equal(states_view.command(v, COMMAND_PREVIOUS_SEGMENT), VIEW_REDRAW);
    assert_false(v->follow);
    scene_fate(&s, 11000, 'C', 1000, FATE_DELIVERED);
    assert_false(states_view.update(v));
    scene_crosses(&s, 12000, SCENE_SYN_ACK);
    assert_true(states_view.update(v));
    assert_int_equal(v->count, 4);
    assert_int_equal(v->cursor, 1);
    for (int i = 0; i < 3; i++)
        states_view.command(v, COMMAND_NEXT_SEGMENT);
    assert_int_equal(v->cursor, 4);
    assert_true(v->follow);
    states_view.command(v, COMMAND_FIRST);
    assert_int_equal(v->cursor, 0);
    states_view.command(v, COMMAND_PREVIOUS_SEGMENT);
    assert_int_equal(v->cursor, 0);
    assert_int_equal(states_view.command(v, COMMAND_CLOSE), VIEW_NOT_MINE);
    states_view.close(v);
    scene_end(&s);
}

/* Which of two listeners a connection is for, a call does not say: then none is shown. */
static void test_two_listeners(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, true);
    listens(&s, 100, (char[]){"0.0.0.0:9502"});
    listens(&s, 200, (char[]){"0.0.0.0:9503"});
    scene_sends(&s, 1000, SCENE_SYN);
    listens(&s, 2000, (char[]){"0.0.0.0:9504"});
    struct states *v = states_view.open(s.trace);
    assert_int_equal(v->count, 1);
    assert_int_equal(v->start[SIDE_RESPONDER], STATE_LISTEN);
    states_view.close(v);
    scene_end(&s);
}

/* Nobody listens at that port; a listener at another one is not this connection's. */
static void test_other_listener(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, true);
    listens(&s, 100, (char[]){"0.0.0.0:9503"});
    scene_crosses(&s, 1000, SCENE_SYN);
    scene_crosses(&s, 20000,
                  (struct scene_segment){'S', TCP_RST | TCP_ACK, 0, 2927179379u, 0, 0, 0});
    struct states *v = states_view.open(s.trace);
    assert_int_equal(v->count, 2);
    assert_int_equal(v->start[SIDE_RESPONDER], STATE_CLOSED);
    assert_int_equal(trace_state(s.trace, v->steps[1]).to, STATE_CLOSED);
    states_view.close(v);
    scene_end(&s);
}

static void test_flows(void **state)
{
    (void)state;
    struct scene s;
    struct scene_segment other = SCENE_SYN;
    other.client_port = 40000;
    scene_begin(&s, false);
    struct states *v = states_view.open(s.trace);
    assert_int_equal(states_view.command(v, COMMAND_NEXT_FLOW), VIEW_DONE);
    scene_sends(&s, 0, SCENE_SYN);
    scene_sends(&s, 20030, SCENE_SYN_ACK);
    scene_sends(&s, 30000, other);
    assert_true(states_view.update(v));
    assert_int_equal(v->count, 3);
    assert_int_equal(v->start[SIDE_RESPONDER], STATE_LISTEN);
    states_view.command(v, COMMAND_NEXT_FLOW);
    assert_int_equal(v->flow, 1);
    assert_int_equal(v->count, 1);
    states_view.command(v, COMMAND_NEXT_FLOW);
    assert_int_equal(v->flow, 0);
    states_view.command(v, COMMAND_PREVIOUS_FLOW);
    assert_int_equal(v->flow, 1);
    states_view.close(v);
    scene_end(&s);
}

/* To the ladder and back, the transition that was selected is selected. */
static void test_target_and_show(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, false);
    scene_sends(&s, 0, SCENE_SYN);
    scene_sends(&s, 20030, SCENE_SYN_ACK);
    scene_sends(&s, 20040, SCENE_ACK);
    struct states *v = states_view.open(s.trace), *again = states_view.open(s.trace);
    for (size_t cursor = 1; cursor <= v->count; cursor++) {
        while (v->cursor != cursor)
            states_view.command(v, v->cursor > cursor ? COMMAND_UP : COMMAND_DOWN);
        struct view_target t = states_view.target(v);
        assert_ptr_equal(t.type, &ladder_view);
        assert_int_equal(t.flow, 0);
        assert_int_equal(trace_event(s.trace, t.event).kind, TRACE_STATE);
        states_view.show(again, &t);
        assert_true(again->cursor >= cursor); /* or what came at the same moment */
        assert_int_equal(trace_state(s.trace, again->steps[again->cursor - 1]).cause_index,
                         trace_state(s.trace, v->steps[cursor - 1]).cause_index);
    }
    struct view_target first = {.type = &states_view, .flow = 0, .event = 0}; /* the SYN */
    states_view.show(again, &first);
    assert_int_equal(trace_state(s.trace, again->steps[again->cursor - 1]).cause_index, 0);
    states_view.close(v);
    states_view.close(again);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_two_listeners),
        cmocka_unit_test(test_other_listener),
        cmocka_unit_test(test_flows),
        cmocka_unit_test(test_target_and_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
