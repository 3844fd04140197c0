#include "tracer/base/error.h"

#include "tracer/base/text.h"
#include "tracer/base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int fill(struct error *e, int status, const char *format, va_list args)
{
    if (e) {
        e->status = status;
        e->mend_at = 0;
        vsnprintf(e->text, sizeof e->text, words_of(format), args);
    }
    return -1;
}

int error_set(struct error *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(e, EXIT_FELL_SHORT, format, args);
    va_end(args);
    return -1;
}

int error_exit(struct error *e, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(e, status, format, args);
    va_end(args);
    return -1;
}

int error_mend(struct error *e, const char *command)
{
    if (!e)
        return -1;
    size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, " %s", command);
    e->mend_at = n + 1 < sizeof e->text ? (int)n + 1 : 0;
    return -1;
}

void error_tell(const char *program, const char *sentence)
{
    struct text out = {0};
    text_format(&out, "%s: ", program);
    for (const char *line = sentence; *line;) {
        size_t n = strcspn(line, "\n");
        struct text whole = {0};
        text_bytes(&whole, line, n);
        text_safe_escaped(&out, text_str(&whole));
        text_free(&whole);
        text_char(&out, '\n');
        line += n + (line[n] == '\n');
    }
    fputs(text_str(&out), stderr);
    text_free(&out);
}
