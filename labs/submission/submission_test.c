/* What is handed in, by every recipe; what is left out of the copy; rooms that were left behind. */
#include "labs/submission/room.h"
#include "labs/submission/submission.h"

#include "tracer/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct room room;

static char *in_room(const char *name)
{
    struct text path = {0};
    text_format(&path, "%s/%s", room.path, name);
    return path.s;
}

static void put(const char *name, const char *bytes, mode_t mode)
{
    char *path = in_room(name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(bytes, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void folder(const char *name)
{
    char *path = in_room(name);
    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
}

static int open_room(void **state)
{
    struct error e;
    (void)state;
    return room_open(&room, &e);
}

static int close_room(void **state)
{
    (void)state;
    char *path = xstrdup(room.path);
    room_close(&room);
    int left = access(path, F_OK);
    free(path);
    return left == 0 ? -1 : 0;
}

/* Build what is in `from`; the status, and the words that run it, the program's first. */
static int build(const char *from, struct submission *s, struct error *e)
{
    char *in = in_room(from), *to = in_room("built");
    room_remove(to);
    struct submission_options o = {.from = in, .program = "client", .to = to};
    *e = (struct error){0};
    int result = submission_build(&o, s, e);
    free(in);
    free(to);
    return result;
}

static void is_run_by(const char *from, const char *first, const char *second)
{
    struct submission s;
    struct error e;
    if (build(from, &s, &e) != 0)
        fail_msg("%s: %s", from, e.text);
    assert_string_equal(s.argv[0], first);
    if (second)
        assert_string_equal(s.argv[1], second);
    else
        assert_null(s.argv[1]);
    submission_free(&s);
}

static void is_refused(const char *from, int status, const char *why)
{
    struct submission s;
    struct error e;
    assert_int_equal(build(from, &s, &e), -1);
    if (e.status != status || !strstr(e.text, why))
        fail_msg("%s: %d, %s", from, e.status, e.text);
    submission_free(&s);
}

static void every_recipe(void **state)
{
    (void)state;
    folder("c"), put("c/client.c", "int main(void) { return 0; }\n", 0600);
    is_run_by("c", "./client", NULL);
    folder("make"), put("make/Makefile", "client:\n\tcp other client\n", 0600);
    put("make/other", "#!/bin/sh\n", 0700);
    is_run_by("make", "./client", NULL);
    folder("python"), put("python/client.py", "", 0600);
    is_run_by("python", "python3", "./client.py");
    folder("script"), put("script/client.sh", "#!/bin/sh\n", 0700);
    is_run_by("script", "./client.sh", NULL);
    folder("program"), put("program/client", "#!/bin/sh\n", 0700);
    is_run_by("program", "./client", NULL);
    put("mine.sh", "true\n", 0600);
    is_run_by("mine.sh", "sh", "./client.sh");
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    folder("empty");
    is_refused("empty", EXIT_FELL_SHORT, "There is no program in ");
    is_refused("nothing", EXIT_WRONG_USAGE, "There is no submission ");
    folder("fault"), put("fault/client.c", "int main(void) { return foo; }\n", 0600);
    is_refused("fault", EXIT_FELL_SHORT, "The program was not built: cc ");
    folder("none"), put("none/Makefile", "all:\n\ttrue\n", 0600);
    is_refused("none", EXIT_FELL_SHORT, "made no program named 'client'");
    folder("plain"), put("plain/client", "#!/bin/sh\n", 0600);
    is_refused("plain", EXIT_FELL_SHORT, "may not be executed");
}

/* A link may lead anywhere: to what only the grader may read. */
static void links_are_left_out(void **state)
{
    struct submission s;
    struct error e;
    (void)state;
    folder("links"), put("links/client.py", "", 0600);
    char *link = in_room("links/passwd"), *copied = in_room("built/passwd");
    char *beside = in_room("links/.hidden"), *hidden = in_room("built/.hidden");
    assert_int_equal(symlink("/etc/passwd", link), 0);
    put("links/.hidden", "", 0600);
    assert_int_equal(build("links", &s, &e), 0);
    assert_int_not_equal(access(copied, F_OK), 0);
    assert_int_not_equal(access(hidden, F_OK), 0);
    submission_free(&s);
    folder("linked");
    char *program = in_room("linked/client");
    assert_int_equal(symlink("/bin/true", program), 0);
    is_refused("linked", EXIT_FELL_SHORT, "There is no program in ");
    free(link), free(copied), free(beside), free(hidden), free(program);
}

static void there_or_not(void **state)
{
    (void)state;
    folder("has"), put("has/client.cpp", "", 0600);
    char *has = in_room("has");
    assert_true(submission_is_there(has, "client"));
    assert_false(submission_is_there(has, "server"));
    put("has/Makefile", "", 0600); /* which may make anything */
    assert_false(submission_is_there(has, "server"));
    free(has);
}

/* Nobody holds its lock: its process was killed. One that is in use stays. */
static void what_is_left_behind_is_removed(void **state)
{
    struct room second;
    struct error e;
    (void)state;
    char *old = xstrdup(room.path);
    close(room.lock);
    room.lock = -1;
    assert_int_equal(room_open(&second, &e), 0);
    assert_int_not_equal(access(old, F_OK), 0);
    free(old);
    free(room.path);
    room = second;
    struct room third;
    assert_int_equal(room_open(&third, &e), 0);
    assert_int_equal(access(room.path, F_OK), 0);
    room_close(&third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_recipe, open_room, close_room),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said, open_room, close_room),
        cmocka_unit_test_setup_teardown(links_are_left_out, open_room, close_room),
        cmocka_unit_test_setup_teardown(there_or_not, open_room, close_room),
        cmocka_unit_test_setup_teardown(what_is_left_behind_is_removed, open_room, close_room),
    };
    return cmocka_run_group_tests_name("submission", tests, NULL, NULL);
}
