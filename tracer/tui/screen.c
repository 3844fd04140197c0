#include "tracer/tui/screen.h"

#include "tracer/base/utf8.h"
#include "tracer/view/command.h"
#include "tracer/view/glyph.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* One terminal a process, as curses has it. */
static struct {
    SCREEN *curses;
    FILE *in, *out;
    bool own_in, own_out; /* opened here, to be closed here */
    bool colours;
    bool left;             /* given back for a while */
    struct termios as_was; /* for a crash, when curses may not be called */
    char reset[256];       /* what to write then */
    size_t reset_bytes;
} screen;

/* How each role looks: a colour (-1: the terminal's own) and attributes; where there is no colour,
 * the attributes of `mono`. */
static const struct {
    short colour;
    attr_t attributes, mono;
} looks[ROLE_COUNT] = {
    [ROLE_NORMAL] = {-1, A_NORMAL, A_NORMAL},
    [ROLE_DIM] = {-1, A_DIM, A_DIM},
    [ROLE_TIME] = {-1, A_DIM, A_NORMAL},
    [ROLE_HOST_C] = {COLOR_CYAN, A_BOLD, A_BOLD},
    [ROLE_HOST_S] = {COLOR_MAGENTA, A_BOLD, A_BOLD},
    [ROLE_SYN] = {COLOR_GREEN, A_BOLD, A_BOLD},
    [ROLE_ACK] = {-1, A_NORMAL, A_NORMAL},
    [ROLE_FIN] = {COLOR_YELLOW, A_NORMAL, A_BOLD},
    [ROLE_RST] = {COLOR_RED, A_BOLD, A_BOLD},
    [ROLE_DATA] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
    [ROLE_AGAIN] = {COLOR_YELLOW, A_BOLD, A_BOLD},
    [ROLE_LOST] = {COLOR_RED, A_NORMAL, A_BOLD},
    [ROLE_STATE] = {COLOR_GREEN, A_NORMAL, A_BOLD},
    [ROLE_CALL] = {-1, A_BOLD, A_NORMAL},
    [ROLE_CALL_BLOCKED] = {COLOR_YELLOW, A_BOLD, A_BOLD},
    [ROLE_CALL_FAILED] = {COLOR_RED, A_BOLD, A_BOLD},
    [ROLE_RAIL] = {-1, A_DIM, A_DIM},
    [ROLE_CONSOLE] = {COLOR_BLUE, A_BOLD, A_NORMAL},
    [ROLE_NOTE] = {COLOR_YELLOW, A_NORMAL, A_NORMAL},
    [ROLE_HEADING] = {-1, A_BOLD, A_BOLD},
    [ROLE_TITLE] = {-1, A_REVERSE, A_REVERSE},
    [ROLE_KEY] = {COLOR_CYAN, A_BOLD, A_BOLD},
    [ROLE_KEYBAR] = {-1, A_DIM, A_NORMAL},
    [ROLE_ERROR] = {COLOR_RED, A_BOLD, A_REVERSE},
    [ROLE_ACK_LINE] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
    [ROLE_WINDOW] = {COLOR_YELLOW, A_NORMAL, A_DIM},
    [ROLE_SACK] = {COLOR_MAGENTA, A_NORMAL, A_BOLD},
};

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

static void add_resets(void)
{
    screen.reset_bytes = 0;
    add_reset("sgr0");
    add_reset("cnorm");
    add_reset("rmkx");
    add_reset("rmcup");
}

static void start_colours(void)
{
    const char *no = getenv("NO_COLOR");
    screen.colours = (!no || !*no) && has_colors() && start_color() == OK;
    if (!screen.colours)
        return;
    use_default_colors();
    for (short r = 0; r < ROLE_COUNT; r++)
        init_pair((short)(r + 1), looks[r].colour, -1);
}

static void take(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    curs_set(0);
}

int screen_open(struct error *e)
{
    setlocale(LC_CTYPE, "");
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
    take();
    start_colours();
    add_resets();
    return 0;
}

void screen_close(void)
{
    if (!screen.curses)
        return;
    if (!screen.left)
        endwin();
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
    endwin();
    screen.left = true;
}

void screen_return(void)
{
    screen.left = false;
    reset_prog_mode();
    take();
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
    int role = c->role < ROLE_COUNT ? c->role : ROLE_NORMAL;
    *pair = screen.colours ? (short)(role + 1) : 0;
    attr_t a = screen.colours ? looks[role].attributes : looks[role].mono;
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
    refresh();
}

/* ---- keys ------------------------------------------------------------------------------- */

uint32_t screen_key(void)
{
    static const struct {
        wint_t curses;
        uint32_t key;
    } keys[] = {
        {KEY_UP, KEY_CODE_UP},         {KEY_DOWN, KEY_CODE_DOWN},
        {KEY_LEFT, KEY_CODE_LEFT},     {KEY_RIGHT, KEY_CODE_RIGHT},
        {KEY_PPAGE, KEY_CODE_PAGE_UP}, {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
        {KEY_HOME, KEY_CODE_HOME},     {KEY_END, KEY_CODE_END},
        {KEY_F(1), KEY_CODE_F1},       {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
        {KEY_ENTER, KEY_CODE_ENTER},
    };
    wint_t w = 0;
    int kind = get_wch(&w);
    if (kind == ERR)
        return 0;
    if (kind == KEY_CODE_YES) {
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (keys[i].curses == w)
                return keys[i].key;
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
