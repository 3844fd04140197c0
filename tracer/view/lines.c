#include "tracer/view/lines.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/view/glyph.h"

#include <stdlib.h>
#include <string.h>

void lines_add(struct lines *l, const char *lead, const char *body, enum role role)
{
    xgrow(&l->line, &l->cap, l->count, sizeof *l->line);
    l->line[l->count++] = (struct line){
        .lead = lead ? xstrdup(lead) : NULL,
        .body = xstrdup(body),
        .role = role,
    };
}

void lines_free(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->line[i].lead);
        free(l->line[i].body);
    }
    free(l->line);
    *l = (struct lines){.lead_cols = l->lead_cols};
}

/* Bytes of `s` that stand on one line of `cols` columns: up to a blank, or as many as fit. */
static size_t fold(const char *s, int cols)
{
    size_t at = 0, blank = 0;
    int used = 0;
    while (s[at]) {
        uint32_t v = GLYPH_UNKNOWN;
        size_t n = utf8_read((const uint8_t *)s + at, strnlen(s + at, 4), &v);
        n = n > 0 ? n : 1;
        used += glyph_width(v);
        if (used > cols)
            return blank > 0 ? blank : at > 0 ? at : n;
        if (s[at] == ' ' && at > 0)
            blank = at;
        at += n;
    }
    return at;
}

/* Draw one line, folded, `row` screen lines from the top of `a`; returns how many it took. */
static int draw_line(const struct line *line, int lead_cols, int row, struct grid *g, struct area a)
{
    int indent = line->lead ? lead_cols : 0, taken = 0;
    int cols = a.cols - indent > 0 ? a.cols - indent : 1;
    const char *s = line->body;
    do {
        size_t n = fold(s, cols);
        if (row + taken >= 0 && row + taken < a.rows) {
            char *part = xstrndup(s, n);
            if (line->lead && taken == 0)
                grid_write(g, a.row + row, a.col, lead_cols - 1, line->lead, ROLE_HEADING);
            grid_write(g, a.row + row + taken, a.col + indent, cols, part, line->role);
            free(part);
        }
        s += n;
        while (*s == ' ')
            s++;
        taken++;
    } while (*s);
    return taken;
}

int lines_draw(const struct lines *l, int skip, struct grid *g, struct area a)
{
    int row = -skip;
    for (size_t i = 0; i < l->count; i++)
        row += draw_line(&l->line[i], l->lead_cols, row, g, a);
    return row + skip;
}
