/* Calls as text again: how one is written, and one that was read. */
#include "labs/puppet/call.h"

#include "tracer/base/words.h"

#include <ctype.h>
#include <string.h>

void puppet_usage(const struct puppet_row *row, struct text *out)
{
    text_add(out, row->word);
    for (size_t i = 0; i < PUPPET_ARGUMENTS && row->takes[i].kind != TAKES_NOTHING; i++) {
        bool needed = row->takes[i].needed;
        text_format(out, needed ? " %s" : " [%s]", puppet_kind_name(row->takes[i].kind));
    }
}

static void write_bytes(const struct text *data, bool hex, struct text *out)
{
    text_add(out, hex ? " hex" : " \"");
    for (size_t i = 0; i < data->len; i++) {
        unsigned char byte = (unsigned char)data->s[i];
        bool plain = byte >= ' ' && byte < 0x7f;
        if (hex)
            text_format(out, " %02x", byte);
        else if (byte == '"' || byte == '\\')
            text_format(out, "\\%c", byte);
        else if (plain)
            text_char(out, (char)byte);
        else if (byte == '\n' || byte == '\r' || byte == '\t')
            text_add(out, byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t");
        else
            text_format(out, "\\x%02x", byte);
    }
    if (!hex)
        text_char(out, '"');
}

static void write_terms(enum puppet_kind kind, int set, struct text *out)
{
    for (const struct puppet_term *t = puppet_terms(kind); t->word; t++)
        if (set & t->number)
            text_format(out, " %s", t->word);
}

static void write_term(enum puppet_kind kind, int number, struct text *out)
{
    for (const struct puppet_term *t = puppet_terms(kind); t->word; t++)
        if (t->number == number)
            text_format(out, " %s", t->word);
}

static void write_address(const struct puppet_call *c, struct text *out)
{
    const char *host = c->address[0] ? c->address : "*";
    if (c->has_address)
        text_format(out, " %s", host);
    if (c->has_address && c->port >= 0)
        text_format(out, " %d", c->port);
}

static void write_argument(const struct puppet_call *c, enum puppet_kind kind, struct text *out)
{
    switch (kind) {
    case TAKES_TYPE: write_term(kind, (int)c->type, out); break;
    case TAKES_ADDRESS:
    case TAKES_LOCAL: write_address(c, out); break;
    case TAKES_DATA:
        if (c->count >= 0)
            text_format(out, " %ld bytes", c->count);
        else
            write_bytes(&c->data, c->hex && c->data.len > 0, out);
        break;
    case TAKES_COUNT:
        if (c->count >= 0)
            text_format(out, " %ld", c->count);
        break;
    case TAKES_BACKLOG:
        if (c->backlog >= 0)
            text_format(out, " backlog %ld", c->backlog);
        break;
    case TAKES_HOW: write_term(kind, c->how, out); break;
    case TAKES_OPTION: text_format(out, " %s", c->option->word); break;
    case TAKES_VALUE:
        if (c->value[0])
            text_format(out, " %s", c->value);
        break;
    case TAKES_FLAGS: write_terms(kind, c->flags, out); break;
    case TAKES_HEX: text_add(out, c->hex ? " hex" : ""); break;
    case TAKES_NAME:
        if (c->as[0])
            text_format(out, " as %s", c->as);
        break;
    case TAKES_SWITCH: write_term(kind, c->on, out); break;
    case TAKES_EVENTS: write_terms(kind, c->events, out); break;
    case TAKES_WAIT:
        if (c->wait_ms >= 0)
            text_format(out, " %ldms", c->wait_ms);
        break;
    case TAKES_NOTHING:
    case PUPPET_KIND_COUNT: break;
    }
}

void puppet_write(const struct puppet_call *c, struct text *out)
{
    if (c->host)
        text_char(out, c->host);
    if (c->socket[0])
        text_format(out, "%s%s", c->host ? " " : "", c->socket);
    if (c->host || c->socket[0])
        text_add(out, c->row ? ": " : ":");
    if (!c->row)
        return;
    text_add(out, c->row->word);
    for (size_t i = 0; i < PUPPET_ARGUMENTS && c->row->takes[i].kind != TAKES_NOTHING; i++)
        write_argument(c, c->row->takes[i].kind, out);
}

/* ---- what could follow ---------------------------------------------------------------------- */

static void offer_kind(enum puppet_kind kind, puppet_offer *offer, void *to)
{
    const struct puppet_term *t = puppet_terms(kind);
    if (kind == TAKES_OPTION)
        for (size_t i = 0; i < puppet_option_count; i++)
            offer(to, puppet_options[i].word, _(puppet_options[i].help));
    if (kind == TAKES_ADDRESS) {
        offer(to, "C", _("host C"));
        offer(to, "S", _("host S"));
        offer(to, "C6", _("host C by IPv6, where the profile has it"));
        offer(to, "S6", _("host S by IPv6"));
    }
    if (kind == TAKES_DATA)
        offer(to, "hex", _("bytes as pairs of digits"));
    for (; t && t->word; t++)
        offer(to, t->word, t->help ? _(t->help) : NULL);
}

size_t puppet_complete(const char *line, puppet_offer *offer, void *to)
{
    char host, socket[PUPPET_NAME_BYTES];
    const char *at = puppet_prefix(line, &host, socket);
    const char *last = line + strlen(line);
    at += strspn(at, " \t");
    while (last > at && last[-1] != ' ' && last[-1] != '\t')
        last--;
    size_t n = strcspn(at, " \t");
    if (last <= at) {
        for (size_t i = 0; i < PUPPET_WORD_COUNT; i++)
            offer(to, puppet_rows[i].word, _(puppet_rows[i].help));
    } else {
        const struct puppet_row *row = puppet_row_find(at, n);
        for (size_t i = 0; row && i < PUPPET_ARGUMENTS; i++)
            if (row->takes[i].kind != TAKES_NOTHING)
                offer_kind(row->takes[i].kind, offer, to);
    }
    return (size_t)(last - line);
}
