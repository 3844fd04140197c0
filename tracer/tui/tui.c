/* The loop between three parties: the source, the keyboard and the screen. None of them is ever
 * waited for while another has something: frames are taken in slices, and the screen is drawn at
 * most 30 times a second, and only when something changed. */
#include "tracer/tui/keep.h"
#include "tracer/tui/tui.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/tui/screen.h"
#include "tracer/tui/signals.h"
#include "tracer/view/command.h"
#include "tracer/view/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SLICE_FRAMES = 4096, FRAME_MS = 33, LIVE_MS = 250, SLICE_MS = 15 };

struct tui {
    const struct tui_options *options;
    struct trace *trace;
    struct keep keep;
    struct viewer *viewer;
    struct grid grid;
    struct text outgoing; /* typed lines that the console pipe has not taken yet */
    bool done;            /* the source has ended or failed */
    bool quit;
    bool dirty, afresh;
    int64_t drawn_ms;
    int result;
    struct error *error;
};

static int64_t now_ms(void)
{
    return clock_monotonic_ns() / NS_PER_MS;
}

/* ---- the source ------------------------------------------------------------------------- */

static void source_over(struct tui *u, enum viewer_source how)
{
    u->done = true;
    u->dirty = true;
    viewer_set_source(u->viewer, how);
    if (u->options->quit_at_end)
        u->quit = true;
}

static void source_failed(struct tui *u, const struct error *why)
{
    if (u->error)
        *u->error = *why;
    u->result = -1;
    viewer_say(u->viewer, why->text);
    source_over(u, SOURCE_FAILED);
}

static void note_drops(struct tui *u)
{
    uint64_t received, dropped;
    if (source_counts(u->options->source, &received, &dropped))
        viewer_set_dropped(u->viewer, dropped);
}

/* Take what the source has, up to a slice. True where it may have more at once. */
static bool take_slice(struct tui *u)
{
    int64_t until = now_ms() + SLICE_MS;
    struct capture_frame frame;
    struct error why = {0};
    for (int i = 0; i < SLICE_FRAMES && (i % 64 != 63 || now_ms() < until); i++) {
        switch (source_next(u->options->source, false, &frame, &why)) {
        case SOURCE_FRAME:
            if (keep_add(&u->keep, &frame, &why) != 0)
                viewer_say(u->viewer, why.text);
            break;
        case SOURCE_WAIT: return false;
        case SOURCE_END: source_over(u, SOURCE_ENDED); return false;
        case SOURCE_ERROR: source_failed(u, &why); return false;
        }
    }
    return true;
}

static bool read_source(struct tui *u)
{
    bool more = !u->done && take_slice(u);
    if (viewer_update(u->viewer))
        u->dirty = true;
    more = more || viewer_busy(u->viewer);
    if (source_is_live(u->options->source))
        note_drops(u);
    return more;
}

/* ---- typed lines ------------------------------------------------------------------------ */

static void send_typed(struct tui *u)
{
    while (u->outgoing.len > 0) {
        ssize_t n = write(u->options->console_fd, u->outgoing.s, u->outgoing.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n < 0) {
            viewer_say(u->viewer, "The line could not be sent: the lab is no longer listening.");
            text_clear(&u->outgoing);
            u->dirty = true;
            return;
        }
        memmove(u->outgoing.s, u->outgoing.s + n, u->outgoing.len - (size_t)n);
        u->outgoing.len -= (size_t)n;
    }
}

static void queue_typed(struct tui *u)
{
    char host;
    const char *line = viewer_typed(u->viewer, &host);
    text_char(&u->outgoing, host);
    text_add(&u->outgoing, line);
    text_char(&u->outgoing, '\n');
    u->dirty = true;
    send_typed(u);
}

/* ---- keys and signals ------------------------------------------------------------------- */

static void continued(struct tui *u)
{
    screen_return(); /* the shell may have changed the terminal meanwhile */
    u->dirty = u->afresh = true;
}

static void suspend(struct tui *u, int group)
{
    screen_leave();
    signals_stop(group);
    continued(u);
}

static void copy(struct tui *u)
{
    if (!screen_copy(viewer_copied(u->viewer)))
        viewer_say(u->viewer, "This terminal is not known to have a clipboard.");
    u->dirty = true;
}

static void act(struct tui *u, enum viewer_answer answer)
{
    switch (answer) {
    case VIEWER_NOTHING: break;
    case VIEWER_REDRAW: u->dirty = true; break;
    case VIEWER_AFRESH: u->dirty = u->afresh = true; break;
    case VIEWER_TYPED: queue_typed(u); break;
    case VIEWER_COPIED: copy(u); break;
    case VIEWER_SUSPEND: suspend(u, 1); break;
    case VIEWER_QUIT: u->quit = true; break;
    }
}

/* A terminal that reads as ready and has no byte has been closed. */
static bool terminal_closed(short ready)
{
    int waiting = 0;
    if (ready & (POLLHUP | POLLERR | POLLNVAL))
        return true;
    struct pollfd again = {.fd = screen_fd(), .events = POLLIN};
    return poll(&again, 1, 0) > 0 && (ioctl(again.fd, FIONREAD, &waiting) != 0 || waiting == 0);
}

static enum viewer_answer take_mouse(struct tui *u)
{
    enum viewer_mouse what;
    int row, col;
    if (!screen_mouse_event(&what, &row, &col))
        return VIEWER_NOTHING;
    return viewer_mouse(u->viewer, &u->grid, what, row, col);
}

static void read_keys(struct tui *u, short ready)
{
    uint32_t key = screen_key();
    if (key == 0 && terminal_closed(ready))
        u->quit = true;
    for (; key != 0 && !u->quit; key = screen_key())
        act(u, key == KEY_CODE_MOUSE ? take_mouse(u) : viewer_key(u->viewer, key));
}

static void read_signals(struct tui *u)
{
    for (int number = signals_next(); number != 0; number = signals_next())
        switch (number) {
        case SIGWINCH: u->dirty = u->afresh = true; break;
        case SIGCONT: continued(u); break;
        case SIGTSTP: suspend(u, 0); break;
        default: u->quit = true; break;
        }
}

/* ---- the loop --------------------------------------------------------------------------- */

static void draw_if_due(struct tui *u)
{
    int64_t now = now_ms();
    if (!u->dirty || now - u->drawn_ms < FRAME_MS)
        return;
    int rows, cols;
    screen_size(&rows, &cols);
    if (rows != u->grid.rows || cols != u->grid.cols)
        grid_resize(&u->grid, rows, cols);
    viewer_draw(u->viewer, &u->grid);
    screen_theme(viewer_settings(u->viewer)->theme);
    screen_mouse(viewer_settings(u->viewer)->mouse);
    screen_draw(&u->grid, u->afresh);
    u->dirty = u->afresh = false;
    u->drawn_ms = now;
}

static int time_to_wait(const struct tui *u, bool more)
{
    if (more)
        return 0;
    if (u->dirty) {
        int64_t left = u->drawn_ms + FRAME_MS - now_ms();
        return left > 0 ? (int)left : 0;
    }
    bool silent = source_is_live(u->options->source) || source_fd(u->options->source) < 0;
    return !u->done && silent ? LIVE_MS : -1;
}

static void wait_for_something(struct tui *u, bool more)
{
    int source = u->done ? -1 : source_fd(u->options->source);
    struct pollfd fds[] = {
        {.fd = screen_fd(), .events = POLLIN},
        {.fd = signals_fd(), .events = POLLIN},
        {.fd = source, .events = POLLIN},
        {.fd = u->outgoing.len > 0 ? u->options->console_fd : -1, .events = POLLOUT},
    };
    int n = poll(fds, sizeof fds / sizeof fds[0], time_to_wait(u, more));
    if (n <= 0)
        return;
    if (fds[1].revents)
        read_signals(u);
    if (fds[0].revents && !u->quit)
        read_keys(u, fds[0].revents);
    if (fds[3].revents)
        send_typed(u);
}

static void loop(struct tui *u)
{
    while (!u->quit) {
        bool more = read_source(u);
        draw_if_due(u);
        if (!u->quit)
            wait_for_something(u, more);
    }
}

/* What the user has written down, and then what was said this time. */
static void configure(struct tui *u)
{
    struct text words = {0};
    struct error why;
    viewer_config_path(&words);
    if (words.len > 0)
        viewer_read_config(u->viewer, text_str(&words));
    text_clear(&words);
    text_format(&words, "theme %s", u->options->theme ? u->options->theme : "");
    if (u->options->theme && viewer_configure(u->viewer, text_str(&words), &why) != 0)
        viewer_say(u->viewer, why.text);
    text_free(&words);
}

static void open_parts(struct tui *u)
{
    bool can_type = u->options->console_fd >= 0;
    u->trace = trace_new();
    keep_open(&u->keep, u->trace, u->options->source, u->options->limit_bytes);
    u->viewer = viewer_new(u->trace, u->options->title ? u->options->title : "", can_type);
    configure(u);
    u->grid.ascii = u->options->ascii || !screen_has_utf8();
    u->dirty = u->afresh = true;
    if (source_is_live(u->options->source))
        viewer_set_source(u->viewer, SOURCE_LIVE);
    if (source_fd(u->options->source) < 0) /* a plain file */
        viewer_from_start(u->viewer);
    if (can_type) {
        int flags = fcntl(u->options->console_fd, F_GETFL);
        if (flags >= 0)
            fcntl(u->options->console_fd, F_SETFL, flags | O_NONBLOCK);
    }
}

static void close_parts(struct tui *u)
{
    viewer_free(u->viewer);
    trace_free(u->trace);
    keep_close(&u->keep);
    grid_free(&u->grid);
    text_free(&u->outgoing);
}

void tui_give_back(const struct termios *before)
{
    screen_give_back(before);
}

int tui_run(const struct tui_options *options, struct error *e)
{
    struct tui u = {.options = options, .error = e};
    if (signals_catch(screen_crash, e) != 0)
        return -1;
    if (screen_open(e) != 0) {
        signals_release();
        return -1;
    }
    alloc_on_failure(screen_close);
    open_parts(&u);
    loop(&u);
    alloc_on_failure(NULL);
    screen_close();
    signals_release();
    close_parts(&u);
    return u.result;
}
