#include "tracer/select/fault.h"

#include "tracer/base/utf8.h"

#include <ctype.h>
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
    f->text[utf8_whole(f->text, strlen(f->text))] = '\0'; /* it may have been cut */
    return false;
}

enum { NAME_MOST = 120 };

int select_fault_error(const struct select_fault *f, const char *name, struct error *e)
{
    struct text safe = {0};
    if (name)
        text_safe_str(&safe, name);
    size_t n = utf8_whole(text_str(&safe), safe.len < NAME_MOST ? safe.len : NAME_MOST);
    error_exit(e, EXIT_WRONG_USAGE, "%.*s%sline %d, column %d: %s", (int)n, text_str(&safe),
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
 * nothing. Where it is more than `most` it is no matter by how much. */
static int distance(const char *a, int n, const char *b, int m, int most)
{
    int rows[WORD_MOST + 1][WORD_MOST + 1];
    if (n - m > most || m - n > most)
        return most + 1;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int nearest = rows[i][0] = i, x = tolower((unsigned char)a[i - 1]);
        for (int j = 1; j <= m; j++) {
            int y = tolower((unsigned char)b[j - 1]);
            rows[i][j] =
                least(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) && rows[i][j] > rows[i - 2][j - 2] + 1)
                rows[i][j] = rows[i - 2][j - 2] + 1;
            nearest = rows[i][j] < nearest ? rows[i][j] : nearest;
        }
        if (nearest > most + 1) /* a swap gains one at the most */
            return most + 1;
    }
    return rows[n][m];
}

/* What others write, or one would in English, and how it is written here. */
static const struct {
    const char *written, *meant;
    bool of_expectations; /* not of selectors by themselves */
} habits[] = {
    {"->", ">", false},
    {"-", "..", false},
    {"drop", "dropped", false},
    {"once", "exactly 1", true},
    {"twice", "exactly 2", true},
    {"no", "never", true},
    {"immediately", "next", true},
    {"less", "<", true},
    {"more", "at least", true},
    {"anyorder", "any order {", true},
    {"connects", "connected", false},
    {"each", "every", true},
    {"all", "every", true},
    {"=>", ">=", false},
    {"=<", "<=", false},
    {"&&", "and", false},
    {"||", "or", false},
    {"!", "not", false},
    {"SYN-ACK", "[S.]", false},
    {"SYN", "[S]", false},
    {"ACK", "[.]", false},
    {"FIN", "[F.]", false},
    {"RST", "[R.]", false},
    {"PSH", "psh", false},
    {"PUSH", "psh", false},
    {"synack", "[S.]", false},
    {"sends", "C > S", false},
    {"receives", "S > C delivered", false},
    {"second", "2nd", false},
    {"third", "3rd", false},
    {"connect", "connect()", false},
    {"accept", "accept()", false},
    {"listen", "listen()", false},
    {"bind", "bind()", false},
    {"socket", "socket()", false},
    {"send", "send()", false},
    {"recv", "recv()", false},
    {"close", "close()", false},
    {"shutdown", "shutdown()", false},
    {"read", "read()", false},
    {"write", "write()", false},
    {"failed", "fails", false},
    {"with", "=", false},
    {"src", "from", false},
    {"dst", "to", false},
    {"length", "len", false},
    {"contains", "payload", false},
    {"retransmit", "retransmission", false},
    {"retransmitted", "again", false},
    {"resent", "again", false},
    {"lost", "dropped", false},
    {"dupack", "duplicate_ack", false},
    {"state", "is", false},
    {"goes", "becomes", false},
    {"ms", "5ms", false},
    {"s", "5s", false},
    {"sec", "5s", false},
    {"us", "5us", false},
};

static bool begins_with(const char *s, const char *word)
{
    size_t n = strlen(word);
    if (tolower((unsigned char)s[0]) != tolower((unsigned char)word[0]) ||
        strncasecmp(s, word, n) != 0)
        return false;
    bool goes_on = isalnum((unsigned char)s[n]) || (s[n] != '\0' && strchr("_-.", s[n]));
    return !(isalpha((unsigned char)word[0]) && goes_on);
}

bool select_meant(const char *s, bool in_expectations, struct text *out)
{
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (begins_with(s, habits[i].written) && (in_expectations || !habits[i].of_expectations)) {
            text_format(out, " Did you mean \"%s\"?", habits[i].meant);
            return true;
        }
    return false;
}

/* Where tshark would have more words in front. */
static const char *without_prefix(const char *word)
{
    static const char prefix[] = "tcp.analysis.";
    return strncmp(word, prefix, sizeof prefix - 1) == 0 ? word + sizeof prefix - 1 : word;
}

const char *select_nearest(const char *word, const char *const *list)
{
    word = without_prefix(word);
    int n = (int)strnlen(word, WORD_MOST + 1);
    int best = n < 3 ? 1 : n < 5 ? 2 : 2 + n / 5; /* one more than letters that may differ */
    const char *nearest = NULL;
    if (n == 0 || n > WORD_MOST)
        return NULL;
    for (; *list && best > 0; list++) {
        int m = (int)strnlen(*list, WORD_MOST + 1);
        int d = m > WORD_MOST ? best : distance(word, n, *list, m, best - 1);
        if (d < best) {
            best = d;
            nearest = *list;
        }
    }
    return nearest && strcmp(nearest, word) != 0 ? nearest : NULL;
}

void select_suggest(const char *word, const char *const *list, struct text *out)
{
    const char *nearest = select_nearest(word, list);
    if (nearest)
        text_format(out, " Did you mean \"%s\"?", nearest);
}
