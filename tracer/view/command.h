/* Commands: one table of key, name and sentence. The help screen, the key bar and the keyboard are
 * all made from it; a later view adds its commands here. */
#ifndef TRACER_VIEW_COMMAND_H
#define TRACER_VIEW_COMMAND_H

#include <stddef.h>
#include <stdint.h>

/* Keys are code points; those that have none stand above Unicode. */
enum key_code {
    KEY_CODE_UP = 0x200000,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_F1,
    KEY_CODE_BACKSPACE,
    KEY_CODE_ENTER,
    KEY_CODE_ESCAPE,
    KEY_CODE_UNKNOWN, /* a key that has no name here */
};
#define KEY_CONTROL(letter) ((letter)&0x1f)

enum command {
    COMMAND_NONE,
    COMMAND_HELP,
    COMMAND_OPEN,
    COMMAND_CLOSE,
    COMMAND_PAUSE,
    COMMAND_FOLLOW,
    COMMAND_TIME,
    COMMAND_FORM,
    COMMAND_UP,
    COMMAND_DOWN,
    COMMAND_PREVIOUS_SEGMENT,
    COMMAND_NEXT_SEGMENT,
    COMMAND_PAGE_UP,
    COMMAND_PAGE_DOWN,
    COMMAND_FIRST,
    COMMAND_LAST,
    COMMAND_PANE_UP,
    COMMAND_PANE_DOWN,
    COMMAND_NEXT_FLOW,
    COMMAND_PREVIOUS_FLOW,
    COMMAND_ALL_FLOWS,
    COMMAND_FORM_OF_LADDER,
    COMMAND_SIDEWAYS_NEXT,
    COMMAND_SIDEWAYS_PREVIOUS,
    COMMAND_ORIGINAL,
    COMMAND_TAG,
    COMMAND_UNTAG_ALL,
    COMMAND_TYPE,
    COMMAND_NEXT_VIEW,
    COMMAND_CONNECTIONS,
    COMMAND_LADDER,
    COMMAND_STREAM,
    COMMAND_CALLS,
    COMMAND_DETAIL,
    COMMAND_PLOTS,
    COMMAND_DIRECTION,
    COMMAND_ZOOM_IN,
    COMMAND_ZOOM_OUT,
    COMMAND_ZOOM_ALL,
    COMMAND_FILTER,
    COMMAND_SORT_PREVIOUS,
    COMMAND_SORT_NEXT,
    COMMAND_SORT_REVERSE,
    COMMAND_REDRAW,
    COMMAND_SUSPEND,
    COMMAND_QUIT,
    COMMAND_COUNT,
};

struct command_row {
    enum command command;
    uint32_t keys[3];      /* 0 where there are fewer */
    const char *key_names; /* as the help screen writes them */
    const char *name;      /* one or two words, for the key bar too */
    int bar;               /* its place in the key bar, from 1; 0: not there */
    const char *help;      /* one sentence */
};

extern const struct command_row command_table[];
extern const size_t command_table_rows;

/* The command of a key, COMMAND_NONE where there is none; the row of a command. */
enum command command_of_key(uint32_t key);
const struct command_row *command_row(enum command c);

#endif
