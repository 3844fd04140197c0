#include "tracer/select/fault.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool select_fault_set(struct select_fault *f, int line, int column, const char *format, ...)
{
    if (f->line > 0)
        return false;
    f->line = line;
    f->column = column;
    va_list args;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    return false;
}

int select_fault_error(const struct select_fault *f, const char *name, struct error *e)
{
    struct text safe = {0};
    if (name)
        text_safe_str(&safe, name);
    error_exit(e, EXIT_WRONG_USAGE, "%.120s%sline %d, column %d: %s", text_str(&safe),
               name ? ", " : "", f->line, f->column, f->text);
    text_free(&safe);
    return -1;
}

enum { WORD_MOST = 24 };

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* How many letters must be put in, left out, changed, or swapped with their neighbour; case is
 * nothing. */
static int distance(const char *a, int n, const char *b, int m)
{
    int rows[WORD_MOST + 1][WORD_MOST + 1];
    for (int i = 0; i <= n; i++)
        rows[i][0] = i;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            rows[i][j] =
                least(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) && rows[i][j] > rows[i - 2][j - 2] + 1)
                rows[i][j] = rows[i - 2][j - 2] + 1;
        }
    return rows[n][m];
}

void select_suggest(const char *word, const char *const *list, struct text *out)
{
    int n = (int)strnlen(word, WORD_MOST + 1), best = INT_MAX;
    const char *nearest = NULL;
    if (n == 0 || n > WORD_MOST)
        return;
    for (; *list; list++) {
        int m = (int)strlen(*list);
        int d = m > WORD_MOST ? INT_MAX : distance(word, n, *list, m);
        if (d < best) {
            best = d;
            nearest = *list;
        }
    }
    if (nearest && best <= 1 + n / 4 && best < n)
        text_format(out, " Did you mean \"%s\"?", nearest);
}
