/* Finding, keeping and configuring, by the keys and words that a user types. */
#include "tracer/view/viewer.h"

#include "tracer/base/rounds_test.h"
#include "tracer/base/utf8.h"
#include "tracer/capture/source.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/command.h"
#include "tracer/view/stage.h"
#include "tracer/view/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64]; /* of the test that runs */

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    scene_begin(&s->scene, true);
    scene_handshake(&s->scene);
    scene_rest(&s->scene);
    snprintf(folder, sizeof folder, "/tmp/tcpladder-feel-XXXXXX");
    assert_non_null(mkdtemp(folder));
    stage_open(s, "a story", true, 24, 100);
    *state = s;
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"a.pcap", "b.txt", "b.ansi", "config"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(path_of(files[i]));
    assert_int_equal(rmdir(folder), 0); /* no half-written file stays */
    return stage_tear_down(state);
}

/* Words typed letter by letter; \r is Enter, \b Backspace, \t Tab. */
static enum viewer_answer type(struct stage *s, const char *words)
{
    enum viewer_answer a = VIEWER_NOTHING;
    for (size_t n; *words; words += n) {
        uint32_t key = 0;
        n = utf8_read((const uint8_t *)words, strlen(words), &key);
        key = key == '\r' ? KEY_CODE_ENTER : key == '\b' ? KEY_CODE_BACKSPACE : key;
        a = viewer_key(s->viewer, key == 0x1b ? KEY_CODE_ESCAPE : key);
        while (viewer_busy(s->viewer))
            viewer_update(s->viewer);
        viewer_draw(s->viewer, &s->grid);
    }
    return a;
}

/* The words of the row that is selected. */
static bool selected(struct stage *s, const char *word)
{
    struct grid row = {0};
    struct text t = {0};
    viewer_draw(s->viewer, &s->grid);
    grid_resize(&row, 1, s->grid.cols);
    for (int r = 0; r < s->grid.rows; r++)
        if (grid_cell(&s->grid, r, 0)->selected)
            memcpy(row.cells, grid_cell(&s->grid, r, 0), (size_t)row.cols * sizeof *row.cells);
    grid_text(&row, &t);
    bool found = strstr(text_str(&t), word) != NULL;
    if (!found)
        print_message("selected: %s", text_str(&t));
    text_free(&t);
    grid_free(&row);
    return found;
}

/* ---- from view to view -------------------------------------------------------------------- */

static void test_what_is_selected_goes_from_view_to_view(void **state)
{
    struct stage *s = *state;
    type(s, "g/[F.]\r");
    assert_true(selected(s, "[F.] seq"));
    for (size_t i = 1; i < view_type_count; i++) {
        type(s, "v");
        if (strcmp(viewer_view(s->viewer), "states") == 0)
            assert_true(sees(s, "-> FIN-WAIT-1"));
        if (strcmp(viewer_view(s->viewer), "detail") == 0)
            assert_true(sees(s, "[F.] seq"));
    }
    type(s, "v"); /* round */
    assert_true(selected(s, "[F.] seq"));
    type(s, "vvx"); /* and as they were left */
    type(s, "vq");
    assert_true(selected(s, "[F.] seq"));
    assert_int_equal(type(s, "q"), VIEWER_QUIT);
}

static void test_a_view_comes_back_with_its_filter(void **state)
{
    struct stage *s = *state;
    type(s, "gf[F.]\rv");
    assert_string_equal(viewer_view(s->viewer), "connections");
    type(s, "V");
    assert_true(sees(s, "filter: [F.]"));
}

/* ---- search ------------------------------------------------------------------------------- */

static void test_search_goes_on_and_comes_round(void **state)
{
    struct stage *s = *state;
    type(s, "g/ACCEPT\r"); /* in whatever case */
    assert_true(selected(s, "accept(3)"));
    type(s, "n");
    assert_true(selected(s, "accept(3, C:34567) = 4"));
    type(s, "n");
    assert_true(sees(s, "went on from the first line"));
    assert_true(selected(s, "accept(3)"));
    type(s, "N");
    assert_true(sees(s, "went on from the last line"));
    assert_true(selected(s, "accept(3, C:34567) = 4"));
}

static void test_what_is_not_there_is_said_and_nothing_moves(void **state)
{
    struct stage *s = *state;
    type(s, "g/no such thing\r");
    assert_true(sees(s, "No line of the ladder holds \"no such thing\""));
    assert_true(selected(s, "server started"));
    type(s, "/server started\r");
    assert_true(sees(s, "No other line holds this"));
    type(s, "vv/no such thing\r"); /* the states */
    assert_true(sees(s, "No line of the states holds \"no such thing\""));
}

static void test_a_search_in_every_view_that_has_lines(void **state)
{
    struct stage *s = *state;
    type(s, "Sg/WELCOME\r");
    assert_true(selected(s, "S> welcome"));
    type(s, "qCg/connect\r");
    assert_true(selected(s, "connect(3, S:9502)"));
    type(s, "c/9502\r");
    assert_true(sees(s, "No other line holds this"));
    type(s, ":view findings\r");
    type(s, "g/RETRANSMISSION\r");
    assert_false(sees(s, "No line of"));
    type(s, ":view states\rg/fin-wait-1 -> fin-wait-2\r");
    assert_true(sees(s, "now FIN-WAIT-2"));
    type(s, ":view plots\rg/[F.]\r"); /* a selector too */
    assert_true(sees(s, "[F.] seq"));
    type(s, ":view detail\rg/urgent p\r");
    assert_true(sees(s, ">     urgent pointer"));
    type(s, "y");
    assert_string_equal(viewer_copied(s->viewer), "urgent pointer: 0");
}

/* ---- marks, places ------------------------------------------------------------------------ */

static void test_marks_lead_back_from_other_views(void **state)
{
    struct stage *s = *state;
    type(s, "g/listen\rma");
    assert_true(sees(s, "'a comes back"));
    type(s, "G'a");
    assert_true(selected(s, "listen(3, 5)"));
    type(s, "''");
    assert_true(selected(s, "exited with 0"));
    type(s, "Sgmb'a");
    assert_string_equal(viewer_view(s->viewer), "ladder");
    assert_true(selected(s, "listen(3, 5)"));
    type(s, "'b");
    assert_string_equal(viewer_view(s->viewer), "stream");
    type(s, "'c");
    assert_true(sees(s, "No place is remembered under c"));
    type(s, "m1");
    assert_true(sees(s, "under a letter, a to z"));
    type(s, "m\x1b");
    assert_false(sees(s, "which letter"));
}

static void test_places_by_number_and_time(void **state)
{
    struct stage *s = *state;
    setenv("TZ", "UTC", 1);
    type(s, ":goto 1\r");
    assert_true(selected(s, "[S] seq J"));
    type(s, ":goto 1.3\r");
    assert_true(selected(s, "close(3) = 0"));
    type(s, ":goto 22:13:20.2s\r");
    assert_true(selected(s, "write(3"));
    type(s, ":goto 22:13\r"); /* of the day after */
    assert_true(sees(s, "nothing as late"));
    type(s, ":goto 99999\r");
    assert_true(sees(s, "nothing as late as 99999"));
    assert_true(selected(s, "exited with 0"));
    type(s, ":goto nowhere\r");
    assert_true(sees(s, "goto takes a packet's number"));
    type(s, ":goto 18446744073709551616\r");
    type(s, "j");
    assert_false(selected(s, "server started"));
}

/* ---- tags and files ----------------------------------------------------------------------- */

static size_t packets_in(const char *path)
{
    struct error e;
    struct source_options o = {.file = path, .fd = -1};
    struct source *source = source_open(&o, &e);
    struct capture_frame f;
    size_t n = 0;
    assert_non_null(source);
    while (source_next(source, true, &f, &e) == SOURCE_FRAME)
        n++;
    source_close(source);
    return n;
}

static void save_as(struct stage *s, const char *before, const char *name)
{
    type(s, before);
    type(s, path_of(name));
    type(s, "\r");
}

static void test_tagged_segments_are_saved(void **state)
{
    struct stage *s = *state;
    type(s, "g ");
    assert_true(sees(s, "no segment is selected"));
    type(s, "l  ");
    assert_true(sees(s, "2 tagged"));
    assert_int_equal(grid_cell(&s->grid, 12, 99)->glyph, '*');
    save_as(s, "s", "a.pcap");
    assert_true(sees(s, "2 tagged packets were written to /tmp"));
    assert_int_equal(packets_in(path_of("a.pcap")), 2);
    type(s, "hh ");
    assert_true(sees(s, "1 tagged"));
    save_as(s, ":save ", "a.pcap");
    assert_true(sees(s, "is there already. Write over it? y or n"));
    type(s, "n");
    assert_true(sees(s, "Nothing was written"));
    assert_int_equal(packets_in(path_of("a.pcap")), 2);
    save_as(s, "s", "a.pcap");
    type(s, "y");
    assert_true(sees(s, "1 tagged packet was written"));
    assert_int_equal(packets_in(path_of("a.pcap")), 1);
    type(s, "U");
    assert_true(sees(s, "1 tag was taken off"));
    save_as(s, "s", "a.pcap");
    type(s, "y");
    assert_int_equal(packets_in(path_of("a.pcap")), trace_segment_count(s->scene.trace));
}

static void test_a_connection_is_tagged_whole_and_shown_alone_saved_alone(void **state)
{
    struct stage *s = *state;
    struct scene_segment other = SCENE_SYN;
    uint32_t all = (uint32_t)trace_segment_count(s->scene.trace);
    char words[32];
    other.client_port = 40000;
    scene_sends(&s->scene, 5000000, other);
    viewer_update(s->viewer);
    snprintf(words, sizeof words, "%u tagged", all);
    type(s, "c ");
    assert_true(sees(s, "1 tagged"));
    type(s, "L");
    assert_true(sees(s, words));
    type(s, "qk ");
    assert_false(sees(s, "tagged"));
    type(s, "q]]");
    save_as(s, "s", "a.pcap");
    assert_int_equal(packets_in(path_of("a.pcap")), 1);
    type(s, "cf34567\r");
    save_as(s, "s", "a.pcap");
    type(s, "y");
    assert_int_equal(packets_in(path_of("a.pcap")), all);
}

static void test_a_long_file_can_be_given_up(void **state)
{
    struct stage *s = *state;
    for (uint32_t i = 0; i < rounds_of(200000, 40000); i++)
        scene_sends(&s->scene, 2000000 + i,
                    (struct scene_segment){'C', TCP_ACK, i, 1181523845u, NULL, 0, 0});
    do
        viewer_update(s->viewer);
    while (viewer_busy(s->viewer));
    for (const char *k = ":save "; *k; k++)
        viewer_key(s->viewer, (unsigned char)*k);
    for (const char *k = path_of("a.pcap"); *k; k++)
        viewer_key(s->viewer, (unsigned char)*k);
    viewer_key(s->viewer, KEY_CODE_ENTER);
    assert_true(viewer_busy(s->viewer));
    assert_true(sees(s, "writing "));
    viewer_key(s->viewer, KEY_CODE_ESCAPE);
    assert_false(viewer_busy(s->viewer));
    assert_true(sees(s, "nothing of it is there"));
    assert_int_equal(access(path_of("a.pcap"), F_OK), -1);
    save_as(s, "s", "a.pcap"); /* and all of it, this time */
    assert_int_equal(packets_in(path_of("a.pcap")), trace_segment_count(s->scene.trace));
}

static void test_what_cannot_be_written_is_said(void **state)
{
    struct stage *s = *state;
    type(s, ":save /no/such/folder/x\r");
    assert_true(sees(s, "/no/such/folder/x cannot be written: No such file"));
    type(s, ":save /dev/null\r");
    assert_true(sees(s, "is no ordinary file"));
    type(s, "s\r");
    assert_false(sees(s, "written"));
}

static void test_the_screen_is_saved_as_it_stands(void **state)
{
    struct stage *s = *state;
    struct text wanted = {0};
    char line[512];
    struct stat st;
    type(s, "g");
    viewer_draw(s->viewer, &s->grid);
    grid_text(&s->grid, &wanted);
    save_as(s, ":save-screen ", "b.txt");
    FILE *f = fopen(path_of("b.txt"), "r");
    assert_non_null(f);
    struct text got = {0};
    while (fgets(line, sizeof line, f))
        text_add(&got, line);
    fclose(f);
    assert_string_equal(text_str(&got), text_str(&wanted));
    save_as(s, ":save-screen ", "b.ansi");
    f = fopen(path_of("b.ansi"), "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(strncmp(line, "\033[0;7m a story", 14), 0);
    fclose(f);
    assert_int_equal(stat(path_of("b.ansi"), &st), 0);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
    text_free(&got);
    text_free(&wanted);
}

static void test_a_line_is_copied_in_full(void **state)
{
    struct stage *s = *state;
    type(s, "gl");
    assert_int_equal(type(s, "y"), VIEWER_COPIED);
    assert_string_equal(viewer_copied(s->viewer),
                        "0.100351  C: SYN-SENT  C > S [S] seq J=2927179378");
    assert_true(sees(s, "To the clipboard: 0.100351"));
}

/* ---- commands by name --------------------------------------------------------------------- */

static void test_commands_by_name(void **state)
{
    struct stage *s = *state;
    assert_int_equal(type(s, ":quit\r"), VIEWER_QUIT);
    assert_int_equal(type(s, ":q\r"), VIEWER_QUIT);
    assert_int_equal(type(s, ":redraw\r"), VIEWER_AFRESH);
    type(s, ":first\r");
    assert_true(selected(s, "server started"));
    type(s, ":qiut\r");
    assert_true(sees(s, "There is no command \"qiut\". Is it quit that you mean?"));
    type(s, ":first now\r");
    assert_true(sees(s, "first stands alone"));
    type(s, ":view stream\r");
    assert_string_equal(viewer_view(s->viewer), "stream");
    type(s, ":view nothing\r");
    assert_true(sees(s, "one of these names: ladder, connections"));
    type(s, ":help save\r");
    assert_true(sees(s, "save FILE (s F2): Write what is tagged"));
    type(s, ":filter x\r");
    assert_true(sees(s, "The stream shows all it has"));
    type(s, ":\b"); /* out again */
    assert_int_equal(type(s, ":\x1b[31m\r"), VIEWER_REDRAW);
}

static void test_completion(void **state)
{
    struct stage *s = *state;
    type(s, ":got\t");
    assert_true(sees(s, ":goto _"));
    type(s, "\x1b:sa\t");
    assert_true(sees(s, ":save_"));
    assert_true(sees(s, "save-screen  Write this screen"));
    type(s, "-\t");
    assert_true(sees(s, ":save-screen _"));
    type(s, "\x1b:theme \t");
    assert_true(sees(s, "mono"));
    type(s, "li\t\r");
    assert_string_equal(viewer_settings(s->viewer)->theme->name, "light");
    type(s, ":set m\toff\r");
    assert_false(viewer_settings(s->viewer)->mouse);
    type(s, ":set time \t");
    assert_true(sees(s, "clock"));
    type(s, "\x1b:bind F12 und\t\t");
    assert_true(sees(s, ":bind F12 und_"));
    type(s, "\x1b:view conn\t\r");
    assert_string_equal(viewer_view(s->viewer), "connections");
    type(s, ":\t");
    assert_true(sees(s, "more"));
    type(s, "\x1b");
}

static void test_keys_are_bound_anew(void **state)
{
    struct stage *s = *state;
    type(s, ":bind X goto 1\rX");
    assert_true(selected(s, "[S] seq J"));
    type(s, ":bind ^T quit\r");
    assert_int_equal(viewer_key(s->viewer, KEY_CONTROL('t')), VIEWER_QUIT);
    type(s, ":unbind Q\r");
    assert_int_equal(type(s, "Q"), VIEWER_NOTHING);
    assert_true(sees(s, "^C quit"));
    type(s, ":bind\r");
    assert_true(sees(s, "There is no such key"));
    type(s, ":bind x\r");
    assert_true(sees(s, "bind takes a key and a command"));
    type(s, ":bind x nothing at all\r");
    assert_true(sees(s, "There is no command \"nothing\""));
}

static void test_settings(void **state)
{
    struct stage *s = *state;
    type(s, ":set time clock\r");
    assert_true(sees(s, "time: clock"));
    type(s, "S"); /* a view opened later has it too */
    assert_true(sees(s, "time: clock"));
    type(s, "t");
    assert_true(sees(s, "time: since last"));
    type(s, ":set time never\r");
    assert_true(sees(s, "time can be start, clock or last."));
    type(s, ":set colour red\r");
    assert_true(sees(s, "time, mouse and theme can be set."));
    type(s, ":theme red\r");
    assert_true(sees(s, "theme can be dark, light or mono."));
}

static void write_config(const char *words)
{
    FILE *f = fopen(path_of("config"), "w");
    assert_non_null(f);
    assert_true(fputs(words, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_a_configuration_file(void **state)
{
    struct stage *s = *state;
    write_config("# mine\n\n  theme light\nset time clock\r\nbind Z quit\nset mouse off\n");
    viewer_read_config(s->viewer, path_of("config"));
    assert_string_equal(viewer_settings(s->viewer)->theme->name, "light");
    assert_false(viewer_settings(s->viewer)->mouse);
    assert_true(sees(s, "time: clock"));
    assert_true(sees(s, "? help")); /* nothing to complain of */
    assert_int_equal(type(s, "Z"), VIEWER_QUIT);
    viewer_read_config(s->viewer, path_of("a.pcap")); /* which is not there: no matter */
    assert_true(sees(s, "? help"));
}

static void test_a_wrong_configuration_is_said_with_its_line(void **state)
{
    struct stage *s = *state;
    write_config("theme mono\nquit\nset mouse maybe\nbind Z qiut\n\x1b]0;x\a\nset mouse off");
    viewer_read_config(s->viewer, path_of("config"));
    assert_true(sees(s, "config, line 2: quit cannot stand in a file"));
    assert_true(sees(s, "and 3 more"));
    assert_string_equal(viewer_settings(s->viewer)->theme->name, "mono");
    assert_false(viewer_settings(s->viewer)->mouse); /* the rest counts */
    viewer_read_config(s->viewer, folder);
    assert_true(sees(s, "cannot be read"));
}

/* ---- mouse and paste ---------------------------------------------------------------------- */

static void click(struct stage *s, enum viewer_mouse what, int row, int col)
{
    viewer_draw(s->viewer, &s->grid);
    viewer_mouse(s->viewer, &s->grid, what, row, col);
}

static int selected_row(struct stage *s)
{
    viewer_draw(s->viewer, &s->grid);
    for (int row = 0; row < s->grid.rows; row++)
        if (grid_cell(&s->grid, row, 0)->selected)
            return row;
    return -1;
}

static void test_a_click_selects_its_row(void **state)
{
    struct stage *s = *state;
    static const int rows[] = {10, 3, 22, 15};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        click(s, MOUSE_CLICK, rows[i], 20);
        assert_int_equal(selected_row(s), rows[i]);
    }
    click(s, MOUSE_DOUBLE, 15, 20);
    assert_true(sees(s, "q closes, J K"));
    type(s, "qg");
    click(s, MOUSE_WHEEL_DOWN, 10, 10);
    assert_int_equal(selected_row(s), 6);
    click(s, MOUSE_WHEEL_UP, 10, 10);
    assert_int_equal(selected_row(s), 3);
    click(s, MOUSE_CLICK, 23, 2);
    assert_true(sees(s, "Select the line above"));
    click(s, MOUSE_CLICK, 23, 2);
    assert_false(sees(s, "Select the line above"));
    type(s, "C");
    for (int row = 0; row < 24; row++) /* blank rows and empty ones are no reason to run away */
        for (int col = 0; col < 100; col += 9)
            click(s, MOUSE_CLICK, row, col);
}

static void test_a_click_on_a_heading_sorts(void **state)
{
    struct stage *s = *state;
    type(s, "c");
    assert_true(sees(s, "state"));
    int col = (int)(strstr(text_str(&s->seen), "state") - strchr(text_str(&s->seen), '\n')) - 3;
    click(s, MOUSE_CLICK, 1, col);
    assert_true(sees(s, "by state, rising"));
    click(s, MOUSE_CLICK, 1, col);
    assert_true(sees(s, "by state, falling"));
}

static void test_pasted_text_runs_nothing(void **state)
{
    struct stage *s = *state;
    viewer_key(s->viewer, KEY_CODE_PASTE_BEGIN);
    assert_int_equal(type(s, "Q:quit\r"), VIEWER_REDRAW);
    assert_true(sees(s, "Text can be pasted where a line is typed"));
    viewer_key(s->viewer, KEY_CODE_PASTE_END);
    type(s, "/");
    viewer_key(s->viewer, KEY_CODE_PASTE_BEGIN);
    type(s, "one\rtwo\x1b\t");
    viewer_key(s->viewer, KEY_CODE_PASTE_END);
    assert_true(sees(s, "search: one two _"));
    assert_int_equal(type(s, "\x1bQ"), VIEWER_QUIT);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    const struct CMUnitTest tests[] = {
        ON_STAGE(test_what_is_selected_goes_from_view_to_view),
        ON_STAGE(test_a_view_comes_back_with_its_filter),
        ON_STAGE(test_search_goes_on_and_comes_round),
        ON_STAGE(test_what_is_not_there_is_said_and_nothing_moves),
        ON_STAGE(test_a_search_in_every_view_that_has_lines),
        ON_STAGE(test_marks_lead_back_from_other_views),
        ON_STAGE(test_places_by_number_and_time),
        ON_STAGE(test_tagged_segments_are_saved),
        ON_STAGE(test_a_connection_is_tagged_whole_and_shown_alone_saved_alone),
        ON_STAGE(test_a_long_file_can_be_given_up),
        ON_STAGE(test_what_cannot_be_written_is_said),
        ON_STAGE(test_the_screen_is_saved_as_it_stands),
        ON_STAGE(test_a_line_is_copied_in_full),
        ON_STAGE(test_commands_by_name),
        ON_STAGE(test_completion),
        ON_STAGE(test_keys_are_bound_anew),
        ON_STAGE(test_settings),
        ON_STAGE(test_a_configuration_file),
        ON_STAGE(test_a_wrong_configuration_is_said_with_its_line),
        ON_STAGE(test_a_click_selects_its_row),
        ON_STAGE(test_a_click_on_a_heading_sorts),
        ON_STAGE(test_pasted_text_runs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
