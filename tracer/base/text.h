/* A growing string, and the one way by which foreign text becomes fit for a terminal. */
#ifndef TRACER_BASE_TEXT_H
#define TRACER_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* All zero is an empty text. `s` is NULL until something is added, NUL-terminated after. */
struct text {
    char *s; /* (owned) */
    size_t len;
    size_t cap;
};

/* The string so far, "" when nothing was added (borrowed until the next change). */
const char *text_str(const struct text *t);

/* Forget the contents and keep the memory; free the memory. */
void text_clear(struct text *t);
void text_free(struct text *t);

/* Make room for `n` more bytes and return where they go; text_commit() then counts those written,
 * and text_commit_to() those up to an address in that room. Where much is appended, one room for
 * all of it is what is fast. */
char *text_grow(struct text *t, size_t n);
static inline char *text_reserve(struct text *t, size_t n)
{
    return t->cap - t->len > n ? t->s + t->len : text_grow(t, n);
}

static inline void text_commit(struct text *t, size_t n)
{
    t->len += n;
    t->s[t->len] = '\0';
}

static inline void text_commit_to(struct text *t, char *end)
{
    t->len = (size_t)(end - t->s);
    *end = '\0';
}

/* Append: raw bytes, a string, one character, a character `n` times, formatted text. */
static inline void text_bytes(struct text *t, const void *bytes, size_t n)
{
    char *at = text_reserve(t, n);
    if (n > 0)
        memcpy(at, bytes, n);
    text_commit(t, n);
}

static inline void text_add(struct text *t, const char *s)
{
    text_bytes(t, s, strlen(s));
}

static inline void text_char(struct text *t, char c)
{
    *text_reserve(t, 1) = c;
    text_commit(t, 1);
}

void text_repeat(struct text *t, char c, size_t n);
void text_format(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append `words` up to the next "{}", for which the caller then appends what stands there. Returns
 * the words behind it: so a sentence can be written whole, and its values put into it in place. */
const char *text_gap(struct text *t, const char *words);

/* Append 32 bits as four bytes, the lowest first: what binary files are made of. */
void text_le32(struct text *t, uint32_t v);

/* Append integers without printf: decimal, decimal padded with zeros to `width`, lower-case hex. */
void text_u64(struct text *t, uint64_t v);
void text_u64_padded(struct text *t, uint64_t v, unsigned width);
void text_i64(struct text *t, int64_t v);
void text_hex(struct text *t, uint64_t v);
void text_hex_padded(struct text *t, uint64_t v, unsigned width);

/* Append text from outside (payload, names, paths, lab text) so that it can do a terminal no harm:
 * printable ASCII and well-formed UTF-8 pass; C0, DEL, C1, bidirectional and other invisible
 * controls, surrogates and broken UTF-8 become \xNN or \u{NNNN}; newline and tab become \n and \t;
 * a backslash is doubled. */
void text_safe(struct text *t, const void *bytes, size_t n);
void text_safe_str(struct text *t, const char *s);

/* The same for text that holds escapes of its own ("hello\\n"): a backslash stays one. */
void text_safe_escaped(struct text *t, const char *s);

/* Append a JSON string literal, quotes included; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *t, const void *bytes, size_t n);
void text_json_str(struct text *t, const char *s);

#endif
