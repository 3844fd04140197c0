#include "tracer/base/text.h"

#include "tracer/base/alloc.h"
#include "tracer/base/put.h"
#include "tracer/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_str(const struct text *t)
{
    return t->s ? t->s : "";
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->s)
        t->s[0] = '\0';
}

void text_free(struct text *t)
{
    free(t->s);
    *t = (struct text){0};
}

char *text_grow(struct text *t, size_t n)
{
    size_t cap = t->cap ? t->cap : 64;
    while (cap - t->len <= n)
        cap *= 2;
    t->s = xreallocarray(t->s, cap, 1);
    t->cap = cap;
    return t->s + t->len;
}

void text_repeat(struct text *t, char c, size_t n)
{
    memset(text_reserve(t, n), c, n);
    text_commit(t, n);
}

void text_le32(struct text *t, uint32_t v)
{
    char bytes[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
    text_bytes(t, bytes, sizeof bytes);
}

const char *text_gap(struct text *t, const char *words)
{
    const char *gap = strstr(words, "{}");
    size_t n = gap ? (size_t)(gap - words) : strlen(words);
    text_bytes(t, words, n);
    return words + n + (gap ? 2 : 0);
}

void text_format(struct text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0) {
        vsnprintf(text_reserve(t, (size_t)n), (size_t)n + 1, format, again);
        text_commit(t, (size_t)n);
    }
    va_end(again);
}

void text_u64(struct text *t, uint64_t v)
{
    text_commit_to(t, put_u64(text_reserve(t, PUT_U64_MOST + PUT_SPOILT), v));
}

void text_u64_padded(struct text *t, uint64_t v, unsigned width)
{
    char digits[PUT_U64_MOST + PUT_SPOILT];
    unsigned n = (unsigned)(put_u64(digits, v) - digits);
    if (n < width)
        text_repeat(t, '0', width - n);
    text_bytes(t, digits, n);
}

void text_i64(struct text *t, int64_t v)
{
    if (v < 0)
        text_char(t, '-');
    text_u64(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void text_hex(struct text *t, uint64_t v)
{
    text_hex_padded(t, v, 1);
}

void text_hex_padded(struct text *t, uint64_t v, unsigned width)
{
    char digits[16];
    unsigned n = 0;
    do {
        digits[sizeof digits - ++n] = "0123456789abcdef"[v & 15];
        v >>= 4;
    } while (v > 0);
    if (n < width)
        text_repeat(t, '0', width - n);
    text_bytes(t, digits + sizeof digits - n, n);
}

/* Append what of the bytes, from the first on, is printable ASCII that stands for itself. Returns
 * how many. Most text is nothing else. */
static size_t add_plain(struct text *t, const uint8_t *b, size_t n)
{
    size_t i = 0;
    while (i < n && b[i] >= ' ' && b[i] <= '~' && b[i] != '\\' && b[i] != '"')
        i++;
    text_bytes(t, b, i);
    return i;
}

void text_safe(struct text *t, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    for (size_t i = add_plain(t, b, n); i < n; i += add_plain(t, b + i, n - i)) {
        uint32_t v = 0;
        size_t len = utf8_read(b + i, n - i, &v);
        if (len == 0) {
            text_add(t, "\\x");
            text_hex_padded(t, b[i++], 2);
            continue;
        }
        if (v == '\n')
            text_add(t, "\\n");
        else if (v == '\r')
            text_add(t, "\\r");
        else if (v == '\t')
            text_add(t, "\\t");
        else if (v == '\\')
            text_add(t, "\\\\");
        else if (utf8_is_safe(v))
            text_bytes(t, b + i, len);
        else if (v < 0x80)
            text_format(t, "\\x%02x", (unsigned)v);
        else
            text_format(t, "\\u{%04x}", (unsigned)v);
        i += len;
    }
}

void text_safe_str(struct text *t, const char *s)
{
    text_safe(t, s, strlen(s));
}

void text_safe_escaped(struct text *t, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\\");
        text_safe(t, s, n);
        s += n;
        if (*s == '\\')
            text_char(t, *s++);
    }
}

void text_json(struct text *t, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    text_char(t, '"');
    for (size_t i = add_plain(t, b, n); i < n; i += add_plain(t, b + i, n - i)) {
        uint32_t v = 0;
        size_t len = utf8_read(b + i, n - i, &v);
        if (len == 0) {
            text_add(t, "\xef\xbf\xbd");
            i++;
            continue;
        }
        if (v == '"' || v == '\\') {
            text_char(t, '\\');
            text_char(t, (char)v);
        } else if (v == '\n') {
            text_add(t, "\\n");
        } else if (!utf8_is_safe(v)) { /* a terminal that is shown the line must survive it too */
            if (v >= 0x10000)
                text_format(t, "\\u%04x", (unsigned)(0xd7c0 + (v >> 10)));
            text_format(t, "\\u%04x", (unsigned)(v < 0x10000 ? v : 0xdc00 + (v & 0x3ff)));
        } else {
            text_bytes(t, b + i, len);
        }
        i += len;
    }
    text_char(t, '"');
}

void text_json_str(struct text *t, const char *s)
{
    text_json(t, s, strlen(s));
}
