/* What was said in English by another process, from a text of the catalogue and some values, is
 * taken apart again: the text is found by its words, the values stand between them. */
#include "tracer/base/words.h"

#include "tracer/base/text.h"

#include <ctype.h>
#include <string.h>

enum { VALUES_MOST = 8, LETTERS_LEAST = 4, STEPS_MOST = 20000 };

/* What stood for each conversion, in the order of the English. */
struct values {
    const char *at[VALUES_MOST];
    size_t bytes[VALUES_MOST];
    size_t count;
    int steps; /* that are left: the text may come from a file that means harm */
};

/* A conversion of printf at `s`, which begins with '%': its last letter, and how long it is. "%2$s"
 * names the value by its number, else it is the next one: 0. */
static char conversion(const char *s, size_t *bytes, size_t *number)
{
    const char *at = s + 1;
    size_t digits = strspn(at, "0123456789");
    *number = 0;
    if (digits > 0 && at[digits] == '$') {
        for (size_t i = 0; i < digits; i++)
            *number = *number * 10 + (size_t)(at[i] - '0');
        at += digits + 1;
    }
    at += strspn(at, "-+ #0123456789.*hlzjt");
    *bytes = (size_t)(at - s) + (*at != '\0');
    return *at;
}

/* The most bytes at `s` that could be such a value. */
static size_t value_bytes(char letter, const char *s)
{
    switch (letter) {
    case 'c': return *s ? 1 : 0;
    case 'd':
    case 'i': return (*s == '-') + strspn(s + (*s == '-'), "0123456789");
    case 'u': return strspn(s, "0123456789");
    case 'x': return strspn(s, "0123456789abcdef");
    case 's': return strlen(s);
    default: return 0; /* no text of a process to another has these */
    }
}

static bool fits(const char *pattern, const char *s, struct values *v)
{
    if (v->steps-- <= 0)
        return false;
    while (*pattern && *pattern != '%') {
        if (*pattern++ != *s++)
            return false;
    }
    if (*pattern == '\0')
        return *s == '\0';
    size_t bytes, number;
    char letter = conversion(pattern, &bytes, &number);
    if (letter == '%')
        return *s == '%' && fits(pattern + bytes, s + 1, v);
    size_t most = value_bytes(letter, s), mine = v->count;
    if (mine == VALUES_MOST)
        return false;
    v->at[mine] = s;
    for (size_t n = letter == 's' ? 0 : most; n > 0 || letter == 's'; n++) {
        v->bytes[mine] = n;
        v->count = mine + 1;
        if (fits(pattern + bytes, s + n, v))
            return true;
        if (n >= most)
            break;
    }
    v->count = mine;
    return false;
}

/* How many letters of its own a text has: the more, the surer it is the one. */
static size_t own_letters(const char *pattern)
{
    size_t count = 0;
    while (*pattern) {
        size_t bytes = 1, number;
        if (*pattern == '%')
            conversion(pattern, &bytes, &number);
        else
            count += isalpha((unsigned char)*pattern) != 0;
        pattern += bytes;
    }
    return count;
}

static void fill(const char *said, const struct values *v, struct text *out)
{
    size_t next = 0;
    while (*said) {
        size_t bytes = strcspn(said, "%"), number;
        text_bytes(out, said, bytes);
        said += bytes;
        if (*said == '\0')
            return;
        char letter = conversion(said, &bytes, &number);
        size_t i = number > 0 ? number - 1 : next++;
        if (letter == '%')
            text_char(out, '%');
        else if (i < v->count)
            text_bytes(out, v->at[i], v->bytes[i]);
        said += bytes;
    }
}

bool words_again(const char *english, struct text *out)
{
    struct values best = {0};
    const char *said = words_of(english);
    size_t most = LETTERS_LEAST - 1;
    bool known = said != english;
    int steps = STEPS_MOST;
    for (size_t i = 0; !known && i < words_count(); i++) {
        const char *pattern = words_english(i);
        struct values v = {.steps = steps};
        size_t letters = strchr(pattern, '%') ? own_letters(pattern) : 0;
        if (letters > most && fits(pattern, english, &v)) {
            most = letters;
            best = v;
            said = words_said(i);
        }
        steps = v.steps;
    }
    if (known || best.count == 0)
        text_add(out, said);
    else
        fill(said, &best, out);
    return said != english;
}
