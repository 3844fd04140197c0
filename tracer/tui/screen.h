/* The terminal: opened, drawn on, read from and given back. Curses is seen by screen.c alone. */
#ifndef TRACER_TUI_SCREEN_H
#define TRACER_TUI_SCREEN_H

#include "tracer/base/error.h"
#include "tracer/view/grid.h"
#include "tracer/view/theme.h"
#include "tracer/view/viewer.h"

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

/* Take the terminal: standard input and output where they are one, else /dev/tty. 0, or -1 with the
 * sentence (no terminal, TERM unset, unknown or too poor). One screen at a time. */
int screen_open(struct error *e);

/* What screen_open() would take, and leave it alone: its size (0 by 0 where it tells none) and how
 * many colours its type has. 0, or -1 with the sentence. */
int screen_examine(int *rows, int *cols, int *colours, struct error *e);

/* Give the terminal back as it was. Nothing where no screen is open. */
void screen_close(void);

/* The same from a signal handler, when the program crashes: best effort, nothing freed. */
void screen_crash(void);

/* The same for a screen that was open in another process, killed since. */
void screen_give_back(const struct termios *as_was);

/* Give it back for a while (job control), and take it again. */
void screen_leave(void);
void screen_return(void);

/* The descriptor that keys come from. */
int screen_fd(void);

/* True where the terminal's locale is UTF-8. */
bool screen_has_utf8(void);

/* The terminal's size now; the screen takes it over. */
void screen_size(int *rows, int *cols);

/* Show grids in this theme from now on; where the terminal has no colours, or NO_COLOR is set, the
 * theme without any takes its place. */
void screen_theme(const struct theme *theme);

/* Take the mouse, or leave it to the terminal. */
void screen_mouse(bool on);

/* Show a grid; with `afresh` the whole terminal is repainted. */
void screen_draw(const struct grid *g, bool afresh);

/* The next key: a code point or one of enum key_code; 0 where none waits. */
uint32_t screen_key(void);

/* What the mouse did, after KEY_CODE_MOUSE; false where it is nothing that we know. */
bool screen_mouse_event(enum viewer_mouse *what, int *row, int *col);

/* Give words to the terminal's clipboard; false where this terminal is not known to have one. */
bool screen_copy(const char *words);

#endif
