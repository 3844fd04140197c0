#include "labs/doctor/page.h"

#include "tracer/tui/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    MARGIN = 2,
    ANSWER_COLS = 9,
    NAME_COLS = 17,
    TOLD_AT = MARGIN + ANSWER_COLS + NAME_COLS,
    TOLD_AT_NARROW = MARGIN + ANSWER_COLS, /* on a line of its own */
    COMMANDS_AT = 2 * MARGIN,
    NARROW_COLS = 64,
    WIDEST_COLS = 100, /* longer lines are hard to read */
};

static const struct {
    const char *name;
    const char *colour;
} answers[ANSWER_COUNT] = {
    [ANSWER_OK] = {"ok", "\033[32m"},
    [ANSWER_LIMITED] = {"limited", "\033[33m"},
    [ANSWER_NO] = {"no", "\033[1;31m"},
    [ANSWER_PASSED_OVER] = {"", ""},
};

struct page page_new(void)
{
    struct page p = {.cols = 80};
    struct winsize size;
    struct error e;
    int rows, cols, colours = 0;
    const char *no = getenv("NO_COLOR");
    if (!isatty(STDOUT_FILENO))
        return p;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        p.cols = size.ws_col < WIDEST_COLS ? size.ws_col : WIDEST_COLS;
    p.colour =
        (!no || no[0] == '\0') && screen_examine(&rows, &cols, &colours, &e) == 0 && colours >= 8;
    return p;
}

/* Columns of UTF-8 text, none of it wide: paths and names. */
static int width(const char *s, size_t n)
{
    int columns = 0;
    for (size_t i = 0; i < n; i++)
        columns += ((unsigned char)s[i] & 0xc0) != 0x80;
    return columns;
}

/* Words from the column `at`, indented so too on further lines. The cursor is at `col`. */
static void add_words(const struct page *p, const char *words, int col, int at, struct text *out)
{
    bool first = true;
    while (*words) {
        size_t n = strcspn(words, " ");
        if (!first && col + 1 + width(words, n) > p->cols) {
            text_char(out, '\n');
            col = 0;
        } else if (!first) {
            text_char(out, ' ');
            col++;
        }
        if (col < at)
            text_repeat(out, ' ', (size_t)(at - col));
        col = (col < at ? at : col) + width(words, n);
        text_bytes(out, words, n);
        words += n + strspn(words + n, " ");
        first = false;
    }
    text_char(out, '\n');
}

/* A command a line, whole, so that it can be copied. */
static void add_commands(const char *commands, int at, struct text *out)
{
    while (*commands) {
        size_t n = strcspn(commands, "\n");
        struct text line = {0};
        text_bytes(&line, commands, n);
        text_repeat(out, ' ', (size_t)at);
        text_safe_escaped(out, text_str(&line));
        text_char(out, '\n');
        text_free(&line);
        commands += n + (commands[n] == '\n');
    }
}

static void add_answer(const struct page *p, enum probe_answer answer, struct text *out)
{
    const char *name = answers[answer].name;
    text_repeat(out, ' ', MARGIN);
    text_format(out, "%s%s%s", p->colour ? answers[answer].colour : "", name,
                p->colour ? "\033[0m" : "");
    text_repeat(out, ' ', ANSWER_COLS - strlen(name));
}

void page_diagnosis(const struct page *p, const struct check *c, const struct diagnosis *d,
                    bool heading, struct text *out)
{
    struct text told = {0};
    int at = TOLD_AT, col = MARGIN + ANSWER_COLS + (int)strlen(c->name);
    if (heading)
        text_format(out, "%s\n", c->group);
    add_answer(p, d->answer, out);
    text_add(out, c->name);
    if (p->cols < NARROW_COLS) {
        text_char(out, '\n');
        at = TOLD_AT_NARROW;
        col = 0;
    }
    text_safe_escaped(&told, text_str(&d->told));
    add_words(p, text_str(&told), col, at, out);
    add_commands(text_str(&d->mend), COMMANDS_AT, out);
    text_free(&told);
}

void page_end(const struct page *p, const char *sentence, struct text *out)
{
    text_char(out, '\n');
    add_words(p, sentence, 0, 0, out);
}

void json_diagnosis(const struct check *c, const struct diagnosis *d, struct text *out)
{
    text_format(out, "{\"check\":\"%s\",\"answer\":\"%s\",\"told\":", c->key,
                answers[d->answer].name);
    text_json_str(out, text_str(&d->told));
    if (d->mend.len > 0) {
        text_add(out, ",\"mend\":");
        text_json_str(out, text_str(&d->mend));
    }
    text_add(out, "}\n");
}

void json_end(const char *tier, int status, const char *sentence, struct text *out)
{
    text_format(out, "{\"tier\":\"%s\",\"status\":%d,\"told\":", tier, status);
    text_json_str(out, sentence);
    text_add(out, "}\n");
}
