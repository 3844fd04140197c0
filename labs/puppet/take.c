#include "labs/puppet/parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

size_t puppet_word_length(const char *at)
{
    return strcspn(at, " \t");
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* For a sentence: a word as it was typed, cut where it is long. */
static int shown(size_t n)
{
    return n < 40 ? (int)n : 40;
}

/* A decimal number that is the whole word; -1 where it is none or above `most`. */
static long number_of(const char *at, size_t n, long most)
{
    long v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)at[i]) || v > most)
            return -1;
        v = v * 10 + (at[i] - '0');
    }
    return n > 0 && v <= most ? v : -1;
}

bool puppet_number(const char *value, long *number)
{
    bool minus = value[0] == '-';
    long v = number_of(value + minus, strlen(value + minus), INT_MAX);
    if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
        v = value[1] == 'n';
    *number = minus ? -v : v;
    return v >= 0;
}

/* ---- words of a list ------------------------------------------------------------------------ */

static const struct puppet_term *find_term(enum puppet_kind kind, const char *at)
{
    size_t n = puppet_word_length(at);
    for (const struct puppet_term *t = puppet_terms(kind); t->word; t++)
        if (strlen(t->word) == n && strncmp(t->word, at, n) == 0)
            return t;
    return NULL;
}

static const struct puppet_term *take_term(enum puppet_kind kind, const char **at)
{
    const struct puppet_term *t = find_term(kind, *at);
    if (t)
        *at += strlen(t->word);
    return t;
}

static int take_type(const char **at, struct puppet_call *c, struct error *e)
{
    const struct puppet_term *t = take_term(TAKES_TYPE, at);
    (void)e;
    c->type = t ? (enum puppet_type)t->number : TYPE_NONE;
    return t != NULL;
}

static int take_how(const char **at, struct puppet_call *c, struct error *e)
{
    const struct puppet_term *t = take_term(TAKES_HOW, at);
    (void)e;
    c->how = t ? t->number : 0;
    return t != NULL;
}

static int take_switch(const char **at, struct puppet_call *c, struct error *e)
{
    const struct puppet_term *t = take_term(TAKES_SWITCH, at);
    (void)e;
    c->on = t ? t->number : -1;
    return t != NULL;
}

static int take_hex(const char **at, struct puppet_call *c, struct error *e)
{
    (void)e;
    c->hex = take_term(TAKES_HEX, at) != NULL;
    return c->hex;
}

/* As many of them as there are. */
static int take_many(enum puppet_kind kind, const char **at, int *set)
{
    const char *next = *at;
    const struct puppet_term *t;
    *set = 0;
    while ((t = take_term(kind, &next))) {
        *set |= t->number;
        *at = next;
        next = skip_blanks(next);
    }
    return *set != 0;
}

static int take_flags(const char **at, struct puppet_call *c, struct error *e)
{
    (void)e;
    return take_many(TAKES_FLAGS, at, &c->flags);
}

static int take_events(const char **at, struct puppet_call *c, struct error *e)
{
    (void)e;
    return take_many(TAKES_EVENTS, at, &c->events);
}

static int take_option(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    for (size_t i = 0; i < puppet_option_count; i++)
        if (strlen(puppet_options[i].word) == n && strncmp(puppet_options[i].word, *at, n) == 0) {
            c->option = &puppet_options[i];
            *at += n;
            return 1;
        }
    return error_set(e,
                     "There is no option '%.*s'. `help options` lists them: nodelay, linger, "
                     "reuseaddr and others.",
                     shown(n), *at);
}

/* ---- numbers and names ---------------------------------------------------------------------- */

static int take_count(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    (void)e;
    c->count = number_of(*at, n, PUPPET_DATA_MOST);
    *at += c->count >= 0 ? n : 0;
    return c->count >= 0;
}

static int take_backlog(const char **at, struct puppet_call *c, struct error *e)
{
    const char *next = *at;
    if (!take_term(TAKES_BACKLOG, &next))
        return 0;
    next = skip_blanks(next);
    size_t n = puppet_word_length(next);
    c->backlog = number_of(next, n, INT_MAX);
    if (c->backlog < 0)
        return error_set(e, "backlog takes a number: listen 9502 backlog 5.");
    *at = next + n;
    return 1;
}

static int take_wait(const char **at, struct puppet_call *c, struct error *e)
{
    enum { MOST_MS = 3600000 };
    size_t n = puppet_word_length(*at), digits = strspn(*at, "0123456789");
    long v = number_of(*at, digits, MOST_MS);
    bool ms = n == digits || (n == digits + 2 && strncmp(*at + digits, "ms", 2) == 0);
    bool s = n == digits + 1 && (*at)[digits] == 's';
    if (digits == 0)
        return 0;
    if (v < 0 || !(ms || s) || (s && v > MOST_MS / 1000))
        return error_set(e, "'%.*s' is no time: write 500ms or 2s.", shown(n), *at);
    c->wait_ms = s ? v * 1000 : v;
    *at += n;
    return 1;
}

static int take_value(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    if (n >= sizeof c->value)
        return error_set(e, "'%.*s...' is too long for an option's value.", shown(n), *at);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)(*at)[i]) && !strchr("_-.", (*at)[i]))
            return error_set(e, "'%.*s' is no value of an option: on, off, a number or a word.",
                             shown(n), *at);
    memcpy(c->value, *at, n);
    *at += n;
    return 1;
}

int puppet_take_name(const char *at, size_t n, char name[PUPPET_NAME_BYTES], struct error *e)
{
    bool good = n > 0 && n < PUPPET_NAME_BYTES && isalpha((unsigned char)at[0]);
    for (size_t i = 0; i < n; i++)
        good = good && (isalnum((unsigned char)at[i]) || at[i] == '_');
    if (!good || (n == 1 && (at[0] == 'C' || at[0] == 'S')))
        return error_set(e,
                         "'%.*s' is no name for a socket: a letter, then letters and digits, %d at "
                         "the most. C and S are the hosts.",
                         shown(n), at, PUPPET_NAME_BYTES - 1);
    memcpy(name, at, n);
    name[n] = '\0';
    return 0;
}

static int take_as(const char **at, struct puppet_call *c, struct error *e)
{
    const char *next = *at;
    if (!take_term(TAKES_NAME, &next))
        return 0;
    next = skip_blanks(next);
    size_t n = puppet_word_length(next);
    if (puppet_take_name(next, n, c->as, e) != 0)
        return -1;
    *at = next + n;
    return 1;
}

/* ---- addresses ------------------------------------------------------------------------------ */

bool puppet_is_name(const char *address)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool ours = (address[0] == 'C' || address[0] == 'S') &&
                (address[1] == '\0' || strcmp(address + 1, "6") == 0);
    size_t n = strspn(address, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
    return !ours && n == strlen(address) && n > 0 && isalnum((unsigned char)address[0]) &&
           address[strcspn(address, letters)] != '\0' && strcmp(address, "localhost") != 0;
}

static bool is_host(const char *at, size_t n)
{
    static const char *const words[] = {"C", "S", "C6", "S6", "*", "localhost"};
    char copy[PUPPET_ADDRESS_BYTES];
    unsigned char bytes[16];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && strncmp(words[i], at, n) == 0)
            return true;
    if (n >= sizeof copy)
        return false;
    memcpy(copy, at, n);
    copy[n] = '\0';
    return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1 ||
           puppet_is_name(copy);
}

static void set_host(struct puppet_call *c, const char *at, size_t n)
{
    bool any = n == 1 && *at == '*';
    memcpy(c->address, at, any ? 0 : n);
    c->address[any ? 0 : n] = '\0';
    c->has_address = true;
}

/* A file's name, which stands for an address where the type is unix. */
static int take_path(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    if (n >= PUPPET_ADDRESS_BYTES)
        return error_set(e, "The name of a unix socket has %d bytes at the most.",
                         PUPPET_ADDRESS_BYTES - 1);
    set_host(c, *at, n);
    *at += n;
    return 1;
}

/* Cut a word such as 10.0.0.2:9502 or [fd00::2]:9502 at its last colon; where it has no port, that
 * is the next word. `*port` is NULL where there is none. */
static void cut_address(const char *at, size_t *host, const char **port, size_t *port_bytes)
{
    size_t n = puppet_word_length(at);
    const char *colon = memrchr(at, ':', n), *bracket = memchr(at, ']', n);
    bool joined = colon && (bracket ? colon > bracket : memchr(at, ':', n) == colon);
    *host = joined ? (size_t)(colon - at) : n;
    *port = joined ? colon + 1 : skip_blanks(at + n);
    *port_bytes = joined ? n - *host - 1 : puppet_word_length(*port);
}

/* 1; 0 where the word is no address at all. */
static int read_address(const char **at, struct puppet_call *c, struct error *e)
{
    const char *name = *at, *port;
    size_t n, port_bytes;
    cut_address(name, &n, &port, &port_bytes);
    if (n > 2 && name[0] == '[' && name[n - 1] == ']') {
        name++;
        n -= 2;
    }
    if (!is_host(name, n))
        return 0;
    long number = number_of(port, port_bytes, UINT16_MAX);
    if (number < 0)
        return error_set(e, "'%.*s' needs a port, a number from 0 to 65535, behind it: S 9502.",
                         shown(n), name);
    set_host(c, name, n);
    c->port = (int)number;
    *at = port + port_bytes;
    return 1;
}

static int take_address(const char **at, struct puppet_call *c, struct error *e)
{
    if (c->type == TYPE_UNIX || c->type == TYPE_UNIXGRAM)
        return take_path(at, c, e);
    int result = read_address(at, c, e);
    if (result == 0)
        return error_set(e,
                         "'%.*s' is no address: write S 9502, S6 9502, 10.0.0.2:9502, "
                         "[fd00::2]:9502, or unix and a file's name.",
                         shown(puppet_word_length(*at)), *at);
    return result;
}

static int take_local(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    if (c->type == TYPE_UNIX || c->type == TYPE_UNIXGRAM)
        return take_path(at, c, e);
    if (find_term(TAKES_BACKLOG, *at))
        return 0;
    long port = number_of(*at, n, UINT16_MAX);
    if (port < 0)
        return take_address(at, c, e);
    set_host(c, "*", 1);
    c->port = (int)port;
    *at += n;
    return 1;
}

/* ---- data ----------------------------------------------------------------------------------- */

static int hex_digit(char d)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = d ? strchr(digits, tolower((unsigned char)d)) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool is_pairs(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (hex_digit(at[i]) < 0)
            return false;
    return n > 0 && n % 2 == 0;
}

static int take_pairs(const char **at, struct puppet_call *c, struct error *e)
{
    const char *next = skip_blanks(*at + strlen("hex"));
    for (size_t n = puppet_word_length(next); is_pairs(next, n); n = puppet_word_length(next)) {
        for (size_t i = 0; i < n; i += 2)
            text_char(&c->data, (char)(hex_digit(next[i]) * 16 + hex_digit(next[i + 1])));
        *at = next + n;
        next = skip_blanks(*at);
    }
    c->hex = true;
    return c->data.len > 0 ? 1 : error_set(e, "hex takes pairs of digits: send hex 68 65 6c.");
}

/* One escape behind a backslash; how many bytes of it there are, 0 where it is none. */
static size_t take_escape(const char *at, struct text *out)
{
    static const struct {
        char letter, byte;
    } escapes[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'}, {'"', '"'}, {'\\', '\\'}};
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (*at == escapes[i].letter) {
            text_char(out, escapes[i].byte);
            return 1;
        }
    if (*at != 'x' || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
        return 0;
    text_char(out, (char)(hex_digit(at[1]) * 16 + hex_digit(at[2])));
    return 3;
}

static int take_quoted(const char **at, struct puppet_call *c, struct error *e)
{
    const char *next = *at + 1;
    while (*next && *next != '"') {
        size_t n = 1;
        if (*next != '\\')
            text_char(&c->data, *next);
        else if ((n = 1 + take_escape(next + 1, &c->data)) == 1)
            return error_set(e, "A backslash in a text begins \\n, \\r, \\t, \\0, \\\", \\\\ or "
                                "\\x41.");
        next += n;
    }
    if (!*next)
        return error_set(e, "The text has no closing quotation mark.");
    *at = next + 1;
    return 1;
}

/* "5000 bytes": some that can be told from each other. */
static bool take_amount(const char **at, struct puppet_call *c)
{
    size_t n = puppet_word_length(*at);
    const char *next = skip_blanks(*at + n);
    size_t unit = puppet_word_length(next);
    long count = number_of(*at, n, PUPPET_DATA_MOST);
    bool bytes = (unit == 5 && strncmp(next, "bytes", 5) == 0) ||
                 (unit == 4 && strncmp(next, "byte", 4) == 0);
    if (count < 0 || !bytes)
        return false;
    c->count = count;
    *at = next + unit;
    return true;
}

static int take_data(const char **at, struct puppet_call *c, struct error *e)
{
    size_t n = puppet_word_length(*at);
    c->has_data = true;
    if (**at == '"')
        return take_quoted(at, c, e);
    if (n == 3 && strncmp(*at, "hex", 3) == 0)
        return take_pairs(at, c, e);
    if (take_amount(at, c))
        return 1;
    text_bytes(&c->data, *at, n);
    *at += n;
    return 1;
}

puppet_take *const puppet_takes[PUPPET_KIND_COUNT] = {
    [TAKES_TYPE] = take_type,     [TAKES_ADDRESS] = take_address, [TAKES_LOCAL] = take_local,
    [TAKES_DATA] = take_data,     [TAKES_COUNT] = take_count,     [TAKES_BACKLOG] = take_backlog,
    [TAKES_HOW] = take_how,       [TAKES_OPTION] = take_option,   [TAKES_VALUE] = take_value,
    [TAKES_FLAGS] = take_flags,   [TAKES_HEX] = take_hex,         [TAKES_NAME] = take_as,
    [TAKES_SWITCH] = take_switch, [TAKES_EVENTS] = take_events,   [TAKES_WAIT] = take_wait,
};
