/* The loop between three parties: the source, the keyboard and the screen. None of them is ever
 * waited for while another has something: frames are taken in slices, with a look at the keyboard
 * after each. What frames change is drawn now and then, what a key changes at once. */
#include "tracer/tui/keep.h"
#include "tracer/base/words.h"
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

/* Frames are looked at in slices of 8 ms; the screen is drawn again 50 ms after it was, or sooner
 * for a key. Where drawing takes long, twice as long goes into frames before it is done again, up
 * to a quarter of a second. A live capture is asked that often what the kernel dropped. */
enum {
    SLICE_MS = 8,
    CLOCK_EVERY = 64,
    FRAMES_MS = 50,
    FRAMES_MOST_MS = 250,
    DRAWING_PART = 2,
    KEY_MS = 12,
    LIVE_MS = 250,
};

/* How soon the screen is to be drawn. */
enum urgency { NOT_AT_ALL, FOR_FRAMES, FOR_KEY };

struct tui {
    const struct tui_options *options;
    struct trace *trace;
    struct keep keep;
    struct viewer *viewer;
    struct grid grid;     /* the whole screen */
    struct grid parts[2]; /* of it, where there is a companion: the viewer's, its own */
    bool focused;         /* the companion is */
    struct text outgoing; /* typed lines that the console pipe has not taken yet */
    bool done;            /* the source has ended or failed: */
    enum viewer_source how;
    bool quit;
    enum urgency urgency;
    bool afresh;        /* the whole of it */
    bool gained;        /* the trace has what the viewer has not taken in */
    int64_t drawn_ms;   /* when the screen was drawn last, */
    int64_t drawing_ms; /* and how long that took */
    int dialogue_ms;    /* until the dialogue is to go on, or -1 */
    int64_t counted_ms; /* when the kernel's drops were asked for last */
    uint64_t dropped;
    int result;
    struct error *error;
};

static int64_t now_ms(void)
{
    return clock_monotonic_ns() / NS_PER_MS;
}

static bool is_live(const struct tui *u)
{
    return u->options->source && source_is_live(u->options->source);
}

static void draw_soon(struct tui *u, enum urgency urgency)
{
    if (u->urgency < urgency)
        u->urgency = urgency;
}

/* ---- the story: trace and viewer --------------------------------------------------------- */

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

static void open_story(struct tui *u)
{
    const struct tui_options *o = u->options;
    u->trace = trace_new();
    trace_set_sources(u->trace, o->sources, o->sources_anywhere);
    if (o->source)
        keep_open(&u->keep, u->trace, o->source, o->limit_bytes);
    u->viewer = viewer_new(u->trace, o->title ? o->title : "", o->console_fd >= 0);
    if (o->view)
        viewer_alone(u->viewer, o->view, o->view_data);
    configure(u);
    if (o->dialogue) {
        o->dialogue->begin(o->dialogue->self, u->trace);
        viewer_set_dialogue(u->viewer, o->dialogue);
    }
}

static void close_story(struct tui *u)
{
    viewer_free(u->viewer);
    trace_free(u->trace);
    keep_close(&u->keep);
}

/* ---- the source ------------------------------------------------------------------------- */

static void source_over(struct tui *u, enum viewer_source how)
{
    const struct companion *c = u->options->companion;
    u->done = true;
    u->how = how;
    if (c)
        c->end(c->data);
    else
        viewer_set_source(u->viewer, how);
    draw_soon(u, FOR_FRAMES);
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
    if (!is_live(u) || now_ms() - u->counted_ms < LIVE_MS)
        return;
    u->counted_ms = now_ms();
    if (!source_counts(u->options->source, &received, &dropped) || dropped == u->dropped)
        return;
    u->dropped = dropped;
    viewer_set_dropped(u->viewer, dropped);
    draw_soon(u, FOR_FRAMES);
}

static void note_progress(struct tui *u)
{
    uint64_t done, all;
    if (u->options->source && !u->options->companion &&
        source_progress(u->options->source, &done, &all))
        viewer_set_progress(u->viewer, done, all);
    viewer_set_passed_over(u->viewer, u->keep.passed_over);
}

static void show_frame(struct tui *u, struct capture_frame *frame)
{
    struct error why = {0};
    if (keep_add(&u->keep, frame, &why) != 0)
        viewer_say(u->viewer, why.text);
    u->gained = true;
}

static void take_frame(struct tui *u, struct capture_frame *frame)
{
    if (u->options->companion)
        u->options->companion->take(u->options->companion->data, frame);
    else
        show_frame(u, frame);
}

/* What the companion lets be seen by now. */
static void show_allowed(struct tui *u)
{
    const struct companion *c = u->options->companion;
    struct capture_frame frame;
    if (c && c->anew && c->anew(c->data)) {
        close_story(u);
        open_story(u);
        draw_soon(u, FOR_KEY);
    }
    while (c && c->next(c->data, &frame))
        show_frame(u, &frame);
    if (c && u->done && c->finished(c->data))
        viewer_set_source(u->viewer, u->how);
}

/* Take what the source has, up to a slice. True where it may have more at once. */
static bool take_slice(struct tui *u)
{
    int64_t until = now_ms() + SLICE_MS;
    struct capture_frame frame;
    struct error why = {0};
    for (unsigned i = 1; i % CLOCK_EVERY != 0 || now_ms() < until; i++) {
        switch (source_next(u->options->source, false, &frame, &why)) {
        case SOURCE_FRAME:
            if (u->options->dialogue)
                u->options->dialogue->frame(u->options->dialogue->self, &frame);
            take_frame(u, &frame);
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
    show_allowed(u);
    if (u->gained)
        draw_soon(u, FOR_FRAMES);
    note_drops(u);
    if (viewer_busy(u->viewer)) { /* a search goes on, or a file is written */
        viewer_update(u->viewer);
        draw_soon(u, viewer_busy(u->viewer) ? FOR_FRAMES : FOR_KEY);
        more = true;
    }
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
            viewer_say(u->viewer, _("The line could not be sent: the lab is no longer listening."));
            text_clear(&u->outgoing);
            draw_soon(u, FOR_KEY);
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
    draw_soon(u, FOR_KEY);
    send_typed(u);
}

/* ---- the dialogue ----------------------------------------------------------------------- */

static void go_on_with_dialogue(struct tui *u)
{
    const struct dialogue *d = u->options->dialogue;
    bool changed = false;
    u->dialogue_ms = -1;
    if (!d)
        return;
    u->dialogue_ms = d->update(d->self, &changed);
    struct text *out = d->outgoing(d->self);
    if (changed)
        draw_soon(u, FOR_KEY);
    if (out->len > 0) {
        text_bytes(&u->outgoing, out->s, out->len);
        text_clear(out);
        send_typed(u);
    }
    if (d->over(d->self, u->done))
        u->quit = true;
}

/* ---- keys and signals ------------------------------------------------------------------- */

static void draw_afresh(struct tui *u)
{
    u->afresh = true;
    draw_soon(u, FOR_KEY);
}

static void continued(struct tui *u)
{
    screen_return(); /* the shell may have changed the terminal meanwhile */
    draw_afresh(u);
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
        viewer_say(u->viewer, _("This terminal is not known to have a clipboard."));
    draw_soon(u, FOR_KEY);
}

static void act(struct tui *u, enum viewer_answer answer)
{
    switch (answer) {
    case VIEWER_NOTHING: break;
    case VIEWER_REDRAW: draw_soon(u, FOR_KEY); break;
    case VIEWER_AFRESH: draw_afresh(u); break;
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

/* What the viewer draws on: all of the screen, or its part, which begins where the screen does. */
static struct grid *viewer_grid(struct tui *u)
{
    return u->options->companion ? &u->parts[0] : &u->grid;
}

static enum viewer_answer take_mouse(struct tui *u)
{
    enum viewer_mouse what;
    int row, col;
    if (!screen_mouse_event(&what, &row, &col))
        return VIEWER_NOTHING;
    return viewer_mouse(u->viewer, viewer_grid(u), what, row, col);
}

static bool ask_companion(struct tui *u, uint32_t key)
{
    const struct companion *c = u->options->companion;
    if (key == '\t') {
        u->focused = !u->focused;
        draw_soon(u, FOR_KEY);
        return true;
    }
    enum companion_answer answer = u->focused ? c->key(c->data, key) : COMPANION_NOT_MINE;
    u->quit |= answer == COMPANION_QUIT;
    if (answer == COMPANION_REDRAW)
        draw_soon(u, FOR_KEY);
    return answer != COMPANION_NOT_MINE;
}

static void take_key(struct tui *u, uint32_t key)
{
    if (key == KEY_CODE_MOUSE)
        act(u, take_mouse(u));
    else if (!u->options->companion || !ask_companion(u, key))
        act(u, viewer_key(u->viewer, key));
}

static void read_keys(struct tui *u, short ready)
{
    uint32_t key = screen_key();
    if (key == 0 && terminal_closed(ready))
        u->quit = true;
    for (; key != 0 && !u->quit; key = screen_key())
        take_key(u, key);
}

static void read_signals(struct tui *u)
{
    for (int number = signals_next(); number != 0; number = signals_next())
        switch (number) {
        case SIGWINCH: draw_afresh(u); break;
        case SIGCONT: continued(u); break;
        case SIGTSTP: suspend(u, 0); break;
        default: u->quit = true; break;
        }
}

/* ---- the loop --------------------------------------------------------------------------- */

static void fit(struct grid *g, int rows, int cols)
{
    if (rows != g->rows || cols != g->cols)
        grid_resize(g, rows, cols);
}

static void draw_both(struct tui *u)
{
    const struct companion *c = u->options->companion;
    struct area areas[2];
    companion_place(u->grid.rows, u->grid.cols, u->focused, &areas[0], &areas[1]);
    grid_clear(&u->grid);
    for (int i = 0; i < 2; i++) {
        fit(&u->parts[i], areas[i].rows, areas[i].cols);
        grid_clear(&u->parts[i]);
        u->parts[i].ascii = u->grid.ascii;
    }
    viewer_draw(u->viewer, &u->parts[0]);
    c->draw(c->data, &u->parts[1], u->focused);
    u->parts[u->focused ? 0 : 1].has_cursor = false;
    if (u->focused) /* its key bar is not what keys do now */
        grid_role(&u->parts[0], (struct area){areas[0].rows - 1, 0, 1, areas[0].cols}, ROLE_DIM);
    for (int i = 0; i < 2; i++)
        companion_copy(&u->parts[i], &u->grid, areas[i]);
    companion_line(&u->grid, areas[0], areas[1]);
}

static void draw(struct tui *u)
{
    int rows, cols;
    screen_size(&rows, &cols);
    fit(&u->grid, rows, cols);
    if (u->options->companion)
        draw_both(u);
    else
        viewer_draw(u->viewer, &u->grid);
    screen_theme(viewer_settings(u->viewer)->theme);
    screen_mouse(viewer_settings(u->viewer)->mouse);
    screen_draw(&u->grid, u->afresh);
    u->afresh = false;
}

/* When the screen is to be drawn, if it is at all. */
static int64_t due_ms(const struct tui *u)
{
    int64_t pause = u->drawing_ms * DRAWING_PART;
    if (u->urgency == FOR_KEY)
        return u->drawn_ms + KEY_MS;
    pause = pause < FRAMES_MOST_MS ? pause : FRAMES_MOST_MS;
    return u->drawn_ms + (pause > FRAMES_MS ? pause : FRAMES_MS);
}

static void draw_if_due(struct tui *u)
{
    int64_t now = now_ms();
    if (u->urgency == NOT_AT_ALL || now < due_ms(u))
        return;
    if (u->gained)
        viewer_update(u->viewer);
    note_progress(u);
    u->gained = false;
    draw(u);
    u->urgency = NOT_AT_ALL;
    u->drawn_ms = now_ms();
    u->drawing_ms = u->drawn_ms - now;
}

static int time_for_screen(const struct tui *u, bool more)
{
    if (more)
        return 0;
    if (u->urgency != NOT_AT_ALL) {
        int64_t left = due_ms(u) - now_ms();
        return left > 0 ? (int)left : 0;
    }
    return !u->done && (is_live(u) || source_fd(u->options->source) < 0) ? LIVE_MS : -1;
}

static int time_to_wait(const struct tui *u, bool more)
{
    int wait_ms = time_for_screen(u, more);
    bool sooner = u->dialogue_ms >= 0 && (wait_ms < 0 || u->dialogue_ms < wait_ms);
    return sooner ? u->dialogue_ms : wait_ms;
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
        go_on_with_dialogue(u);
        draw_if_due(u);
        if (!u->quit)
            wait_for_something(u, more);
    }
}

static void open_parts(struct tui *u)
{
    bool can_type = u->options->console_fd >= 0;
    open_story(u);
    u->done = !u->options->source;
    u->grid.ascii = u->options->ascii || !screen_has_utf8();
    u->focused = u->options->companion != NULL;
    u->drawn_ms = now_ms() - FRAMES_MS; /* the first time after the first slice */
    draw_afresh(u);
    if (is_live(u))
        viewer_set_source(u->viewer, SOURCE_LIVE);
    if (!u->done && source_fd(u->options->source) < 0 && !u->options->companion) /* a plain file */
        viewer_from_start(u->viewer);
    if (can_type) {
        int flags = fcntl(u->options->console_fd, F_GETFL);
        if (flags >= 0)
            fcntl(u->options->console_fd, F_SETFL, flags | O_NONBLOCK);
    }
}

static void close_parts(struct tui *u)
{
    close_story(u);
    grid_free(&u->grid);
    grid_free(&u->parts[0]);
    grid_free(&u->parts[1]);
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
