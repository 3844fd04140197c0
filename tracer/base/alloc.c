#include "tracer/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*failure_hook)(void);

void alloc_on_failure(void (*hook)(void))
{
    failure_hook = hook;
}

static _Noreturn void die(void)
{
    static const char sentence[] = "Out of memory: the program ends here. Give it less to hold at "
                                   "once, or a machine with more memory.\n";
    void (*hook)(void) = failure_hook;
    failure_hook = NULL;
    if (hook)
        hook();
    if (write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0)
        _exit(3);
    _exit(3);
}

static void *checked(void *p)
{
    if (!p)
        die();
    return p;
}

void *xmalloc(size_t n)
{
    return checked(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size ? size : 1));
}

void *xmalloc_aligned(size_t alignment, size_t n)
{
    return checked(aligned_alloc(alignment, n));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        die();
    size_t bytes = n * size;
    return checked(realloc(p, bytes > 0 ? bytes : 1));
}

char *xstrdup(const char *s)
{
    return checked(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
    return checked(strndup(s, n));
}

void xgrow(void *p, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return;
    void *array;
    memcpy(&array, p, sizeof array);
    *cap = *cap ? *cap * 2 : 16;
    array = xreallocarray(array, *cap, size);
    memcpy(p, &array, sizeof array);
}
