#include "tracer/view/command.h"

const struct command_row command_table[] = {
    {COMMAND_HELP, {'?', KEY_CODE_F1}, "? F1", "help", 1, "Show or close this page."},
    {COMMAND_OPEN,
     {KEY_CODE_ENTER},
     "Enter",
     "detail",
     2,
     "Open the selected line: a segment, a call or a change of state is explained, a connection is "
     "shown as a ladder."},
    {COMMAND_CLOSE,
     {'q', KEY_CODE_ESCAPE},
     "q Esc",
     "close",
     0,
     "Close what is open: this page, the detail, a filter, a view opened from another. With "
     "nothing open, q quits."},
    {COMMAND_QUIT, {'Q', KEY_CONTROL('c')}, "Q ^C", "quit", 8, "Leave at once."},
    {COMMAND_UP, {KEY_CODE_UP, 'k'}, "Up k", "up", 0, "Select the line above."},
    {COMMAND_DOWN, {KEY_CODE_DOWN, 'j'}, "Down j", "down", 0, "Select the line below."},
    {COMMAND_PREVIOUS_SEGMENT,
     {KEY_CODE_LEFT, 'h'},
     "Left h",
     "previous segment",
     0,
     "Select the segment, or the change of state, before."},
    {COMMAND_NEXT_SEGMENT,
     {KEY_CODE_RIGHT, 'l'},
     "Right l",
     "next segment",
     0,
     "Select the segment, or the change of state, that is next."},
    {COMMAND_PAGE_UP,
     {KEY_CODE_PAGE_UP, KEY_CONTROL('b')},
     "PgUp ^B",
     "page up",
     0,
     "Go up by a screen."},
    {COMMAND_PAGE_DOWN,
     {KEY_CODE_PAGE_DOWN, ' ', KEY_CONTROL('f')},
     "PgDn Space ^F",
     "page down",
     0,
     "Go down by a screen."},
    {COMMAND_FIRST, {'g', KEY_CODE_HOME}, "g Home", "first", 0, "Select the first line."},
    {COMMAND_LAST, {'G', KEY_CODE_END}, "G End", "last", 0, "Select the last line."},
    {COMMAND_FOLLOW, {'A'}, "A", "follow", 4, "Keep the newest line in sight, or stop doing so."},
    {COMMAND_PAUSE,
     {'p'},
     "p",
     "pause",
     3,
     "Hold the picture still, or let it run on; nothing is lost meanwhile."},
    {COMMAND_TIME,
     {'t'},
     "t",
     "time",
     5,
     "Show time since the start, as the clock, or since the line before."},
    {COMMAND_FORM, {'x'}, "x", "form", 0, "Show a stream's bytes as text, in hex, or escaped."},
    {COMMAND_NEXT_FLOW, {']', '\t'}, "] Tab", "connection", 6, "Show the next connection alone."},
    {COMMAND_PREVIOUS_FLOW, {'['}, "[", "previous", 0, "Show the previous connection alone."},
    {COMMAND_ALL_FLOWS, {'a'}, "a", "all", 0, "Show all connections together."},
    {COMMAND_PANE_DOWN, {'J'}, "J", "detail down", 0, "Scroll the detail down."},
    {COMMAND_PANE_UP, {'K'}, "K", "detail up", 0, "Scroll the detail up."},
    {COMMAND_TYPE,
     {'i'},
     "i",
     "type",
     7,
     "Type a line to the program on a host; Tab chooses the host, Enter sends."},
    {COMMAND_NEXT_VIEW, {'v'}, "v", "view", 0, "Show the next kind of view."},
    {COMMAND_CONNECTIONS,
     {'c'},
     "c",
     "list",
     9,
     "Show the connections as a list, a line each; Enter there opens one."},
    {COMMAND_LADDER, {'L'}, "L", "ladder", 0, "Show what is selected in the ladder; q comes back."},
    {COMMAND_STREAM,
     {'S'},
     "S",
     "stream",
     0,
     "Show the bytes of the selected connection, both ways."},
    {COMMAND_CALLS,
     {'C'},
     "C",
     "calls",
     0,
     "Show the programs' socket calls, the selected one of them."},
    {COMMAND_FINDINGS,
     {'F'},
     "F",
     "findings",
     0,
     "Show what the analysis finds: what was sent again, lost, refused, and why."},
    {COMMAND_FILTER,
     {'/', 'f'},
     "/ f",
     "filter",
     0,
     "In the list: show only connections whose addresses, states or flags hold what is typed. "
     "Enter keeps the filter, Esc clears it."},
    {COMMAND_SORT_NEXT, {'>'}, ">", "sort right", 0, "In the list: sort by the next column."},
    {COMMAND_SORT_PREVIOUS, {'<'}, "<", "sort left", 0, "In the list: sort by the column before."},
    {COMMAND_SORT_REVERSE, {'R'}, "R", "reverse", 0, "In the list: sort the other way round."},
    {COMMAND_REDRAW, {KEY_CONTROL('l')}, "^L", "redraw", 0, "Draw the screen afresh."},
    {COMMAND_SUSPEND, {KEY_CONTROL('z')}, "^Z", "suspend", 0, "Stop until the shell's fg."},
};
const size_t command_table_rows = sizeof command_table / sizeof command_table[0];

enum command command_of_key(uint32_t key)
{
    for (size_t i = 0; i < command_table_rows; i++)
        for (size_t k = 0; k < 3; k++)
            if (key != 0 && command_table[i].keys[k] == key)
                return command_table[i].command;
    return COMMAND_NONE;
}

const struct command_row *command_row(enum command c)
{
    for (size_t i = 0; i < command_table_rows; i++)
        if (command_table[i].command == c)
            return &command_table[i];
    return NULL;
}
