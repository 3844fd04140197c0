/* The kernels' words beside what the segments say: in the labs as they were recorded the two agree
 * at every moment, and where a kernel has given up they do not. */
#include "tracer/view/kernel.h"

#include "tracer/capture/source.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct trace *recorded(const char *lab)
{
    char path[512];
    snprintf(path, sizeof path, "%s/labs/catalog/%s/recorded.pcap", TEST_SOURCE_DIR, lab);
    struct source_options options = {.file = path, .fd = -1};
    struct error e;
    struct capture_frame frame;
    struct source *source = source_open(&options, &e);
    assert_non_null(source);
    struct trace *t = trace_new();
    while (source_next(source, false, &frame, &e) == SOURCE_FRAME)
        trace_add(t, &frame);
    source_close(source);
    return t;
}

static void test_recorded_labs_agree(void **state)
{
    static const char *const labs[] = {"03-handshake", "06-data", "13-teardown"};
    (void)state;
    for (size_t i = 0; i < sizeof labs / sizeof labs[0]; i++) {
        struct trace *t = recorded(labs[i]);
        size_t told = 0, moments = trace_event_count(t);
        for (uint32_t flow = 0; flow < trace_flow_count(t); flow++)
            for (uint32_t event = 0; event < moments; event++)
                for (int side = 0; side < SIDE_COUNT; side++) {
                    struct kernel_look look = kernel_look_at(t, flow, side, event);
                    told += look.word != NULL;
                    if (look.differs)
                        printf("%s, moment %u: %s, but %s\n", labs[i], event,
                               tcp_state_name(look.word->state), tcp_state_name(look.implied));
                    assert_false(look.differs);
                }
        assert_true(told > moments / 2);
        trace_free(t);
    }
}

static void test_given_up(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, true);
    scene_handshake(&s);
    scene_kernel(&s, 131000, 'C', (char[]){"ESTABLISHED"}, 10, 0);
    scene_kernel(&s, 9000000, 'C', (char[]){"CLOSED"}, 0, 0);
    uint32_t last = (uint32_t)trace_event_count(s.trace) - 1;
    struct kernel_look look = kernel_look_at(s.trace, 0, SIDE_INITIATOR, last);
    assert_true(look.differs);
    assert_int_equal(look.word->state, STATE_CLOSED);
    assert_int_equal(look.implied, STATE_ESTABLISHED);
    assert_non_null(strstr(kernel_reason(&look), "timer"));
    assert_false(kernel_look_at(s.trace, 0, SIDE_INITIATOR, last - 2).differs);
    assert_null(kernel_look_at(s.trace, 0, SIDE_RESPONDER, last).word);
    assert_null(kernel_look_at(s.trace, TRACE_NONE, 0, last).word);
    scene_end(&s);
}

/* A state just reached, of which the kernel's word is not here yet, is no disagreement. */
static void test_not_here_yet(void **state)
{
    struct scene s;
    (void)state;
    scene_begin(&s, true);
    scene_kernel(&s, 1, 'C', (char[]){"SYN-SENT"}, 0, 0);
    scene_sends(&s, 10, SCENE_SYN);
    scene_kernel(&s, 20, 'C', (char[]){"SYN-SENT"}, 0, 0);
    scene_fate(&s, 10000, 'C', 10, FATE_DELIVERED);
    scene_sends(&s, 10100, SCENE_SYN_ACK);
    scene_fate(&s, 20100, 'S', 10100, FATE_DELIVERED);
    uint32_t delivered = (uint32_t)trace_event_count(s.trace) - 1;
    assert_false(kernel_look_at(s.trace, 0, SIDE_INITIATOR, delivered).differs);
    scene_notes(&s, 90000, (char[]){"much later"});
    assert_true(kernel_look_at(s.trace, 0, SIDE_INITIATOR, delivered).differs);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_labs_agree),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_not_here_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
