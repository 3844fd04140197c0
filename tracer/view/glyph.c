#include "tracer/view/glyph.h"

#include <stddef.h>

char glyph_ascii(uint32_t code_point)
{
    static const struct {
        uint32_t code_point;
        char ascii;
    } stand_ins[] = {
        {GLYPH_ACROSS, '-'},
        {GLYPH_DOWN, '|'},
        {GLYPH_RAIL, ':'},
        {GLYPH_ENTER_LEFT, '.'},
        {GLYPH_EXIT_LEFT, '\''},
        {GLYPH_ENTER_RIGHT, '.'},
        {GLYPH_EXIT_RIGHT, '`'},
        {GLYPH_HEAD_RIGHT, '>'},
        {GLYPH_HEAD_LEFT, '<'},
        {GLYPH_FALL_RIGHT, '\\'},
        {GLYPH_FALL_LEFT, '/'},
        {GLYPH_LOST, 'x'},
        {GLYPH_HELD, '#'},
        {GLYPH_RISING, '+'},
        {GLYPH_FALLING, '-'},
        {GLYPH_FOLDED, '+'},
        {GLYPH_TEE_DOWN, '-'},
        {GLYPH_TEE_UP, '-'},
        {GLYPH_CUT, '~'},
        {GLYPH_BAR, '#'},
        {GLYPH_BRANCH_RIGHT, '|'},
        {GLYPH_BRANCH_LEFT, '|'},
        {GLYPH_DOT, '.'},
        {0x2192, '>'},
        {0x2190, '<'},
        {0x2191, '^'},
        {0x2193, 'v'},
        {0x2265, '>'},
        {0xb5, 'u'},
        {GLYPH_HEAD_UP, '^'},
        {GLYPH_HEAD_DOWN, 'v'},
        {GLYPH_LIT_ACROSS, '='},
        {GLYPH_LIT_DOWN, '#'},
        {GLYPH_LIT_ENTER_LEFT, '#'},
        {GLYPH_LIT_EXIT_LEFT, '#'},
        {GLYPH_LIT_ENTER_RIGHT, '#'},
        {GLYPH_LIT_EXIT_RIGHT, '#'},
    };
    if (code_point < 0x80)
        return (char)code_point;
    for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++)
        if (stand_ins[i].code_point == code_point)
            return stand_ins[i].ascii;
    return '?';
}
