/* A WebSocket on the screen: its frames in the stream view, and in the detail view those of a
 * segment. */
#include "tracer/view/picture.h"

#include "tracer/fields/fields.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/socket_story.h"
#include "tracer/view/stream_log.h"

#include <sys/mman.h>
#include <unistd.h>

static void whole(struct scene *s)
{
    socket_story(s, 5, false);
}

static void lossy(struct scene *s)
{
    socket_story(s, 5, true);
}

static const struct picture stream_pictures[] = {
    {"socket-stream-80", 80, 40, false, false, whole, {'g'}},
    {"socket-stream-120", 120, 40, false, false, lossy, {'g'}},
    {"socket-stream-80-ascii", 80, 40, true, false, lossy, {'g'}},
    {"socket-stream-text-80", 80, 24, false, false, whole, {'x'}},
};
/* The detail view opens at the first packet: J goes on. */
static const struct picture detail_pictures[] = {
    {"socket-detail-request-80", 80, 24, false, false, whole, {'J', 'J', 'J', KEY_CODE_PAGE_DOWN}},
    {"socket-detail-answer-80", 80, 24, false, false, whole, {'J', 'J', 'J', 'J', 'J', 'G', 'k'}},
    {"socket-detail-cut-120",
     120,
     40,
     false,
     false,
     whole,
     {'J', 'J', 'J', 'J', 'J', 'J', 'J', 'G'}},
    {"socket-detail-80",
     80,
     24,
     false,
     false,
     whole,
     {'G', 'J', 'J', 'J', 'J', 'J', 'J', 'J', 'J', 'J', 'J', 'G'}},
};

static void test_pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stream_pictures / sizeof stream_pictures[0]; i++)
        take_picture(&stream_pictures[i], "stream", NULL);
    for (size_t i = 0; i < sizeof detail_pictures / sizeof detail_pictures[0]; i++)
        take_picture(&detail_pictures[i], "detail", NULL);
    /* the close, by its search */
    static const struct picture found[] = {
        {"socket-detail-close-120", 120, 40, false, false, whole, {0}},
        {"socket-detail-page-80", 80, 24, false, false, whole, {0}},
    };
    take_picture(&found[0], "stream", "g/so long\r\r\rG");
    take_picture(&found[1], "stream", "g/a page\r\r\rG");
}

/* What all frames of a connection are, however its bytes are cut into segments. */
static void words_of(const struct stream_log *l, struct text *out)
{
    for (int side = 0; side < SIDE_COUNT; side++)
        for (size_t i = 0; i < l->socket.sides[side].count; i++) {
            const struct websocket_item *item = &l->socket.sides[side].items[i];
            if (item->is_frame)
                websocket_words(item, out);
            text_format(out, " %d at %llu\n", side, (unsigned long long)item->from);
        }
}

static void frames_are_the_same_however_they_are_cut(void **state)
{
    (void)state;
    struct text expected = {0}, seen = {0};
    for (size_t cut = 400; cut > 0; cut = cut > 40 ? cut / 2 : cut - 1) {
        struct scene s;
        struct stream_log l;
        scene_begin(&s, false);
        socket_story(&s, cut, false);
        stream_log_init(&l, s.trace, 0);
        stream_log_update(&l, INT64_MAX);
        assert_true(websocket_is(&l.socket));
        text_clear(&seen);
        words_of(&l, cut == 400 ? &expected : &seen);
        if (cut < 400)
            assert_string_equal(text_str(&seen), text_str(&expected));
        stream_log_free(&l);
        scene_end(&s);
    }
    assert_non_null(strstr(text_str(&expected), "FIN text, mask 37fa213d, length 12 0 at"));
    assert_non_null(strstr(text_str(&expected), "length 9, code 1000 (normal closure)"));
    text_free(&expected);
    text_free(&seen);
}

/* Segments that come in the wrong order, each in each place, and the log updated after each: at the
 * end the same is read. */
static void what_comes_late_is_read_in_its_place(void **state)
{
    (void)state;
    struct scene right;
    struct stream_log l;
    struct text expected = {0}, seen = {0};
    scene_begin(&right, false);
    socket_story(&right, 9, false);
    stream_log_init(&l, right.trace, 0);
    stream_log_update(&l, INT64_MAX);
    words_of(&l, &expected);
    stream_log_free(&l);
    uint32_t n = (uint32_t)trace_segment_count(right.trace);
    for (uint32_t late = 3; late < n; late++)
        for (uint32_t by = 1; by < 9; by += 3) {
            struct trace *t = trace_new();
            stream_log_init(&l, t, 0);
            for (uint32_t i = 0; i <= n + by; i++) {
                uint32_t from = i < late ? i : i < late + by ? i + 1 : i == late + by ? late : i;
                if (from >= n || (i >= n && i != late + by))
                    continue;
                struct frame f = trace_segment_frame(right.trace, from);
                struct capture_frame c = {.time_ns = f.time_ns,
                                          .linktype = f.linktype,
                                          .bytes = f.bytes,
                                          .captured_bytes = f.captured_bytes,
                                          .wire_bytes = f.wire_bytes};
                trace_add(t, &c);
                stream_log_update(&l, INT64_MAX);
            }
            text_clear(&seen);
            words_of(&l, &seen);
            assert_string_equal(text_str(&seen), text_str(&expected));
            stream_log_free(&l);
            trace_free(t);
        }
    text_free(&expected);
    text_free(&seen);
    scene_end(&right);
}

/* Every segment cut after every byte, its end at memory's: the fields that are there stay within
 * it. */
static void a_cut_segment_keeps_within_its_bytes(void **state)
{
    (void)state;
    struct scene s;
    struct stream_log l;
    struct fields fields = {0};
    scene_begin(&s, false);
    socket_story(&s, 11, true);
    stream_log_init(&l, s.trace, 0);
    stream_log_update(&l, INT64_MAX);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *room =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(room != MAP_FAILED);
    assert_int_equal(mprotect(room + page, page, PROT_NONE), 0);
    size_t told = 0;
    for (uint32_t i = 0; i < trace_segment_count(s.trace); i++) {
        struct segment segment = trace_segment(s.trace, i);
        struct frame whole_frame = trace_segment_frame(s.trace, i);
        for (uint32_t n = 0; n <= whole_frame.captured_bytes; n++) {
            struct frame f = whole_frame;
            struct packet p;
            f.bytes = memcpy(room + page - n, whole_frame.bytes, n);
            f.captured_bytes = n;
            packet_decode(&f, &p);
            struct field_facts facts = {
                .socket = &l.socket,
                .socket_side = segment.side,
                .socket_at = trace_relative_seq(s.trace, &segment) - 1u,
            };
            fields_read(&fields, &p, &facts);
            for (size_t k = 0; k < fields.count; k++) {
                const struct field *e = &fields.field[k];
                assert_true((uint64_t)e->from + e->bytes <= n);
                told += strcmp(e->name, "WebSocket") == 0;
            }
        }
    }
    assert_true(told > 20);
    munmap(room, 2 * page);
    fields_free(&fields);
    stream_log_free(&l);
    scene_end(&s);
}

/* A capture of which every frame was cut to `n` bytes. */
static struct trace *cut_to(const struct scene *s, uint32_t n)
{
    struct trace *t = trace_new();
    for (uint32_t i = 0; i < trace_segment_count(s->trace); i++) {
        struct frame f = trace_segment_frame(s->trace, i);
        struct capture_frame c = {.time_ns = f.time_ns,
                                  .linktype = f.linktype,
                                  .bytes = f.bytes,
                                  .captured_bytes = f.captured_bytes < n ? f.captured_bytes : n,
                                  .wire_bytes = f.wire_bytes};
        trace_add(t, &c);
    }
    return t;
}

/* With a snapshot length of any size: what is told of frames is true, and nothing is told twice. */
static void a_cut_capture_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    struct scene s;
    struct grid g = {0};
    struct text all = {0}, seen = {0}, screen = {0};
    size_t most = 0;
    scene_begin(&s, false);
    socket_story(&s, 2000, false);
    grid_resize(&g, 40, 120);
    for (uint32_t n = 400; n >= 40; n--) {
        struct trace *t = cut_to(&s, n);
        struct stream_log l;
        /* cut within the header of TCP there is no connection */
        stream_log_init(&l, t, trace_flow_count(t) > 0 ? 0 : TRACE_NONE);
        stream_log_update(&l, INT64_MAX);
        text_clear(&seen);
        words_of(&l, &seen);
        if (n == 400)
            text_add(&all, text_str(&seen));
        for (char *line = seen.s ? strtok(seen.s, "\n") : NULL; line; line = strtok(NULL, "\n"))
            assert_non_null(strstr(text_str(&all), line));
        size_t items = l.socket.sides[0].count + l.socket.sides[1].count;
        assert_true(n == 400 || items <= most);
        most = items;
        struct viewer *v = viewer_new(t, "cut", false);
        assert_true(viewer_show(v, "stream"));
        viewer_update(v);
        viewer_draw(v, &g);
        text_clear(&screen);
        grid_text(&g, &screen);
        viewer_free(v);
        stream_log_free(&l);
        trace_free(t);
    }
    assert_non_null(strstr(text_str(&all), "FIN text"));
    text_free(&all);
    text_free(&seen);
    text_free(&screen);
    grid_free(&g);
    scene_end(&s);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(frames_are_the_same_however_they_are_cut),
        cmocka_unit_test(what_comes_late_is_read_in_its_place),
        cmocka_unit_test(a_cut_segment_keeps_within_its_bytes),
        cmocka_unit_test(a_cut_capture_is_read_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
