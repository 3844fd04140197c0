#include "labs/puppet/parse.h"

#include <ctype.h>
#include <string.h>

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

const struct puppet_row *puppet_row_find(const char *word, size_t n)
{
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++)
        if (strlen(puppet_rows[i].word) == n && strncmp(puppet_rows[i].word, word, n) == 0)
            return &puppet_rows[i];
    return NULL;
}

/* ---- what stands in front ------------------------------------------------------------------- */

static size_t plain_word(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    return n;
}

/* A colon ends it: behind C and S any, else one with a blank or nothing behind it, as the colon of
 * an address has not. */
const char *puppet_prefix(const char *line, char *host, char socket[PUPPET_NAME_BYTES])
{
    const char *at = skip_blanks(line);
    size_t n = plain_word(at);
    *host = 0;
    socket[0] = '\0';
    if (n == 1 && (*at == 'C' || *at == 'S')) {
        const char *next = skip_blanks(at + 1);
        if (*next == ':') {
            *host = *at;
            return next + 1;
        }
        *host = *at;
        at = next;
        n = plain_word(at);
    }
    const char *colon = skip_blanks(at + n);
    bool ends = *colon == ':' && (colon[1] == '\0' || strchr(" \t", colon[1]));
    if (n == 0 || n >= PUPPET_NAME_BYTES || !ends) {
        *host = 0;
        return line;
    }
    memcpy(socket, at, n);
    socket[n] = '\0';
    return colon + 1;
}

static int check_socket(struct puppet_call *c, struct error *e)
{
    char name[PUPPET_NAME_BYTES];
    size_t n = strlen(c->socket);
    if (n == 0 || strspn(c->socket, "0123456789") == n)
        return 0;
    if (puppet_row_find(c->socket, n))
        return error_set(e, "'%s:' is no socket but a call; it is written '%s ...'.", c->socket,
                         c->socket);
    return puppet_take_name(c->socket, n, name, e);
}

/* ---- the whole line ------------------------------------------------------------------------- */

static int check_bytes(const char *line, struct error *e)
{
    if (strlen(line) > PUPPET_LINE_MOST)
        return error_set(e,
                         "The line is too long: %d bytes at the most. `send 100000 bytes` sends "
                         "more.",
                         PUPPET_LINE_MOST);
    for (const char *at = line; *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return error_set(e, "The line holds a control character: write it as \\n or \\x1b.");
    return 0;
}

static int say_usage(const struct puppet_row *row, struct error *e)
{
    struct text usage = {0};
    puppet_usage(row, &usage);
    error_set(e, "It is written so: %s", text_str(&usage));
    text_free(&usage);
    return -1;
}

static int say_left(const struct puppet_row *row, const char *at, struct error *e)
{
    struct text usage = {0};
    size_t n = puppet_word_length(at);
    puppet_usage(row, &usage);
    error_set(e, "What '%.*s' is to mean here is not clear. It is written so: %s",
              n < 40 ? (int)n : 40, at, text_str(&usage));
    text_free(&usage);
    return -1;
}

static int take_arguments(const char *at, struct puppet_call *c, struct error *e)
{
    for (size_t i = 0; i < PUPPET_ARGUMENTS && c->row->takes[i].kind != TAKES_NOTHING; i++) {
        at = skip_blanks(at);
        int taken = *at ? puppet_takes[c->row->takes[i].kind](&at, c, e) : 0;
        if (taken < 0)
            return -1;
        if (taken == 0 && c->row->takes[i].needed)
            return say_usage(c->row, e);
        if (taken > 0 && *at && *at != ' ' && *at != '\t')
            return say_left(c->row, at, e);
    }
    at = skip_blanks(at);
    return *at ? say_left(c->row, at, e) : 0;
}

int puppet_parse(const char *line, struct puppet_call *c, struct error *e)
{
    *c = (struct puppet_call){.port = -1, .count = -1, .backlog = -1, .on = -1, .wait_ms = -1};
    if (check_bytes(line, e) != 0)
        return -1;
    const char *at = skip_blanks(puppet_prefix(line, &c->host, c->socket));
    if (check_socket(c, e) != 0)
        return -1;
    size_t n = puppet_word_length(at);
    if (n == 0)
        return 0;
    if (*at == '"' || (n == 3 && strncmp(at, "hex", 3) == 0)) {
        c->row = &puppet_rows[PUPPET_SEND];
        return take_arguments(at, c, e);
    }
    c->row = puppet_row_find(at, n);
    if (!c->row)
        return error_set(e, "There is no call '%.*s'. `help` lists what there is.",
                         n < 40 ? (int)n : 40, at);
    return take_arguments(at + n, c, e);
}

void puppet_call_free(struct puppet_call *c)
{
    text_free(&c->data);
}
