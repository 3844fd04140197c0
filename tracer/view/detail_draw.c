/* The detail view as cells. */
#include "tracer/view/detail_view.h"

#include "tracer/base/cursor.h"
#include "tracer/base/search.h"
#include "tracer/base/words.h"
#include "tracer/view/again.h"
#include "tracer/view/detail.h"
#include "tracer/view/glyph.h"
#include "tracer/view/label.h"
#include "tracer/view/scroll.h"

enum {
    BESIDE_COLS = 100,      /* from here on the bytes stand beside the tree */
    WIDE_BESIDE_COLS = 132, /* ... sixteen on a row */
    WIDE_COLS = 76,
    GUTTER = 2, /* the cursor's mark, a fault's mark */
};

/* Where everything stands. */
struct plan {
    struct area heading, tree, bytes, about;
    struct area tree_rule, bytes_rule, about_rule; /* of one row each, or none */
    bool beside;
    uint32_t row_bytes;
};

static int bytes_cols(uint32_t row_bytes)
{
    return row_bytes == 16 ? 73 : 40;
}

static struct plan plan_beside(struct area a)
{
    struct plan p = {.beside = true, .row_bytes = a.cols >= WIDE_BESIDE_COLS ? 16 : 8};
    int right = bytes_cols(p.row_bytes), left = a.cols - right - 1, about = 3;
    int heading = a.rows >= 16 ? 2 : 1, body = a.rows - heading - about - 2;
    p.heading = (struct area){a.row, a.col + 1, heading, a.cols - 2};
    p.tree_rule = (struct area){a.row + heading, a.col, 1, left};
    p.bytes_rule = (struct area){a.row + heading, a.col + left, 1, right + 1};
    p.tree = (struct area){a.row + heading + 1, a.col, body, left};
    p.bytes = (struct area){a.row + heading + 1, a.col + left + 1, body, right};
    p.about_rule = (struct area){a.row + a.rows - about - 1, a.col, 1, a.cols};
    p.about = (struct area){a.row + a.rows - about, a.col + 1, about, a.cols - 2};
    return p;
}

static struct plan plan_below(struct area a)
{
    struct plan p = {.row_bytes = a.cols >= WIDE_COLS ? 16 : 8};
    int heading = a.rows >= 12, about = a.rows >= 16 ? 3 : 2, rules = a.rows >= 12 ? 2 : 1;
    int bytes = a.rows >= 18 ? 5 : a.rows >= 12 ? 3 : 1;
    int tree = a.rows - heading - about - rules - bytes, row = a.row;
    p.heading = (struct area){row, a.col + 1, heading, a.cols - 2};
    p.tree = (struct area){row += heading, a.col, tree, a.cols};
    p.bytes_rule = (struct area){row += tree, a.col, 1, a.cols};
    p.bytes = (struct area){row += 1, a.col + 1, bytes, a.cols - 1};
    row += bytes;
    p.about_rule = (struct area){row, a.col, rules - 1, a.cols};
    p.about = (struct area){row + rules - 1, a.col + 1, about, a.cols - 2};
    return p;
}

static struct plan plan_of(struct area a)
{
    return a.cols >= BESIDE_COLS && a.rows >= 12 ? plan_beside(a) : plan_below(a);
}

/* ---- the heading ------------------------------------------------------------------------ */

static void add_end(const struct detail_view *v, const struct segment *s, int side,
                    struct text *out)
{
    char host = trace_host_of(v->trace, s->flow, side);
    if (host)
        text_format(out, "%c ", host);
    endpoint_text(&trace_flow(v->trace, s->flow)->ends[side], out);
}

static void add_repeated(const struct detail_view *v, const struct segment *s, struct text *out)
{
    uint32_t index = again_of(v->trace, v->segment);
    if (index == TRACE_NONE) {
        text_add(out, _("; sent before: a retransmission"));
        return;
    }
    struct segment original = trace_segment(v->trace, index);
    struct text before = {0};
    label_span(s->time_ns - original.time_ns, &before);
    text_format(out, _("; a retransmission: repeats number %llu, sent %s before"),
                (unsigned long long)original.frame, text_str(&before));
    text_free(&before);
}

static bool changes_before(const void *trace, size_t i, int64_t time_ns)
{
    return trace_state(trace, (uint32_t)i).time_ns < time_ns;
}

/* The first change of state at `time_ns` or later. */
static uint32_t first_change(const struct trace *t, int64_t time_ns)
{
    return (uint32_t)search_first(trace_state_count(t), changes_before, t, time_ns);
}

/* The changes of state that the segment has caused at a moment. */
static void add_changes(const struct detail_view *v, int64_t time_ns, struct text *out)
{
    for (uint32_t i = first_change(v->trace, time_ns); i < trace_state_count(v->trace); i++) {
        struct state_change c = trace_state(v->trace, i);
        if (c.time_ns != time_ns)
            return;
        if ((c.cause != CAUSE_SENT && c.cause != CAUSE_RECEIVED) || c.cause_index != v->segment)
            continue;
        text_add(out, "; ");
        if (c.host)
            text_char(out, c.host);
        else
            text_add(out, c.cause == CAUSE_SENT ? _("sender") : _("receiver"));
        text_format(out, " %s > %s", tcp_state_name(c.from), tcp_state_name(c.to));
    }
}

/* What became of it: its way, and what it changed. */
static void add_story(const struct detail_view *v, const struct segment *s, struct text *out)
{
    struct text sent = {0};
    label_clock(s->time_ns, &sent);
    text_format(out, s->fate_ns >= 0 ? _("sent %s") : "%s", text_str(&sent));
    text_free(&sent);
    label_fate(v->trace, s, out);
    if (s->again)
        add_repeated(v, s, out);
    add_changes(v, s->time_ns, out);
    if (s->fate_ns > s->time_ns)
        add_changes(v, s->fate_ns, out);
}

static void draw_heading(const struct detail_view *v, struct grid *g, struct area a)
{
    struct text t = {0};
    if (a.rows == 0)
        return;
    if (v->segment == TRACE_NONE) {
        label_other(v->trace, trace_event(v->trace, v->event).index, &t);
        grid_write(g, a.row, a.col, a.cols, text_str(&t), ROLE_HEADING);
        text_clear(&t);
        label_clock(trace_time(v->trace, v->event), &t);
    } else {
        struct segment s = trace_segment(v->trace, v->segment);
        label_segment(v->trace, &s, 0, &t);
        int col = grid_write(g, a.row, a.col, a.cols, text_str(&t), label_role(&s)) + 3;
        text_clear(&t);
        add_end(v, &s, s.side, &t);
        text_add(&t, " > ");
        add_end(v, &s, !s.side, &t);
        grid_write(g, a.row, a.col + col, a.cols - col, text_str(&t), ROLE_NORMAL);
        text_clear(&t);
        add_story(v, &s, &t);
    }
    if (a.rows > 1)
        grid_write(g, a.row + 1, a.col, a.cols, text_str(&t), ROLE_TIME);
    text_free(&t);
}

/* ---- the tree --------------------------------------------------------------------------- */

static const struct {
    char mark;
    enum role role;
} verdicts[FIELD_VERDICT_COUNT] = {
    [FIELD_PLAIN] = {' ', ROLE_NORMAL},
    [FIELD_SUSPICIOUS] = {'!', ROLE_NOTE},
    [FIELD_TRUNCATED] = {'~', ROLE_NOTE},
    [FIELD_MALFORMED] = {'!', ROLE_ERROR},
};

/* A flag that is not set, a filling that says nothing. */
static bool is_faint(const struct detail_view *v, size_t field)
{
    const char *value = field_value(&v->fields, field);
    return v->fields.field[field].depth > 1 && value[0] == '0' && value[1] == '\0';
}

/* Where values begin: behind most names, and with room for most values. */
static int value_col(int cols)
{
    return cols >= WIDE_COLS ? 28 : 24;
}

static void draw_field(const struct detail_view *v, size_t i, struct grid *g, struct area a)
{
    const struct field *e = &v->fields.field[i];
    enum field_verdict gravest =
        detail_folded(v, i) ? field_gravest(&v->fields, i) : (enum field_verdict)e->verdict;
    enum role role = is_faint(v, i) ? ROLE_DIM : verdicts[e->verdict].role;
    int col = GUTTER + 2 * e->depth;
    if (i == v->cursor)
        grid_write(g, a.row, a.col, 1, ">", ROLE_HEADING);
    if (gravest != FIELD_PLAIN)
        grid_put(g, a.row, a.col + 1, (uint32_t)verdicts[gravest].mark, verdicts[gravest].role);
    if (detail_is_branch(v, i))
        grid_put(g, a.row, a.col + col, detail_folded(v, i) ? GLYPH_FOLDED : GLYPH_FALLING,
                 ROLE_DIM);
    col += 2;
    enum role name_role = e->depth == 0 ? ROLE_HEADING : is_faint(v, i) ? ROLE_DIM : ROLE_NORMAL;
    col += grid_write(g, a.row, a.col + col, a.cols - col, _(e->name), name_role) + 1;
    col = col < value_col(a.cols) ? value_col(a.cols) : col;
    if (role == ROLE_NORMAL)
        role = e->depth == 0 ? ROLE_NORMAL : ROLE_DATA;
    grid_write(g, a.row, a.col + col, a.cols - col, field_value(&v->fields, i), role);
    if (i == v->cursor)
        grid_select(g, (struct area){a.row, a.col + GUTTER, 1, a.cols - GUTTER});
}

static void settle_tree(struct detail_view *v, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1, row = detail_row(v, v->cursor);
    size_t count = detail_row(v, v->fields.count);
    v->tree_rows = (int)height;
    v->top = scroll_top(v->top, row, count, height);
}

static void draw_tree(struct detail_view *v, struct grid *g, struct area a)
{
    settle_tree(v, a.rows);
    for (int r = 0; r < a.rows; r++) {
        size_t i = detail_field_of_row(v, v->top + (size_t)r);
        if (i == FIELD_NONE)
            return;
        draw_field(v, i, g, (struct area){a.row + r, a.col, 1, a.cols});
    }
}

/* ---- the bytes -------------------------------------------------------------------------- */

static bool is_within(const struct field *e, uint32_t at)
{
    return at >= e->from && at - e->from < e->bytes;
}

static void settle_bytes(struct detail_view *v, int rows, uint32_t row_bytes)
{
    const struct field *e = &v->fields.field[v->cursor];
    uint32_t first = v->in_bytes || e->bytes == 0 ? v->byte : e->from;
    uint32_t last = v->in_bytes || e->bytes == 0 ? v->byte : e->from + e->bytes - 1;
    uint32_t height = rows > 0 ? (uint32_t)rows : 1, top = v->top_byte / row_bytes;
    first /= row_bytes;
    last /= row_bytes;
    if (last >= top + height)
        top = last + 1 - height;
    if (first < top)
        top = first;
    uint32_t all = (v->captured_bytes + row_bytes - 1) / row_bytes;
    if (top + height > all)
        top = all > height ? all - height : 0;
    v->top_byte = top * row_bytes;
    v->row_bytes = row_bytes;
    v->byte_rows = (int)height;
}

/* One byte in hex and as text. Brackets around the field's bytes show without any colour. */
static void draw_byte(const struct detail_view *v, uint32_t at, uint8_t byte, struct grid *g,
                      int row, int hex_col, int text_col)
{
    const struct field *e = &v->fields.field[v->cursor];
    const struct field *layer = &v->fields.field[detail_layer(v, v->cursor)];
    static const char digits[] = "0123456789abcdef";
    bool lit = is_within(e, at), here = v->in_bytes ? at == v->byte : lit;
    enum role role = lit ? ROLE_KEY : is_within(layer, at) ? ROLE_NORMAL : ROLE_DIM;
    grid_put(g, row, hex_col + 1, (uint32_t)digits[byte >> 4], role);
    grid_put(g, row, hex_col + 2, (uint32_t)digits[byte & 15], role);
    grid_put(g, row, text_col, byte >= 0x20 && byte < 0x7f ? byte : '.', role);
    if (lit && at == e->from)
        grid_put(g, row, hex_col, '[', role);
    if (lit && at - e->from + 1 == e->bytes)
        grid_put(g, row, hex_col + 3, ']', role);
    if (here) {
        grid_select(g, (struct area){row, hex_col + 1, 1, 2});
        grid_select(g, (struct area){row, text_col, 1, 1});
    }
}

static void draw_bytes(struct detail_view *v, struct grid *g, struct area a, uint32_t row_bytes)
{
    struct cursor c;
    settle_bytes(v, a.rows, row_bytes);
    cursor_init(&c, v->bytes, v->captured_bytes, v->captured_bytes);
    cursor_skip(&c, v->top_byte);
    int text_col = a.col + bytes_cols(row_bytes) - (int)row_bytes - 1;
    for (int r = 0; r < a.rows && cursor_captured_left(&c) > 0; r++) {
        struct text offset = {0};
        text_hex_padded(&offset, c.at, 4);
        grid_write(g, a.row + r, a.col, 5, text_str(&offset), ROLE_DIM);
        text_free(&offset);
        for (uint32_t i = 0; i < row_bytes && cursor_captured_left(&c) > 0; i++) {
            uint32_t at = (uint32_t)c.at;
            int col = a.col + 5 + (int)i * 3 + (i >= 8);
            draw_byte(v, at, cursor_u8(&c), g, a.row + r, col, text_col + (int)i);
        }
    }
}

/* ---- the rules and the sentence --------------------------------------------------------- */

/* The bits of a mask as they stand in its bytes, x for those meant: "....xxxx". */
static void add_bits(const struct field *e, struct text *out)
{
    text_add(out, _(", bits "));
    for (uint32_t bit = e->bytes * 8; bit-- > 0;) {
        text_char(out, e->mask >> bit & 1 ? 'x' : '.');
        if (bit % 8 == 0 && bit > 0)
            text_char(out, ' ');
    }
}

static void add_place(const struct detail_view *v, struct text *out)
{
    const struct field *e = &v->fields.field[v->cursor];
    if (v->in_bytes)
        text_format(out, _(" byte %u of %u "), v->byte, v->captured_bytes);
    else if (e->bytes == 0)
        text_format(out, _(" %u bytes "), v->captured_bytes);
    else if (e->bytes == 1)
        text_format(out, _(" byte %u of %u"), e->from, v->captured_bytes);
    else
        text_format(out, _(" bytes %u to %u of %u"), e->from, e->from + e->bytes - 1,
                    v->captured_bytes);
    if (!v->in_bytes && e->mask != 0 && e->bytes <= 4)
        add_bits(e, out);
    if (!v->in_bytes && e->bytes > 0)
        text_char(out, ' ');
}

static void draw_rule(struct grid *g, struct area a, const char *words, bool chosen)
{
    if (a.rows == 0)
        return;
    grid_across(g, a.row, a.col, a.cols, GLYPH_ACROSS, ROLE_DIM);
    grid_write(g, a.row, a.col + 2, a.cols - 4, words, chosen ? ROLE_HEADING : ROLE_DIM);
}

static void draw_about(const struct detail_view *v, struct grid *g, const struct plan *p)
{
    struct lines lines = {0};
    struct text words = {0};
    text_format(&words, " %s ", v->fields.field[v->cursor].name);
    draw_rule(g, p->about_rule, text_str(&words), false);
    text_free(&words);
    lines_add(&lines, NULL, field_about(&v->fields, v->cursor), ROLE_NORMAL);
    int n = lines_draw(&lines, 0, g, p->about);
    if (n > p->about.rows)
        grid_put(g, p->about.row + p->about.rows - 1, p->about.col + p->about.cols - 1, GLYPH_CUT,
                 ROLE_DIM);
    lines_free(&lines);
}

static void draw_packet(struct detail_view *v, struct grid *g, struct area a)
{
    struct plan p = plan_of(a);
    struct text place = {0};
    add_place(v, &place);
    draw_heading(v, g, p.heading);
    if (p.beside) {
        draw_rule(g, p.tree_rule, _(" fields "), !v->in_bytes);
        grid_down(g, p.bytes.row, p.bytes.col - 1, p.bytes.rows, GLYPH_DOWN, ROLE_DIM);
        p.bytes.col++;
    }
    draw_tree(v, g, p.tree);
    draw_rule(g, p.bytes_rule, text_str(&place), v->in_bytes);
    draw_bytes(v, g, p.bytes, p.row_bytes);
    draw_about(v, g, &p);
    if (p.beside) {
        grid_put(g, p.bytes_rule.row, p.bytes_rule.col, GLYPH_TEE_DOWN, ROLE_DIM);
        grid_put(g, p.about_rule.row, p.bytes_rule.col, GLYPH_TEE_UP, ROLE_DIM);
    }
    text_free(&place);
}

/* A moment without a packet, such as a call: what the pane says of it. */
static void draw_story(struct detail_view *v, struct grid *g, struct area a)
{
    struct lines lines = {0};
    struct grid none = {0};
    detail_of_event(v->trace, v->event, &lines);
    int all = lines_draw(&lines, 0, &none, a), most = all > a.rows ? all - a.rows : 0;
    v->skip = v->skip < 0 ? 0 : v->skip > most ? most : v->skip;
    lines_draw(&lines, v->skip, g, a);
    lines_free(&lines);
}

void detail_view_draw(void *view, struct grid *g, struct area a)
{
    struct detail_view *v = view;
    if (v->fields.count > 0)
        draw_packet(v, g, a);
    else
        draw_story(v, g, (struct area){a.row + 1, a.col + 1, a.rows - 1, a.cols - 2});
}
