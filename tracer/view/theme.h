/* How each role looks, by theme: data only. What draws it is someone else's: a terminal, or a file
 * with escape sequences. A role's meaning never hangs on its colour alone. */
#ifndef TRACER_VIEW_THEME_H
#define TRACER_VIEW_THEME_H

#include "tracer/view/grid.h"

enum look_colour {
    LOOK_PLAIN = -1, /* the terminal's own */
    LOOK_BLACK,
    LOOK_RED,
    LOOK_GREEN,
    LOOK_YELLOW,
    LOOK_BLUE,
    LOOK_MAGENTA,
    LOOK_CYAN,
    LOOK_WHITE,
};

/* What a look adds to its colour; an OR of these. */
enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_REVERSE = 4, LOOK_UNDERLINE = 8 };

struct look {
    int8_t colour; /* enum look_colour */
    uint8_t attributes;
};

struct theme {
    const char *name;
    bool colours; /* it has any */
    struct look looks[ROLE_COUNT];
};

/* All themes; the first serves unless another is chosen, the last has no colours. */
enum { THEME_COUNT = 3 };
extern const struct theme themes[THEME_COUNT];

/* The theme of a name, NULL where there is none; the one without colours. */
const struct theme *theme_of_name(const char *name);
const struct theme *theme_mono(void);

/* Append a grid as text with the escape sequences of its looks, a line a row. */
void theme_write(const struct theme *t, const struct grid *g, struct text *out);

#endif
