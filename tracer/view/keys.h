/* Keys by name ("F5", "^T", "Space", "x"), and which of them runs what: the command table's, as the
 * user changed it. */
#ifndef TRACER_VIEW_KEYS_H
#define TRACER_VIEW_KEYS_H

#include "tracer/base/text.h"
#include "tracer/view/command.h"

/* Append a key's name; read one, in whatever case: false where there is no such key. */
void key_name(uint32_t key, struct text *out);
bool key_of_name(const char *name, size_t n, uint32_t *key);

struct binding {
    uint32_t key;
    const struct command_row *row;
    char *argument; /* (owned) or NULL */
};

struct keymap {
    struct binding *at; /* (owned) */
    size_t count, cap;
};

/* Fill it with the table's keys; free it. */
void keymap_init(struct keymap *k);
void keymap_free(struct keymap *k);

/* What a key does in the view of this name; NULL where nothing. */
const struct binding *keymap_find(const struct keymap *k, uint32_t key, const char *view);

/* Let a key run a command with an argument (NULL for none), and nothing else; let it do nothing
 * (false where it did nothing). */
void keymap_bind(struct keymap *k, uint32_t key, const struct command_row *row,
                 const char *argument);
bool keymap_unbind(struct keymap *k, uint32_t key);

/* Append the names of a command's keys, at most so many, with blanks between. */
void keymap_keys(const struct keymap *k, enum command c, int most, struct text *out);

#endif
