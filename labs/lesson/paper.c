#include "labs/lesson/paper.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <ctype.h>
#include <md4c.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Markdown's blocks are found by md4c. Those fenced blocks of the outermost level that are named as
 * in the table of parts are ours; everything between them is prose, kept as it was written. */

/* A fenced block of ours: where it stands in the text, and its lines. */
struct fenced {
    enum part_kind kind;
    size_t from, to; /* bytes of the text: from its fence's line, to behind the closing one */
    struct text body;
    bool closed;
};

struct reading {
    const char *text;
    size_t length;
    int depth;     /* of lists and quotations */
    bool inside;   /* a block of ours: the last of them */
    size_t behind; /* what was last told of that block */
    struct fenced *blocks;
    size_t count, cap;
};

char *lesson_trimmed(const char *s, size_t n)
{
    while (n > 0 && isspace((unsigned char)s[0]))
        s++, n--;
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return xstrndup(s, n);
}

/* ---- finding the blocks --------------------------------------------------------------------- */

static bool is_container(MD_BLOCKTYPE type)
{
    return type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL ||
           type == MD_BLOCK_LI;
}

static size_t line_begin(const struct reading *r, size_t at)
{
    while (at > 0 && r->text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct reading *r, size_t at)
{
    const char *end = at < r->length ? memchr(r->text + at, '\n', r->length - at) : NULL;
    return end ? (size_t)(end - r->text) + 1 : r->length;
}

static void begin_block(struct reading *r, const MD_BLOCK_CODE_DETAIL *code)
{
    if (code->fence_char == '\0' || !code->lang.text || r->depth > 0)
        return;
    for (int k = PART_PROSE + 1; k < PART_KIND_COUNT; k++) {
        const char *name = part_name((enum part_kind)k);
        if (strlen(name) != code->lang.size || strncmp(name, code->lang.text, code->lang.size) != 0)
            continue;
        size_t at = (size_t)(code->lang.text - r->text); /* md4c points into the text */
        xgrow(&r->blocks, &r->cap, r->count, sizeof *r->blocks);
        r->blocks[r->count++] =
            (struct fenced){.kind = (enum part_kind)k, .from = line_begin(r, at)};
        r->behind = line_end(r, at);
        r->inside = true;
    }
}

/* The line of the closing fence comes behind what was told of the block, and perhaps empty lines.
 */
static void end_block(struct reading *r)
{
    struct fenced *b = &r->blocks[r->count - 1];
    for (size_t at = r->behind; at < r->length && !b->closed; at = line_end(r, at)) {
        size_t mark = at + strspn(r->text + at, " ");
        b->closed =
            strncmp(r->text + mark, "```", 3) == 0 || strncmp(r->text + mark, "~~~", 3) == 0;
        b->to = line_end(r, at);
        if (!b->closed && r->text[mark] != '\n' && r->text[mark] != '\r')
            break;
    }
    if (!b->closed)
        b->to = r->length;
    r->inside = false;
}

static int enter(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct reading *r = data;
    r->depth += is_container(type);
    if (type == MD_BLOCK_CODE)
        begin_block(r, detail);
    return 0;
}

static int leave(MD_BLOCKTYPE type, void *detail, void *data)
{
    struct reading *r = data;
    (void)detail;
    r->depth -= is_container(type);
    if (type == MD_BLOCK_CODE && r->inside)
        end_block(r);
    return 0;
}

static int ignore_span(MD_SPANTYPE type, void *detail, void *data)
{
    (void)type, (void)detail, (void)data;
    return 0;
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *data)
{
    struct reading *r = data;
    (void)type;
    if (!r->inside)
        return 0;
    text_bytes(&r->blocks[r->count - 1].body, s, n);
    if (s >= r->text && s < r->text + r->length && n > 0)
        r->behind = line_end(r, (size_t)(s - r->text));
    return 0;
}

static void find_blocks(struct reading *r)
{
    const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_TABLES,
        .enter_block = enter,
        .leave_block = leave,
        .enter_span = ignore_span,
        .leave_span = ignore_span,
        .text = take_text,
    };
    md_parse(r->text, (MD_SIZE)r->length, &parser, r);
}

/* ---- what stands in them -------------------------------------------------------------------- */

static int fault_at(const struct select_fault *f, const struct place *at)
{
    return error_set(at->e, "%s:%u: %s", at->path, at->line + (unsigned)f->line - 1, f->text);
}

static int take_until(const char *line, struct part *p, const struct place *at)
{
    struct step *step = &p->step;
    static const char word[] = "until ";
    struct select_fault fault = {0};
    if (strncmp(line, word, sizeof word - 1) != 0)
        return error_set(at->e,
                         "%s:%u: a step goes on until something happens: write `until C enters "
                         "connect()`, `until S > C [S.]`, `until the end`.",
                         at->path, at->line);
    struct until u = {.line = (int)at->line};
    if (strcmp(line + sizeof word - 1, "the end") != 0) {
        u.event = selector_parse(line + sizeof word - 1, &fault);
        if (!u.event)
            return error_set(at->e, "%s:%u: %s", at->path, at->line, fault.text);
    }
    step->at = xreallocarray(step->at, step->count + 1, sizeof *step->at);
    step->at[step->count++] = u;
    return 0;
}

/* Take each line of a block that says something. */
static int take_lines(struct part *p,
                      int (*take)(const char *line, struct part *p, const struct place *at),
                      const struct place *at)
{
    struct place here = *at;
    int result = 0;
    for (const char *s = p->text; *s && result == 0; here.line++) {
        size_t n = strcspn(s, "\n");
        char *line = lesson_trimmed(s, n);
        if (line[0] != '\0' && line[0] != '#')
            result = take(line, p, &here);
        free(line);
        s += n + (s[n] == '\n');
    }
    return result;
}

static int take_step(struct part *p, struct lesson *l, const struct place *at)
{
    (void)l;
    if (take_lines(p, take_until, at) != 0)
        return -1;
    return p->step.count > 0
               ? 0
               : error_set(at->e,
                           "%s:%u: this step says nothing: write `until C enters connect()`.",
                           at->path, at->line - 1);
}

static int take_ask(struct part *p, struct lesson *l, const struct place *at)
{
    (void)l;
    return lesson_ask(p->text, &p->ask, at);
}

static int take_run_line(const char *line, struct part *p, const struct place *at)
{
    if ((line[0] != 'C' && line[0] != 'S') || line[1] != ':' ||
        strspn(line + 2, " ") == strlen(line + 2))
        return error_set(at->e,
                         "%s:%u: a run block starts programs on hosts: write `C: ./client S 9502`.",
                         at->path, at->line);
    p->runs = xreallocarray(p->runs, p->run_count + 1, sizeof *p->runs);
    p->runs[p->run_count++] = (struct run_line){
        .host = line[0],
        .command = lesson_trimmed(line + 2, strlen(line + 2)),
        .line = (int)at->line,
    };
    return 0;
}

/* Whether the lab's steps have come to its end already. */
static bool is_at_end(const struct lesson *l)
{
    bool end = false;
    for (size_t i = 0; i < l->part_count; i++)
        for (size_t k = 0; k < l->parts[i].step.count; k++)
            end = end || !l->parts[i].step.at[k].event;
    return end;
}

static int take_run(struct part *p, struct lesson *l, const struct place *at)
{
    if (is_at_end(l))
        return error_set(at->e,
                         "%s:%u: this run block stands behind `until the end`: nothing is started "
                         "then any more.",
                         at->path, at->line - 1);
    if (take_lines(p, take_run_line, at) != 0)
        return -1;
    for (size_t i = 0; i < p->run_count; i++)
        if (!l->programs[p->runs[i].host == 'S'])
            return error_set(at->e,
                             "%s:%d: host %c runs nothing yet that could be followed by this.",
                             at->path, p->runs[i].line, p->runs[i].host);
    return p->run_count > 0
               ? 0
               : error_set(at->e,
                           "%s:%u: this run block starts nothing: write `C: ./client S 9502`.",
                           at->path, at->line - 1);
}

/* Rules of all blocks make one list. Each keeps the line that it has in the paper. */
static int take_wire(struct part *p, struct lesson *l, const struct place *at)
{
    struct select_fault fault = {0};
    if (strspn(p->text, " \n\r\t") == strlen(p->text))
        return error_set(at->e, "%s:%u: this wire block has no rule: drop C > S data 3.", at->path,
                         at->line - 1);
    struct rules *found = rules_parse(p->text, strlen(p->text), &fault);
    if (!found)
        return fault_at(&fault, at);
    for (size_t i = 0; i < found->count; i++)
        found->at[i].line += (int)at->line - 1;
    if (!l->wire) {
        l->wire = found;
        return 0;
    }
    for (size_t i = 0; i < found->count; i++) {
        xgrow(&l->wire->at, &l->wire->cap, l->wire->count, sizeof *l->wire->at);
        l->wire->at[l->wire->count++] = found->at[i];
    }
    found->count = 0; /* they live on in the other list */
    rules_free(found);
    return 0;
}

static int take_expect(struct part *p, struct lesson *l, const struct place *at)
{
    struct select_fault fault = {0};
    (void)l;
    p->expect = expectations_parse(p->text, strlen(p->text), &fault);
    if (!p->expect)
        return fault_at(&fault, at);
    if (expectations_count(p->expect) == 0)
        return error_set(at->e, "%s:%u: this expect block expects nothing.", at->path,
                         at->line - 1);
    return 0;
}

static const struct {
    const char *name;
    int (*take)(struct part *p, struct lesson *l, const struct place *at); /* the first line's */
} kinds[PART_KIND_COUNT] = {
    [PART_STEP] = {"step", take_step},       [PART_ASK] = {"ask", take_ask},
    [PART_RUN] = {"run", take_run},          [PART_WIRE] = {"wire", take_wire},
    [PART_EXPECT] = {"expect", take_expect},
};

const char *part_name(enum part_kind k)
{
    return k < PART_KIND_COUNT ? kinds[k].name : NULL;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static struct part *add_part(struct lesson *l, enum part_kind kind, const char *s, size_t n)
{
    l->parts = xreallocarray(l->parts, l->part_count + 1, sizeof *l->parts);
    struct part *p = &l->parts[l->part_count++];
    *p = (struct part){.kind = kind, .text = xstrndup(s, n)};
    return p;
}

static unsigned lines_in(const char *s, size_t n)
{
    unsigned lines = 0;
    for (const char *at = s; (at = memchr(at, '\n', n - (size_t)(at - s))); at++)
        lines++;
    return lines;
}

static void add_prose(struct lesson *l, const struct reading *r, size_t from, size_t to,
                      unsigned line)
{
    if (strspn(r->text + from, " \r\n\t") < to - from)
        add_part(l, PART_PROSE, r->text + from, to - from)->line =
            (int)(line + 1 + lines_in(r->text, from));
}

static int add_block(struct lesson *l, const struct reading *r, const struct fenced *b,
                     const struct place *at)
{
    struct place here = *at;
    here.line = at->line + 1 + lines_in(r->text, b->from);
    if (!b->closed)
        return error_set(at->e, "%s:%u: this %s block has no end: close it with ```.", at->path,
                         here.line, part_name(b->kind));
    struct part *p = add_part(l, b->kind, text_str(&b->body), b->body.len);
    p->line = (int)here.line;
    here.line++;
    return kinds[b->kind].take(p, l, &here);
}

int lesson_paper(const char *text, struct lesson *l, const struct place *at)
{
    struct reading r = {.text = text, .length = strlen(text)};
    size_t behind = 0;
    int result = 0;
    find_blocks(&r);
    for (size_t i = 0; i < r.count; i++) {
        if (result == 0) {
            add_prose(l, &r, behind, r.blocks[i].from, at->line);
            result = add_block(l, &r, &r.blocks[i], at);
            behind = r.blocks[i].to;
        }
        text_free(&r.blocks[i].body);
    }
    if (result == 0)
        add_prose(l, &r, behind, r.length, at->line);
    free(r.blocks);
    return result;
}
