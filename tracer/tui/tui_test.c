/* The viewer on a real pseudo-terminal, fed from a source made of frames in memory. */
#include "tracer/tui/tui.h"

#include "tracer/base/alloc.h"
#include "tracer/view/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a source in memory, in the place of tracer/capture's -------------------------------- */

struct source {
    const struct trace *story; /* whose frames are given */
    uint32_t next;
    int fd; /* never readable */
    bool endless;
};

enum source_result source_next(struct source *s, bool wait, struct capture_frame *frame,
                               struct error *e)
{
    (void)wait;
    (void)e;
    if (s->next >= trace_segment_count(s->story))
        return s->endless ? SOURCE_WAIT : SOURCE_END;
    struct frame f = trace_segment_frame(s->story, s->next++);
    *frame = (struct capture_frame){.time_ns = f.time_ns,
                                    .linktype = f.linktype,
                                    .bytes = f.bytes,
                                    .captured_bytes = f.captured_bytes,
                                    .wire_bytes = f.wire_bytes};
    return SOURCE_FRAME;
}

bool source_rereads(const struct source *s)
{
    (void)s;
    return false;
}

bool source_again(struct source *s, uint64_t at, struct capture_frame *frame)
{
    (void)s;
    (void)at;
    (void)frame;
    return false;
}

int source_fd(const struct source *s)
{
    return s->fd;
}

bool source_is_live(const struct source *s)
{
    return s->endless;
}

bool source_progress(const struct source *s, uint64_t *done, uint64_t *all)
{
    *done = *all = s->next;
    return false;
}

bool source_counts(struct source *s, uint64_t *received, uint64_t *dropped)
{
    *received = s->next;
    *dropped = 0;
    return s->endless;
}

/* ---- a program on a terminal ------------------------------------------------------------ */

enum { CHILD_FAILED = 40 };

/* What the child does: shows the story on its terminal. Exits 0 when the user left. */
static int show(bool endless, bool quit_at_end, int console_fd)
{
    struct scene scene;
    int silence[2];
    if (pipe(silence) != 0)
        return CHILD_FAILED;
    scene_begin(&scene, false);
    scene_handshake(&scene);
    scene_rest(&scene);
    struct source source = {.story = scene.trace, .fd = silence[0], .endless = endless};
    struct tui_options options = {
        .source = &source, .title = "story", .console_fd = console_fd, .quit_at_end = quit_at_end};
    struct error e = {0};
    int result = tui_run(&options, &e) == 0 ? 0 : e.status;
    if (result != 0)
        printf("SENTENCE %s\n", e.text);
    fflush(stdout);
    scene_end(&scene);
    return result;
}

struct terminal {
    int master;
    pid_t child;
    struct text seen;
};

static struct terminal start(const char *term, bool endless, int console_fd)
{
    struct terminal t = {0};
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    t.child = forkpty(&t.master, NULL, NULL, &size);
    assert_true(t.child >= 0);
    if (t.child == 0) {
        if (term)
            setenv("TERM", term, 1);
        else
            unsetenv("TERM");
        setenv("LC_ALL", "C.UTF-8", 1);
        setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
        _exit(show(endless, false, console_fd));
    }
    return t;
}

/* Read what the terminal is shown until it holds `word`, or for `ms`. True where it came. */
static bool sees(struct terminal *t, const char *word, int ms)
{
    for (int waited = 0; waited < ms; waited += 50) {
        struct pollfd p = {.fd = t->master, .events = POLLIN};
        if (strstr(text_str(&t->seen), word))
            return true;
        if (poll(&p, 1, 50) <= 0)
            continue;
        char bytes[4096];
        ssize_t n = read(t->master, bytes, sizeof bytes);
        if (n <= 0)
            break;
        text_bytes(&t->seen, bytes, (size_t)n);
    }
    return strstr(text_str(&t->seen), word) != NULL;
}

static void type(struct terminal *t, const char *keys)
{
    assert_int_equal(write(t->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Wait for the child to end: its wait status, or -1 where it still runs after five seconds. */
static int finish(struct terminal *t)
{
    int status = -1;
    for (int i = 0; i < 100; i++) {
        if (t->master >= 0)
            sees(t, "\x01never", 50);
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        if (waitpid(t->child, &status, WNOHANG) == t->child)
            break;
        status = -1;
    }
    if (status == -1) {
        kill(t->child, SIGKILL);
        waitpid(t->child, NULL, 0);
    }
    if (t->master >= 0)
        close(t->master);
    text_free(&t->seen);
    return status;
}

static void test_shows_and_quits(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    assert_true(sees(&t, "FIN-WAIT", 5000));
    type(&t, "Q");
    assert_true(sees(&t, "\x1b[?1049l", 5000)); /* the other screen is back */
    int status = finish(&t);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_help_and_escape(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    type(&t, "?");
    assert_true(sees(&t, "Select the line above", 5000));
    type(&t, "q"); /* closes the page, not the program */
    type(&t, "\x1b");
    assert_false(sees(&t, "\x1b[?1049l", 300));
    type(&t, "q");
    assert_true(sees(&t, "\x1b[?1049l", 5000));
    assert_int_equal(finish(&t), 0);
}

static void refuses(const char *term, const char *word)
{
    struct terminal t = start(term, true, -1);
    assert_true(sees(&t, "SENTENCE", 5000));
    assert_true(sees(&t, word, 500));
    int status = finish(&t);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_MACHINE);
}

static void test_poor_terminals(void **state)
{
    (void)state;
    refuses(NULL, "TERM is not set");
    refuses("no-such-terminal", "is not known");
    refuses("dumb", "cannot place its cursor");
}

static void test_closed_terminal(void **state)
{
    (void)state;
    struct terminal t = start("xterm", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    close(t.master);
    t.master = -1;
    assert_int_not_equal(finish(&t), -1); /* it left by itself */
}

static void ends_by(int number, bool by_signal)
{
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    kill(t.child, number);
    assert_true(sees(&t, "\x1b[?1049l", 5000));
    int status = finish(&t);
    assert_int_not_equal(status, -1);
    if (by_signal)
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
    else
        assert_int_equal(status, 0);
}

static void test_signals(void **state)
{
    (void)state;
    ends_by(SIGTERM, false);
    ends_by(SIGHUP, false);
    ends_by(SIGINT, false);
    ends_by(SIGSEGV, true);
    ends_by(SIGABRT, true);
}

static void test_resize_storm(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    for (int i = 0; i < 200; i++) {
        struct winsize size = {.ws_row = (unsigned short)(i * 7 % 61),
                               .ws_col = (unsigned short)(i * 13 % 190)};
        assert_int_equal(ioctl(t.master, TIOCSWINSZ, &size), 0);
        sees(&t, "\x01never", 1);
    }
    text_clear(&t.seen);
    struct winsize size = {.ws_row = 30, .ws_col = 100};
    assert_int_equal(ioctl(t.master, TIOCSWINSZ, &size), 0);
    assert_true(sees(&t, "[F.]", 5000));
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
}

static void test_stop_and_go_on(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[S]", 5000));
    kill(t.child, SIGTSTP);
    assert_true(sees(&t, "\x1b[?2004l", 5000));
    assert_true(sees(&t, "1000l", 5000));
    assert_true(sees(&t, "\x1b[?1049l", 5000));
    text_clear(&t.seen);
    int status = 0;
    /* a process group without a parent in its session is not stopped: either way it goes on */
    waitpid(t.child, &status, WUNTRACED | WNOHANG);
    kill(t.child, SIGCONT);
    assert_true(sees(&t, "[F.]", 5000));
    assert_true(sees(&t, "1000h", 5000));
    assert_true(sees(&t, "\x1b[?2004h", 5000));
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
}

static void test_typed_line(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct terminal t = start("xterm-256color", true, ends[1]);
    assert_true(sees(&t, "[S]", 5000));
    type(&t, "ihi\t\xc3\xa9\r");
    char line[16] = "";
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    for (int i = 0; i < 100 && poll(&p, 1, 0) <= 0; i++)
        sees(&t, "\x01never", 50);
    assert_int_equal(read(ends[0], line, sizeof line - 1), 6);
    assert_string_equal(line, "Shi\xc3\xa9\n");
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
    close(ends[0]);
    close(ends[1]);
}

/* Whatever was switched on is off again, however the program ends. */
static void gives_all_back(int number)
{
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "\x1b[?2004h", 5000));
    assert_true(sees(&t, "1000h", 5000));
    assert_true(sees(&t, "[S]", 5000));
    if (number != 0)
        kill(t.child, number);
    else
        type(&t, "Q");
    assert_true(sees(&t, "\x1b[?2004l", 5000));
    assert_true(sees(&t, "1000l", 5000));
    assert_true(sees(&t, "\x1b[?1049l", 5000));
    assert_int_not_equal(finish(&t), -1);
}

static void test_mouse_and_paste_are_given_back(void **state)
{
    (void)state;
    gives_all_back(0);
    gives_all_back(SIGTERM);
    gives_all_back(SIGSEGV);
    gives_all_back(SIGABRT);
    gives_all_back(SIGHUP);
}

static void test_the_mouse(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[F.]", 5000));
    text_clear(&t.seen);
    type(&t, "\x1b[<0;3;24M\x1b[<0;3;24m"); /* the first item of the key bar: the help */
    if (!sees(&t, "Select the line above", 1000))
        type(&t, "\x1b[M #8"); /* the same where terminfo has the older way */
    assert_true(sees(&t, "Select the line above", 5000));
    text_clear(&t.seen);
    type(&t, "q:set mouse off\r");
    assert_true(sees(&t, "1000l", 5000));
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
}

static void test_pasted_words_are_no_commands(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[F.]", 5000));
    type(&t, "\x1b[200~Q:quit\rQ\x1b[201~");
    assert_true(sees(&t, "Text can be pasted", 5000));
    type(&t, ":\x1b[200~qu\rit\x1b[201~");
    assert_true(sees(&t, "qu it", 5000));
    type(&t, "\x1b");
    sees(&t, "\x01never", 200);
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
}

static void test_the_clipboard_where_there_is_one(void **state)
{
    (void)state;
    struct terminal t = start("xterm-256color", true, -1);
    assert_true(sees(&t, "[F.]", 5000));
    type(&t, "gy");
    assert_true(sees(&t, "\x1b]52;c;MC4wMDAwMDAg", 5000)); /* "0.000000 " */
    assert_true(sees(&t, "To the clipboard: 0.000000", 5000));
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
    t = start("vt100", true, -1);
    assert_true(sees(&t, "[F.]", 5000));
    type(&t, "gy");
    assert_true(sees(&t, "not known to have a clipboard", 5000));
    assert_null(strstr(text_str(&t.seen), "\x1b]"));
    assert_null(strstr(text_str(&t.seen), "?2004"));
    type(&t, "Q");
    assert_int_equal(finish(&t), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "show") == 0) /* for a person to look at */
        return show(true, false, -1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows_and_quits),
        cmocka_unit_test(test_help_and_escape),
        cmocka_unit_test(test_poor_terminals),
        cmocka_unit_test(test_closed_terminal),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_resize_storm),
        cmocka_unit_test(test_stop_and_go_on),
        cmocka_unit_test(test_typed_line),
        cmocka_unit_test(test_mouse_and_paste_are_given_back),
        cmocka_unit_test(test_the_mouse),
        cmocka_unit_test(test_pasted_words_are_no_commands),
        cmocka_unit_test(test_the_clipboard_where_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
