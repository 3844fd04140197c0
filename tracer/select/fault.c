#include "tracer/select/fault.h"

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
} habits[] = {
    {"->", ">"},
    {"-", ".."},
    {"drop", "dropped"},
    {"=>", ">="},
    {"=<", "<="},
    {"&&", "and"},
    {"||", "or"},
    {"!", "not"},
    {"SYN-ACK", "[S.]"},
    {"SYN", "[S]"},
    {"ACK", "[.]"},
    {"FIN", "[F.]"},
    {"RST", "[R.]"},
    {"PSH", "psh"},
    {"PUSH", "psh"},
    {"synack", "[S.]"},
    {"sends", "C > S"},
    {"receives", "S > C delivered"},
    {"second", "2nd"},
    {"third", "3rd"},
    {"connect", "connect()"},
    {"accept", "accept()"},
    {"listen", "listen()"},
    {"bind", "bind()"},
    {"socket", "socket()"},
    {"send", "send()"},
    {"recv", "recv()"},
    {"close", "close()"},
    {"shutdown", "shutdown()"},
    {"read", "read()"},
    {"write", "write()"},
    {"failed", "fails"},
    {"with", "="},
    {"src", "from"},
    {"dst", "to"},
    {"length", "len"},
    {"contains", "payload"},
    {"retransmit", "retransmission"},
    {"retransmitted", "again"},
    {"resent", "again"},
    {"lost", "dropped"},
    {"dupack", "duplicate_ack"},
    {"state", "is"},
    {"goes", "becomes"},
    {"ms", "5ms"},
    {"s", "5s"},
    {"sec", "5s"},
    {"us", "5us"},
};

static bool begins_with(const char *s, const char *word)
{
    size_t n = strlen(word);
    if (strncasecmp(s, word, n) != 0)
        return false;
    bool goes_on = isalnum((unsigned char)s[n]) || (s[n] != '\0' && strchr("_-.", s[n]));
    return !(isalpha((unsigned char)word[0]) && goes_on);
}

bool select_meant(const char *s, struct text *out)
{
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (begins_with(s, habits[i].written)) {
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

void select_suggest(const char *word, const char *const *list, struct text *out)
{
    word = without_prefix(word);
    int n = (int)strnlen(word, WORD_MOST + 1), best = 2 + n / 4;
    const char *nearest = NULL;
    if (n == 0 || n > WORD_MOST)
        return;
    best = best < n ? best : n; /* where every letter differs it is another word */
    for (; *list && best > 0; list++) {
        int m = (int)strnlen(*list, WORD_MOST + 1);
        int d = m > WORD_MOST ? best : distance(word, n, *list, m, best - 1);
        if (d < best) {
            best = d;
            nearest = *list;
        }
    }
    if (nearest && strcmp(nearest, word) != 0)
        text_format(out, " Did you mean \"%s\"?", nearest);
}
