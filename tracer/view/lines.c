#include "tracer/view/lines.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/base/words.h"
#include "tracer/view/glyph.h"

#include <stdlib.h>
#include <string.h>

void lines_add(struct lines *l, const char *lead, const char *body, enum role role)
{
    xgrow(&l->line, &l->cap, l->count, sizeof *l->line);
    l->line[l->count++] = (struct line){
        .lead = lead ? xstrdup(_(lead)) : NULL,
        .body = xstrdup(body),
        .role = role,
    };
}

void lines_remark(struct lines *l, const char *remark)
{
    struct line *last = &l->line[l->count - 1];
    free(last->remark);
    last->remark = xstrdup(remark);
}

void lines_free(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->line[i].lead);
        free(l->line[i].body);
        free(l->line[i].remark);
    }
    free(l->line);
    *l = (struct lines){.lead_cols = l->lead_cols};
}

/* Bytes of `s` that stand on one line of `cols` columns: up to a blank or a wide glyph, or as many
 * as fit. */
static size_t fold(const char *s, int cols)
{
    size_t at = 0, end = 0;
    int used = 0;
    bool wide = false, opened = false;
    while (s[at]) {
        uint32_t v = GLYPH_UNKNOWN;
        size_t n = utf8_read((const uint8_t *)s + at, strnlen(s + at, 4), &v);
        n = n > 0 ? n : 1;
        bool beside = wide || glyph_width(v) == 2;
        wide = glyph_width(v) == 2;
        if (at > 0 && beside && s[at] != ' ' && !opened && !glyph_closes(v))
            end = at;
        opened = glyph_opens(v);
        used += glyph_width(v);
        if (used > cols)
            return end > 0 ? end : at > 0 ? at : n;
        if (at > 0 && s[at] == ' ')
            end = at;
        at += n;
    }
    return at;
}

/* Where the next words go: `row` screen lines from the top, `col` columns from the indent. */
struct pen {
    struct grid *g;
    struct area a; /* the indent is its left edge */
    int row, col;
};

enum { LEAST_PART = 12 }; /* columns that are worth beginning a sentence in */

static void write_part(struct pen *pen, const char *s, size_t n, enum role role)
{
    char *part = xstrndup(s, n);
    if (pen->row >= 0 && pen->row < pen->a.rows)
        grid_write(pen->g, pen->a.row + pen->row, pen->a.col + pen->col, pen->a.cols - pen->col,
                   part, role);
    pen->col += grid_width_of(part);
    free(part);
}

static void write_folded(struct pen *pen, const char *s, enum role role)
{
    for (bool first = true; *s || first; first = false) {
        if (!first || (pen->col > 0 && pen->a.cols - pen->col < LEAST_PART)) {
            pen->row++;
            pen->col = 0;
        }
        size_t n = fold(s, pen->a.cols - pen->col > 0 ? pen->a.cols - pen->col : 1);
        write_part(pen, s, n, role);
        s += n;
        while (*s == ' ')
            s++;
        if (!*s)
            return;
    }
}

/* Draw one line, folded, `row` screen lines from the top of `a`; returns how many it took. */
static int draw_line(const struct line *line, int lead_cols, int row, struct grid *g, struct area a)
{
    int indent = line->lead ? lead_cols : 0;
    if (line->lead && row >= 0 && row < a.rows)
        grid_write(g, a.row + row, a.col, lead_cols - 1, line->lead, ROLE_HEADING);
    a.col += indent;
    a.cols -= indent;
    struct pen pen = {.g = g, .a = a, .row = row};
    write_folded(&pen, line->body, line->role);
    if (line->remark) {
        pen.col += pen.col > 0 ? 2 : 0;
        write_folded(&pen, line->remark, ROLE_DIM);
    }
    return pen.row + 1 - row;
}

int lines_draw(const struct lines *l, int skip, struct grid *g, struct area a)
{
    int row = -skip;
    for (size_t i = 0; i < l->count; i++)
        row += draw_line(&l->line[i], l->lead_cols, row, g, a);
    return row + skip;
}
