#include "tracer/view/connections.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"
#include "tracer/view/scroll.h"

enum { HEADER_ROWS = 1, FOOTER_ROWS = 2, ENDPOINT_LEAST = 13, GAP = 1 };

/* Which columns there is room for, and how wide. */
struct columns {
    int width[COLUMN_COUNT]; /* 0: left out */
};

/* ---- columns ----------------------------------------------------------------------------- */

static int text_width(const struct connections *v, int column)
{
    int digits = 1;
    if (column != COLUMN_NUMBER)
        return v->width[column];
    for (size_t n = v->count; n > 9; n /= 10)
        digits++;
    return digits;
}

static int wanted_width(const struct connections *v, int column)
{
    struct text heading = {0};
    column_heading((enum connection_column)column, &heading);
    int least = grid_width_of(text_str(&heading));
    text_free(&heading);
    int width = column_types[column].width > 0 ? column_types[column].width : text_width(v, column);
    return width > least ? width : least;
}

static bool is_endpoint(int column)
{
    return column == COLUMN_FROM || column == COLUMN_TO;
}

/* Take in a column where there is room; returns the room that is left. */
static int take_column(const struct connections *v, int column, int endpoint_most, int room,
                       struct columns *c)
{
    int width = wanted_width(v, column);
    if (is_endpoint(column) && width > endpoint_most)
        width = endpoint_most;
    if (c->width[column] > 0 || width + GAP > room)
        return room;
    c->width[column] = width;
    return room - width - GAP;
}

/* The column that is sorted by comes first, then the others by rank. An endpoint that was cut gets
 * what is left over. */
static struct columns choose_columns(const struct connections *v, int cols)
{
    struct columns c = {0};
    int room = cols - 1, most = cols * 3 / 10;
    most = most > ENDPOINT_LEAST ? most : ENDPOINT_LEAST;
    room = take_column(v, (int)v->column, most, room, &c);
    for (int rank = 0; rank < COLUMN_COUNT; rank++)
        for (int i = 0; i < COLUMN_COUNT; i++)
            if (column_types[i].rank == rank)
                room = take_column(v, i, most, room, &c);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        int more = is_endpoint(i) && c.width[i] > 0 ? wanted_width(v, i) - c.width[i] : 0;
        more = more < room ? more : room;
        c.width[i] += more;
        room -= more;
    }
    return c;
}

/* ---- rows -------------------------------------------------------------------------------- */

static void draw_cell(struct grid *g, int row, int col, int column, int width, const char *s,
                      enum role role)
{
    int spare = width - grid_width_of(s);
    if (spare < 0 && is_endpoint(column))
        grid_write_right(g, row, col, width, s, role); /* the port is worth more than the net */
    else
        grid_write(g, row, col + (spare > 0 && column_types[column].right ? spare : 0), width, s,
                   role);
}

/* Which way it is sorted stands in the gap beside the heading, so that no column moves for it. */
static void draw_heading(struct connections *v, const struct columns *c, struct grid *g,
                         struct area a)
{
    struct text heading = {0};
    int col = a.col + 1;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const struct column_type *type = &column_types[i];
        text_clear(&heading);
        column_heading((enum connection_column)i, &heading);
        bool sorted = (int)v->column == i;
        int width = c->width[i], sign = grid_width_of(text_str(&heading));
        v->drawn[i].col = col;
        v->drawn[i].cols = width;
        if (width == 0)
            continue;
        if (sorted)
            grid_across(g, a.row, col, width, ' ', ROLE_TITLE);
        draw_cell(g, a.row, col, i, width, text_str(&heading), sorted ? ROLE_TITLE : ROLE_HEADING);
        sign = type->right ? width - sign - 1 : sign;
        if (sorted)
            grid_put(g, a.row, col + sign, v->falling ? GLYPH_FALLING : GLYPH_RISING, ROLE_TITLE);
        col += width + GAP;
    }
    text_free(&heading);
}

static void draw_row(const struct connections *v, const struct columns *c, size_t position,
                     struct grid *g, struct area line)
{
    uint32_t row = v->order[position].row;
    const struct connection *n = &v->rows[row];
    struct text t = {0};
    int col = line.col + 1;
    if (n->tagged)
        grid_put(g, line.row, line.col, '*', ROLE_KEY);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (c->width[i] == 0)
            continue;
        text_clear(&t);
        enum role role = column_text(v, n, row, (enum connection_column)i, &t);
        draw_cell(g, line.row, col, i, c->width[i], text_str(&t), role);
        col += c->width[i] + GAP;
    }
    grid_target(g, line, n->first_event);
    if (position == v->cursor)
        grid_select(g, line);
    text_free(&t);
}

/* ---- totals and the filter --------------------------------------------------------------- */

static bool is_added_up(int column)
{
    return column >= COLUMN_SEGMENTS_OUT && column <= COLUMN_AGAIN;
}

static void total_words(const struct connections *v, struct text *out)
{
    bool one = v->count == 1;
    unsigned long long open = v->open;
    if (v->shown < v->count)
        text_format(out,
                    one ? _("%zu of %zu connection, %llu open")
                        : _("%zu of %zu connections, %llu open"),
                    v->shown, v->count, open);
    else
        text_format(out, one ? _("%zu connection, %llu open") : _("%zu connections, %llu open"),
                    v->count, open);
}

/* The sums under their columns, the words to their left. */
static void draw_totals(const struct connections *v, const struct columns *c, struct grid *g,
                        struct area line)
{
    struct text t = {0};
    int col = line.col + 1, words = line.cols - 2;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (c->width[i] == 0)
            continue;
        if (is_added_up(i)) {
            text_clear(&t);
            column_text(v, &v->total, 0, (enum connection_column)i, &t);
            draw_cell(g, line.row, col, i, c->width[i], text_str(&t), ROLE_HEADING);
            words = words < col - line.col - 2 ? words : col - line.col - 2;
        }
        col += c->width[i] + GAP;
    }
    text_clear(&t);
    total_words(v, &t);
    grid_write(g, line.row, line.col + 1, words, text_str(&t), ROLE_HEADING);
    text_free(&t);
}

static void draw_filter(const struct connections *v, struct grid *g, struct area line)
{
    int col = line.col + 1;
    grid_across(g, line.row, line.col, line.cols, GLYPH_ACROSS, ROLE_DIM);
    if (v->filter.len == 0)
        return;
    col += 1 + grid_write(g, line.row, col + 1, line.cols - 4, _(" filter: "), ROLE_KEY);
    col += grid_write(g, line.row, col, line.cols - 6 - col, text_str(&v->filter), ROLE_HEADING);
    grid_write(g, line.row, col, line.cols - col - 1, _("  Esc clears "), ROLE_DIM);
}

static void draw_nothing(const struct connections *v, struct grid *g, struct area a)
{
    const char *words = v->count == 0 ? _("No TCP connection has been seen yet.")
                        : connections_choosing(v)
                            ? _("Looking for connections that the filter picks.")
                            : _("No connection holds this; Esc clears the filter.");
    grid_write(g, a.row + HEADER_ROWS + 1, a.col + 2, a.cols - 3, words, ROLE_DIM);
}

static void keep_in_sight(struct connections *v, int body_rows)
{
    size_t height = body_rows > 0 ? (size_t)body_rows : 1;
    v->body_rows = (int)height;
    v->top = scroll_top(v->top, v->cursor, v->shown, height);
}

void connections_draw(void *view, struct grid *g, struct area a)
{
    struct connections *v = view;
    int body = a.rows - HEADER_ROWS - FOOTER_ROWS;
    connections_arrange(v);
    keep_in_sight(v, body);
    struct columns c = choose_columns(v, a.cols);
    draw_heading(v, &c, g, a);
    for (int i = 0; i < body && v->top + (size_t)i < v->shown; i++)
        draw_row(v, &c, v->top + (size_t)i, g,
                 (struct area){a.row + HEADER_ROWS + i, a.col, 1, a.cols});
    if (v->shown == 0)
        draw_nothing(v, g, a);
    draw_filter(v, g, (struct area){a.row + a.rows - 2, a.col, 1, a.cols});
    draw_totals(v, &c, g, (struct area){a.row + a.rows - 1, a.col, 1, a.cols});
}
