/* The writer: from a row of a table to a field of the list. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

struct cursor cursor_over(const struct packet *p, size_t at)
{
    struct cursor c;
    uint32_t captured = p->frame.captured_bytes;
    cursor_init(&c, p->frame.bytes, captured,
                p->frame.wire_bytes < captured ? captured : p->frame.wire_bytes);
    if (at <= c.claimed)
        c.at = at;
    else
        cursor_skip(&c, at);
    return c;
}

static size_t keep_words(struct fields *f, const struct text *t)
{
    if (t->len == 0)
        return 0;
    size_t at = f->words.len;
    text_bytes(&f->words, text_str(t), t->len + 1);
    return at;
}

void write_field(struct writer *w, const char *name, unsigned depth, size_t from, size_t bytes,
                 const char *about)
{
    struct fields *f = w->out;
    struct text sentence = {0};
    size_t captured = w->p->frame.captured_bytes;
    size_t start = from < captured ? from : captured;
    size_t here = bytes < captured - start ? bytes : captured - start;
    text_add(&sentence, _(about));
    if (w->about.len > 0 && sentence.len > 0)
        text_char(&sentence, ' ');
    text_add(&sentence, text_str(&w->about));
    xgrow(&f->field, &f->cap, f->count, sizeof *f->field);
    struct field *e = &f->field[f->count++];
    *e = (struct field){
        .name = name,
        .depth = (uint8_t)depth,
        .verdict = (uint8_t)w->verdict,
        .from = (uint32_t)start + w->base,
        .bytes = (uint32_t)here,
        .value_at = keep_words(f, &w->value),
        .about_at = keep_words(f, &sentence),
    };
    text_free(&sentence);
    text_clear(&w->value);
    text_clear(&w->about);
    w->verdict = FIELD_PLAIN;
}

void write_verdict(struct writer *w, enum field_verdict verdict, const char *why)
{
    if (verdict > w->verdict)
        w->verdict = verdict;
    if (w->about.len > 0 && why[0])
        text_char(&w->about, ' ');
    text_add(&w->about, _(why));
}

void write_missing(struct writer *w, const struct cursor *c, unsigned depth)
{
    bool cut = c->verdict == VERDICT_TRUNCATED;
    w->verdict = cut ? FIELD_TRUNCATED : FIELD_MALFORMED;
    text_format(&w->value, cut ? "from byte %zu on" : "at byte %zu", c->at + w->base);
    const char *about =
        cut ? N_("The capture kept only the beginning of the packet; these bytes were on the wire.")
            : N_("A length says that there is more, or less, than there is: a broken sender, or "
                 "one "
                 "that tests its peer.");
    if (w->quoted && cut)
        about = N_("Only the beginning of a packet is quoted; what follows was not sent back.");
    write_field(w, cut ? (w->quoted ? N_("not quoted") : N_("not captured")) : N_("malformed"),
                depth, c->at, cut ? 0 : 1, about);
}

static uint64_t masked(uint64_t number, uint32_t mask)
{
    if (mask == 0)
        return number;
    number &= mask;
    while (!(mask & 1)) {
        mask >>= 1;
        number >>= 1;
    }
    return number;
}

static bool write_row(struct writer *w, struct cursor c, const struct field_row *row)
{
    cursor_skip(&c, row->at);
    struct cursor number = c;
    size_t from = c.at;
    struct reading r = {.bytes = cursor_bytes(&c, row->bytes), .n = row->bytes};
    if (!cursor_ok(&c)) {
        write_missing(w, &c, w->depth + row->depth);
        return false;
    }
    for (size_t i = 0; i < row->bytes && i < sizeof r.number; i++)
        r.number = r.number << 8 | cursor_u8(&number);
    r.number = masked(r.number, row->mask);
    if (row->tell)
        row->tell(w, &r);
    else
        text_u64(&w->value, r.number);
    const char *name = row->names ? name_of(row->names, r.number) : NULL;
    if (name)
        text_format(&w->value, " (%s)", name);
    write_field(w, row->name, w->depth + row->depth, from, row->bytes, row->about);
    w->out->field[w->out->count - 1].mask = row->mask;
    return true;
}

bool write_rows(struct writer *w, struct cursor header, const struct field_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!write_row(w, header, &rows[i]))
            return false;
    return true;
}

const char *name_of(const struct field_name *names, uint64_t number)
{
    for (; names->name; names++)
        if (names->number == number)
            return names->name;
    return NULL;
}

void write_quoted(struct writer *w, struct cursor c)
{
    size_t n = cursor_captured_left(&c), at = c.at;
    const uint8_t *bytes = cursor_bytes(&c, n);
    if (!bytes || n == 0 || w->quoted)
        return;
    struct packet p;
    /* It is told as a capture that kept the beginning of a packet of any length. */
    struct frame frame = {.linktype = LINKTYPE_RAW,
                          .bytes = bytes,
                          .captured_bytes = (uint32_t)n,
                          .wire_bytes = UINT32_MAX};
    packet_decode(&frame, &p);
    static const struct field_facts nothing;
    struct writer inner = {.out = w->out,
                           .p = &p,
                           .facts = &nothing,
                           .base = w->base + (uint32_t)at,
                           .quoted = true,
                           .depth = w->depth + 1};
    write_packet(&inner);
    text_free(&inner.value);
    text_free(&inner.about);
}
