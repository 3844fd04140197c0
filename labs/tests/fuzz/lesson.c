/* The text of a lab. */
#include "labs/lesson/lesson.h"
#include "tracer/base/alloc.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct lesson l;
    struct error e = {0};
    char *text = xstrndup((const char *)bytes, n);
    if (lesson_parse(text, "fuzz/lab.md", &l, &e) == 0) {
        if (!l.title || !l.profile || !l.prose)
            abort();
        lesson_free(&l);
    } else if (!strstr(e.text, "lab.md")) {
        abort();
    }
    free(text);
    return 0;
}
