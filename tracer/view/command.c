#include "tracer/view/command.h"

#include "tracer/base/words.h"

#include <assert.h>
#include <string.h>

const char *const command_group_names[] = {
    [GROUP_MOVE] = N_("Moving"),
    [GROUP_VIEW] = N_("Views"),
    [GROUP_FIND] = N_("Finding"),
    [GROUP_KEEP] = N_("Keeping"),
    [GROUP_SHOW] = N_("What is shown"),
    [GROUP_PROGRAM] = N_("The program"),
    [GROUP_HANDS] = N_("Holding and stepping a run"),
};
static_assert(sizeof command_group_names / sizeof command_group_names[0] == GROUP_COUNT,
              "each group has its name");

#define F KEY_FUNCTION
#define KEYS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ROW(command, name, argument, keys, group, view, help)                                      \
    {                                                                                              \
        COMMAND_##command, name, argument, keys, GROUP_##group, view, help                         \
    }
const struct command_row command_table[] = {
    ROW(UP, "up", NULL, KEYS(KEY_CODE_UP, 'k'), MOVE, NULL, "Select the line above."),
    ROW(DOWN, "down", NULL, KEYS(KEY_CODE_DOWN, 'j'), MOVE, NULL, "Select the line below."),
    ROW(PREVIOUS_SEGMENT, "previous-segment", NULL, KEYS(KEY_CODE_LEFT, 'h'), MOVE, NULL,
        "Select the segment, or the change of state, before."),
    ROW(NEXT_SEGMENT, "next-segment", NULL, KEYS(KEY_CODE_RIGHT, 'l'), MOVE, NULL,
        "Select the segment, or the change of state, that is next."),
    ROW(PAGE_UP, "page-up", NULL, KEYS(KEY_CODE_PAGE_UP, KEY_CONTROL('b')), MOVE, NULL,
        "Go up by a screen."),
    ROW(PAGE_DOWN, "page-down", NULL, KEYS(KEY_CODE_PAGE_DOWN, KEY_CONTROL('f')), MOVE, NULL,
        "Go down by a screen."),
    ROW(HALF_PAGE_UP, "half-page-up", NULL, KEYS(KEY_CONTROL('u')), MOVE, NULL,
        "Go up by half a screen."),
    ROW(HALF_PAGE_DOWN, "half-page-down", NULL, KEYS(KEY_CONTROL('d')), MOVE, NULL,
        "Go down by half a screen."),
    ROW(FIRST, "first", NULL, KEYS('g', KEY_CODE_HOME), MOVE, NULL, "Select the first line."),
    ROW(LAST, "last", NULL, KEYS('G', KEY_CODE_END), MOVE, NULL, "Select the last line."),
    ROW(FOLLOW, "follow", NULL, KEYS('A'), MOVE, NULL,
        "Keep the newest line in sight, or stop doing so."),
    ROW(PAUSE, "pause", NULL, KEYS('p', F(8)), MOVE, NULL,
        "Hold the picture still, or let it run on; nothing is lost meanwhile."),
    ROW(GOTO, "goto", "N|TIME", KEYS(0), MOVE, NULL,
        "Go to packet N of the file, to a time since the start (1.25) or of the clock (13:04:05)."),

    ROW(OPEN, "open", NULL, KEYS(KEY_CODE_ENTER), VIEW, NULL,
        "Open the selected line: a segment, a call or a change of state is explained, a connection "
        "is shown as a ladder."),
    ROW(CLOSE, "close", NULL, KEYS('q', KEY_CODE_ESCAPE), VIEW, NULL,
        "Close what is open: this page, the detail, a filter, a view opened from another. With "
        "nothing open, q quits."),
    ROW(PANE_DOWN, "detail-down", NULL, KEYS('J'), VIEW, NULL, "Scroll the detail down."),
    ROW(PANE_UP, "detail-up", NULL, KEYS('K'), VIEW, NULL, "Scroll the detail up."),
    ROW(NEXT_PANE, "next-pane", NULL, KEYS('\t'), VIEW, NULL,
        "Go to the next pane of the view; from the last one, to the next view."),
    ROW(NEXT_VIEW, "next-view", NULL, KEYS('v', F(5)), VIEW, NULL, "Show the next kind of view."),
    ROW(PREVIOUS_VIEW, "previous-view", NULL, KEYS('V', KEY_CODE_BACK_TAB), VIEW, NULL,
        "Show the kind of view before."),
    ROW(CONNECTIONS, "connections", NULL, KEYS('c', F(7)), VIEW, NULL,
        "Show the connections as a list, a line each; Enter there opens one."),
    ROW(LADDER, "ladder", NULL, KEYS('L'), VIEW, NULL,
        "Show what is selected in the ladder; q comes back."),
    ROW(STATES, "states", NULL, KEYS('T'), VIEW, NULL,
        "Show the selected connection in the diagram of states."),
    ROW(STREAM, "stream", NULL, KEYS('S'), VIEW, NULL,
        "Show the bytes of the selected connection, both ways."),
    ROW(CALLS, "calls", NULL, KEYS('C'), VIEW, NULL,
        "Show the programs' socket calls, the selected one of them."),
    ROW(SOURCE, "source", NULL, KEYS('O'), VIEW, NULL,
        "Show the source of the program, the line lit that made the selected call, or the one "
        "before the selected segment."),
    ROW(FINDINGS, "findings", NULL, KEYS('F'), VIEW, NULL,
        "Show what the analysis finds: what was sent again, lost, refused, and why."),
    ROW(DETAIL, "fields", NULL, KEYS('D'), VIEW, NULL,
        "Show the selected packet's fields, each explained, beside its bytes; Enter on an open "
        "detail does so too."),
    ROW(PLOTS, "plots", NULL, KEYS('P'), VIEW, NULL,
        "Show the selected connection as plots over time, the selected segment under the cursor."),
    ROW(VIEW, "view", "NAME", KEYS(0), VIEW, NULL, "Show the view of this name."),

    ROW(SEARCH, "search", "TEXT", KEYS('/', F(3)), FIND, NULL,
        "Go to the next line that holds a text, in whatever case, or that a selector picks: [S.], "
        "again, "
        "len > 0, port 80, C > S data 3."),
    ROW(NEXT_MATCH, "next-match", NULL, KEYS('n'), FIND, NULL, "Search on, downwards."),
    ROW(PREVIOUS_MATCH, "previous-match", NULL, KEYS('N'), FIND, NULL, "Search on, upwards."),
    ROW(FILTER, "filter", "EXPR", KEYS('f', F(4)), FIND, NULL,
        "Show only what a filter lets pass: in the ladder, what a selector picks; in the list, "
        "connections whose addresses, states or flags hold the text, or of which a selector of "
        "more than one word picks anything. Enter keeps the filter, Esc clears it."),
    ROW(MARK, "mark", "LETTER", KEYS('m'), FIND, NULL, "Remember this place under a letter."),
    ROW(JUMP, "jump", "LETTER", KEYS('\''), FIND, NULL,
        "Go back to a place remembered; '' goes back to where you were before."),
    ROW(ORIGINAL, "original", NULL, KEYS('o'), FIND, "ladder",
        "In the ladder: select the segment that the selected one, a retransmission, repeats."),
    ROW(NEXT_FLOW, "next-connection", NULL, KEYS(']'), FIND, NULL,
        "Show the next connection alone."),
    ROW(PREVIOUS_FLOW, "previous-connection", NULL, KEYS('['), FIND, NULL,
        "Show the previous connection alone."),
    ROW(ALL_FLOWS, "all-connections", NULL, KEYS('a'), FIND, NULL,
        "Show all connections together."),

    ROW(TAG, "tag", NULL, KEYS(' '), KEEP, NULL,
        "Tag the selected segment and go on to the next line, or take the tag off; in the list, "
        "all segments of the connection: Enter opens those tagged side by side."),
    ROW(UNTAG_ALL, "untag-all", NULL, KEYS('U'), KEEP, NULL, "Take all tags off."),
    ROW(SAVE, "save", "FILE", KEYS('s', F(2)), KEEP, NULL,
        "Write what is tagged to a capture file; without tags, what is shown."),
    ROW(SAVE_SCREEN, "save-screen", "FILE [ansi]", KEYS(0), KEEP, NULL,
        "Write this screen to a file as text; with colours where its name ends in .ansi."),
    ROW(COPY, "copy", NULL, KEYS('y'), KEEP, NULL,
        "Copy the selected line to the clipboard, where the terminal has one."),

    ROW(TIME, "time-format", NULL, KEYS('t', F(9)), SHOW, NULL,
        "Show time since the start, as the clock, or since the line before."),
    ROW(FORM, "form", NULL, KEYS('x'), SHOW, NULL,
        "Show a stream's bytes as text, in hex, or escaped; the next kind of plot; of the "
        "findings, the "
        "faults alone."),
    ROW(DIRECTION, "direction", NULL, KEYS('d'), SHOW, "plots",
        "In the plots: show the other direction."),
    ROW(ZOOM_IN, "zoom-in", NULL, KEYS('+', '='), SHOW, "plots",
        "In the plots: show half the time around the cursor."),
    ROW(ZOOM_OUT, "zoom-out", NULL, KEYS('-'), SHOW, "plots", "In the plots: show twice the time."),
    ROW(ZOOM_ALL, "zoom-all", NULL, KEYS('0'), SHOW, "plots",
        "In the plots: show the whole connection."),
    ROW(LANES, "lanes", NULL, KEYS('H'), SHOW, "ladder",
        "In the ladder: draw it with a lane for each host, with the connections side by side where "
        "several are shown, or between two hosts."),
    ROW(LANE_NEXT, "lane-next", NULL, KEYS('}'), SHOW, "ladder",
        "In a ladder of many lanes: go to the right by one."),
    ROW(LANE_PREVIOUS, "lane-previous", NULL, KEYS('{'), SHOW, "ladder",
        "In a ladder of many lanes: go to the left by one."),
    ROW(SORT_NEXT, "sort-next", NULL, KEYS('>', F(6)), SHOW, "connections",
        "In the list: sort by the next column."),
    ROW(SORT_PREVIOUS, "sort-previous", NULL, KEYS('<'), SHOW, "connections",
        "In the list: sort by the column before."),
    ROW(SORT_REVERSE, "sort-reverse", NULL, KEYS('R'), SHOW, "connections",
        "In the list: sort the other way round."),
    ROW(THEME, "theme", "NAME", KEYS(0), SHOW, NULL, "Choose the colours: dark, light or mono."),
    ROW(SET, "set", "KEY VALUE", KEYS(0), SHOW, NULL,
        "Change a setting: time start, clock or last; mouse on or off."),

    ROW(HOLD, "hold", "[SELECTOR|C|S|programs]", KEYS('W'), HANDS, NULL,
        "Hold the wire: what is sent from now on stays on it, all or what a selector picks (C > "
        "S). "
        "Of C, S or programs: hold those at their socket calls. Both kernels' timers run on."),
    ROW(FLIGHT, "flight", NULL, KEYS('I'), HANDS, NULL,
        "List what is on the wire, held and travelling, each with its number."),
    ROW(LET, "let", "[N]", KEYS('w'), HANDS, NULL,
        "Let one held segment through: the selected one, else the first."),
    ROW(DROP, "drop", "[N]", KEYS('X'), HANDS, NULL,
        "Drop one held segment, or number N, which may be travelling."),
    ROW(DUP, "dup", "[N]", KEYS('B'), HANDS, NULL, "Let one through, and a copy behind it."),
    ROW(DELAY, "delay", "TIME [N]", KEYS('z'), HANDS, NULL,
        "Let one through in so much time, such as 1.5s."),
    ROW(GO, "go", "[C|S|programs]", KEYS('!'), HANDS, NULL,
        "Let all through and hold the wire no longer; or let programs go on."),
    ROW(RULE, "rule", "RULE", KEYS(0), HANDS, NULL,
        "Add a rule of the wire, such as drop C > S data 3."),
    ROW(HOLD_PROGRAMS, "hold-programs", NULL, KEYS('('), HANDS, NULL,
        "Hold both hosts' programs at their next socket calls."),
    ROW(GO_PROGRAMS, "go-programs", NULL, KEYS(')'), HANDS, NULL, "Let both programs go on."),
    ROW(STEP, "step", "C|S", KEYS(0), HANDS, NULL,
        "Let a held program make its call and hold it when that returns; from there, let it go on "
        "to its next call."),
    ROW(STEP_C, "step-client", NULL, KEYS(','), HANDS, NULL, "Step C's program."),
    ROW(STEP_S, "step-server", NULL, KEYS('.'), HANDS, NULL, "Step S's program."),

    ROW(HELP, "help", "[NAME]", KEYS('?', F(1)), PROGRAM, NULL,
        "Show or close this page; with a command's name, say what it does."),
    ROW(LINE, "command", NULL, KEYS(':'), PROGRAM, NULL,
        "Type a command by its name; Tab completes it, and the name of a file."),
    ROW(TYPE, "type", NULL, KEYS('i'), PROGRAM, NULL,
        "Type a line to the program on a host; Tab chooses the host, Enter sends."),
    ROW(BIND, "bind", "KEY COMMAND", KEYS(0), PROGRAM, NULL,
        "Let a key (x, F6, ^T, Space) run a command."),
    ROW(UNBIND, "unbind", "KEY", KEYS(0), PROGRAM, NULL, "Let a key do nothing."),
    ROW(REDRAW, "redraw", NULL, KEYS(KEY_CONTROL('l')), PROGRAM, NULL, "Draw the screen afresh."),
    ROW(SUSPEND, "suspend", NULL, KEYS(KEY_CONTROL('z')), PROGRAM, NULL,
        "Stop until the shell's fg."),
    ROW(QUIT, "quit", NULL, KEYS('Q', KEY_CONTROL('c'), F(10)), PROGRAM, NULL, "Leave at once."),
};
#undef ROW
#undef KEYS
#undef F
const size_t command_table_rows = sizeof command_table / sizeof command_table[0];

const struct command_bar_item command_bar[] = {
    BAR_ITEM(HELP, "help"),        BAR_ITEM(OPEN, "detail"),
    BAR_ITEM(SEARCH, "search"),    BAR_ITEM(QUIT, "quit"),
    BAR_ITEM(NEXT_VIEW, "view"),   BAR_ITEM(TYPE, "type"),
    BAR_MANY(CONNECTIONS, "list"), BAR_ITEM(FILTER, "filter"),
    BAR_MANY(NEXT_FLOW, "next"),   BAR_ITEM(TIME, "time"),
    BAR_ITEM(PAUSE, "pause"),      BAR_ITEM(FOLLOW, "follow"),
    BAR_ITEM(SAVE, "save"),        BAR_ITEM(LINE, "command"),
    BAR_ITEM(HOLD, "hold"),        BAR_END,
};

const struct command_row *command_row(enum command c)
{
    for (size_t i = 0; i < command_table_rows; i++)
        if (command_table[i].command == c)
            return &command_table[i];
    return NULL;
}

const struct command_row *command_of_name(const char *name, size_t n)
{
    const struct command_row *begun = NULL;
    int count = 0;
    for (size_t i = 0; i < command_table_rows && n > 0; i++) {
        const struct command_row *row = &command_table[i];
        if (strncmp(row->name, name, n) != 0)
            continue;
        if (row->name[n] == '\0')
            return row;
        begun = row;
        count++;
    }
    return count == 1 ? begun : NULL;
}

/* How many letters must be changed, left out or put in to make one word of the other. */
static size_t distance(const char *a, size_t n, const char *b)
{
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1], m = strlen(b);
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            size_t fewer = row[j] < row[j - 1] ? row[j] : row[j - 1];
            row[j] = change < fewer + 1 ? change : fewer + 1;
        }
    }
    return row[m];
}

const char *command_nearest(const char *name, size_t n)
{
    const char *nearest = NULL;
    size_t least = n < 4 ? 2 : n / 3 + 2; /* further away it is another word */
    for (size_t i = 0; i < command_table_rows; i++) {
        const char *other = command_table[i].name;
        size_t d = n >= 2 && strncmp(other, name, n) == 0 ? 1 : distance(name, n, other);
        if (d >= least)
            continue;
        nearest = other;
        least = d;
    }
    return nearest;
}

bool command_rows_meet(const struct command_row *a, const struct command_row *b)
{
    return !a->view || !b->view || strcmp(a->view, b->view) == 0;
}
