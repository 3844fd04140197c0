#include "tracer/app/expecting.h"

#include "tracer/base/alloc.h"
#include "tracer/select/expect.h"
#include "tracer/trace/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 65536, FILE_MOST = 1 << 21 };

struct expecting {
    struct trace *trace; /* (owned), as is the other */
    struct expectations *all;
};

static int unreadable(const char *path, int why, struct error *e)
{
    struct text safe = {0};
    text_safe_str(&safe, path);
    error_exit(e, EXIT_WRONG_USAGE, "The expectations in \"%.200s\" could not be read: %s.",
               text_str(&safe), strerror(why));
    text_free(&safe);
    return -1;
}

static int read_file(const char *path, struct text *out, struct error *e)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!f)
        return unreadable(path, errno, e);
    size_t n;
    do {
        n = fread(text_reserve(out, READ_BYTES), 1, READ_BYTES, f);
        text_commit(out, n);
    } while (n > 0 && out->len < FILE_MOST);
    int why = ferror(f) ? (errno ? errno : EIO) : 0;
    if (f != stdin)
        fclose(f);
    return why ? unreadable(path, why, e) : 0;
}

struct expecting *expecting_new(const char *path, struct source *source, struct error *e)
{
    struct text text = {0};
    struct select_fault fault;
    struct expecting *x = NULL;
    if (read_file(path, &text, e) == 0) {
        struct expectations *all = expectations_parse(text_str(&text), text.len, &fault);
        if (!all) {
            select_fault_error(&fault, path, e);
        } else {
            x = xcalloc(1, sizeof *x);
            x->all = all;
            x->trace = trace_new();
            trace_rereads_source(x->trace, source);
        }
    }
    text_free(&text);
    return x;
}

void expecting_free(struct expecting *x)
{
    if (!x)
        return;
    expectations_free(x->all);
    trace_free(x->trace);
    free(x);
}

void expecting_frame(struct expecting *x, const struct capture_frame *frame)
{
    trace_add(x->trace, frame);
}

bool expecting_end(struct expecting *x, struct text *out)
{
    struct expect_outcome *outcomes = expectations_check(x->all, x->trace);
    size_t n = expectations_count(x->all);
    bool all_met = true;
    for (size_t i = 0; i < n; i++)
        all_met &= outcomes[i].result == EXPECT_MET;
    expectations_report(x->all, x->trace, outcomes, out);
    expect_outcomes_free(outcomes, n);
    return all_met;
}
