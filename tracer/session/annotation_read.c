#include "tracer/session/annotation_fields.h"

#include "tracer/base/alloc.h"

#include <limits.h>
#include <string.h>

#ifdef HAVE_JANSSON
#include <jansson.h>

static int wrong(struct error *e, const struct field *f, const char *wanted)
{
    return error_set(e,
                     "An annotation's \"%s\" should be %s and is not: the session was written "
                     "by another program or was damaged.",
                     f->key, wanted);
}

/* A string of decimal digits, a minus sign before it where `is_signed`. */
static bool parse_digits(const char *s, bool is_signed, uint64_t *v)
{
    bool negative = is_signed && s[0] == '-';
    uint64_t limit = !is_signed ? UINT64_MAX : negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t sum = 0;
    s += negative;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        unsigned digit = (unsigned)(*s - '0');
        if (sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *v = negative ? 0 - sum : sum;
    return true;
}

static int read_digits(void *p, const struct field *f, const json_t *value, struct error *e)
{
    uint64_t v;
    const char *s = json_string_value(value);
    if (!s || !parse_digits(s, f->kind == FIELD_STAMP, &v))
        return wrong(e, f, "a string of decimal digits");
    memcpy(p, &v, sizeof v);
    return 0;
}

static int read_number(void *p, const struct field *f, const json_t *value, struct error *e)
{
    if (!json_is_integer(value))
        return wrong(e, f, "a whole number");
    json_int_t v = json_integer_value(value);
    if (f->kind == FIELD_I64) {
        int64_t wide = v;
        memcpy(p, &wide, sizeof wide);
    } else if (f->kind == FIELD_PORT) {
        if (v < 0 || v > UINT16_MAX)
            return wrong(e, f, "a port from 0 to 65535");
        *(uint16_t *)p = (uint16_t)v;
    } else {
        if (v < INT_MIN || v > INT_MAX)
            return wrong(e, f, "a number of 32 bits");
        *(int *)p = (int)v;
    }
    return 0;
}

static int read_name(void *p, const struct field *f, const json_t *value, struct error *e)
{
    const char *s = json_string_value(value);
    for (int i = f->names->first; s && i < f->names->count; i++) {
        if (strcmp(s, f->names->names[i]) == 0) {
            memcpy(p, &i, sizeof i);
            return 0;
        }
    }
    return wrong(e, f, "one of the words that the format lists");
}

static int read_host(void *p, const struct field *f, const json_t *value, struct error *e)
{
    const char *s = json_string_value(value);
    if (!s || (strcmp(s, "C") != 0 && strcmp(s, "S") != 0))
        return wrong(e, f, "\"C\" or \"S\"");
    *(char *)p = s[0];
    return 0;
}

static int read_present(void *p, const struct field *f, const json_t *value, struct error *e)
{
    switch (f->kind) {
    case FIELD_STRING:
        if (!json_is_string(value))
            return wrong(e, f, "a string");
        *(char **)p = xstrdup(json_string_value(value));
        return 0;
    case FIELD_INT:
    case FIELD_I64:
    case FIELD_PORT: return read_number(p, f, value, e);
    case FIELD_U64:
    case FIELD_STAMP: return read_digits(p, f, value, e);
    case FIELD_BOOL:
        if (!json_is_boolean(value))
            return wrong(e, f, "true or false");
        *(bool *)p = json_is_true(value);
        return 0;
    case FIELD_HOST: return read_host(p, f, value, e);
    case FIELD_NAME: return read_name(p, f, value, e);
    case FIELD_KIND_COUNT: break;
    }
    return 0;
}

static int read_field(struct annotation *a, const struct field *f, const json_t *object,
                      struct error *e)
{
    const json_t *value = json_object_get(object, f->key);
    if (value && !json_is_null(value))
        return read_present(field_at(a, f), f, value, e);
    if (f->required)
        return wrong(e, f, "there");
    if (f->kind == FIELD_INT)
        *(int *)field_at(a, f) = f->absent;
    return 0;
}

static enum annotation_type type_of(const json_t *object)
{
    const char *s = json_string_value(json_object_get(object, "type"));
    int type = 0;
    while (type < ANNOTATION_UNKNOWN && strcmp(s, annotation_type_name((enum annotation_type)type)))
        type++;
    return (enum annotation_type)type;
}

static int read_object(const json_t *object, struct annotation *a, struct error *e)
{
    if (!json_is_object(object) || !json_is_string(json_object_get(object, "type")))
        return error_set(e, "An annotation is not a JSON object with a \"type\": the session was "
                            "written by another program or was damaged.");
    a->type = type_of(object);
    for (const struct field *f = annotation_fields(a->type); f->key; f++) {
        if (read_field(a, f, object, e) < 0) {
            annotation_free(a);
            return -1;
        }
    }
    return 0;
}

int annotation_read(const uint8_t *frame, size_t n, struct annotation *a, struct error *e)
{
    memset(a, 0, sizeof *a);
    if (!annotation_is(frame, n))
        return error_set(e, "A frame that should be an annotation is not: its EtherType is not "
                            "0x88b5.");
    if (n > ANNOTATION_HEADER_BYTES + (size_t)ANNOTATION_MAX_BYTES)
        return error_set(e,
                         "An annotation of %zu bytes is longer than the 64 KiB that the session "
                         "format allows.",
                         n - ANNOTATION_HEADER_BYTES);
    if (annotation_read_delivered((const char *)frame + ANNOTATION_HEADER_BYTES,
                                  n - ANNOTATION_HEADER_BYTES, a))
        return 0;
    json_error_t why;
    json_t *object = json_loadb((const char *)frame + ANNOTATION_HEADER_BYTES,
                                n - ANNOTATION_HEADER_BYTES, JSON_REJECT_DUPLICATES, &why);
    if (!object)
        return error_set(e,
                         "An annotation is not JSON from byte %d on: the session was cut, "
                         "damaged, or written by another program.",
                         why.position);
    int result = read_object(object, a, e);
    json_decref(object);
    return result;
}

int annotation_readable(struct error *e)
{
    (void)e;
    return 0;
}

#else

int annotation_readable(struct error *e)
{
    error_exit(e, EXIT_MACHINE,
               "This program was built without jansson, so it cannot read what a session tells "
               "beside its packets. Build it again after:");
    return error_mend(e, "sudo apt-get install libjansson-dev");
}

int annotation_read(const uint8_t *frame, size_t n, struct annotation *a, struct error *e)
{
    (void)frame;
    (void)n;
    memset(a, 0, sizeof *a);
    return annotation_readable(e);
}

#endif
