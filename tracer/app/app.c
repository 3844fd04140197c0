#include "tracer/app/app.h"

#include "tracer/base/error.h"
#include "tracer/base/locale.h"
#include "tracer/base/standard.h"
#include "tracer/base/words.h"

#include "tracer/app/expecting.h"
#include "tracer/app/manual.h"
#include "tracer/app/options.h"
#include "tracer/app/output.h"
#include "tracer/app/permission.h"
#include "tracer/app/privileges.h"
#include "tracer/app/pump.h"
#include "tracer/app/selecting.h"
#include "tracer/base/alloc.h"
#include "tracer/capture/sink.h"
#include "tracer/capture/source.h"
#if __has_include("tracer/tui/tui.h")
#include "tracer/tui/tui.h"
#define HAVE_TUI 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One run: what is open. */
struct run {
    struct options options;
    struct source *source;       /* (owned) */
    struct sink *sink;           /* (owned) or NULL */
    struct selecting *selecting; /* (owned) or NULL, as is the other */
    struct expecting *expecting;
    bool fell_short; /* not all was as expected */
    int input_fd;    /* (owned) standard input, moved aside for the keyboard; or -1 */
    bool reader_gone;
};

static int complain(const struct run *r, const struct error *e)
{
    struct text advice = {0};
    error_tell("tcpladder", e->text);
    /* one line in a script; at a terminal, whole commands to copy */
    bool refused = e->status == EXIT_MACHINE && !r->source && !r->options.read_file;
    if (refused && r->options.mode == MODE_VIEW && !permission_to_capture()) {
        permission_advice(r->options.interface, &advice);
        fputs(text_str(&advice), stderr);
        text_free(&advice);
    }
    return e->status;
}

/* ---- signals ---- */

static struct source *signalled_source;

static void end_capture(int signal_number)
{
    (void)signal_number;
    source_stop(signalled_source);
}

/* The first INT, TERM or HUP ends the capture in good order; a second one ends the program. HUP
 * stays ignored under nohup; INT is taken though a shell has ignored it for what it runs in the
 * background, or `kill -INT` would not reach a capture there. */
static void handle_signals(struct source *s)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    signalled_source = s;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct sigaction act = {.sa_handler = end_capture, .sa_flags = (int)SA_RESETHAND}, before;
        sigemptyset(&act.sa_mask);
        sigaction(ends[i], NULL, &before);
        if (ends[i] != SIGHUP || before.sa_handler != SIG_IGN)
            sigaction(ends[i], &act, NULL);
    }
}

/* A pipe that closes and a file that may not grow are answers of write(), not deaths. */
static void ignore_write_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

static void unhandle_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct sigaction now;
        if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler == end_capture)
            signal(ends[i], SIG_DFL);
    }
    signalled_source = NULL;
}

/* End as a program does whose reader went away: by SIGPIPE, quietly. */
static int die_of_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    return EXIT_FELL_SHORT; /* where the signal is blocked */
}

/* ---- opening ---- */

/* A capture comes through standard input and keys are to be read as well: move it aside, so that
 * the terminal can be standard input. */
static int free_the_keyboard(struct run *r, struct error *e)
{
    r->input_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool moved = r->input_fd >= 0 && terminal >= 0 && dup2(terminal, STDIN_FILENO) >= 0;
    int why = errno;
    if (terminal >= 0)
        close(terminal);
    if (!moved)
        return error_exit(e, EXIT_MACHINE,
                          "There is no terminal to read keys from: %s. With "
                          "--print the capture is printed instead.",
                          strerror(why));
    return 0;
}

static bool is_dash(const char *s)
{
    return s && strcmp(s, "-") == 0;
}

static int open_source(struct run *r, struct error *e)
{
    const struct options *o = &r->options;
    struct source_options source = {
        .interface = o->interface,
        .file = o->read_file,
        .fd = -1,
        .filter = o->filter.len > 0 ? o->filter.s : NULL,
        .keep_annotations = true,
        .snaplen = o->snaplen,
        .buffer_bytes = o->buffer_bytes,
        .immediate = o->packet_buffered,
        .no_promiscuous = o->no_promiscuous,
    };
    if (o->read_file && privileges_become_caller(e) < 0)
        return -1;
    if (o->mode == MODE_VIEW && is_dash(o->read_file)) {
        if (free_the_keyboard(r, e) < 0)
            return -1;
        source.file = NULL;
        source.fd = r->input_fd;
    }
    r->source = source_open(&source, e);
    return r->source ? privileges_become_caller(e) : -1;
}

static bool find_file(const char *path, int standard, struct stat *st)
{
    return path && (is_dash(path) ? fstat(standard, st) : stat(path, st)) == 0;
}

/* True where what is to be read and what is to be written are one file: writing would destroy it.
 */
static bool same_file(const char *read_file, const char *write_file)
{
    struct stat r, w;
    return find_file(read_file, STDIN_FILENO, &r) && find_file(write_file, STDOUT_FILENO, &w) &&
           S_ISREG(r.st_mode) && r.st_dev == w.st_dev && r.st_ino == w.st_ino;
}

static int open_sink(struct run *r, struct error *e)
{
    const struct options *o = &r->options;
    if (!o->write_file)
        return 0;
    if (is_dash(o->write_file) && isatty(STDOUT_FILENO))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "A terminal cannot show a capture file: send it to "
                          "a file or into a pipe.");
    r->sink =
        sink_open_file(o->write_file, source_linktype(r->source), source_snaplen(r->source), e);
    return r->sink ? 0 : -1;
}

/* ---- running ---- */

static void tell_counts(const struct run *r, uint64_t frames)
{
    uint64_t received, dropped;
    if (!source_counts(r->source, &received, &dropped))
        return;
    fprintf(stderr,
            "%llu packet%s captured\n%llu packet%s received by filter\n%llu packet%s dropped by "
            "kernel\n",
            (unsigned long long)frames, frames == 1 ? "" : "s", (unsigned long long)received,
            received == 1 ? "" : "s", (unsigned long long)dropped, dropped == 1 ? "" : "s");
}

static struct sink *sink_at_work;

/* Memory has run out: what was captured is kept. */
static void rescue_capture(void)
{
    sink_rescue(sink_at_work);
}

static int run_pump(struct run *r, struct error *e)
{
    struct pump pump = {
        .source = r->source,
        .sink = r->sink,
        .output = r->selecting ? NULL : output_for(&r->options),
        .selecting = r->selecting,
        .expecting = r->expecting,
        .vantage = r->options.at ? vantage_new(r->options.at) : NULL,
    };
    selecting_between(r->selecting, r->source, r->sink);
    if (pump.output)
        pump.output_state = pump.output->open(&r->options, r->source);
    handle_signals(r->source);
    sink_at_work = r->sink;
    alloc_on_failure(rescue_capture);
    int result = pump_run(&pump, &r->options, e);
    alloc_on_failure(NULL);
    unhandle_signals();
    if (pump.output)
        pump.output->close(pump.output_state);
    vantage_free(pump.vantage);
    tell_counts(r, pump.frames);
    r->reader_gone = pump.reader_gone;
    return result;
}

#ifdef HAVE_TUI
/* The folder of a session: its programs' sources may be there too. */
static void add_folder(const char *file, struct text *out)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (slash == file && slash)
        text_char(out, '/');
    else if (slash)
        text_bytes(out, file, (size_t)(slash - file));
    else
        text_char(out, '.');
}

/* Where the packets come from, for the title bar. */
static const char *title_of(const struct run *r)
{
    const char *file = r->options.read_file;
    if (!file)
        return source_interface(r->source);
    return strcmp(file, "-") == 0 ? "standard input" : file;
}
#endif

static int run_view(struct run *r, struct error *e)
{
#ifdef HAVE_TUI
    struct text folder = {0};
    add_folder(r->options.read_file, &folder);
    struct tui_options screen = {
        .source = r->source,
        .title = title_of(r),
        .sources = text_str(&folder),
        .limit_bytes = r->options.limit_bytes,
        .ascii = r->options.ascii,
        .theme = r->options.theme,
        .console_fd = -1,
    };
    int result = tui_run(&screen, e);
    text_free(&folder);
    return result;
#else
    (void)r;
    return error_exit(e, EXIT_MACHINE,
                      "This program was built without its viewer. With --print it "
                      "prints instead.");
#endif
}

/* What --at gives stands nowhere to be read again, and is no session any more. */
static int check_vantage(const struct options *o, struct error *e)
{
    if (o->at && (o->mode == MODE_VIEW || o->select || o->expect_file || !o->read_file))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--at goes with -r and with -w, --print, --json or --walk. Keep what the "
                          "host saw with -w FILE, and go on with that.");
    return 0;
}

static int run_frames(struct run *r, struct error *e)
{
    if (check_vantage(&r->options, e) < 0)
        return -1;
    if (same_file(r->options.read_file, r->options.write_file))
        return error_exit(
            e, EXIT_WRONG_USAGE,
            "-r and -w name the same file: writing would destroy what is to be read.");
    if (r->options.select && !(r->selecting = selecting_new(&r->options, e)))
        return -1; /* before a file is made for what it selects */
    if (open_source(r, e) < 0 || open_sink(r, e) < 0 || privileges_drop(e) < 0)
        return -1;
    return r->options.mode == MODE_VIEW ? run_view(r, e) : run_pump(r, e);
}

/* Write a text to standard output, all of it or an error. */
static int say(struct text *t, struct error *e)
{
    int result = 0;
    if (fwrite(text_str(t), 1, t->len, stdout) != t->len || fflush(stdout) != 0)
        result = error_set(e, "Standard output could not be written: %s.", strerror(errno));
    text_free(t);
    return result;
}

/* A capture is taken to its end, and held against what was expected. */
static int run_expect(struct run *r, struct error *e)
{
    struct text report = {0};
    if (open_source(r, e) < 0 || privileges_drop(e) < 0 ||
        !(r->expecting = expecting_new(r->options.expect_file, r->source, e)) || run_pump(r, e) < 0)
        return -1;
    r->fell_short = !expecting_end(r->expecting, &report);
    return say(&report, e);
}

static int run_list(struct run *r, struct error *e)
{
    (void)r;
    struct text t = {0};
    return source_list_interfaces(&t, e) < 0 ? -1 : say(&t, e);
}

static int run_help(struct run *r, struct error *e)
{
    (void)r;
    struct text t = {0};
    options_help(&t);
    return say(&t, e);
}

static int run_manual(struct run *r, struct error *e)
{
    struct text t = {0};
    manual_part(r->options.manual_part, &t);
    return say(&t, e);
}

static int run_completion(struct run *r, struct error *e)
{
    (void)r;
    struct text t = {0};
    options_completion(&t);
    return say(&t, e);
}

static int run_version(struct run *r, struct error *e)
{
    (void)r;
    struct text t = {0};
    text_add(&t, "tcpladder " TCPLADDER_VERSION "\n");
#ifndef HAVE_JANSSON
    text_add(&t, "Built without libjansson: a lab's session is read without its calls.\n");
#endif
    return say(&t, e);
}

/* What a mode does; and whether it speaks the user's language: the others are read by programs, or
 * stand beside tcpdump. */
static const struct {
    int (*run)(struct run *r, struct error *e);
    bool in_words;
} modes[MODE_COUNT] = {
    [MODE_VIEW] = {run_frames, true},     [MODE_PRINT] = {run_frames, false},
    [MODE_JSON] = {run_frames, false},    [MODE_WALK] = {run_frames, true},
    [MODE_SAVE] = {run_frames, false},    [MODE_LIST] = {run_list, false},
    [MODE_HELP] = {run_help, true},       [MODE_VERSION] = {run_version, false},
    [MODE_MANUAL] = {run_manual, false},  [MODE_EXPECT] = {run_expect, true},
    [MODE_SUMMARY] = {run_frames, false}, [MODE_COMPLETION] = {run_completion, false},
};

/* Close all; a file that could not be finished is the run's failure too. */
static int finish(struct run *r, int result, struct error *e)
{
    struct error also;
    if (sink_close(r->sink, result < 0 ? &also : e) < 0)
        result = -1;
    source_close(r->source);
    selecting_free(r->selecting);
    expecting_free(r->expecting);
    if (r->input_fd >= 0)
        close(r->input_fd);
    options_free(&r->options);
    return result;
}

int app_main(int argc, char **argv)
{
    struct run r = {.input_fd = -1};
    struct error e = {.status = EXIT_FELL_SHORT};
    if (standard_fill() != 0)
        return EXIT_MACHINE; /* and there may be nowhere to say so */
    locale_take();
    words_open();
    ignore_write_signals();
    int result = options_parse(argc, argv, &r.options, &e);
    if (result == 0) {
        options_settle(&r.options, isatty(STDOUT_FILENO));
        if (!modes[r.options.mode].in_words)
            words_close();
        result = modes[r.options.mode].run(&r, &e);
    }
    result = finish(&r, result, &e);
    if (r.reader_gone)
        return die_of_pipe();
    if (result < 0)
        return complain(&r, &e);
    return r.fell_short ? EXIT_FELL_SHORT : EXIT_DONE;
}
