/* Commands: one table of name, keys and sentence. The keyboard, the line after `:`, the
 * configuration file, the help screen, the key bar and the manual page are all made from it; a view
 * with commands of its own adds them here. */
#ifndef TRACER_VIEW_COMMAND_H
#define TRACER_VIEW_COMMAND_H

#include <stdbool.h>
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
    KEY_CODE_INSERT,
    KEY_CODE_DELETE,
    KEY_CODE_BACK_TAB,
    KEY_CODE_F1, /* and F2 .. F12 after it */
    KEY_CODE_F12 = KEY_CODE_F1 + 11,
    KEY_CODE_BACKSPACE,
    KEY_CODE_ENTER,
    KEY_CODE_ESCAPE,
    KEY_CODE_MOUSE,       /* the terminal layer knows where and what */
    KEY_CODE_PASTE_BEGIN, /* what follows was pasted, up to the end */
    KEY_CODE_PASTE_END,
    KEY_CODE_UNKNOWN, /* a key that has no name here */
};
#define KEY_CONTROL(letter) ((letter)&0x1f)
#define KEY_FUNCTION(n)     (KEY_CODE_F1 + (n)-1)

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
    COMMAND_HALF_PAGE_UP,
    COMMAND_HALF_PAGE_DOWN,
    COMMAND_FIRST,
    COMMAND_LAST,
    COMMAND_PANE_UP,
    COMMAND_PANE_DOWN,
    COMMAND_NEXT_PANE,
    COMMAND_NEXT_FLOW,
    COMMAND_PREVIOUS_FLOW,
    COMMAND_ALL_FLOWS,
    COMMAND_LANES,
    COMMAND_LANE_NEXT,
    COMMAND_LANE_PREVIOUS,
    COMMAND_ORIGINAL,
    COMMAND_TYPE,
    COMMAND_NEXT_VIEW,
    COMMAND_PREVIOUS_VIEW,
    COMMAND_VIEW,
    COMMAND_CONNECTIONS,
    COMMAND_LADDER,
    COMMAND_STATES,
    COMMAND_STREAM,
    COMMAND_CALLS,
    COMMAND_SOURCE,
    COMMAND_SEARCH,
    COMMAND_NEXT_MATCH,
    COMMAND_PREVIOUS_MATCH,
    COMMAND_FINDINGS,
    COMMAND_DETAIL,
    COMMAND_PLOTS,
    COMMAND_DIRECTION,
    COMMAND_ZOOM_IN,
    COMMAND_ZOOM_OUT,
    COMMAND_ZOOM_ALL,
    COMMAND_FILTER,
    COMMAND_GOTO,
    COMMAND_MARK,
    COMMAND_JUMP,
    COMMAND_TAG,
    COMMAND_UNTAG_ALL,
    COMMAND_SAVE,
    COMMAND_SAVE_SCREEN,
    COMMAND_COPY,
    COMMAND_SORT_PREVIOUS,
    COMMAND_SORT_NEXT,
    COMMAND_SORT_REVERSE,
    COMMAND_HOLD,
    COMMAND_FLIGHT,
    COMMAND_LET,
    COMMAND_DROP,
    COMMAND_DUP,
    COMMAND_DELAY,
    COMMAND_GO,
    COMMAND_RULE,
    COMMAND_HOLD_PROGRAMS,
    COMMAND_GO_PROGRAMS,
    COMMAND_STEP,
    COMMAND_STEP_C,
    COMMAND_STEP_S,
    COMMAND_LINE,
    COMMAND_THEME,
    COMMAND_SET,
    COMMAND_BIND,
    COMMAND_UNBIND,
    COMMAND_REDRAW,
    COMMAND_SUSPEND,
    COMMAND_QUIT,
    COMMAND_COUNT,
};

/* What belongs together on the help screen and in the manual page. */
enum command_group {
    GROUP_MOVE,
    GROUP_VIEW,
    GROUP_FIND,
    GROUP_KEEP,
    GROUP_SHOW,
    GROUP_HANDS,
    GROUP_PROGRAM,
    GROUP_COUNT,
};
extern const char *const command_group_names[GROUP_COUNT];

enum { COMMAND_KEYS = 4 };

struct command_row {
    enum command command;
    const char *name;            /* as typed after `:` and written in the configuration file */
    const char *argument;        /* what may follow the name there, "FILE"; NULL: nothing */
    uint32_t keys[COMMAND_KEYS]; /* unless bound otherwise; 0 where there are fewer */
    enum command_group group;
    const char *view; /* the one view whose command it is; NULL: every one's */
    const char *help; /* one sentence or two */
};

extern const struct command_row command_table[];
extern const size_t command_table_rows;

/* A command in a key bar, and the word beside its key there. */
struct command_bar_item {
    enum command command;
    const char *word;
    enum command other; /* the one that goes the other way, whose key stands there too; or none */
    bool many;          /* there only where there are several connections */
};

/* Items, by the end of the command's name: one, one that goes either way, one where there are
 * several connections, the end. */
#define BAR_ITEM(name, word)                                                                       \
    {                                                                                              \
        COMMAND_##name, word, COMMAND_NONE, false                                                  \
    }
#define BAR_PAIR(name, other, word)                                                                \
    {                                                                                              \
        COMMAND_##name, word, COMMAND_##other, false                                               \
    }
#define BAR_MANY(name, word)                                                                       \
    {                                                                                              \
        COMMAND_##name, word, COMMAND_NONE, true                                                   \
    }
#define BAR_END                                                                                    \
    {                                                                                              \
        COMMAND_NONE, NULL, COMMAND_NONE, false                                                    \
    }

/* The key bar of a view that has none of its own, in order, ended by COMMAND_NONE. */
extern const struct command_bar_item command_bar[];

/* The row of a command; the row of a name or of a beginning that only one name has, NULL where
 * there is none. */
const struct command_row *command_row(enum command c);
const struct command_row *command_of_name(const char *name, size_t n);

/* The name that is nearest to a mistyped one, NULL where none is near. */
const char *command_nearest(const char *name, size_t n);

/* Whether two rows can be meant by one key at the same time. */
bool command_rows_meet(const struct command_row *a, const struct command_row *b);

#endif
