/* What stands above the columns: addresses, or endpoints and their states.
 *
 *        10.0.0.1                     10.0.0.1:34567     10.0.0.2:9502
 *     ───────┬───────                 SYN-SENT            SYN-RECEIVED
 *                                     ┬───────── #1 ─────────────────┬
 */
#include "tracer/view/columns.h"

#include "tracer/view/glyph.h"

enum { HALF_LINE = 7 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* ---- a column for each host -------------------------------------------------------------- */

static void host_name(const struct trace *t, uint32_t end, struct text *out)
{
    const struct trace_session *session = trace_session(t);
    char host = trace_host_of(t, end / SIDE_COUNT, (int)(end % SIDE_COUNT));
    if (session->present && host)
        text_format(out, "%c ", host);
    address_text(&trace_flow(t, end / SIDE_COUNT)->ends[end % SIDE_COUNT].address, out);
}

static void draw_host(const struct columns_set *c, const struct trace *t, int column,
                      struct grid *g, struct area a)
{
    struct text name = {0};
    int x = columns_cell(c, column, a.cols);
    int lane = columns_cell(c, column + 1, a.cols) - x;
    host_name(t, c->ends[column], &name);
    int width = least(grid_width_of(text_str(&name)), lane > 0 ? lane - 1 : a.cols);
    int at = most(0, least(x - width / 2, a.cols - width));
    grid_write_right(g, a.row, a.col + at, width, text_str(&name), ROLE_HEADING);
    int from = most(0, x - HALF_LINE), to = least(a.cols - 1, x + HALF_LINE);
    grid_across(g, a.row + 1, a.col + from, to - from + 1, GLYPH_ACROSS, ROLE_RAIL);
    grid_put(g, a.row + 1, a.col + x, GLYPH_TEE_DOWN, ROLE_RAIL);
    text_free(&name);
}

/* ---- a pair of columns for each connection ----------------------------------------------- */

static void end_name(const struct trace *t, uint32_t end, struct text *out)
{
    const struct endpoint *e = &trace_flow(t, end / SIDE_COUNT)->ends[end % SIDE_COUNT];
    char host = trace_host_of(t, end / SIDE_COUNT, (int)(end % SIDE_COUNT));
    if (host == 0) {
        endpoint_text(e, out);
        return;
    }
    text_char(out, host);
    text_char(out, ':');
    text_u64(out, e->port);
}

/* Whether both names of each pair stand on one line. */
static bool names_fit(const struct columns_set *c, const struct trace *t, int cols)
{
    bool fit = true;
    int width = columns_cell(c, c->first + 1, cols) - columns_cell(c, c->first, cols) + 1;
    for (int i = 0; i + 1 < c->count && fit; i += 2) {
        struct text names = {0};
        end_name(t, c->ends[i], &names);
        text_add(&names, "  ");
        end_name(t, c->ends[i + 1], &names);
        fit = grid_width_of(text_str(&names)) <= width;
        text_free(&names);
    }
    return fit;
}

int columns_heading_rows(struct columns_set *c, const struct trace *t, int cols)
{
    c->fit = columns_fit(c, cols);
    if (c->kind == COLUMNS_HOSTS)
        return 2;
    return names_fit(c, t, cols) ? 3 : 4;
}

static void write_end(struct grid *g, int row, int col, int width, const char *s, enum role role)
{
    int n = least(grid_width_of(s), width);
    grid_write_right(g, row, col + width - n, n, s, role);
}

static const char *state_name(const struct layout *l, size_t row, uint32_t end)
{
    enum tcp_state s = STATE_UNKNOWN;
    int number = layout_end(l, end / SIDE_COUNT, (int)(end % SIDE_COUNT));
    if (row < l->count && number >= 0)
        s = layout_state(l, row, number);
    return s == STATE_UNKNOWN ? "" : tcp_state_name(s);
}

/* Both names, or one between the two where both ends are in it and there is no room for both. */
static void draw_states(const char *left, const char *right, struct grid *g, int row, int col,
                        int width)
{
    int l = grid_width_of(left), r = grid_width_of(right);
    if (l + 1 + r > width && left == right) {
        grid_write(g, row, col + (width - l) / 2, l, left, ROLE_STATE);
        return;
    }
    write_end(g, row, col, width, right, ROLE_STATE);
    grid_write(g, row, col, most(0, least(l, width - r - 1)), left, ROLE_STATE);
}

static void draw_pair(const struct columns_set *c, const struct layout *l, size_t cursor,
                      int column, struct grid *g, struct area a)
{
    struct text left = {0}, right = {0}, number = {0};
    uint32_t ends[2] = {c->ends[column], c->ends[column + 1]};
    int x = columns_cell(c, column, a.cols), col = a.col + x;
    int width = columns_cell(c, column + 1, a.cols) - x + 1, row = a.row + a.rows - 1;
    end_name(l->trace, ends[0], &left);
    end_name(l->trace, ends[1], &right);
    grid_write(g, a.row, col, width, text_str(&left), ROLE_HOST_C);
    write_end(g, row - 2, col, width, text_str(&right), ROLE_HOST_S);
    draw_states(state_name(l, cursor, ends[0]), state_name(l, cursor, ends[1]), g, row - 1, col,
                width);
    grid_across(g, row, col, width, GLYPH_ACROSS, ROLE_RAIL);
    grid_put(g, row, col, GLYPH_TEE_DOWN, ROLE_RAIL);
    grid_put(g, row, col + width - 1, GLYPH_TEE_DOWN, ROLE_RAIL);
    text_format(&number, " #%u ", ends[0] / SIDE_COUNT + 1);
    int n = grid_width_of(text_str(&number));
    grid_write(g, row, col + (width - n) / 2, n, text_str(&number), ROLE_HEADING);
    text_free(&left);
    text_free(&right);
    text_free(&number);
}

void columns_draw_heading(const struct columns_set *c, const struct layout *l, size_t cursor,
                          struct grid *g, struct area a)
{
    int end = columns_end(c), row = a.row + a.rows - 1;
    for (int i = c->first; i < end; i += c->kind == COLUMNS_PAIRS ? 2 : 1)
        if (c->kind == COLUMNS_PAIRS)
            draw_pair(c, l, cursor, i, g, a);
        else
            draw_host(c, l->trace, i, g, a);
    if (c->first > 0)
        grid_put(g, row, a.col, GLYPH_HEAD_LEFT, ROLE_KEY);
    if (end < c->count)
        grid_put(g, row, a.col + a.cols - 1, GLYPH_HEAD_RIGHT, ROLE_KEY);
}
