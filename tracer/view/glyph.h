/* The drawing characters, and what stands in for a code point where there is only ASCII. */
#ifndef TRACER_VIEW_GLYPH_H
#define TRACER_VIEW_GLYPH_H

#include "tracer/base/width.h"

#include <stdint.h>

enum {
    GLYPH_ACROSS = 0x2500,      /* ─ */
    GLYPH_DOWN = 0x2502,        /* │ */
    GLYPH_RAIL = 0x250a,        /* ┊ */
    GLYPH_ENTER_LEFT = 0x2510,  /* ┐ */
    GLYPH_EXIT_LEFT = 0x2518,   /* ┘ */
    GLYPH_ENTER_RIGHT = 0x250c, /* ┌ */
    GLYPH_EXIT_RIGHT = 0x2514,  /* └ */
    GLYPH_HEAD_RIGHT = 0x25b6,  /* ▶ */
    GLYPH_HEAD_LEFT = 0x25c0,   /* ◀ */
    GLYPH_HEAD_UP = 0x25b2,     /* ▲ */
    GLYPH_HEAD_DOWN = 0x25bc,   /* ▼ */
    GLYPH_FALL_RIGHT = 0x2572,  /* ╲ */
    GLYPH_FALL_LEFT = 0x2571,   /* ╱ */
    GLYPH_RISING = 0x25b4,      /* ▴ */
    GLYPH_FALLING = 0x25be,     /* ▾ */
    GLYPH_TEE_DOWN = 0x252c,    /* ┬ */
    GLYPH_TEE_UP = 0x2534,      /* ┴ */
    GLYPH_FOLDED = 0x25b8,      /* ▸ */
    GLYPH_LIT_ACROSS = 0x2501,  /* ━ the same lines, heavy */
    GLYPH_LIT_DOWN = 0x2503,    /* ┃ */
    GLYPH_LIT_ENTER_LEFT = 0x2513,
    GLYPH_LIT_EXIT_LEFT = 0x251b,
    GLYPH_LIT_ENTER_RIGHT = 0x250f,
    GLYPH_LIT_EXIT_RIGHT = 0x2517,
    GLYPH_BRANCH_RIGHT = 0x251c, /* ├ */
    GLYPH_BRANCH_LEFT = 0x2524,  /* ┤ */
    GLYPH_DOT = 0xb7,            /* · */
    GLYPH_LOST = 0xd7,           /* × */
    GLYPH_CUT = 0x2026,          /* … */
    GLYPH_BAR = 0x2588,          /* █ */
    GLYPH_HELD = 0x2590,         /* ▐ */
    GLYPH_UNKNOWN = 0xfffd,      /* what may not be shown */
};

/* What stands for a code point where the terminal has ASCII only. */
char glyph_ascii(uint32_t code_point);

#endif
