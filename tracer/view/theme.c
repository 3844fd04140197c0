#include "tracer/view/theme.h"

#include "tracer/base/utf8.h"

#include <string.h>

/* Yellow and cyan cannot be read on white, nor blue on black. */
const struct theme themes[THEME_COUNT] = {
    {"dark",
     true,
     {
         [ROLE_NORMAL] = {LOOK_PLAIN, 0},
         [ROLE_DIM] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_TIME] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_HOST_C] = {LOOK_CYAN, LOOK_BOLD},
         [ROLE_HOST_S] = {LOOK_MAGENTA, LOOK_BOLD},
         [ROLE_SYN] = {LOOK_GREEN, LOOK_BOLD},
         [ROLE_ACK] = {LOOK_PLAIN, 0},
         [ROLE_FIN] = {LOOK_YELLOW, 0},
         [ROLE_RST] = {LOOK_RED, LOOK_BOLD},
         [ROLE_DATA] = {LOOK_CYAN, 0},
         [ROLE_AGAIN] = {LOOK_YELLOW, LOOK_BOLD},
         [ROLE_LOST] = {LOOK_RED, 0},
         [ROLE_STATE] = {LOOK_GREEN, 0},
         [ROLE_CALL] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_CALL_BLOCKED] = {LOOK_YELLOW, LOOK_BOLD},
         [ROLE_CALL_FAILED] = {LOOK_RED, LOOK_BOLD},
         [ROLE_RAIL] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_CONSOLE] = {LOOK_BLUE, LOOK_BOLD},
         [ROLE_NOTE] = {LOOK_YELLOW, 0},
         [ROLE_HEADING] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_TITLE] = {LOOK_PLAIN, LOOK_REVERSE},
         [ROLE_KEY] = {LOOK_CYAN, LOOK_BOLD},
         [ROLE_KEYBAR] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_ERROR] = {LOOK_RED, LOOK_BOLD},
         [ROLE_MATCH] = {LOOK_YELLOW, LOOK_BOLD | LOOK_UNDERLINE},
         [ROLE_TAG] = {LOOK_MAGENTA, LOOK_BOLD},
         [ROLE_ACK_LINE] = {LOOK_GREEN, 0},
         [ROLE_WINDOW] = {LOOK_YELLOW, 0},
         [ROLE_SACK] = {LOOK_MAGENTA, 0},
     }},
    {"light",
     true,
     {
         [ROLE_NORMAL] = {LOOK_PLAIN, 0},
         [ROLE_DIM] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_TIME] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_HOST_C] = {LOOK_BLUE, LOOK_BOLD},
         [ROLE_HOST_S] = {LOOK_MAGENTA, LOOK_BOLD},
         [ROLE_SYN] = {LOOK_GREEN, LOOK_BOLD},
         [ROLE_ACK] = {LOOK_PLAIN, 0},
         [ROLE_FIN] = {LOOK_MAGENTA, 0},
         [ROLE_RST] = {LOOK_RED, LOOK_BOLD},
         [ROLE_DATA] = {LOOK_BLUE, 0},
         [ROLE_AGAIN] = {LOOK_RED, LOOK_UNDERLINE},
         [ROLE_LOST] = {LOOK_RED, 0},
         [ROLE_STATE] = {LOOK_GREEN, LOOK_BOLD},
         [ROLE_CALL] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_CALL_BLOCKED] = {LOOK_MAGENTA, LOOK_BOLD},
         [ROLE_CALL_FAILED] = {LOOK_RED, LOOK_BOLD},
         [ROLE_RAIL] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_CONSOLE] = {LOOK_BLUE, 0},
         [ROLE_NOTE] = {LOOK_MAGENTA, 0},
         [ROLE_HEADING] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_TITLE] = {LOOK_PLAIN, LOOK_REVERSE},
         [ROLE_KEY] = {LOOK_BLUE, LOOK_BOLD},
         [ROLE_KEYBAR] = {LOOK_PLAIN, 0},
         [ROLE_ERROR] = {LOOK_RED, LOOK_BOLD},
         [ROLE_MATCH] = {LOOK_RED, LOOK_BOLD | LOOK_UNDERLINE},
         [ROLE_TAG] = {LOOK_MAGENTA, LOOK_BOLD},
         [ROLE_ACK_LINE] = {LOOK_GREEN, 0},
         [ROLE_WINDOW] = {LOOK_RED, 0},
         [ROLE_SACK] = {LOOK_MAGENTA, 0},
     }},
    {"mono",
     false,
     {
         [ROLE_NORMAL] = {LOOK_PLAIN, 0},
         [ROLE_DIM] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_TIME] = {LOOK_PLAIN, 0},
         [ROLE_HOST_C] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_HOST_S] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_SYN] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_ACK] = {LOOK_PLAIN, 0},
         [ROLE_FIN] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_RST] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_DATA] = {LOOK_PLAIN, 0},
         [ROLE_AGAIN] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_LOST] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_STATE] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_CALL] = {LOOK_PLAIN, 0},
         [ROLE_CALL_BLOCKED] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_CALL_FAILED] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_RAIL] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_CONSOLE] = {LOOK_PLAIN, 0},
         [ROLE_NOTE] = {LOOK_PLAIN, 0},
         [ROLE_HEADING] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_TITLE] = {LOOK_PLAIN, LOOK_REVERSE},
         [ROLE_KEY] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_KEYBAR] = {LOOK_PLAIN, 0},
         [ROLE_ERROR] = {LOOK_PLAIN, LOOK_REVERSE},
         [ROLE_MATCH] = {LOOK_PLAIN, LOOK_BOLD | LOOK_UNDERLINE},
         [ROLE_TAG] = {LOOK_PLAIN, LOOK_BOLD},
         [ROLE_ACK_LINE] = {LOOK_PLAIN, 0},
         [ROLE_WINDOW] = {LOOK_PLAIN, LOOK_DIM},
         [ROLE_SACK] = {LOOK_PLAIN, LOOK_BOLD},
     }},
};

const struct theme *theme_of_name(const char *name)
{
    for (size_t i = 0; i < THEME_COUNT; i++)
        if (strcmp(themes[i].name, name) == 0)
            return &themes[i];
    return NULL;
}

const struct theme *theme_mono(void)
{
    return &themes[THEME_COUNT - 1];
}

/* ---- a grid with its looks ---------------------------------------------------------------- */

static struct look look_of(const struct theme *t, const struct cell *c)
{
    struct look look = t->looks[c->role < ROLE_COUNT ? c->role : ROLE_NORMAL];
    if (c->selected)
        look.attributes = (uint8_t)((look.attributes & ~LOOK_DIM) | LOOK_REVERSE);
    return look;
}

static void write_look(struct look look, struct text *out)
{
    static const struct {
        uint8_t attribute;
        char digit;
    } digits[] = {{LOOK_BOLD, '1'}, {LOOK_DIM, '2'}, {LOOK_UNDERLINE, '4'}, {LOOK_REVERSE, '7'}};
    text_add(out, "\033[0");
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        if (look.attributes & digits[i].attribute)
            text_format(out, ";%c", digits[i].digit);
    if (look.colour >= 0)
        text_format(out, ";3%d", look.colour);
    text_char(out, 'm');
}

static void write_glyph(uint32_t glyph, struct text *out)
{
    char bytes[4];
    if (glyph != 0)
        text_bytes(out, bytes, utf8_write(glyph, bytes));
}

void theme_write(const struct theme *t, const struct grid *g, struct text *out)
{
    for (int row = 0; row < g->rows; row++) {
        struct look last = {LOOK_PLAIN, 0};
        for (int col = 0; col < g->cols; col++) {
            const struct cell *c = grid_cell(g, row, col);
            struct look look = look_of(t, c);
            if (look.colour != last.colour || look.attributes != last.attributes)
                write_look(look, out);
            last = look;
            write_glyph(c->glyph, out);
            write_glyph(c->mark, out);
        }
        if (last.colour != LOOK_PLAIN || last.attributes != 0)
            text_add(out, "\033[0m");
        text_char(out, '\n');
    }
}
