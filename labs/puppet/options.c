#include "labs/puppet/options.h"

#include <string.h>
#include <sys/time.h>

static void put(struct option_bytes *b, const void *value, size_t n)
{
    memcpy(b->bytes, value, n);
    b->n = (socklen_t)n;
}

int option_read(const struct puppet_call *c, struct option_bytes *b, struct error *e)
{
    const char *value = c->value;
    long number = 0;
    *b = (struct option_bytes){0};
    if (c->option->value == VALUE_WORD) {
        if (value[0] == '\0')
            return error_set(e, "%s takes a word: %s.", c->option->word, c->option->help);
        put(b, value, strlen(value));
        return 0;
    }
    if (value[0] == '\0' && c->option->value == VALUE_INT)
        value = "on";
    if (!puppet_number(value, &number))
        return error_set(e, "%s takes a number: %s.", c->option->word, c->option->help);
    if (c->option->value == VALUE_LINGER) {
        struct linger l = {.l_onoff = strcmp(value, "off") != 0, .l_linger = (int)number};
        put(b, &l, sizeof l);
    } else if (c->option->value == VALUE_TIME) {
        struct timeval t = {.tv_sec = number / 1000, .tv_usec = number % 1000 * 1000};
        put(b, &t, sizeof t);
    } else {
        int i = (int)number;
        put(b, &i, sizeof i);
    }
    return 0;
}

void option_write(const struct puppet_option *o, const struct option_bytes *b, struct text *out)
{
    struct linger l = {0};
    struct timeval t = {0};
    int i = 0;
    switch (o->value) {
    case VALUE_WORD:
        text_add(out, ": ");
        text_safe(out, b->bytes, strnlen((const char *)b->bytes, b->n));
        break;
    case VALUE_LINGER:
        memcpy(&l, b->bytes, sizeof l);
        if (l.l_onoff)
            text_format(out, ": %d s", l.l_linger);
        else
            text_add(out, ": off");
        break;
    case VALUE_TIME:
        memcpy(&t, b->bytes, sizeof t);
        text_format(out, ": %ld ms", (long)t.tv_sec * 1000 + (long)t.tv_usec / 1000);
        break;
    case VALUE_INT:
        memcpy(&i, b->bytes, sizeof i);
        text_format(out, ": %d", i);
        break;
    }
}
