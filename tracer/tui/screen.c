#include "tracer/tui/screen.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/locale.h"
#include "tracer/base/utf8.h"
#include "tracer/view/command.h"
#include "tracer/view/glyph.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* Keys of ours, beyond those of curses. */
enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END, DOUBLE_CLICK_MS = 400 };

/* One terminal a process, as curses has it. */
static struct {
    SCREEN *curses;
    FILE *in, *out;
    bool own_in, own_out; /* opened here, to be closed here */
    bool colours;
    bool modern; /* knows the ways that terminfo has no names for: paste, clipboard */
    bool mouse;  /* is ours */
    bool left;   /* given back for a while */
    const struct theme *theme;
    bool cursor_shown;
    int64_t clicked_ms; /* the last click, and where */
    int clicked_row, clicked_col;
    struct termios as_was; /* for a crash, when curses may not be called */
    char reset[256];       /* what to write then */
    size_t reset_bytes;
} screen;

/* ---- opening and closing ---------------------------------------------------------------- */

static FILE *terminal_stream(int fd, const char *mode, bool *own)
{
    *own = false;
    int copy = isatty(fd) ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (copy < 0)
        return NULL;
    FILE *f = fdopen(copy, mode);
    if (!f)
        close(copy);
    *own = f != NULL;
    return f;
}

static void close_streams(void)
{
    if (screen.own_in)
        fclose(screen.in);
    if (screen.own_out)
        fclose(screen.out);
    screen.in = screen.out = NULL;
    screen.own_in = screen.own_out = false;
}

static int open_streams(struct error *e)
{
    screen.in = terminal_stream(STDIN_FILENO, "r", &screen.own_in);
    screen.out = terminal_stream(STDOUT_FILENO, "w", &screen.own_out);
    if (screen.in && screen.out)
        return 0;
    close_streams();
    return error_exit(e, EXIT_MACHINE,
                      "The viewer needs a terminal and found none (%s). Run it in one, or use "
                      "--print.",
                      strerror(errno));
}

/* A terminal that cannot place its cursor shows no picture. */
static int check_terminal(struct error *e)
{
    const char *name = getenv("TERM");
    int found = 0;
    if (!name || !*name)
        return error_exit(e, EXIT_MACHINE,
                          "TERM is not set, so the viewer does not know this terminal. Set it "
                          "(TERM=xterm-256color fits most), or use --print.");
    if (setupterm(NULL, fileno(screen.out), &found) != OK || found != 1)
        return error_exit(e, EXIT_MACHINE,
                          "The terminal type '%.40s' is not known here. Set TERM to one that is "
                          "(TERM=xterm-256color fits most), or use --print.",
                          name);
    const char *cup = tigetstr("cup");
    bool able = cup && cup != (char *)-1;
    del_curterm(cur_term);
    if (able)
        return 0;
    return error_exit(e, EXIT_MACHINE,
                      "A terminal of type '%.40s' cannot place its cursor, so the viewer cannot "
                      "draw on it. Use --print.",
                      name);
}

static void add_reset(const char *capability)
{
    const char *s = tigetstr(capability);
    if (!s || s == (char *)-1)
        return;
    size_t n = strlen(s);
    if (screen.reset_bytes + n > sizeof screen.reset)
        return;
    memcpy(screen.reset + screen.reset_bytes, s, n);
    screen.reset_bytes += n;
}

/* What no capability switches off: the mouse, in each of the ways that it may have been switched
 * on, and bracketed paste. */
static const char modes_off[] = "\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[?2004l";

/* Terminals that know bracketed paste and the clipboard (OSC 52), or leave both alone. */
static bool is_modern(const char *term)
{
    static const char *const known[] = {"xterm",   "screen",    "tmux",  "rxvt",
                                        "foot",    "alacritty", "kitty", "st-",
                                        "wezterm", "konsole",   "vte",   "contour"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(term, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

static void add_resets(void)
{
    const char *term = getenv("TERM");
    screen.reset_bytes = 0;
    if (term && is_modern(term)) {
        memcpy(screen.reset, modes_off, sizeof modes_off - 1);
        screen.reset_bytes = sizeof modes_off - 1;
    }
    add_reset("sgr0");
    add_reset("cnorm");
    add_reset("rmkx");
    add_reset("rmcup");
}

static void start_colours(void)
{
    const char *no = getenv("NO_COLOR");
    screen.colours = (!no || !*no) && has_colors() && start_color() == OK;
    if (screen.colours)
        use_default_colors();
    screen.theme = NULL;
    screen_theme(&themes[0]);
}

void screen_theme(const struct theme *theme)
{
    static const short colours[] = {COLOR_BLACK, COLOR_RED,     COLOR_GREEN, COLOR_YELLOW,
                                    COLOR_BLUE,  COLOR_MAGENTA, COLOR_CYAN,  COLOR_WHITE};
    if (!screen.colours)
        theme = theme_mono();
    if (theme == screen.theme)
        return;
    screen.theme = theme;
    for (short r = 0; screen.colours && r < ROLE_COUNT; r++) {
        int8_t colour = theme->looks[r].colour;
        init_pair((short)(r + 1), colour < 0 ? -1 : colours[colour], -1);
    }
}

/* Tell the terminal something that curses has no name for, behind all that curses has told it. */
static void tell(const char *bytes, size_t n)
{
    fflush(screen.out);
    while (n > 0) {
        ssize_t taken = write(fileno(screen.out), bytes, n);
        if (taken < 0 && errno != EINTR)
            return; /* a terminal that has gone needs to hear nothing */
        bytes += taken > 0 ? taken : 0;
        n -= taken > 0 ? (size_t)taken : 0;
    }
}

static void take_mouse(bool on)
{
    mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

void screen_mouse(bool on)
{
    if (on != screen.mouse)
        take_mouse(on);
    screen.mouse = on;
}

static void bracket_paste(bool on)
{
    if (screen.modern)
        tell(on ? "\033[?2004h" : "\033[?2004l", 8);
}

static void take(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    mouseinterval(0); /* two clicks are told apart here, so that none is held back */
    define_key("\033[200~", PASTE_BEGIN);
    define_key("\033[201~", PASTE_END);
    bracket_paste(true);
    curs_set(0);
    screen.cursor_shown = false;
}

int screen_open(struct error *e)
{
    locale_take();
    if (open_streams(e) != 0)
        return -1;
    if (tcgetattr(fileno(screen.in), &screen.as_was) != 0) {
        int result = error_exit(e, EXIT_MACHINE, "The terminal's settings cannot be read: %s.",
                                strerror(errno));
        close_streams();
        return result;
    }
    if (check_terminal(e) != 0) {
        close_streams();
        return -1;
    }
    screen.curses = newterm(NULL, screen.out, screen.in);
    if (!screen.curses) {
        close_streams();
        return error_exit(e, EXIT_MACHINE,
                          "The terminal could not be set up for the viewer. Use --print.");
    }
    set_escdelay(25);
    screen.modern = is_modern(getenv("TERM"));
    screen.mouse = false;
    take();
    start_colours();
    add_resets();
    return 0;
}

int screen_examine(int *rows, int *cols, int *colours, struct error *e)
{
    struct winsize size = {0};
    int found = 0;
    if (open_streams(e) != 0)
        return -1;
    int result = check_terminal(e);
    if (result == 0 && setupterm(NULL, fileno(screen.out), &found) == OK) {
        *colours = tigetnum("colors") > 0 ? tigetnum("colors") : 0;
        del_curterm(cur_term);
    }
    if (ioctl(fileno(screen.out), TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    *rows = size.ws_row;
    *cols = size.ws_col;
    close_streams();
    return result;
}

void screen_close(void)
{
    if (!screen.curses)
        return;
    if (!screen.left)
        screen_leave();
    delscreen(screen.curses);
    screen.curses = NULL;
    screen.left = false;
    close_streams();
}

void screen_crash(void)
{
    if (!screen.curses || screen.left)
        return;
    screen.left = true;
    ssize_t n = write(fileno(screen.out), screen.reset, screen.reset_bytes);
    (void)n; /* nothing can be done about it here */
    tcsetattr(fileno(screen.in), TCSANOW, &screen.as_was);
}

void screen_give_back(const struct termios *as_was)
{
    int found = 0;
    if (setupterm(NULL, STDOUT_FILENO, &found) == OK && found == 1) {
        add_resets();
        ssize_t n = write(STDOUT_FILENO, screen.reset, screen.reset_bytes);
        (void)n; /* a terminal that has gone needs nothing back */
        del_curterm(cur_term);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, as_was);
}

void screen_leave(void)
{
    if (screen.mouse)
        take_mouse(false);
    bracket_paste(false);
    curs_set(1);
    endwin();
    screen.left = true;
}

void screen_return(void)
{
    screen.left = false;
    reset_prog_mode();
    take();
    if (screen.mouse)
        take_mouse(true);
    clearok(curscr, TRUE);
    refresh();
}

int screen_fd(void)
{
    return fileno(screen.in);
}

bool screen_has_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void screen_size(int *rows, int *cols)
{
    struct winsize size = {0};
    if (ioctl(fileno(screen.out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        is_term_resized(size.ws_row, size.ws_col))
        resizeterm(size.ws_row, size.ws_col);
    getmaxyx(stdscr, *rows, *cols);
}

/* ---- drawing ---------------------------------------------------------------------------- */

static attr_t look_of(const struct cell *c, short *pair)
{
    static const struct {
        uint8_t look;
        attr_t curses;
    } attributes[] = {{LOOK_BOLD, A_BOLD},
                      {LOOK_DIM, A_DIM},
                      {LOOK_REVERSE, A_REVERSE},
                      {LOOK_UNDERLINE, A_UNDERLINE}};
    int role = c->role < ROLE_COUNT ? c->role : ROLE_NORMAL;
    attr_t a = A_NORMAL;
    *pair = screen.colours ? (short)(role + 1) : 0;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (screen.theme->looks[role].attributes & attributes[i].look)
            a |= attributes[i].curses;
    if (c->selected)
        a = (a & ~A_DIM) | A_REVERSE;
    return a;
}

/* The last gate before the terminal: what the C library counts otherwise than the grid does, or
 * cannot show at all, becomes a question mark of the grid's width. */
static void show_cell(const struct cell *c, int row, int col)
{
    wchar_t s[3] = {(wchar_t)c->glyph, (wchar_t)c->mark, 0};
    int width = glyph_width(c->glyph);
    if (!utf8_is_safe(c->glyph) || wcwidth(s[0]) != width)
        s[0] = L'?', s[1] = 0;
    if (s[1] && (!utf8_is_safe(c->mark) || wcwidth(s[1]) != 0))
        s[1] = 0;
    short pair;
    cchar_t out;
    attr_t look = look_of(c, &pair);
    setcchar(&out, s, look, pair, NULL);
    mvadd_wch(row, col, &out);
    if (width == 2 && s[0] == L'?') {
        setcchar(&out, L" ", look, pair, NULL);
        mvadd_wch(row, col + 1, &out);
    }
}

static void show_cursor(const struct grid *g)
{
    if (g->has_cursor)
        move(g->cursor_row, g->cursor_col);
    if (g->has_cursor != screen.cursor_shown)
        curs_set(g->has_cursor);
    screen.cursor_shown = g->has_cursor;
}

void screen_draw(const struct grid *g, bool afresh)
{
    erase();
    for (int row = 0; row < g->rows; row++)
        for (int col = 0; col < g->cols; col++) {
            const struct cell *c = grid_cell(g, row, col);
            if (c->glyph != 0)
                show_cell(c, row, col);
        }
    if (afresh)
        clearok(curscr, TRUE);
    show_cursor(g);
    refresh();
}

/* ---- keys ------------------------------------------------------------------------------- */

uint32_t screen_key(void)
{
    static const struct {
        wint_t curses;
        uint32_t key;
    } keys[] = {
        {KEY_UP, KEY_CODE_UP},
        {KEY_DOWN, KEY_CODE_DOWN},
        {KEY_LEFT, KEY_CODE_LEFT},
        {KEY_RIGHT, KEY_CODE_RIGHT},
        {KEY_PPAGE, KEY_CODE_PAGE_UP},
        {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
        {KEY_HOME, KEY_CODE_HOME},
        {KEY_END, KEY_CODE_END},
        {KEY_IC, KEY_CODE_INSERT},
        {KEY_DC, KEY_CODE_DELETE},
        {KEY_BTAB, KEY_CODE_BACK_TAB},
        {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
        {KEY_ENTER, KEY_CODE_ENTER},
        {KEY_MOUSE, KEY_CODE_MOUSE},
        {PASTE_BEGIN, KEY_CODE_PASTE_BEGIN},
        {PASTE_END, KEY_CODE_PASTE_END},
    };
    wint_t w = 0;
    int kind = get_wch(&w);
    if (kind == ERR)
        return 0;
    if (kind == KEY_CODE_YES) {
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (keys[i].curses == w)
                return keys[i].key;
        if (w >= KEY_F(1) && w <= KEY_F(12))
            return KEY_CODE_F1 + (w - KEY_F(1));
        return KEY_CODE_UNKNOWN;
    }
    switch (w) {
    case '\r':
    case '\n': return KEY_CODE_ENTER;
    case 27: return KEY_CODE_ESCAPE;
    case 8:
    case 127: return KEY_CODE_BACKSPACE;
    case 0: return KEY_CODE_UNKNOWN;
    default: return (uint32_t)w;
    }
}

/* ---- mouse and clipboard ------------------------------------------------------------------- */

bool screen_mouse_event(enum viewer_mouse *what, int *row, int *col)
{
    MEVENT event;
    if (getmouse(&event) != OK)
        return false;
    *row = event.y;
    *col = event.x;
    if (event.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
        *what = event.bstate & BUTTON4_PRESSED ? MOUSE_WHEEL_UP : MOUSE_WHEEL_DOWN;
        return true;
    }
    int64_t now = clock_monotonic_ns() / NS_PER_MS;
    bool again = now - screen.clicked_ms < DOUBLE_CLICK_MS && screen.clicked_row == *row &&
                 screen.clicked_col == *col;
    *what = again ? MOUSE_DOUBLE : MOUSE_CLICK;
    screen.clicked_ms = again ? 0 : now; /* a third click is a first one */
    screen.clicked_row = *row;
    screen.clicked_col = *col;
    return (event.bstate & BUTTON1_PRESSED) != 0;
}

static void add_base64(struct text *out, const char *s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t n = strlen(s); n > 0;) {
        unsigned bits = (unsigned)(unsigned char)s[0] << 16;
        bits |= n > 1 ? (unsigned)(unsigned char)s[1] << 8 : 0;
        bits |= n > 2 ? (unsigned char)s[2] : 0;
        for (unsigned i = 0; i < 4; i++)
            text_char(out, i <= n ? digits[bits >> (18 - 6 * i) & 63] : '=');
        s += n < 3 ? n : 3;
        n -= n < 3 ? n : 3;
    }
}

bool screen_copy(const char *words)
{
    struct text t = {0};
    if (!screen.modern)
        return false;
    text_add(&t, "\033]52;c;");
    add_base64(&t, words);
    text_char(&t, '\a');
    tell(text_str(&t), t.len);
    text_free(&t);
    return true;
}
