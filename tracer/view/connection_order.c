#include "tracer/view/connections.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a row is sorted by ------------------------------------------------------------ */

static uint64_t be64(const uint8_t *bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | bytes[i];
    return v;
}

static void endpoint_key(const struct endpoint *e, struct connection_key *k)
{
    k->key[0] = be64(e->address.bytes);
    k->key[1] = be64(e->address.bytes + 8);
    k->key[2] = e->port;
}

/* An earlier start is a greater age, whatever the time is now. */
static uint64_t age_key(int64_t first_ns)
{
    return ~((uint64_t)first_ns ^ (uint64_t)1 << 63);
}

static struct connection_key key_of(const struct connections *v, uint32_t row)
{
    const struct connection *c = &v->rows[row];
    const struct endpoint *ends = trace_flow(v->trace, row)->ends;
    struct connection_key k = {.row = row};
    switch (v->column) {
    case COLUMN_NUMBER: k.key[0] = row; break;
    case COLUMN_FROM: endpoint_key(&ends[SIDE_INITIATOR], &k); break;
    case COLUMN_TO: endpoint_key(&ends[SIDE_RESPONDER], &k); break;
    case COLUMN_STATE:
        k.key[0] = c->state[SIDE_INITIATOR];
        k.key[1] = c->state[SIDE_RESPONDER];
        break;
    case COLUMN_AGE: k.key[0] = age_key(c->first_ns); break;
    case COLUMN_DURATION: k.key[0] = (uint64_t)connections_span(c->first_ns, c->last_ns); break;
    case COLUMN_SEGMENTS_OUT: k.key[0] = c->segments[SIDE_INITIATOR]; break;
    case COLUMN_SEGMENTS_IN: k.key[0] = c->segments[SIDE_RESPONDER]; break;
    case COLUMN_BYTES_OUT: k.key[0] = c->bytes[SIDE_INITIATOR]; break;
    case COLUMN_BYTES_IN: k.key[0] = c->bytes[SIDE_RESPONDER]; break;
    case COLUMN_AGAIN: k.key[0] = c->again; break;
    case COLUMN_RTT: k.key[0] = (uint64_t)c->rtt_ns; break;
    case COLUMN_FLAGS: k.key[0] = c->flags; break;
    case COLUMN_COUNT: break;
    }
    for (int i = 0; i < 3 && v->falling; i++)
        k.key[i] = ~k.key[i];
    if (v->column == COLUMN_RTT && c->rtt_ns < 0)
        k.key[0] = UINT64_MAX; /* what is not known stands last, either way round */
    return k;
}

static int compare(const void *a, const void *b)
{
    const struct connection_key *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x->key[i] != y->key[i])
            return x->key[i] < y->key[i] ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* ---- the filter -------------------------------------------------------------------------- */

/* What is remembered from row to row: most have the states and flags of the one before. */
struct matcher {
    struct text text;
    uint8_t state[SIDE_COUNT];
    uint16_t flags;
    bool matched;
};

static bool states_match(const struct connections *v, uint32_t row, struct matcher *m)
{
    const struct connection *c = &v->rows[row];
    if (m->text.len > 0 && m->flags == c->flags && memcmp(m->state, c->state, SIDE_COUNT) == 0)
        return m->matched;
    text_clear(&m->text);
    column_text(v, c, row, COLUMN_STATE, &m->text);
    text_char(&m->text, ' ');
    column_text(v, c, row, COLUMN_FLAGS, &m->text);
    connections_lower(&m->text, 0);
    memcpy(m->state, c->state, SIDE_COUNT);
    m->flags = c->flags;
    m->matched = strstr(text_str(&m->text), text_str(&v->filter)) != NULL;
    return m->matched;
}

/* A row matches by its words: numbers change from moment to moment, and are there to be sorted. */
static bool matches(const struct connections *v, uint32_t row, struct matcher *m)
{
    if (v->chosen)
        return connections_chosen(v, row);
    return v->filter.len == 0 ||
           strstr(v->words.s + v->rows[row].words_at, text_str(&v->filter)) != NULL ||
           states_match(v, row, m);
}

bool connections_match(const struct connections *v, uint32_t row)
{
    struct matcher m = {0};
    bool matched = matches(v, row, &m);
    text_free(&m.text);
    return matched;
}

/* ---- the order --------------------------------------------------------------------------- */

void connections_reorder(struct connections *v)
{
    v->reorder = true;
}

static void forget_changes(struct connections *v)
{
    for (size_t i = 0; i < v->changed_count; i++)
        v->rows[v->changed[i]].changed = false;
    v->changed_count = 0;
}

static bool is_over(uint8_t state)
{
    return state == STATE_CLOSED || state == STATE_TIME_WAIT;
}

/* A row comes into the list, or leaves it, with what it adds to the totals. */
static void list_row(struct connections *v, struct connection *c, bool listed)
{
    uint64_t times = listed ? 1 : UINT64_MAX; /* sums wrap: so much is subtracted */
    for (int side = 0; side < SIDE_COUNT; side++) {
        v->total.segments[side] += times * c->segments[side];
        v->total.bytes[side] += times * c->bytes[side];
    }
    v->total.again += (uint32_t)times * c->again;
    v->open += times * (!is_over(c->state[0]) && !is_over(c->state[1]));
    c->listed = listed;
}

static void sort_all(struct connections *v)
{
    struct matcher m = {0};
    for (size_t i = 0; i < v->changed_count; i++)
        connections_refresh(v, v->changed[i]);
    v->total = (struct connection){.rtt_ns = -1};
    v->open = 0;
    v->shown = 0;
    for (uint32_t row = 0; row < v->count; row++) {
        v->rows[row].listed = false;
        if (matches(v, row, &m)) {
            xgrow(&v->order, &v->order_cap, v->shown, sizeof *v->order);
            v->order[v->shown++] = key_of(v, row);
            list_row(v, &v->rows[row], true);
        }
    }
    if (v->shown > 1)
        qsort(v->order, v->shown, sizeof *v->order, compare);
    text_free(&m.text);
}

/* What becomes of a row that changed: it may leave its place, and may have one to find. */
struct moves {
    size_t left, found;
};

static void move_row(struct connections *v, uint32_t row, bool was_listed, struct matcher *m,
                     struct moves *moves)
{
    struct connection *c = &v->rows[row];
    bool is_listed = matches(v, row, m);
    if (is_listed)
        list_row(v, c, true);
    if (was_listed && is_listed && column_types[v->column].settled) {
        c->changed = false; /* it stays where it is */
        return;
    }
    moves->left += was_listed;
    if (is_listed) {
        xgrow(&v->moved, &v->moved_cap, moves->found, sizeof *v->moved);
        v->moved[moves->found++] = key_of(v, row);
    }
}

/* Bring the rows that changed up to date, and sort those that have a place to find. */
static struct moves sort_changed(struct connections *v)
{
    struct matcher m = {0};
    struct moves moves = {0};
    for (size_t i = 0; i < v->changed_count; i++) {
        struct connection *c = &v->rows[v->changed[i]];
        bool was_listed = c->listed;
        if (was_listed)
            list_row(v, c, false);
        connections_refresh(v, v->changed[i]);
        move_row(v, v->changed[i], was_listed, &m, &moves);
    }
    if (moves.found > 1)
        qsort(v->moved, moves.found, sizeof *v->moved, compare);
    text_free(&m.text);
    return moves;
}

/* Take those that leave their places out of the order, and merge in those that found one. */
static void sort_again(struct connections *v)
{
    struct moves moves = sort_changed(v);
    size_t kept = moves.left > 0 ? 0 : v->shown, found = moves.found;
    for (size_t i = 0; i < v->shown && moves.left > 0; i++)
        if (!v->rows[v->order[i].row].changed)
            v->order[kept++] = v->order[i];
    for (size_t i = kept; i < kept + found; i++)
        xgrow(&v->order, &v->order_cap, i, sizeof *v->order);
    v->shown = kept + found;
    for (size_t at = v->shown; found > 0;) {
        bool old = kept > 0 && compare(&v->order[kept - 1], &v->moved[found - 1]) > 0;
        v->order[--at] = old ? v->order[--kept] : v->moved[--found];
    }
}

size_t connections_place(const struct connections *v, uint32_t row, size_t at)
{
    if (at < v->shown && v->order[at].row == row)
        return at;
    for (size_t i = 0; i < v->shown; i++)
        if (v->order[i].row == row)
            return i;
    return at;
}

/* The cursor stays with its connection, wherever that goes. */
static void find_cursor(struct connections *v)
{
    size_t n = v->shown;
    if (v->pin == PIN_FIRST)
        v->cursor = 0;
    else if (v->pin == PIN_LAST)
        v->cursor = n > 0 ? n - 1 : 0;
    else
        v->cursor = connections_place(v, v->selected, v->cursor);
    if (v->cursor >= n)
        v->cursor = n > 0 ? n - 1 : 0;
    v->selected = n > 0 ? v->order[v->cursor].row : TRACE_NONE;
}

void connections_arrange(struct connections *v)
{
    if (!v->reorder && v->changed_count == 0)
        return;
    if (v->reorder)
        sort_all(v);
    else
        sort_again(v);
    v->reorder = false;
    forget_changes(v);
    find_cursor(v);
}
