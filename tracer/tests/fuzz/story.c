/* Frames, decoded and told in every way: tcpdump's lines, their fields, JSON, the walk, the views.
 * What comes out must be fit for a terminal.
 *
 *   link type (index), options, rows, columns, then for each frame:
 *   length (2 bytes, little-endian), flags, a key for the viewer (0: nothing is drawn), the bytes
 */
#include "tracer/base/cursor.h"
#include "tracer/base/utf8.h"
#include "tracer/fields/fields.h"
#include "tracer/print/json.h"
#include "tracer/print/line.h"
#include "tracer/print/walk.h"
#include "tracer/tests/fuzz/fuzz.h"
#include "tracer/view/viewer.h"

#include <stdlib.h>

static const int linktypes[] = {
    LINKTYPE_ETHERNET,   LINKTYPE_RAW,  LINKTYPE_NULL, LINKTYPE_LOOP, LINKTYPE_LINUX_SLL,
    LINKTYPE_LINUX_SLL2, LINKTYPE_IPV4, LINKTYPE_IPV6, 147,
};

struct tellers {
    struct line_printer *lines;
    struct trace *trace;
    struct json *json;
    struct walk *walk;
    struct viewer *viewer;
    struct grid grid;
    struct fields fields;
    struct text out;
};

static void check_fit(struct text *out)
{
    const uint8_t *s = (const uint8_t *)text_str(out);
    for (size_t at = 0; at < out->len;) {
        uint32_t c;
        size_t n = utf8_read(s + at, out->len - at, &c);
        if (n == 0 || (c != '\n' && c != '\t' && !utf8_is_safe(c)))
            abort();
        at += n;
    }
    text_clear(out);
}

/* No name of this machine's interfaces: what is found is found anywhere. */
static const char *no_name(uint32_t index, char *buffer, uint32_t buffer_bytes)
{
    (void)index, (void)buffer, (void)buffer_bytes;
    return NULL;
}

/* The fields of a packet: every range within the capture, every text fit. */
static void tell_fields(struct fields *f, const struct packet *p, struct text *out)
{
    fields_read(f, p, NULL);
    for (size_t i = 0; i < f->count; i++) {
        const struct field *e = &f->field[i];
        if ((uint64_t)e->from + e->bytes > p->frame.captured_bytes ||
            e->depth > (i > 0 ? f->field[i - 1].depth + 1 : 0))
            abort();
        text_add(out, field_value(f, i));
        text_add(out, field_about(f, i));
    }
    check_fit(out);
}

static void open_all(struct tellers *t, unsigned options, int rows, int cols)
{
    struct line_options line = {
        .time = options % LINE_TIME_COUNT,
        .nanoseconds = options & 8,
        .absolute_seq = options & 16,
        .dump = (options >> 5) % LINE_DUMP_COUNT,
        .dump_link = options & 128,
        .interface_name = no_name,
    };
    *t = (struct tellers){.lines = line_printer_new(&line), .trace = trace_new()};
    t->json = json_new(t->trace);
    t->walk = walk_new(t->trace, options & 1);
    t->viewer = viewer_new(t->trace, "fuzz", options & 2);
    t->grid.ascii = options & 1;
    grid_resize(&t->grid, rows, cols);
}

static void close_all(struct tellers *t)
{
    walk_more(t->walk, true, &t->out);
    check_fit(&t->out);
    viewer_free(t->viewer);
    grid_free(&t->grid);
    walk_free(t->walk);
    json_free(t->json);
    trace_free(t->trace);
    line_printer_free(t->lines);
    fields_free(&t->fields);
    text_free(&t->out);
}

static void tell(struct tellers *t, const struct capture_frame *f, uint32_t key)
{
    struct frame raw = {.time_ns = f->time_ns,
                        .linktype = f->linktype,
                        .bytes = f->bytes,
                        .captured_bytes = f->captured_bytes,
                        .wire_bytes = f->wire_bytes};
    struct packet p;
    packet_decode(&raw, &p);
    line_print(t->lines, &p, &t->out);
    check_fit(&t->out);
    tell_fields(&t->fields, &p, &t->out);
    trace_add(t->trace, f);
    json_more(t->json, &t->out);
    check_fit(&t->out);
    walk_more(t->walk, false, &t->out);
    check_fit(&t->out);
    if (key == 0) /* drawing takes the most time by far */
        return;
    viewer_update(t->viewer);
    viewer_key(t->viewer, key < 128 ? key : 0x200000 + (key & 15));
    viewer_draw(t->viewer, &t->grid);
    grid_text(&t->grid, &t->out);
    check_fit(&t->out);
}

/* Flags: the low four bits say how far time moves (the highest of them: back), the next how much of
 * the frame the capture left out. */
static int64_t later(int64_t time_ns, unsigned flags)
{
    static const int64_t steps[] = {0,         1,          1000,          1000000,
                                    300000000, 5000000000, 3600000000000, 40000000000000000};
    int64_t step = steps[flags & 7];
    time_ns += flags & 8 ? -step : step;
    return time_ns >= -(INT64_C(1) << 61) && time_ns <= INT64_C(1) << 61 ? time_ns : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct cursor c;
    cursor_init(&c, bytes, n, n);
    unsigned link = cursor_u8(&c), options = cursor_u8(&c);
    int rows = cursor_u8(&c) % 32, cols = cursor_u8(&c) % 140;
    struct tellers t;
    open_all(&t, options, rows, cols);
    int64_t now = INT64_C(1700000000000000000);
    while (cursor_captured_left(&c) > 4) {
        uint32_t length = cursor_le16(&c);
        unsigned flags = cursor_u8(&c), key = cursor_u8(&c);
        size_t left = cursor_captured_left(&c);
        struct capture_frame f = {
            .time_ns = now = later(now, flags),
            .linktype = linktypes[link % (sizeof linktypes / sizeof linktypes[0])],
            .captured_bytes = length < left ? length : (uint32_t)left,
        };
        f.wire_bytes = f.captured_bytes + (flags >> 4) * 97;
        f.bytes = cursor_bytes(&c, f.captured_bytes);
        tell(&t, &f, key);
    }
    close_all(&t);
    return 0;
}
