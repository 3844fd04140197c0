#include "tracer/base/width.h"

#include "tracer/base/utf8.h"

struct range {
    uint32_t from, to;
};

/* Unicode's East Asian Wide and Fullwidth blocks, and the pictures that terminals draw as wide. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26aa, 0x26ab},
    {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320},
    {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca},
    {0x1f3e0, 0x1f3f0}, {0x1f400, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc},
    {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6d0, 0x1f6d2}, {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

/* Marks that sit on the glyph before them. */
static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05bf}, {0x05c1, 0x05c2},
    {0x05c4, 0x05c5}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06dc},
    {0x06df, 0x06e4}, {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d},
    {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1160, 0x11ff}, {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f},
};

static bool in_ranges(const struct range *ranges, size_t n, uint32_t v)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (v > ranges[middle].to)
            low = middle + 1;
        else if (v < ranges[middle].from)
            n = middle;
        else
            return true;
    }
    return false;
}

int glyph_width(uint32_t code_point)
{
    if (code_point < 0x300)
        return 1;
    if (in_ranges(combining, sizeof combining / sizeof combining[0], code_point))
        return 0;
    return in_ranges(wide, sizeof wide / sizeof wide[0], code_point) ? 2 : 1;
}

static bool is_among(const uint32_t *signs, size_t count, uint32_t code_point)
{
    for (size_t i = 0; i < count; i++)
        if (signs[i] == code_point)
            return true;
    return false;
}

bool glyph_closes(uint32_t code_point)
{
    static const uint32_t signs[] = {0x3001, 0x3002, 0xff0c, 0xff1a, 0xff1b, 0xff01, 0xff1f,
                                     0xff09, 0x300b, 0x300d, 0x300f, 0x201d, 0x2019};
    return is_among(signs, sizeof signs / sizeof signs[0], code_point);
}

bool glyph_opens(uint32_t code_point)
{
    static const uint32_t signs[] = {0xff08, 0x300a, 0x300c, 0x300e, 0x201c, 0x2018};
    return is_among(signs, sizeof signs / sizeof signs[0], code_point);
}

int glyph_columns(const char *s, size_t n)
{
    int cols = 0;
    for (size_t at = 0, took; at < n; at += took) {
        uint32_t c;
        took = utf8_read((const uint8_t *)s + at, n - at, &c);
        cols += took > 0 ? glyph_width(c) : 1;
        took += took == 0;
    }
    return cols;
}

size_t glyph_piece(const char *s, size_t n, int *cols)
{
    size_t at = 0;
    bool wide_before = false, opened = false;
    *cols = 0;
    while (at < n && s[at] != ' ') {
        uint32_t c;
        size_t took = utf8_read((const uint8_t *)s + at, n - at, &c);
        bool is_wide = took > 0 && glyph_width(c) == 2;
        if (at > 0 && (wide_before || is_wide) && !opened && !(took > 0 && glyph_closes(c)))
            break;
        *cols += took > 0 ? glyph_width(c) : 1;
        wide_before = is_wide;
        opened = took > 0 && glyph_opens(c);
        at += took > 0 ? took : 1;
    }
    return at;
}
