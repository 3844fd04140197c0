/* The drawing of 80 columns, as the tables say it:
 *
 *  any state ── RST, given up ──▶[     CLOSED     ]──────── snd SYN ────────┐
 *                                       ▼ listen()                         │
 *     ┌──────── snd SYN-ACK ─────[     LISTEN     ]──── snd SYN ────┐       │
 *     ▼                                                             ▼       ▼
 *  [  SYN-RECEIVED  ]◀────────────────── rcv SYN ─────────────[    SYN-SENT    ]
 *     │           │ rcv ACK of SYN                  rcv SYN-ACK │
 *     │ snd FIN   └────────────▶[  ESTABLISHED   ]◀─────────────┘
 *     │         ┌──── snd FIN ──────┘        └──── rcv FIN ─────┐
 *     ▼         ▼                                               ▼
 *  [   FIN-WAIT-1   ]──── rcv FIN ──────┐                     [   CLOSE-WAIT   ]
 *         │ rcv ACK of FIN              ▼                       │ snd FIN
 *         ▼                      [    CLOSING     ]             ▼
 *  [   FIN-WAIT-2   ]                   │                     [    LAST-ACK    ]
 *         │                             ▼ rcv ACK of FIN        ▼ rcv ACK of FIN
 *         └──────── rcv FIN ────▶[   TIME-WAIT    ]─ 2MSL over ▶[     CLOSED     ]
 */
#include "tracer/view/diagram.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"

#include <ctype.h>

/* Where boxes of the three columns begin, and the paths that lead down the left and the right. */
enum { LEFT = 1, MIDDLE = 31, RIGHT = 61 };

const struct diagram_box diagram_boxes[] = {
    {STATE_CLOSED, MIDDLE, 0},    {STATE_LISTEN, MIDDLE, 2},      {STATE_SYN_RECEIVED, LEFT, 4},
    {STATE_SYN_SENT, RIGHT, 4},   {STATE_ESTABLISHED, MIDDLE, 6}, {STATE_FIN_WAIT_1, LEFT, 9},
    {STATE_CLOSE_WAIT, RIGHT, 9}, {STATE_CLOSING, MIDDLE, 11},    {STATE_FIN_WAIT_2, LEFT, 12},
    {STATE_LAST_ACK, RIGHT, 12},  {STATE_TIME_WAIT, MIDDLE, 14},  {PLACE_CLOSED_AGAIN, RIGHT, 14},
};
const size_t diagram_box_count = sizeof diagram_boxes / sizeof diagram_boxes[0];

/* A reset, or a timer that gives up, leads to CLOSED from wherever an end is. */
const struct diagram_edge diagram_edges[] = {
    {STATE_CLOSED, EVENT_CALL_LISTEN, STATE_LISTEN, "listen()", {39, 1}, 2, 2, {{39, 0}, {39, 2}}},
    {STATE_CLOSED,
     EVENT_SENT_SYN,
     STATE_SYN_SENT,
     "snd SYN",
     {61, 0},
     0,
     3,
     {{48, 0}, {74, 0}, {74, 4}}},
    {STATE_LISTEN,
     EVENT_SENT_SYN_ACK,
     STATE_SYN_RECEIVED,
     "snd SYN-ACK",
     {18, 2},
     0,
     3,
     {{31, 2}, {4, 2}, {4, 4}}},
    {STATE_LISTEN,
     EVENT_SENT_SYN,
     STATE_SYN_SENT,
     "snd SYN",
     {57, 2},
     0,
     3,
     {{48, 2}, {66, 2}, {66, 4}}},
    {STATE_SYN_SENT,
     EVENT_RECEIVED_SYN,
     STATE_SYN_RECEIVED,
     "rcv SYN",
     {39, 4},
     0,
     2,
     {{61, 4}, {18, 4}}},
    {STATE_SYN_RECEIVED,
     EVENT_RECEIVED_ACK_OF_SYN,
     STATE_ESTABLISHED,
     "rcv ACK of SYN",
     {15, 5},
     2,
     3,
     {{15, 4}, {15, 6}, {31, 6}}},
    {STATE_SYN_SENT,
     EVENT_RECEIVED_SYN_ACK,
     STATE_ESTABLISHED,
     "rcv SYN-ACK",
     {66, 5},
     -2,
     3,
     {{66, 4}, {66, 6}, {48, 6}}},
    {STATE_SYN_RECEIVED,
     EVENT_SENT_FIN,
     STATE_FIN_WAIT_1,
     "snd FIN",
     {4, 6},
     2,
     2,
     {{4, 4}, {4, 9}}},
    {STATE_ESTABLISHED,
     EVENT_SENT_FIN,
     STATE_FIN_WAIT_1,
     "snd FIN",
     {25, 7},
     0,
     4,
     {{35, 6}, {35, 7}, {15, 7}, {15, 9}}},
    {STATE_ESTABLISHED,
     EVENT_RECEIVED_FIN,
     STATE_CLOSE_WAIT,
     "rcv FIN",
     {54, 7},
     0,
     4,
     {{44, 6}, {44, 7}, {64, 7}, {64, 9}}},
    {STATE_FIN_WAIT_1,
     EVENT_RECEIVED_ACK_OF_FIN,
     STATE_FIN_WAIT_2,
     "rcv ACK of FIN",
     {9, 10},
     2,
     2,
     {{9, 9}, {9, 12}}},
    {STATE_FIN_WAIT_1,
     EVENT_RECEIVED_FIN,
     STATE_CLOSING,
     "rcv FIN",
     {28, 9},
     0,
     3,
     {{18, 9}, {39, 9}, {39, 11}}},
    {STATE_FIN_WAIT_2,
     EVENT_RECEIVED_FIN,
     STATE_TIME_WAIT,
     "rcv FIN",
     {19, 14},
     0,
     3,
     {{9, 12}, {9, 14}, {31, 14}}},
    {STATE_CLOSING,
     EVENT_RECEIVED_ACK_OF_FIN,
     STATE_TIME_WAIT,
     "rcv ACK of FIN",
     {39, 13},
     2,
     2,
     {{39, 11}, {39, 14}}},
    {STATE_CLOSE_WAIT,
     EVENT_SENT_FIN,
     STATE_LAST_ACK,
     "snd FIN",
     {64, 10},
     2,
     2,
     {{64, 9}, {64, 12}}},
    {STATE_LAST_ACK,
     EVENT_RECEIVED_ACK_OF_FIN,
     PLACE_CLOSED_AGAIN,
     "rcv ACK of FIN",
     {64, 13},
     2,
     2,
     {{64, 12}, {64, 14}}},
    {STATE_TIME_WAIT,
     EVENT_TIMER,
     PLACE_CLOSED_AGAIN,
     "2MSL",
     {54, 14},
     0,
     2,
     {{48, 14}, {61, 14}}},
    {DIAGRAM_ANY, EVENT_SENT_RST, STATE_CLOSED, "RST, given up", {20, 0}, 0, 2, {{11, 0}, {31, 0}}},
};
const size_t diagram_edge_count = sizeof diagram_edges / sizeof diagram_edges[0];

int diagram_edge_of(enum tcp_state from, enum tcp_event event)
{
    const struct tcp_transition *row = tcp_transition(from, event);
    int last = (int)diagram_edge_count - 1;
    for (int i = 0; i < last; i++)
        if (diagram_edges[i].from == from && diagram_edges[i].event == event)
            return i;
    return row && row->to == STATE_CLOSED ? last : -1;
}

/* ---- sizes ------------------------------------------------------------------------------ */

enum { TABLE_ROWS = 15, HIGH_ROWS = 29, MOST_COLS = 120, LIST_ROWS = 4, HIGH_LIST_ROWS = 7 };

/* The rows of the high drawing, in which boxes are three rows high, for those of the table. */
static const int high[TABLE_ROWS] = {1, 3, 5, 7, 9, 11, 13, 15, 16, 18, 20, 23, 23, 25, 27};

int diagram_rows(struct area room)
{
    if (room.cols < DIAGRAM_COLS || room.rows < TABLE_ROWS + LIST_ROWS)
        return 0;
    return room.rows < HIGH_ROWS + HIGH_LIST_ROWS ? TABLE_ROWS : HIGH_ROWS;
}

struct canvas {
    const struct diagram_marks *m;
    struct grid *g;
    struct area a;
    bool is_high;
    int cols; /* of the drawing, which stands in the middle of the area */
};

static struct diagram_point place_point(const struct canvas *c, struct diagram_point p)
{
    return (struct diagram_point){
        c->a.col + (c->a.cols - c->cols) / 2 + p.x * c->cols / DIAGRAM_COLS,
        c->a.row + (c->is_high ? high[p.y] : p.y),
    };
}

static struct area place_box(const struct canvas *c, const struct diagram_box *b)
{
    struct diagram_point at = place_point(c, (struct diagram_point){b->x, b->y});
    struct diagram_point end =
        place_point(c, (struct diagram_point){b->x + DIAGRAM_BOX_COLS, b->y});
    return c->is_high ? (struct area){at.y - 1, at.x, 3, end.x - at.x}
                      : (struct area){at.y, at.x, 1, end.x - at.x};
}

static struct area box_area(const struct canvas *c, unsigned place)
{
    for (size_t i = 0; i < diagram_box_count; i++)
        if (diagram_boxes[i].place == place)
            return place_box(c, &diagram_boxes[i]);
    return (struct area){0};
}

static bool is_within(struct area a, struct diagram_point p)
{
    return p.x >= a.col && p.x < a.col + a.cols && p.y >= a.row && p.y < a.row + a.rows;
}

/* ---- edges ------------------------------------------------------------------------------ */

enum { NORTH = 1, EAST = 2, SOUTH = 4, WEST = 8 };

static struct diagram_point step(struct diagram_point p, int direction)
{
    p.x += direction == EAST ? 1 : direction == WEST ? -1 : 0;
    p.y += direction == SOUTH ? 1 : direction == NORTH ? -1 : 0;
    return p;
}

static int direction_of(struct diagram_point from, struct diagram_point to)
{
    if (from.y != to.y)
        return to.y > from.y ? SOUTH : NORTH;
    return to.x > from.x ? EAST : WEST;
}

static uint32_t head_glyph(int direction)
{
    return direction == EAST    ? GLYPH_HEAD_RIGHT
           : direction == WEST  ? GLYPH_HEAD_LEFT
           : direction == SOUTH ? GLYPH_HEAD_DOWN
                                : GLYPH_HEAD_UP;
}

/* The line through a cell that is entered in one direction and left in another. */
static uint32_t line_glyph(int in, int out, bool lit)
{
    static const uint32_t glyphs[16][2] = {
        [EAST | WEST] = {GLYPH_ACROSS, GLYPH_LIT_ACROSS},
        [NORTH | SOUTH] = {GLYPH_DOWN, GLYPH_LIT_DOWN},
        [SOUTH | WEST] = {GLYPH_ENTER_LEFT, GLYPH_LIT_ENTER_LEFT},
        [NORTH | WEST] = {GLYPH_EXIT_LEFT, GLYPH_LIT_EXIT_LEFT},
        [SOUTH | EAST] = {GLYPH_ENTER_RIGHT, GLYPH_LIT_ENTER_RIGHT},
        [NORTH | EAST] = {GLYPH_EXIT_RIGHT, GLYPH_LIT_EXIT_RIGHT},
    };
    static const int opposite[9] = {[NORTH] = SOUTH, [EAST] = WEST, [SOUTH] = NORTH, [WEST] = EAST};
    return glyphs[opposite[in] | out][lit];
}

static enum role role_of_end(int end)
{
    return end == 0 ? ROLE_HOST_C : ROLE_HOST_S;
}

static enum role edge_role(const struct diagram_marks *m, int edge)
{
    if (edge == m->lit)
        return role_of_end(m->lit_end);
    return m->walked >> edge & 1 ? ROLE_NORMAL : ROLE_DIM;
}

static void draw_path(const struct canvas *c, int edge)
{
    const struct diagram_edge *e = &diagram_edges[edge];
    struct area from = e->from == DIAGRAM_ANY ? (struct area){0} : box_area(c, e->from);
    struct area to = box_area(c, e->to);
    enum role role = edge_role(c->m, edge);
    struct diagram_point at = place_point(c, e->path[0]);
    int in = 0;
    for (int i = 1; i < e->points; i++) {
        struct diagram_point end = place_point(c, e->path[i]);
        int out = direction_of(at, end);
        for (; at.x != end.x || at.y != end.y; at = step(at, out), in = out) {
            if (is_within(from, at) || is_within(to, at))
                continue;
            bool last = is_within(to, step(at, out));
            uint32_t line = line_glyph(in ? in : out, out, edge == c->m->lit);
            grid_put(c->g, at.y, at.x, last ? head_glyph(out) : line, role);
        }
    }
}

/* The edge last taken has its label in capitals, as the ends' letters are: a sign where there is
 * no colour, and where the edge is no longer than its head. */
static void label_words(const struct canvas *c, int edge, struct text *out)
{
    for (const char *p = diagram_edges[edge].label; *p; p++)
        text_char(out, edge == c->m->lit ? (char)toupper((unsigned char)*p) : *p);
}

static void draw_label(const struct canvas *c, int edge)
{
    const struct diagram_edge *e = &diagram_edges[edge];
    struct diagram_point at = place_point(c, e->label_at);
    struct text words = {0};
    label_words(c, edge, &words);
    int n = grid_width_of(text_str(&words)), shift = e->label_shift;
    int col = at.x + (shift > 0 ? shift : shift < 0 ? shift + 1 - n : -n / 2);
    enum role role = edge_role(c->m, edge);
    if (shift == 0) { /* in the line: a blank on either side */
        grid_put(c->g, at.y, col - 1, ' ', role);
        grid_put(c->g, at.y, col + n, ' ', role);
    }
    grid_write(c->g, at.y, col, n, text_str(&words), role);
    text_free(&words);
}

/* ---- boxes ------------------------------------------------------------------------------ */

static enum role box_role(const struct diagram_marks *m, unsigned place)
{
    if (m->now[0] == place || m->now[1] == place)
        return ROLE_STATE;
    return m->been[0][place] || m->been[1][place] ? ROLE_NORMAL : ROLE_DIM;
}

static void draw_frame(const struct canvas *c, struct area a, bool lit, enum role role)
{
    int right = a.col + a.cols - 1, below = a.row + a.rows - 1;
    if (!c->is_high) {
        grid_put(c->g, a.row, a.col, '[', role);
        grid_put(c->g, a.row, right, ']', role);
        return;
    }
    grid_across(c->g, a.row, a.col, a.cols, line_glyph(EAST, EAST, lit), role);
    grid_across(c->g, below, a.col, a.cols, line_glyph(EAST, EAST, lit), role);
    grid_down(c->g, a.row, a.col, a.rows, line_glyph(SOUTH, SOUTH, lit), role);
    grid_down(c->g, a.row, right, a.rows, line_glyph(SOUTH, SOUTH, lit), role);
    grid_put(c->g, a.row, a.col, line_glyph(NORTH, EAST, lit), role);
    grid_put(c->g, a.row, right, line_glyph(EAST, SOUTH, lit), role);
    grid_put(c->g, below, a.col, line_glyph(SOUTH, EAST, lit), role);
    grid_put(c->g, below, right, line_glyph(EAST, NORTH, lit), role);
}

/* The letter of an end: large where it is, small where it was. */
static void draw_token(const struct canvas *c, int end, unsigned place, int row, int col)
{
    char sign = c->m->sign[end];
    if (c->m->now[end] == place)
        grid_put(c->g, row, col, (uint32_t)(unsigned char)sign, role_of_end(end));
    else if (c->m->been[end][place])
        grid_put(c->g, row, col, (uint32_t)tolower((unsigned char)sign), role_of_end(end));
}

static void draw_box(const struct canvas *c, const struct diagram_box *b)
{
    struct area a = place_box(c, b);
    enum role role = box_role(c->m, b->place);
    const char *name =
        tcp_state_name(b->place == PLACE_CLOSED_AGAIN ? STATE_CLOSED : (enum tcp_state)b->place);
    int n = grid_width_of(name), row = a.row + a.rows / 2;
    draw_frame(c, a, role == ROLE_STATE, role);
    grid_write(c->g, row, a.col + (a.cols - n) / 2, n, name, role);
    draw_token(c, 0, b->place, row, a.col + 1 + c->is_high);
    draw_token(c, 1, b->place, row, a.col + a.cols - 2 - c->is_high);
}

static void draw_legend(const struct canvas *c)
{
    const char *sign = c->m->sign;
    int any = (int)diagram_edge_count - 1;
    struct diagram_point at = place_point(c, diagram_edges[any].path[0]);
    grid_write(c->g, at.y, at.x - 10, 9, _("any state"), edge_role(c->m, any));
    at = place_point(c, (struct diagram_point){LEFT, 1});
    struct text t = {0};
    text_format(&t, _("%c %c here now, %c %c before"), sign[0], sign[1],
                tolower((unsigned char)sign[0]), tolower((unsigned char)sign[1]));
    grid_write(c->g, at.y, at.x, 28, text_str(&t), ROLE_DIM);
    text_free(&t);
}

void diagram_draw(const struct diagram_marks *m, struct grid *g, struct area a)
{
    struct canvas c = {m, g, a, a.rows >= HIGH_ROWS, a.cols < MOST_COLS ? a.cols : MOST_COLS};
    draw_legend(&c);
    for (int i = 0; i < (int)diagram_edge_count; i++) {
        draw_path(&c, i);
        draw_label(&c, i);
    }
    for (size_t i = 0; i < diagram_box_count; i++)
        draw_box(&c, &diagram_boxes[i]);
}
