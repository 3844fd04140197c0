#include "tracer/view/columns.h"

#include "tracer/base/words.h"

#include <string.h>

/* A lane has room for an IPv4 address as its heading, and for a short label beside the arrow. */
enum { HALF_HEADING = 7, LANE_LEAST = 18, LANE_GOOD = 26, LANE_MOST = 44 };
enum { PAIR_LEAST = 22, PAIR_MOST = 64, PAIR_GAP = 2 };

static const struct address *address_of(const struct trace *t, uint32_t end)
{
    return &trace_flow(t, end / SIDE_COUNT)->ends[end % SIDE_COUNT].address;
}

static uint32_t end_of(uint32_t flow, int side)
{
    return flow * SIDE_COUNT + (uint32_t)side;
}

/* The column of a host, -1 where it has none. */
static int host_column(const struct columns_set *c, const struct trace *t, uint32_t end)
{
    const struct address *a = address_of(t, end);
    for (int i = 0; i < c->count; i++)
        if (address_equal(address_of(t, c->ends[i]), a))
            return i;
    return -1;
}

int columns_of(const struct columns_set *c, const struct trace *t, uint32_t flow, int side)
{
    if (c->kind == COLUMNS_HOSTS)
        return host_column(c, t, end_of(flow, side));
    for (int i = 0; i < c->count; i++)
        if (c->ends[i] == end_of(flow, side))
            return i;
    return -1;
}

/* ---- all hosts, while they are few ------------------------------------------------------- */

static void take_flow(struct columns_set *c, const struct trace *t, uint32_t flow)
{
    for (int side = 0; side < SIDE_COUNT && !c->many; side++) {
        if (c->kind == COLUMNS_HOSTS && host_column(c, t, end_of(flow, side)) >= 0)
            continue;
        c->many = c->count == COLUMNS_MOST;
        if (!c->many)
            c->ends[c->count++] = end_of(flow, side);
    }
}

void columns_begin(struct columns_set *c, const struct layout *l, enum columns_kind kind)
{
    *c = (struct columns_set){.kind = kind, .followed = SIZE_MAX, .fit = 1};
    for (int i = 0; i < l->flow_count; i++) {
        bool left = kind == COLUMNS_HOSTS || layout_host(l->trace, l->flows[i], 0) == HOST_LEFT;
        if (left)
            take_flow(c, l->trace, l->flows[i]);
        else
            for (int side = SIDE_COUNT; side-- > 0;)
                c->ends[c->count++] = end_of(l->flows[i], side);
    }
    columns_update(c, l);
    if (c->many)
        c->count = 0; /* they are chosen by the rows */
}

void columns_update(struct columns_set *c, const struct layout *l)
{
    uint32_t n = l->flow_count > 0 ? 0 : trace_flow_count(l->trace);
    while (c->flows_taken < n && !c->many)
        take_flow(c, l->trace, c->flows_taken++);
}

/* ---- the hosts in sight, where they are many --------------------------------------------- */

struct wanted {
    bool used[COLUMNS_MOST];      /* columns there are, for a row in sight */
    uint32_t fresh[COLUMNS_MOST]; /* ends without a column, and how many rows are theirs */
    int rows[COLUMNS_MOST];
    int count;
};

static void want_end(const struct columns_set *c, const struct trace *t, uint32_t end,
                     struct wanted *w)
{
    int column = host_column(c, t, end), i = 0;
    if (column >= 0) {
        w->used[column] = true;
        return;
    }
    while (i < w->count && !address_equal(address_of(t, w->fresh[i]), address_of(t, end)))
        i++;
    if (i == COLUMNS_MOST)
        return;
    if (i == w->count)
        w->fresh[w->count++] = end;
    w->rows[i]++;
}

/* The busiest first: so most rows have an end in sight. Those alike stay in order. */
static void sort_fresh(struct wanted *w)
{
    for (int i = 1; i < w->count; i++) {
        uint32_t end = w->fresh[i];
        int rows = w->rows[i], at = i;
        for (; at > 0 && w->rows[at - 1] < rows; at--) {
            w->fresh[at] = w->fresh[at - 1];
            w->rows[at] = w->rows[at - 1];
        }
        w->fresh[at] = end;
        w->rows[at] = rows;
    }
}

static void want_row(const struct columns_set *c, const struct layout *l, size_t row,
                     struct wanted *w)
{
    struct ladder_row r = layout_row(l, row);
    uint32_t segment = r.sent != TRACE_NONE ? r.sent : r.ended;
    int side;
    if (segment == TRACE_NONE)
        return;
    uint32_t flow = trace_segment_flow(l->trace, segment, &side);
    want_end(c, l->trace, end_of(flow, SIDE_INITIATOR), w);
    want_end(c, l->trace, end_of(flow, SIDE_RESPONDER), w);
}

static void remove_column(struct columns_set *c, struct wanted *w, int i)
{
    c->count--;
    memmove(&c->ends[i], &c->ends[i + 1], (size_t)(c->count - i) * sizeof c->ends[0]);
    memmove(&w->used[i], &w->used[i + 1], (size_t)(c->count - i) * sizeof w->used[0]);
}

/* A host that is new in sight gets the column of one that no row in sight needs any more, so that
 * the others stand still. Columns without a use are given up where there is no room for them. */
static void choose_hosts(struct columns_set *c, const struct layout *l, size_t first, int rows,
                         size_t cursor)
{
    struct wanted w = {0};
    if (cursor < l->count && 2 * rows > COLUMNS_MOST)
        want_row(c, l, cursor, &w);
    for (size_t r = first; r < first + (size_t)rows && r < l->count; r++)
        want_row(c, l, r, &w);
    sort_fresh(&w);
    int next = 0;
    for (int i = 0; i < c->count && next < w.count; i++)
        if (!w.used[i]) {
            c->ends[i] = w.fresh[next++];
            w.used[i] = true;
        }
    for (; next < w.count && c->count < COLUMNS_MOST; c->count++) {
        c->ends[c->count] = w.fresh[next++];
        w.used[c->count] = true;
    }
    for (int i = c->count; i-- > 0 && c->count > c->fit;)
        if (!w.used[i])
            remove_column(c, &w, i);
}

/* ---- those in sight ---------------------------------------------------------------------- */

/* Narrow lanes where all hosts are in sight so, else good ones. */
int columns_fit(const struct columns_set *c, int cols)
{
    if (c->kind == COLUMNS_PAIRS) {
        int pairs = (cols - 1 + PAIR_GAP) / (PAIR_LEAST + PAIR_GAP);
        return 2 * (pairs > 1 ? pairs : 1);
    }
    int room = cols - 2 * HALF_HEADING - 1, lanes = room / LANE_LEAST;
    if (c->many || c->count > 1 + lanes)
        lanes = room / LANE_GOOD;
    return 1 + (lanes > 1 ? lanes : 1);
}

int columns_end(const struct columns_set *c)
{
    int end = c->first + c->fit;
    return end < c->count ? end : c->count;
}

static int host_cell(const struct columns_set *c, int column, int cols)
{
    int shown = c->many || c->count > c->fit ? c->fit : c->count;
    int lane = shown > 1 ? (cols - 2 * HALF_HEADING - 1) / (shown - 1) : 0;
    return HALF_HEADING + (column - c->first) * (lane < LANE_MOST ? lane : LANE_MOST);
}

static int pair_cell(const struct columns_set *c, int column, int cols)
{
    int pairs = (columns_end(c) - c->first) / 2, place = (column - c->first) / 2;
    int room = cols - 1 - (pairs - 1) * PAIR_GAP; /* the last cell is for marks */
    int width = pairs > 0 ? room / pairs : room;
    width = width < PAIR_MOST ? width : PAIR_MOST;
    return place * (width + PAIR_GAP) + (column % 2 == 0 ? 0 : width - 1);
}

int columns_cell(const struct columns_set *c, int column, int cols)
{
    return c->kind == COLUMNS_PAIRS ? pair_cell(c, column, cols) : host_cell(c, column, cols);
}

static int clamp(int v, int most)
{
    v = v > most ? most : v;
    return v < 0 ? 0 : v;
}

static bool is_in_sight(const struct columns_set *c, int column)
{
    return column >= c->first && column < c->first + c->fit;
}

/* Bring the columns of a row's segment into sight: both where they lie near each other, else the
 * sender's, unless one of them is. */
static void follow_row(struct columns_set *c, const struct layout *l, size_t row)
{
    struct ladder_row r = layout_row(l, row);
    uint32_t segment = r.sent != TRACE_NONE ? r.sent : r.ended;
    int side;
    if (segment == TRACE_NONE)
        return;
    uint32_t flow = trace_segment_flow(l->trace, segment, &side);
    int from = columns_of(c, l->trace, flow, side), to = columns_of(c, l->trace, flow, !side);
    int low = from < to ? from : to, high = from < to ? to : from;
    if (low < 0 || high - low >= c->fit) {
        if (is_in_sight(c, from) || is_in_sight(c, to))
            return;
        low = high = from;
    }
    if (low >= 0 && low < c->first)
        c->first = low;
    if (high >= c->first + c->fit)
        c->first = high + 1 - c->fit;
}

void columns_arrange(struct columns_set *c, const struct layout *l, size_t first, int rows,
                     size_t cursor, int cols)
{
    c->fit = columns_fit(c, cols);
    if (c->many)
        choose_hosts(c, l, first, rows, cursor);
    if (cursor != c->followed)
        c->moved = false;
    if (cursor < l->count && !c->moved)
        follow_row(c, l, cursor);
    c->followed = cursor;
    c->first = clamp(c->first, c->count - c->fit);
    if (c->kind == COLUMNS_PAIRS)
        c->first -= c->first % 2;
}

bool columns_move(struct columns_set *c, int step)
{
    int before = c->first, most = c->count - c->fit;
    c->first = clamp(before + (c->kind == COLUMNS_PAIRS ? 2 * step : step), most);
    c->moved = true;
    return c->first != before;
}

void columns_status(const struct columns_set *c, struct text *out)
{
    int unit = c->kind == COLUMNS_PAIRS ? 2 : 1, all = c->count / unit;
    int first = c->first / unit + 1, last = (c->first + c->fit) / unit;
    last = last < all ? last : all;
    bool pairs = c->kind == COLUMNS_PAIRS;
    if (last - first + 1 < all)
        text_format(out, pairs ? _("connections %d-%d of %d") : _("hosts %d-%d of %d"), first, last,
                    all);
    else if (all == 1)
        text_add(out, pairs ? _("1 connection") : _("1 host"));
    else
        text_format(out, pairs ? _("%d connections") : _("%d hosts"), all);
    if (c->many)
        text_add(out, _(" in sight"));
}
