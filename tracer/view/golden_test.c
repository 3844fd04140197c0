/* Whole screens as text: known stories against recorded pictures in tracer/view/golden. To record
 * them anew: TCPLADDER_RECORD=1 build/debug/tests/tracer_view_golden_test, then look at the diff.
 */
#include "tracer/view/command.h"
#include "tracer/view/golden_scenes.h"
#include "tracer/view/picture.h"

enum { DOWN = KEY_CODE_PAGE_DOWN, ENTER = KEY_CODE_ENTER };
#define DRAWN PICTURE_DRAWN

static const struct picture ladder_pictures[] = {
    {"handshake-80", 80, 24, false, true, scene_handshake, {0}},
    {"handshake-80-ascii", 80, 24, true, true, scene_handshake, {0}},
    {"handshake-120", 120, 30, false, true, scene_handshake, {0}},
    {"handshake-200", 200, 24, false, true, scene_handshake, {0}},
    {"handshake-50", 50, 24, false, true, scene_handshake, {0}},
    {"story-80", 80, 60, false, true, whole_story, {0}},
    {"story-120-ascii", 120, 60, true, true, whole_story, {0}},
    {"crossing-80", 80, 34, false, true, crossing, {0}},
    {"crossing-120", 120, 34, false, true, crossing, {0}},
    {"burst-80", 80, 50, false, true, burst, {0}},
    {"burst-140", 140, 50, false, true, burst, {0}},
    {"lost-80", 80, 24, false, true, lost_and_refused, {0}},
    {"interference-80", 80, 34, false, true, interference, {0}},
    {"interference-120-ascii", 120, 34, true, true, interference, {0}},
    {"in-flight-80", 80, 24, false, true, in_flight, {0}},
    {"plain-80", 80, 24, false, false, plain_handshake, {0}},
    {"two-flows-80", 80, 24, false, false, two_flows, {0}},
    {"two-flows-second-80", 80, 24, false, false, two_flows, {']', ']'}},
    {"hostile-80", 80, 24, false, true, hostile, {0}},
    {"help-80", 80, 24, false, true, scene_handshake, {'?'}},
    {"help-end-80", 80, 24, false, true, scene_handshake, {'?', 'G'}},
    {"detail-syn-80", 80, 40, false, true, scene_handshake, {'g', KEY_CODE_RIGHT, KEY_CODE_ENTER}},
    {"detail-syn-ack-120", 120, 40, false, true, scene_handshake, {'g', 'l', 'l', KEY_CODE_ENTER}},
    {"detail-call-80", 80, 40, false, true, scene_handshake, {'g', 'l', 'k', KEY_CODE_ENTER}},
    {"clock-80", 80, 24, false, true, scene_handshake, {'t'}},
    {"connections-80", 80, 24, false, false, many_flows, {'c'}},
    {"connections-80-ascii", 80, 24, true, false, many_flows, {'c', '>', 'R'}},
    {"connections-140", 140, 30, false, false, many_flows, {'v', 'j', 'j'}},
    {"connections-bytes-80", 80, 24, false, false, many_flows, {'c', '<', '<', '<', '<'}},
    {"connections-filter-80", 80, 24, false, false, many_flows, {'c', 'j', 'f', ':', '5', '1'}},
    {"connections-session-80", 80, 24, false, true, whole_story, {'c'}},
    {"connections-40", 40, 10, true, false, many_flows, {'c', 'G'}},
    {"connection-opened-80",
     80,
     24,
     false,
     false,
     many_flows,
     {'c', 'j', 'j', 'j', KEY_CODE_ENTER}},
    {"connections-none-80", 80, 24, false, true, nothing, {'c'}},
    {"connections-tagged-80", 80, 24, false, false, many_flows, {'c', DRAWN, ' ', 'j', ' '}},
    {"hosts-80", 80, 24, false, false, hosts, {'H'}},
    {"hosts-80-ascii", 80, 24, true, false, hosts, {'H', 'g'}},
    {"hosts-120", 120, 40, false, false, hosts, {'H'}},
    {"hosts-twelve-80", 80, 24, false, false, twelve_hosts, {'H', 'g', DRAWN, '}', '}'}},
    {"hosts-twelve-120", 120, 40, false, false, twelve_hosts, {'H', 'g'}},
    {"hosts-twelve-40", 40, 12, true, false, twelve_hosts, {'H', 'G'}},
    {"hosts-refused-80", 80, 24, false, false, plain_handshake, {'H'}},
    {"pairs-80", 80, 24, false, false, many_flows, {'c', 'j', ' ', ' ', ENTER, 'G'}},
    {"pairs-80-ascii",
     80,
     24,
     true,
     false,
     many_flows,
     {'c', DRAWN, ' ', 'j', ' ', ' ', ENTER, DRAWN, '}'}},
    {"pairs-120",
     120,
     40,
     false,
     false,
     many_flows,
     {'c', DRAWN, ' ', 'j', ' ', ' ', ENTER, DRAWN, DOWN}},
    {"pairs-session-80", 80, 24, false, true, two_at_once, {'c', DRAWN, ' ', ' ', ENTER}},
    {"pairs-session-120", 120, 40, false, true, two_at_once, {'c', DRAWN, ' ', ' ', ENTER, 'G'}},
    {"again-80", 80, 24, false, false, sent_again, {']', 'g'}},
    {"again-80-ascii", 80, 24, true, false, sent_again, {']', 'g'}},
    {"again-original-80", 80, 24, false, false, sent_again, {']', 'G', 'o'}},
    {"again-120", 120, 40, false, false, sent_again, {']', 'G', ENTER}},
    {"typing-80", 80, 24, false, true, scene_handshake, {'i', 'h', '\t', 0x6c49}},
};

static const struct picture code_pictures[] = {
    {"code-80", 80, 24, false, true, code_and_kernels, {0}},
    {"code-120", 120, 40, false, true, code_and_kernels, {'g', 'l', 'l'}},
    {"code-80-ascii", 80, 24, true, true, code_and_kernels, {'G', 'k', 'k'}},
    {"code-40", 40, 10, true, true, code_and_kernels, {'g'}},
    {"code-missing-80", 80, 24, false, true, code_without_sources, {0}},
    {"code-unknown-80", 80, 24, false, true, whole_story, {0}},
    {"code-capture-80", 80, 24, false, false, plain_handshake, {0}},
    {"code-calls-80", 80, 24, false, true, code_and_kernels, {'C', 'g', 'l', 'l', KEY_CODE_ENTER}},
    {"code-calls-120", 120, 40, false, true, code_and_kernels, {'C'}},
};

static const struct picture kernel_pictures[] = {
    {"kernel-80", 80, 50, false, true, code_and_kernels, {'g', 'l', 'l', KEY_CODE_ENTER}},
    {"kernel-why-80-ascii", 80, 50, true, true, code_and_kernels, {'G', 'k', 'j', KEY_CODE_ENTER}},
    {"kernel-120", 120, 40, false, true, code_and_kernels, {'g', 'l', 'l', KEY_CODE_ENTER}},
    {"kernel-differs-80", 80, 24, false, true, code_and_kernels, {'G'}},
    {"kernel-differs-80-ascii", 80, 24, true, true, code_and_kernels, {'G'}},
    {"kernel-code-80", 80, 24, false, true, code_and_kernels, {'g', 'l', 'l', 'O'}},
};

static const struct picture stream_pictures[] = {
    {"stream-80", 80, 24, false, false, stream, {0}},
    {"stream-120", 120, 30, false, false, stream, {'g'}},
    {"stream-hex-80", 80, 24, false, false, stream, {'x'}},
    {"stream-escaped-80", 80, 24, false, false, stream, {'x', 'x', 't'}},
    {"stream-80-ascii", 80, 24, true, false, stream, {'x', 'x', 'x'}},
    {"stream-session-80", 80, 24, false, true, whole_story, {0}},
    {"stream-detail-120", 120, 40, false, false, stream, {'k', 'k', KEY_CODE_ENTER}},
    {"stream-hostile-50", 50, 24, false, true, hostile, {0}},
};

static const struct picture calls_pictures[] = {
    {"calls-80", 80, 30, false, true, calls, {0}},
    {"calls-120", 120, 30, false, true, calls, {'g'}},
    {"calls-80-ascii", 80, 30, true, true, calls, {']', ']'}},
    {"calls-detail-80", 80, 30, false, true, calls, {'g', 'l', 'l', KEY_CODE_ENTER}},
    {"calls-hostile-50", 50, 24, false, true, hostile, {0}},
    {"calls-none-80", 80, 24, false, false, two_flows, {0}},
};

static const struct picture states_pictures[] = {
    {"states-80", 80, 24, false, true, story_from_listen, {0}},
    {"states-80-ascii", 80, 24, true, true, story_from_listen, {0}},
    {"states-120", 120, 40, false, true, story_from_listen, {0}},
    {"states-120-ascii", 120, 40, true, true, story_from_listen, {'h', 'h', 'h'}},
    {"states-step-80", 80, 24, false, true, handshake_from_listen, {'g', 'l', 'l', 'l', 'l'}},
    {"states-crossing-80", 80, 24, false, true, crossing_from_listen, {'h'}},
    {"states-refused-80", 80, 24, false, true, lost_and_refused, {0}},
    {"states-plain-100", 100, 30, false, false, two_flows, {0}},
    {"states-second-80", 80, 24, false, false, two_flows, {']', 't'}},
    {"states-listening-80", 80, 24, false, true, listens, {0}},
    {"states-small-50", 50, 12, false, true, story_from_listen, {0}},
};

static const struct picture plots_pictures[] = {
    {"plots-tcptrace-80", 80, 24, false, true, lossy_session, {'g'}},
    {"plots-tcptrace-120", 120, 40, false, true, lossy_session, {'g'}},
    {"plots-tcptrace-80-ascii", 80, 24, true, true, lossy_session, {'g'}},
    {"plots-tcptrace-zoom-80",
     80,
     24,
     false,
     true,
     lossy_session,
     {'g', ' ', ' ', 'k', '+', '+', '+', 'j', 'j'}},
    {"plots-tcptrace-zoom-80-ascii",
     80,
     24,
     true,
     false,
     lossy_capture,
     {'g', ' ', ' ', 'k', '+', '+', '+', 'l', 't'}},
    {"plots-rtt-80", 80, 24, false, false, lossy_capture, {'x', 'g', 'l', 'l'}},
    {"plots-flight-80", 80, 24, false, true, lossy_session, {'x', 'x'}},
    {"plots-flight-120", 120, 40, false, true, lossy_session, {'x', 'x', KEY_CODE_PAGE_UP}},
    {"plots-flight-80-ascii", 80, 24, true, true, lossy_session, {'x', 'x'}},
    {"plots-cwnd-80", 80, 24, false, true, lossy_with_kernel, {'x', 'x'}},
    {"plots-cwnd-120", 120, 40, false, true, lossy_with_kernel, {'x', 'x'}},
    {"plots-cwnd-80-ascii", 80, 24, true, true, lossy_with_kernel, {'x', 'x', '+'}},
    {"plots-rate-80", 80, 24, false, true, lossy_session, {'x', 'x', 'x'}},
    {"plots-stevens-80", 80, 24, false, true, lossy_session, {'x', 'x', 'x', 'x'}},
    {"plots-direction-80", 80, 24, false, true, lossy_session, {'d', 'g'}},
    {"plots-story-80", 80, 24, false, true, whole_story, {'g'}},
    {"plots-small-40", 40, 10, true, true, lossy_session, {'g'}},
    {"plots-syn-80", 80, 24, false, false, syn_alone, {0}},
    {"plots-none-80", 80, 24, false, false, nothing, {0}},
};

static const struct picture findings_pictures[] = {
    {"findings-80", 80, 24, false, false, lossy, {0}},
    {"findings-120", 120, 40, false, false, lossy, {'j', 'j', 'j', 'j'}},
    {"findings-80-ascii", 80, 24, true, false, lossy, {'G', 't'}},
    {"findings-kind-80", 80, 24, false, false, lossy, {']', 'j', 't', 't'}},
    {"findings-faults-80", 80, 24, false, false, lossy, {'x', 'j'}},
    {"findings-opened-80", 80, 24, false, false, lossy, {'x', 'j', KEY_CODE_ENTER}},
    {"findings-ladder-120", 120, 40, false, false, lossy, {'G', KEY_CODE_ENTER, KEY_CODE_ENTER}},
    {"findings-session-80", 80, 24, false, true, whole_story, {0}},
    {"findings-40", 40, 10, true, false, lossy, {'G'}},
    {"findings-none-80", 80, 24, false, false, plain_handshake, {0}},
};

/* What is the same in every view: the help, what is typed at the foot, what is said there. */
struct feel_picture {
    struct picture picture;
    const char *typed; /* after the keys, letter by letter, \r for Enter; NULL for nothing */
};
static const struct feel_picture feel_pictures[] = {
    {{"help-120", 120, 40, false, true, scene_handshake, {'?'}}, NULL},
    {{"help-80-ascii", 80, 24, true, true, scene_handshake, {'?', KEY_CODE_PAGE_DOWN}}, NULL},
    {{"help-40", 40, 10, true, false, two_flows, {'?'}}, NULL},
    {{"complete-80", 80, 24, false, true, scene_handshake, {0}}, ":s\t"},
    {{"complete-80-ascii", 80, 24, true, true, scene_handshake, {0}}, ":\t"},
    {{"complete-120", 120, 40, false, true, scene_handshake, {0}}, ":set time \t"},
    {{"search-80", 80, 24, false, true, whole_story, {'g'}}, "/hel"},
    {{"search-found-80", 80, 24, false, true, whole_story, {'g'}}, "/hel\r"},
    {{"search-round-120-ascii", 120, 40, true, true, whole_story, {'G'}}, "/SYN-SENT\r"},
    {{"search-none-80-ascii", 80, 24, true, true, whole_story, {'g'}}, "/no such words\r"},
    {{"message-80", 80, 24, false, true, scene_handshake, {0}}, ":fliter x\r"},
    {{"message-long-80", 80, 24, false, true, scene_handshake, {'g'}}, ":goto somewhere\r"},
    {{"message-long-120-ascii", 120, 40, true, true, scene_handshake, {0}}, ":help close\r"},
    {{"message-40", 40, 10, true, true, scene_handshake, {0}}, ":goto somewhere\r"},
    {{"filter-80", 80, 24, false, true, whole_story, {'g'}}, "f[F.] or C close()\r"},
    {{"filter-wrong-80-ascii", 80, 24, true, true, whole_story, {'g'}}, "flen > x\r"},
    {{"select-found-80", 80, 24, false, true, whole_story, {'g'}}, "/C closed\r"},
    {{"tags-80", 80, 24, false, true, scene_handshake, {'g', 'l', ' ', ' '}}, NULL},
    {{"mark-80", 80, 24, false, true, scene_handshake, {'m'}}, NULL},
};

static void test_ladder(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ladder_pictures / sizeof ladder_pictures[0]; i++)
        take_picture(&ladder_pictures[i], "ladder", NULL);
}

static void test_feel(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof feel_pictures / sizeof feel_pictures[0]; i++)
        take_picture(&feel_pictures[i].picture, "ladder", feel_pictures[i].typed);
}

static void test_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states_pictures / sizeof states_pictures[0]; i++)
        take_picture(&states_pictures[i], "states", NULL);
}

static void test_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stream_pictures / sizeof stream_pictures[0]; i++)
        take_picture(&stream_pictures[i], "stream", NULL);
}

static void test_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls_pictures / sizeof calls_pictures[0]; i++)
        take_picture(&calls_pictures[i], "calls", NULL);
}

static void test_plots(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plots_pictures / sizeof plots_pictures[0]; i++)
        take_picture(&plots_pictures[i], "plots", NULL);
}

static void test_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof code_pictures / sizeof code_pictures[0]; i++)
        take_picture(&code_pictures[i], "source", NULL);
}

static void test_kernels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kernel_pictures / sizeof kernel_pictures[0]; i++)
        take_picture(&kernel_pictures[i], "ladder", NULL);
}

static void test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof findings_pictures / sizeof findings_pictures[0]; i++)
        take_picture(&findings_pictures[i], "findings", NULL);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ladder),   cmocka_unit_test(test_feel),
        cmocka_unit_test(test_states),   cmocka_unit_test(test_stream),
        cmocka_unit_test(test_calls),    cmocka_unit_test(test_plots),
        cmocka_unit_test(test_findings), cmocka_unit_test(test_code),
        cmocka_unit_test(test_kernels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
