#include "tracer/view/keys.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The first name of a key is the one that is shown. */
static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PageUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"PageDown", KEY_CODE_PAGE_DOWN},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"Ins", KEY_CODE_INSERT},
    {"Insert", KEY_CODE_INSERT},
    {"Del", KEY_CODE_DELETE},
    {"Delete", KEY_CODE_DELETE},
    {"Tab", '\t'},
    {"S-Tab", KEY_CODE_BACK_TAB},
    {"Backspace", KEY_CODE_BACKSPACE},
    {"Enter", KEY_CODE_ENTER},
    {"Return", KEY_CODE_ENTER},
    {"Esc", KEY_CODE_ESCAPE},
    {"Escape", KEY_CODE_ESCAPE},
    {"Space", ' '},
};
enum { NAME_COUNT = sizeof names / sizeof names[0], FUNCTION_KEYS = 12 };

void key_name(uint32_t key, struct text *out)
{
    char bytes[4];
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (names[i].key == key) {
            text_add(out, names[i].name);
            return;
        }
    if (key >= KEY_CODE_F1 && key <= KEY_CODE_F12)
        text_format(out, "F%u", key - KEY_CODE_F1 + 1);
    else if (key < ' ')
        text_format(out, "^%c", (char)(key + '@'));
    else if (utf8_is_safe(key) && key < 0x110000)
        text_bytes(out, bytes, utf8_write(key, bytes));
    else
        text_char(out, '?');
}

static bool is_word(const char *name, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(name, word, n) == 0;
}

static bool control_of_name(const char *name, size_t n, uint32_t *key)
{
    static const char *const before[] = {"^", "C-", "Ctrl-"};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        size_t lead = strlen(before[i]);
        char letter = n == lead + 1 ? (char)(name[lead] & ~0x20) : 0;
        if (strncasecmp(name, before[i], lead) == 0 && letter >= 'A' && letter <= 'Z') {
            *key = (uint32_t)KEY_CONTROL(letter);
            return true;
        }
    }
    return false;
}

bool key_of_name(const char *name, size_t n, uint32_t *key)
{
    char function[8];
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (is_word(name, n, names[i].name)) {
            *key = names[i].key;
            return true;
        }
    for (int i = 1; i <= FUNCTION_KEYS; i++) {
        function[0] = 'F', function[1] = (char)('0' + (i < 10 ? i : 1));
        function[2] = (char)(i < 10 ? '\0' : '0' + i - 10), function[3] = '\0';
        if (is_word(name, n, function)) {
            *key = (uint32_t)KEY_FUNCTION(i);
            return true;
        }
    }
    if (control_of_name(name, n, key))
        return true;
    return n > 0 && utf8_read((const uint8_t *)name, n, key) == n && utf8_is_safe(*key);
}

/* ---- bindings ---------------------------------------------------------------------------- */

static void add(struct keymap *k, uint32_t key, const struct command_row *row, const char *argument)
{
    xgrow(&k->at, &k->cap, k->count, sizeof *k->at);
    k->at[k->count++] = (struct binding){key, row, argument ? xstrdup(argument) : NULL};
}

void keymap_init(struct keymap *k)
{
    *k = (struct keymap){0};
    for (size_t i = 0; i < command_table_rows; i++)
        for (int n = 0; n < COMMAND_KEYS && command_table[i].keys[n] != 0; n++)
            add(k, command_table[i].keys[n], &command_table[i], NULL);
}

void keymap_free(struct keymap *k)
{
    for (size_t i = 0; i < k->count; i++)
        free(k->at[i].argument);
    free(k->at);
    *k = (struct keymap){0};
}

const struct binding *keymap_find(const struct keymap *k, uint32_t key, const char *view)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->at[i].key == key && (!k->at[i].row->view || strcmp(k->at[i].row->view, view) == 0))
            return &k->at[i];
    return NULL;
}

bool keymap_unbind(struct keymap *k, uint32_t key)
{
    size_t kept = 0, before = k->count;
    for (size_t i = 0; i < before; i++) {
        if (k->at[i].key == key)
            free(k->at[i].argument);
        else
            k->at[kept++] = k->at[i];
    }
    k->count = kept;
    return kept < before;
}

void keymap_bind(struct keymap *k, uint32_t key, const struct command_row *row,
                 const char *argument)
{
    keymap_unbind(k, key);
    add(k, key, row, argument);
}

void keymap_keys(const struct keymap *k, enum command c, int most, struct text *out)
{
    int n = 0;
    for (size_t i = 0; i < k->count && n < most; i++) {
        if (k->at[i].row->command != c)
            continue;
        if (n++ > 0)
            text_char(out, ' ');
        key_name(k->at[i].key, out);
    }
}
