#include "tracer/session/annotation_fields.h"

#include "tracer/base/utf8.h"

#include <string.h>

/* 02: locally administered, for no one; then "TCPL", and the host's letter in the source. */
static const uint8_t mac[6] = {0x02, 0x54, 0x43, 0x50, 0x4c, 0x00};

static void add_header(const struct annotation *a, struct text *out)
{
    char host = a->type == ANNOTATION_FATE   ? a->fate.from
                : a->type == ANNOTATION_HELD ? a->held.from
                                             : a->host;
    text_bytes(out, mac, sizeof mac);
    text_bytes(out, mac, sizeof mac - 1);
    text_char(out, host);
    text_bytes(out, "\x88\xb5", 2);
}

/* How many bytes of `s` make, as a JSON string with "..." behind them, at most `limit` bytes. */
static size_t fitting_prefix(const char *s, size_t n, size_t limit)
{
    size_t used = strlen("\"...\""), at = 0;
    struct text one = {0};
    while (at < n) {
        uint32_t code_point;
        size_t len = utf8_read((const uint8_t *)s + at, n - at, &code_point);
        text_clear(&one);
        text_json(&one, s + at, len ? len : 1);
        used += one.len - 2;
        if (used > limit)
            break;
        at += len ? len : 1;
    }
    text_free(&one);
    return at;
}

/* Add a string of at most `limit` bytes as JSON. */
static void add_string(struct text *out, const char *s, size_t limit)
{
    size_t n = strlen(s), before = out->len;
    text_json(out, s, n);
    if (out->len - before <= limit)
        return;
    struct text cut = {0};
    text_bytes(&cut, s, fitting_prefix(s, n, limit));
    text_add(&cut, "...");
    out->len = before;
    text_json(out, cut.s, cut.len);
    text_free(&cut);
}

static void add_key(struct text *out, const char *key)
{
    text_add(out, ",\"");
    text_add(out, key);
    text_add(out, "\":");
}

static int64_t i64_at(const struct annotation *a, const struct field *f)
{
    int64_t v;
    memcpy(&v, field_at_const(a, f), sizeof v);
    return v;
}

static int int_at(const struct annotation *a, const struct field *f)
{
    int v;
    memcpy(&v, field_at_const(a, f), sizeof v);
    return v;
}

/* True where the member stands for nothing and is left out. */
static bool is_absent(const struct annotation *a, const struct field *f)
{
    const void *p = field_at_const(a, f);
    switch (f->kind) {
    case FIELD_STRING: return *(char *const *)p == NULL;
    case FIELD_PORT: return *(const uint16_t *)p == 0;
    case FIELD_HOST: return *(const char *)p == 0;
    case FIELD_INT: return f->sparse && int_at(a, f) == f->absent;
    case FIELD_BOOL: return f->sparse && !*(const bool *)p;
    default: return false;
    }
}

static void add_field(const struct annotation *a, const struct field *f, struct text *out,
                      size_t limit)
{
    const void *p = field_at_const(a, f);
    if (is_absent(a, f))
        return;
    add_key(out, f->key);
    switch (f->kind) {
    case FIELD_STRING: add_string(out, *(char *const *)p, limit); break;
    case FIELD_INT: text_i64(out, int_at(a, f)); break;
    case FIELD_I64: text_i64(out, i64_at(a, f)); break;
    case FIELD_U64:
        text_char(out, '"');
        text_u64(out, (uint64_t)i64_at(a, f));
        text_char(out, '"');
        break;
    case FIELD_STAMP:
        text_char(out, '"');
        text_i64(out, i64_at(a, f));
        text_char(out, '"');
        break;
    case FIELD_PORT: text_u64(out, *(const uint16_t *)p); break;
    case FIELD_BOOL: text_add(out, *(const bool *)p ? "true" : "false"); break;
    case FIELD_HOST: text_json(out, p, 1); break;
    case FIELD_NAME: {
        int v = int_at(a, f);
        text_json_str(out, v >= 0 && v < f->names->count ? f->names->names[v] : "unknown");
        break;
    }
    case FIELD_KIND_COUNT: break;
    }
}

static void add_object(const struct annotation *a, struct text *out, size_t limit)
{
    text_add(out, "{\"type\":");
    text_json_str(out, annotation_type_name(a->type));
    for (const struct field *f = annotation_fields(a->type); f->key; f++)
        add_field(a, f, out, limit);
    text_char(out, '}');
}

void annotation_write(const struct annotation *a, struct text *out)
{
    add_header(a, out);
    if (annotation_write_delivered(a, out))
        return;
    size_t start = out->len;
    size_t limit = ANNOTATION_MAX_BYTES;
    add_object(a, out, limit);
    /* Too long: halve what each string may take until the whole fits. The rest of an object is
     * some hundred bytes, so this ends. */
    while (out->len - start > ANNOTATION_MAX_BYTES) {
        limit = limit == ANNOTATION_MAX_BYTES ? ANNOTATION_MAX_BYTES - 1024 : limit / 2;
        out->len = start;
        add_object(a, out, limit);
    }
}
