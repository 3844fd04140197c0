#include "labs/guide/prose.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"
#include "tracer/base/width.h"

#include <md4c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 8, INDENT = 4, COLS_LEAST = 8 };

/* A list or quotation that what is read stands in. */
struct container {
    MD_BLOCKTYPE type;
    unsigned number; /* of an ordered list: the next item's */
    bool tight;      /* no empty lines between its items */
};

struct writing {
    struct prose *prose;
    int cols;
    struct container in[DEPTH_MOST];
    int depth;
    struct text words, style; /* of the paragraph that is being read */
    struct text bullet;       /* stands before its first line */
    enum prose_style now;
    enum prose_style before[DEPTH_MOST]; /* spans around the present one */
    int spans;
    bool code, gap; /* an empty line is due */
};

/* ---- lines ---------------------------------------------------------------------------------- */

static struct prose_line *new_line(struct prose *p)
{
    xgrow(&p->line, &p->cap, p->count, sizeof *p->line);
    p->line[p->count] = (struct prose_line){0};
    return &p->line[p->count++];
}

static void add(struct prose_line *l, const char *s, size_t n, enum prose_style style)
{
    text_bytes(&l->words, s, n);
    text_repeat(&l->style, (char)style, n);
}

static struct prose_line *begin_line(struct writing *w)
{
    if (w->gap && w->prose->count > 0)
        new_line(w->prose);
    w->gap = false;
    struct prose_line *l = new_line(w->prose);
    int indent = 0;
    for (int i = 0; i < w->depth; i++)
        indent += w->in[i].type == MD_BLOCK_QUOTE ? 2 : w->in[i].type == MD_BLOCK_OL ? 3 : 2;
    int lead = indent - (int)w->bullet.len;
    for (int i = 0; i < lead; i++)
        add(l, " ", 1, PROSE_PLAIN);
    add(l, text_str(&w->bullet), w->bullet.len, PROSE_PLAIN);
    text_clear(&w->bullet);
    return l;
}

static void copy_styled(struct writing *w, struct prose_line *l, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        add(l, w->words.s + i, 1, (enum prose_style)w->style.s[i]);
}

/* Wrap what was read of a paragraph. */
static void end_paragraph(struct writing *w)
{
    size_t at = strspn(text_str(&w->words), " ");
    struct prose_line *l = NULL;
    bool begun = false; /* the line has something beside its margin */
    int used = 0;
    while (at < w->words.len) {
        int cols;
        size_t blanks = strspn(w->words.s + at, " ");
        size_t n = glyph_piece(w->words.s + at + blanks, w->words.len - at - blanks, &cols);
        int gap = begun && blanks > 0;
        if (!l || (begun && used + gap + cols > w->cols)) {
            l = begin_line(w);
            used = glyph_columns(l->words.s, l->words.len);
            gap = 0;
        }
        copy_styled(w, l, at + blanks - (size_t)gap, n + (size_t)gap);
        used += gap + cols;
        begun = true;
        at += blanks + n;
    }
    text_clear(&w->words);
    text_clear(&w->style);
}

/* A line of code is never wrapped. */
static void end_code_line(struct writing *w)
{
    struct prose_line *l = begin_line(w);
    if (w->words.len > 0)
        add(l, "    ", INDENT, PROSE_PLAIN);
    copy_styled(w, l, 0, w->words.len);
    text_clear(&w->words);
    text_clear(&w->style);
}

/* ---- what md4c tells ------------------------------------------------------------------------- */

static struct container container_of(MD_BLOCKTYPE type, const void *detail)
{
    const MD_BLOCK_UL_DETAIL *ul = detail;
    const MD_BLOCK_OL_DETAIL *ol = detail;
    return (struct container){
        .type = type,
        .number = type == MD_BLOCK_OL ? ol->start : 0,
        .tight = type == MD_BLOCK_OL ? ol->is_tight : type == MD_BLOCK_UL && ul->is_tight,
    };
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct writing *w = data;
    switch (type) {
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        end_paragraph(w);
        if (w->depth == DEPTH_MOST)
            return 1;
        w->in[w->depth++] = container_of(type, detail);
        break;
    case MD_BLOCK_LI:
        text_clear(&w->bullet);
        if (w->in[w->depth - 1].type == MD_BLOCK_OL)
            text_format(&w->bullet, "%u. ", w->in[w->depth - 1].number++ % 100);
        else
            text_add(&w->bullet, "- ");
        break;
    case MD_BLOCK_H: w->now = PROSE_HEADING; break;
    case MD_BLOCK_CODE:
        w->code = true;
        w->now = PROSE_CODE;
        break;
    default: break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct writing *w = data;
    (void)detail;
    if (type == MD_BLOCK_CODE) {
        if (w->words.len > 0)
            end_code_line(w);
        w->code = false;
    } else {
        end_paragraph(w);
    }
    if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        w->depth--;
    w->gap |= w->depth == 0 || !w->in[w->depth - 1].tight;
    if (type == MD_BLOCK_H || type == MD_BLOCK_CODE)
        w->now = PROSE_PLAIN;
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct writing *w = data;
    (void)detail;
    if (w->spans < DEPTH_MOST)
        w->before[w->spans] = w->now;
    w->spans++;
    if (type == MD_SPAN_CODE)
        w->now = PROSE_CODE;
    else if (type == MD_SPAN_STRONG)
        w->now = PROSE_STRONG;
    else if (type == MD_SPAN_EM)
        w->now = PROSE_EMPHASIS;
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *data)
{
    struct writing *w = data;
    (void)type, (void)detail;
    w->spans--;
    if (w->spans < DEPTH_MOST)
        w->now = w->before[w->spans];
    return 0;
}

static void put(struct writing *w, const char *s, size_t n)
{
    size_t before = w->words.len;
    char *copy = xstrndup(s, n);
    text_safe_escaped(&w->words, copy);
    free(copy);
    text_repeat(&w->style, (char)w->now, w->words.len - before);
}

/* Chinese has no blank where a line of the paper ends. */
static bool ends_wide(const struct text *t)
{
    uint32_t c = 0;
    size_t from = t->len;
    while (from > 0 && ((uint8_t)t->s[--from] & 0xc0) == 0x80)
        ;
    return utf8_read((const uint8_t *)text_str(t) + from, t->len - from, &c) > 0 &&
           glyph_width(c) == 2;
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *data)
{
    struct writing *w = data;
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        if (type == MD_TEXT_BR)
            end_paragraph(w);
        else if (!ends_wide(&w->words))
            put(w, " ", 1);
        return 0;
    }
    for (size_t at = 0; at < n;) {
        const char *end = memchr(s + at, '\n', n - at);
        size_t length = end ? (size_t)(end - s) - at : n - at;
        put(w, s + at, length);
        if (end && w->code)
            end_code_line(w);
        else if (end)
            put(w, " ", 1);
        at += length + (end != NULL);
    }
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------ */

void prose_add(struct prose *p, const char *markdown, int cols, bool apart)
{
    const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = take_text,
    };
    struct writing w = {.prose = p, .cols = cols < COLS_LEAST ? COLS_LEAST : cols, .gap = apart};
    md_parse(markdown, (MD_SIZE)strlen(markdown), &parser, &w);
    text_free(&w.words);
    text_free(&w.style);
    text_free(&w.bullet);
}

void prose_free(struct prose *p)
{
    for (size_t i = 0; i < p->count; i++) {
        text_free(&p->line[i].words);
        text_free(&p->line[i].style);
    }
    free(p->line);
    *p = (struct prose){0};
}

void prose_text(const struct prose *p, int margin, struct text *out)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->line[i].words.len > 0)
            text_repeat(out, ' ', (size_t)margin);
        text_add(out, text_str(&p->line[i].words));
        text_char(out, '\n');
    }
}
