#include "labs/sandbox/profile_value.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t scale;
};

static const struct unit times[] = {{"ms", 1000000},   {"us", 1000},         {"ns", 1},
                                    {"s", 1000000000}, {"min", 60000000000}, {NULL, 0}};
static const struct unit rates[] = {
    {"bit", 1}, {"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}, {NULL, 0}};

enum { WHOLE_MOST = 1000000 };

/* "12.5UNIT", where UNIT is a whole word. */
static bool read_measure(const char *s, const struct unit *units, const char **end, int64_t *v)
{
    char *digits_end;
    if (!isdigit((unsigned char)s[0]))
        return false;
    long long whole = strtoll(s, &digits_end, 10);
    const char *fraction = *digits_end == '.' ? digits_end + 1 : NULL;
    const char *name = fraction ? fraction + strspn(fraction, "0123456789") : digits_end;
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    if (whole > WHOLE_MOST)
        return false;
    for (; units->name; units++) {
        if (strlen(units->name) != n || strncmp(units->name, name, n) != 0)
            continue;
        int64_t scale = units->scale;
        *v = whole * scale;
        for (; fraction && fraction < name; fraction++) {
            scale /= 10;
            *v += (*fraction - '0') * scale;
        }
        *end = name + n;
        return true;
    }
    return false;
}

bool value_time(const char *s, int64_t *ns)
{
    const char *end;
    return read_measure(s, times, &end, ns) && *end == '\0';
}

bool value_rate(const char *s, const char **end, int64_t *bits_per_s)
{
    if (strncmp(s, "none", 4) == 0 && !isalnum((unsigned char)s[4])) {
        *bits_per_s = 0;
        *end = s + 4;
        return true;
    }
    return read_measure(s, rates, end, bits_per_s) && *bits_per_s > 0;
}

bool value_number(const char *s, int64_t least, int64_t most, int64_t *n)
{
    char *end;
    if (!isdigit((unsigned char)s[0]))
        return false;
    long long v = strtoll(s, &end, 10);
    if (*end != '\0' || v < least || v > most)
        return false;
    *n = v;
    return true;
}
