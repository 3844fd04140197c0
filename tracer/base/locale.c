#include "tracer/base/locale.h"

#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The name that counts for characters: the first of these that is set. */
static const char *name_of_characters(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return value;
    }
    return "";
}

static bool is_utf8(const char *name)
{
    const char *code = strchr(name, '.');
    return code && (strncasecmp(code, ".utf-8", 6) == 0 || strncasecmp(code, ".utf8", 5) == 0);
}

bool locale_take(void)
{
    if (setlocale(LC_ALL, ""))
        return true;
    if (setlocale(LC_CTYPE, ""))
        return true;
    return is_utf8(name_of_characters()) &&
           (setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "C.utf8"));
}
