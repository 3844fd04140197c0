/* A line of a script, or typed behind `:`, that holds and steps a run. */
#include "labs/control/control.h"
#include "tracer/base/alloc.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* What was read is kept as it was written, and reads as the same. */
static void again(const struct control *c)
{
    struct control d;
    struct error e = {0};
    if (control_parse(c->line, &d, &e) != 1 || d.row != c->row || d.number != c->number ||
        d.duration_ns != c->duration_ns || strcmp(c->line, d.line) != 0 ||
        memcmp(c->hosts, d.hosts, sizeof d.hosts) != 0)
        abort();
    control_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *line = xstrndup((const char *)bytes, n);
    struct control c;
    struct error e = {0};
    int result = control_parse(line, &c, &e);
    if (result < 0 && (e.text[0] == '\0' || c.line))
        abort();
    if (result > 0) {
        again(&c);
        control_free(&c);
    }
    free(line);
    return 0;
}
