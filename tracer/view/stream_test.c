#include "tracer/view/stream_rows.h"

#include "tracer/base/rounds_test.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/command.h"
#include "tracer/view/scene.h"
#include "tracer/view/viewer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum { SIDE_C = SIDE_INITIATOR };

static void sends(struct scene *s, int64_t at_us, uint32_t seq, const char *data)
{
    scene_sends(s, at_us, (struct scene_segment){'C', TCP_ACK, 1000 + seq, 1, data, 0, 0});
}

static void begin(struct scene *s, bool session)
{
    scene_begin(s, session);
    scene_sends(s, 0, (struct scene_segment){'C', TCP_SYN, 1000, 0, NULL, 0, 0});
}

/* The list as text: each piece's bytes, "[n]" for a gap, "<n>" for what was not captured, "$" for
 * a FIN. */
static void expect(struct stream_log *l, const char *expected)
{
    struct text seen = {0};
    stream_log_update(l, INT64_MAX);
    for (size_t i = 0; i < l->count; i++) {
        const struct piece *p = &l->pieces[i];
        if (i > 0)
            text_char(&seen, '|');
        if (p->kind == PIECE_BYTES)
            stream_log_bytes(l, p, (uint8_t *)text_reserve(&seen, p->len)),
                text_commit(&seen, p->len);
        else if (p->kind == PIECE_GAP || p->kind == PIECE_UNCAPTURED)
            text_format(&seen, p->kind == PIECE_GAP ? "[%u]" : "<%u>", p->len);
        else
            text_char(&seen, '$');
    }
    assert_string_equal(text_str(&seen), expected);
    text_free(&seen);
}

static void what_comes_late_takes_the_gaps_place(void **state)
{
    (void)state;
    struct scene s;
    struct stream_log l;
    begin(&s, false);
    stream_log_init(&l, s.trace, 0);
    sends(&s, 10, 1, "ab");
    sends(&s, 20, 9, "ij");
    sends(&s, 30, 11, "kl");
    expect(&l, "ab|[6]|ij|kl");
    l.spots[SPOT_CURSOR] = (struct spot){3, 1};
    sends(&s, 40, 5, "ef");
    expect(&l, "ab|[2]|ef|[2]|ij|kl");
    assert_int_equal(l.spots[SPOT_CURSOR].piece, 5); /* still at the l */
    sends(&s, 50, 1, "ABCDEFGHIJKLM");
    expect(&l, "ab|CD|ef|GH|ij|kl|M");
    assert_int_equal(l.spots[SPOT_CURSOR].piece, 5);
    assert_int_equal(l.bytes[SIDE_C], 13);
    assert_int_equal(l.twice, 8); /* ab, ef, ij, kl */
    scene_sends(&s, 60, (struct scene_segment){'C', TCP_FIN | TCP_ACK, 1016, 1, NULL, 0, 0});
    scene_sends(&s, 70, (struct scene_segment){'C', TCP_FIN | TCP_ACK, 1016, 1, NULL, 0, 0});
    expect(&l, "ab|CD|ef|GH|ij|kl|M|[2]|$");
    sends(&s, 80, 14, "NOPQ");
    expect(&l, "ab|CD|ef|GH|ij|kl|M|NO|$");
    stream_log_free(&l);
    scene_end(&s);
}

static void a_session_is_told_as_it_was_delivered(void **state)
{
    (void)state;
    struct scene s;
    struct stream_log l;
    begin(&s, true);
    scene_fate(&s, 5, 'C', 0, FATE_DELIVERED);
    stream_log_init(&l, s.trace, 0);
    sends(&s, 10, 1, "ab");
    sends(&s, 20, 3, "cd");
    expect(&l, "");
    scene_fate(&s, 21, 'C', 10, FATE_DROPPED);
    expect(&l, "");
    scene_fate(&s, 30, 'C', 20, FATE_DELIVERED);
    expect(&l, "[2]|cd");
    sends(&s, 40, 1, "ab");
    scene_fate(&s, 50, 'C', 40, FATE_DELIVERED);
    expect(&l, "ab|cd");
    stream_log_free(&l);
    scene_end(&s);
}

static void what_the_capture_did_not_keep_is_said(void **state)
{
    (void)state;
    struct scene whole;
    struct scene cut;
    struct stream_log l;
    begin(&whole, false);
    begin(&cut, false);
    sends(&whole, 10, 1, "abcdef");
    struct frame f = trace_segment_frame(whole.trace, 1);
    struct capture_frame short_frame = {.time_ns = f.time_ns,
                                        .linktype = f.linktype,
                                        .bytes = f.bytes,
                                        .captured_bytes = f.captured_bytes - 4,
                                        .wire_bytes = f.wire_bytes};
    trace_add(cut.trace, &short_frame);
    stream_log_init(&l, cut.trace, 0);
    sends(&cut, 20, 7, "gh");
    expect(&l, "ab|<4>|gh");
    stream_log_free(&l);
    scene_end(&whole);
    scene_end(&cut);
}

/* Rows in every form and width hold each byte once, and each row's spot finds the row again. */
static void rows_hold_each_byte_once(void **state)
{
    (void)state;
    struct scene s;
    struct stream_log l;
    struct stream_block b = {0};
    begin(&s, false);
    stream_log_init(&l, s.trace, 0);
    uint32_t seq = 1;
    for (int i = 0; i < 300; i++) {
        static const char *const words[] = {"a line\r\n", "\xe6\xb1", "\x89\n\n", "\x1b\\\xff",
                                            "a much longer word that goes over the edge"};
        sends(&s, i, seq, words[i * 7 % 5]);
        seq += (uint32_t)strlen(words[i * 7 % 5]);
    }
    stream_log_update(&l, INT64_MAX);
    for (int form = 0; form < STREAM_FORM_COUNT; form++)
        for (int cols = 1; cols < 90; cols += 11) {
            b.form = (enum stream_form)form;
            b.cols = cols;
            stream_block_forget(&b);
            stream_block_load(&b, &l, l.count / 2);
            uint32_t at = 0;
            for (size_t r = 0; r < b.row_count; r++) {
                assert_int_equal(b.rows[r].at, at);
                assert_true(b.rows[r].len > 0);
                at += b.rows[r].len;
                assert_int_equal(stream_block_row(&b, &l, stream_block_spot(&b, &l, r)), r);
            }
            assert_int_equal(at, b.len);
        }
    stream_block_free(&b);
    stream_log_free(&l);
    scene_end(&s);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Every second segment comes last, in the worst order; scrolling stays within the screen's reach.
 */
static void a_long_stream_is_drawn_where_it_is_seen(void **state)
{
    (void)state;
    const uint32_t segments = rounds_of(40000, 16000);
    struct scene s;
    struct grid g = {0};
    begin(&s, false);
    for (uint32_t i = 0; i < segments; i++)
        sends(&s, i, 1 + 8 * (i < segments / 2 ? 2 * i : 2 * (segments - i) - 1), "line of\n");
    struct viewer *v = viewer_new(s.trace, "long", false);
    grid_resize(&g, 50, 100);
    viewer_update(v);
    while (strcmp(viewer_view(v), "stream") != 0)
        viewer_key(v, 'v');
    int64_t start = now_ms();
    static const uint32_t keys[] = {'g', KEY_CODE_PAGE_DOWN, 'x', 'G', KEY_CODE_PAGE_UP, 'k', 'h'};
    for (size_t i = 0; i < 210; i++) {
        viewer_key(v, keys[i % 7]);
        viewer_draw(v, &g);
    }
    assert_true((now_ms() - start) / 210 < 100); /* generous: for sanitizers, busy machines */
    print_message("a frame of a long stream in %lld us\n",
                  (long long)(now_ms() - start) * 1000 / 210);
    grid_free(&g);
    viewer_free(v);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_late_takes_the_gaps_place),
        cmocka_unit_test(a_session_is_told_as_it_was_delivered),
        cmocka_unit_test(what_the_capture_did_not_keep_is_said),
        cmocka_unit_test(rows_hold_each_byte_once),
        cmocka_unit_test(a_long_stream_is_drawn_where_it_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
