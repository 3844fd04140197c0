#include "tracer/select/token.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->n ? l->s[l->at + ahead] : '\0';
}

static bool is_word_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* What may have been meant by what stands at `at`, if that is a habit. */
static bool add_meant(const struct lexer *l, size_t at, struct text *out)
{
    char word[24];
    size_t n = l->n - at < sizeof word - 1 ? l->n - at : sizeof word - 1;
    memcpy(word, l->s + at, n);
    word[n] = '\0';
    return select_meant(word, l->lines, out);
}

/* Characters, not bytes: what continues a UTF-8 sequence is not counted. */
static int column_of(const struct lexer *l, size_t line_at, size_t at)
{
    int column = 1;
    for (size_t i = line_at; i < at; i++)
        column += ((unsigned char)l->s[i] & 0xc0) != 0x80;
    return column;
}

static void fail(struct lexer *l, size_t at, const char *sentence)
{
    select_fault_set(l->fault, l->line, column_of(l, l->line_at, at), "%s", sentence);
    l->at = l->n;
}

/* ---- the kinds of token: each is called at its first byte and moves past its last ---- */

/* A dot and a hyphen join two letters: flags.syn, CLOSE-WAIT. The states FIN-WAIT-1 and -2 alone
 * have a digit there. */
static void read_word(struct lexer *l)
{
    size_t start = l->at;
    l->token.kind = TOKEN_WORD;
    while (is_word_byte(peek(l, 0)) ||
           ((peek(l, 0) == '.' || peek(l, 0) == '-') && is_word_start(peek(l, 1))))
        l->at++;
    if (l->at - start == 8 && strncasecmp(l->s + start, "FIN-WAIT", 8) == 0 && peek(l, 0) == '-' &&
        (peek(l, 1) == '1' || peek(l, 1) == '2') && !is_word_byte(peek(l, 2)))
        l->at += 2;
}

/* Past the parenthesis that closes the one here; strings may hold others. */
static void read_call(struct lexer *l)
{
    size_t start = l->at;
    int depth = 0;
    bool quoted = false;
    l->token.kind = TOKEN_CALL;
    for (; l->at < l->n && peek(l, 0) != '\n'; l->at++) {
        char c = peek(l, 0);
        if (quoted && c == '\\' && l->at + 1 < l->n)
            l->at++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '(')
            depth++;
        else if (!quoted && c == ')' && --depth == 0) {
            l->at++;
            return;
        }
    }
    fail(l, start, "This parenthesis is not closed on its line.");
}

static bool is_operator_word(const struct lexer *l, size_t at, size_t n)
{
    static const char *const words[] = {"not", "and", "or", "first", "last", "of"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && strncmp(l->s + at, words[i], n) == 0)
            return true;
    return false;
}

static void read_word_or_call(struct lexer *l)
{
    size_t start = l->at;
    read_word(l);
    if (peek(l, 0) == '(' && !is_operator_word(l, start, l->at - start))
        read_call(l);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_escape(struct lexer *l)
{
    static const char letters[] = "nrt0\\\"", bytes[] = "\n\r\t\0\\\"";
    char c = peek(l, 1);
    const char *letter = c ? strchr(letters, c) : NULL;
    if (c == 'x' && hex_digit(peek(l, 2)) >= 0 && hex_digit(peek(l, 3)) >= 0) {
        text_char(&l->string, (char)(hex_digit(peek(l, 2)) << 4 | hex_digit(peek(l, 3))));
        l->at += 4;
        return true;
    }
    if (!letter) {
        fail(l, l->at, "Behind a backslash stands one of n r t 0 \\ \" or x and two hex digits.");
        return false;
    }
    text_char(&l->string, bytes[letter - letters]);
    l->at += 2;
    return true;
}

static void read_string(struct lexer *l)
{
    size_t start = l->at++;
    l->token.kind = TOKEN_STRING;
    text_clear(&l->string);
    while (l->at < l->n && peek(l, 0) != '\n') {
        char c = peek(l, 0);
        if (c == '"') {
            l->at++;
            return;
        }
        if (c == '\\') {
            if (!read_escape(l))
                return;
        } else {
            text_char(&l->string, c);
            l->at++;
        }
    }
    fail(l, start, "This quotation mark has no other one on its line.");
}

/* The hex digits, dots and colons from here on, if they are an address. */
static bool try_address(struct lexer *l, size_t from)
{
    char word[48];
    size_t n = 0;
    int colons = 0;
    while (from + n < l->n && n < sizeof word - 1) {
        char c = l->s[from + n];
        if (hex_digit(c) < 0 && c != '.' && c != ':')
            break;
        colons += c == ':';
        word[n++] = c;
    }
    for (; n > 0; n--) { /* 10.0.0.1:9502 is an address and a port; 1..7 is no address */
        word[n] = '\0';
        if ((colons >= 2 || strchr(word, '.')) && address_parse(word, &l->token.address))
            break;
        if (colons < 2 && word[n - 1] != ':' && !strchr(word, ':'))
            return false;
    }
    if (n == 0 || (from + n < l->n && is_word_byte(l->s[from + n])))
        return false;
    l->token.kind = TOKEN_ADDRESS;
    l->at = from + n;
    return true;
}

static void read_bracket(struct lexer *l)
{
    size_t start = l->at;
    if (try_address(l, start + 1)) {
        if (peek(l, 0) == ']')
            l->at++;
        else
            fail(l, start, "This bracket is not closed.");
        return;
    }
    l->token.kind = TOKEN_FLAGS;
    while (l->at < l->n && peek(l, 0) != ']' && peek(l, 0) != '\n')
        l->at++;
    if (peek(l, 0) != ']')
        fail(l, start, "This bracket is not closed on its line: flags are written [S.].");
    else
        l->at++;
}

static bool add_digit(int64_t *v, int base, int digit)
{
    if (*v > (INT64_MAX - digit) / base)
        return false;
    *v = *v * base + digit;
    return true;
}

/* What may stand behind a number and touch it. */
static const struct unit {
    const char *name;
    enum token_kind kind;
    int64_t scale; /* of one of it */
} units[] = {
    {"s", TOKEN_DURATION, 1000000000},
    {"ms", TOKEN_DURATION, 1000000},
    {"us", TOKEN_DURATION, 1000},
    {"ns", TOKEN_DURATION, 1},
    {"min", TOKEN_DURATION, 60000000000},
    {"bit", TOKEN_RATE, 1},
    {"kbit", TOKEN_RATE, 1000},
    {"mbit", TOKEN_RATE, 1000000},
    {"gbit", TOKEN_RATE, 1000000000},
    {"st", TOKEN_ORDINAL, 1},
    {"nd", TOKEN_ORDINAL, 1},
    {"rd", TOKEN_ORDINAL, 1},
    {"th", TOKEN_ORDINAL, 1},
    {"%", TOKEN_PERCENT, 10000},
};

static const struct unit *unit_here(const struct lexer *l)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = strlen(units[i].name);
        if (l->n - l->at >= n && strncmp(l->s + l->at, units[i].name, n) == 0 &&
            (units[i].name[0] == '%' || !is_word_byte(peek(l, n))))
            return &units[i];
    }
    return NULL;
}

/* The digits behind a decimal point, as a part of `scale`. */
static int64_t read_fraction(struct lexer *l, int64_t scale)
{
    int64_t part = 0;
    for (; isdigit((unsigned char)peek(l, 0)); l->at++) {
        scale /= 10;
        part += (peek(l, 0) - '0') * scale;
    }
    return part;
}

static void finish_number(struct lexer *l, size_t start, int64_t whole, size_t fraction_at)
{
    const struct unit *unit = unit_here(l);
    size_t end = l->at;
    if (is_word_byte(peek(l, 0)) && !unit) {
        fail(l, l->at,
             "A number ends here with letters that are no unit: s, ms, us, ns, min, %, "
             "kbit, mbit and 3rd are known.");
        return;
    }
    if (fraction_at && (!unit || unit->kind == TOKEN_ORDINAL)) {
        fail(l, start, "Only a time, a rate and a percentage may have a fraction: 1.5s, 2.5%.");
        return;
    }
    int64_t scale = unit ? unit->scale : 1, part = 0;
    if (fraction_at) {
        l->at = fraction_at;
        part = read_fraction(l, scale);
    }
    l->at = end + (unit ? strlen(unit->name) : 0);
    if (whole > (INT64_MAX / 4) / scale) {
        fail(l, start, "This number is too large.");
        return;
    }
    l->token.kind = unit ? unit->kind : TOKEN_NUMBER;
    l->token.number = whole * scale + part;
}

static void read_number(struct lexer *l)
{
    size_t start = l->at, fraction_at = 0;
    int base = 10, digit;
    int64_t v = 0;
    if (try_address(l, start))
        return;
    if (peek(l, 0) == '0' && peek(l, 1) == 'x' && hex_digit(peek(l, 2)) >= 0) {
        base = 16;
        l->at += 2;
    }
    for (; (digit = hex_digit(peek(l, 0))) >= 0 && digit < base; l->at++)
        if (!add_digit(&v, base, digit)) {
            fail(l, start, "This number is too large.");
            return;
        }
    if (peek(l, 0) == '.' && isdigit((unsigned char)peek(l, 1))) {
        fraction_at = ++l->at;
        while (isdigit((unsigned char)peek(l, 0)))
            l->at++;
    }
    if (fraction_at && peek(l, 0) == '.' && isdigit((unsigned char)peek(l, 1)))
        fail(l, start,
             "This is no address: that has four numbers from 0 to 255, and a port behind a "
             "colon: 10.0.0.1:80.");
    else
        finish_number(l, start, v, fraction_at);
}

static void no_meaning(struct lexer *l)
{
    struct text sentence = {0};
    text_add(&sentence, "What stands here has no meaning.");
    add_meant(l, l->at, &sentence);
    fail(l, l->at, sentence.s);
    text_free(&sentence);
}

static void read_sign(struct lexer *l)
{
    static const char *const none[] = {"=>", "=<", "->"};
    static const char *const signs[] = {">=", "<=", "==", "!=", "..", ">", "<", "=", "(",
                                        ")",  "{",  "}",  ",",  ":",  "+", "-", "*"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (peek(l, 0) == none[i][0] && peek(l, 1) == none[i][1]) {
            no_meaning(l);
            return;
        }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t n = strlen(signs[i]);
        if (l->n - l->at >= n && strncmp(l->s + l->at, signs[i], n) == 0) {
            l->token.kind = TOKEN_SIGN;
            l->at += n;
            return;
        }
    }
    no_meaning(l);
}

/* ---- one token after the other ---- */

/* Past spaces, comments and, where lines do not matter, ends of lines. */
static void skip(struct lexer *l)
{
    for (; l->at < l->n; l->at++) {
        char c = peek(l, 0);
        if (c == '#')
            while (l->at + 1 < l->n && peek(l, 1) != '\n')
                l->at++;
        else if (c == '\n' && !l->lines) {
            l->line++;
            l->line_at = l->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
    }
}

static void read_token(struct lexer *l)
{
    char c = peek(l, 0);
    if (l->at >= l->n)
        l->token.kind = TOKEN_END;
    else if (c == '\n')
        l->at++, l->token.kind = TOKEN_LINE;
    else if (is_word_start(c))
        /* An address may begin with a letter: fe80::1. */
        try_address(l, l->at) ? (void)0 : read_word_or_call(l);
    else if (isdigit((unsigned char)c) || (c == ':' && peek(l, 1) == ':'))
        read_number(l);
    else if (c == '"')
        read_string(l);
    else if (c == '[')
        read_bracket(l);
    else
        read_sign(l);
}

void lexer_next(struct lexer *l)
{
    bool line_ends = l->token.kind == TOKEN_LINE;
    size_t end_before = l->token.at + l->token.len;
    if (line_ends) {
        l->line++;
        l->line_at = l->at;
    }
    skip(l);
    l->token = (struct token){
        .line = l->line, .line_at = l->line_at, .at = l->at, .end_before = end_before};
    read_token(l);
    if (l->fault->line > 0) {
        l->at = l->n;
        l->token.kind = TOKEN_END;
    }
    l->token.len = l->at - l->token.at;
}

void lexer_begin(struct lexer *l, const char *s, size_t n, bool lines, struct select_fault *fault)
{
    *fault = (struct select_fault){0};
    *l = (struct lexer){.s = s, .n = n, .lines = lines, .line = 1, .fault = fault};
    lexer_next(l);
}

void lexer_free(struct lexer *l)
{
    text_free(&l->string);
}

bool lexer_at(const struct lexer *l, const char *words)
{
    return (l->token.kind == TOKEN_WORD || l->token.kind == TOKEN_SIGN) &&
           strlen(words) == l->token.len && strncmp(l->s + l->token.at, words, l->token.len) == 0;
}

bool lexer_take(struct lexer *l, const char *words)
{
    if (!lexer_at(l, words))
        return false;
    lexer_next(l);
    return true;
}

/* ---- faults ---- */

bool lexer_fault_at(struct lexer *l, const struct token *where, const char *format, ...)
{
    char sentence[sizeof l->fault->text];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    l->at = l->n;
    l->token.kind = TOKEN_END;
    return select_fault_set(l->fault, where->line, column_of(l, where->line_at, where->at), "%s",
                            sentence);
}

bool lexer_fault(struct lexer *l, const char *format, ...)
{
    char sentence[sizeof l->fault->text];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    struct token where = l->token;
    return lexer_fault_at(l, &where, "%s", sentence);
}

static void add_found(const struct lexer *l, struct text *out)
{
    if (l->token.kind == TOKEN_END) {
        text_add(out, "the text ends here");
    } else if (l->token.kind == TOKEN_LINE) {
        text_add(out, "the line ends here");
    } else {
        size_t n = l->token.len < 40 ? l->token.len : 40;
        text_add(out, "here stands ");
        if (l->token.kind != TOKEN_STRING)
            text_char(out, '"');
        text_safe(out, l->s + l->token.at, n);
        text_add(out, n < l->token.len ? "..." : "");
        if (l->token.kind != TOKEN_STRING || n < l->token.len)
            text_char(out, '"');
    }
}

bool lexer_expected(struct lexer *l, const char *what, const char *const *list)
{
    struct text found = {0}, nearest = {0};
    add_found(l, &found);
    if (!add_meant(l, l->token.at, &nearest) && list &&
        (l->token.kind == TOKEN_WORD || l->token.kind == TOKEN_CALL)) {
        struct text word = {0};
        text_bytes(&word, l->s + l->token.at, l->token.len);
        word.s[strcspn(word.s, "(")] = '\0';
        select_suggest(word.s, list, &nearest);
        text_free(&word);
    }
    lexer_fault(l, "Expected %s, but %s.%s", what, text_str(&found), text_str(&nearest));
    text_free(&found);
    text_free(&nearest);
    return false;
}
