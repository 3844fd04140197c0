/* The tree of the detail view: what is folded, what is in sight. */
#include "tracer/view/detail_view.h"

#include <string.h>

bool detail_is_branch(const struct detail_view *v, size_t field)
{
    return field_last_part(&v->fields, field) > field;
}

/* Without a word from the user, headers below the transport's are folded, and single flags. */
static bool folded_at_first(const struct detail_view *v, size_t field)
{
    const struct field *e = &v->fields.field[field];
    if (e->depth > 0)
        return strcmp(e->name, "flags") == 0;
    for (size_t i = field_last_part(&v->fields, field) + 1; i < v->fields.count;
         i = field_last_part(&v->fields, i) + 1)
        if (detail_is_branch(v, i))
            return true;
    return false;
}

static struct detail_fold *find_fold(const struct detail_view *v, size_t field)
{
    const struct field *e = &v->fields.field[field];
    for (int i = 0; i < v->fold_count; i++)
        if (v->folds[i].depth == e->depth && strcmp(v->folds[i].name, e->name) == 0)
            return (struct detail_fold *)&v->folds[i];
    return NULL;
}

bool detail_folded(const struct detail_view *v, size_t field)
{
    const struct detail_fold *known = find_fold(v, field);
    if (!detail_is_branch(v, field))
        return false;
    return known ? known->folded : folded_at_first(v, field);
}

void detail_fold(struct detail_view *v, size_t field, bool folded)
{
    struct detail_fold *known = find_fold(v, field);
    const struct field *e = &v->fields.field[field];
    if (!known) {
        if (v->fold_count == DETAIL_FOLDS) { /* the oldest is forgotten */
            memmove(v->folds, v->folds + 1, (DETAIL_FOLDS - 1) * sizeof v->folds[0]);
            v->fold_count--;
        }
        known = &v->folds[v->fold_count++];
    }
    *known = (struct detail_fold){e->name, e->depth, folded};
}

/* While the keys move in the bytes, what hides the field under them is open. */
static bool hides(const struct detail_view *v, size_t branch)
{
    bool holds_cursor =
        v->in_bytes && v->cursor > branch && v->cursor <= field_last_part(&v->fields, branch);
    return !holds_cursor && detail_folded(v, branch);
}

/* The next field in sight, or v->fields.count. */
static size_t next_visible(const struct detail_view *v, size_t field)
{
    return hides(v, field) ? field_last_part(&v->fields, field) + 1 : field + 1;
}

bool detail_visible(const struct detail_view *v, size_t field)
{
    for (size_t i = field_parent(&v->fields, field); i != FIELD_NONE;
         i = field_parent(&v->fields, i))
        if (hides(v, i))
            return false;
    return true;
}

size_t detail_row(const struct detail_view *v, size_t field)
{
    size_t row = 0;
    for (size_t i = 0; i < field && i < v->fields.count; row++)
        i = next_visible(v, i);
    return row;
}

size_t detail_field_of_row(const struct detail_view *v, size_t row)
{
    size_t i = 0;
    while (row > 0 && i < v->fields.count) {
        i = next_visible(v, i);
        row--;
    }
    return i < v->fields.count ? i : FIELD_NONE;
}

size_t detail_field_by(const struct detail_view *v, size_t field, int64_t by)
{
    int64_t last = (int64_t)detail_row(v, v->fields.count) - 1;
    int64_t row = (int64_t)detail_row(v, field) + by;
    row = row > last ? last : row;
    return detail_field_of_row(v, row > 0 ? (size_t)row : 0);
}

void detail_follow_byte(struct detail_view *v)
{
    size_t field = field_of_byte(&v->fields, v->byte);
    if (field != FIELD_NONE)
        v->cursor = field;
}

void detail_reveal(struct detail_view *v)
{
    for (size_t i = field_parent(&v->fields, v->cursor); i != FIELD_NONE;
         i = field_parent(&v->fields, i))
        if (detail_folded(v, i))
            detail_fold(v, i, false);
}

size_t detail_layer(const struct detail_view *v, size_t field)
{
    while (field_parent(&v->fields, field) != FIELD_NONE)
        field = field_parent(&v->fields, field);
    return field;
}
