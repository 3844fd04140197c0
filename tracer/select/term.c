#include "tracer/select/term_rows.h"

#include <assert.h>

#define TABLE_ROW(kind, name, weight, sort)                                                        \
    [TERM_##kind] = {weight, SORT_##sort, term_match_##name, term_explain_##name},

const struct term_ops *term_ops(enum term_kind kind)
{
    static const struct term_ops table[] = {TERM_ROWS(TABLE_ROW)};
    static_assert(sizeof table / sizeof table[0] == TERM_KIND_COUNT, "a row a term");
    return &table[kind];
}
