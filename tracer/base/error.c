#include "tracer/base/error.h"

#include <stdarg.h>
#include <stdio.h>

static int fill(struct error *e, int status, const char *format, va_list args)
{
    if (e) {
        e->status = status;
        vsnprintf(e->text, sizeof e->text, format, args);
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
