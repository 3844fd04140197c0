/* Whose submission it is, by Gradescope's metadata. */
#include "labs/submission/owner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_JANSSON
/* What is read from a file with this in it: the owner, or the sentence. */
static const char *read_of(const char *json)
{
    static struct text owner;
    static struct error e;
    char path[] = "/tmp/owner-test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, json, strlen(json)) == (ssize_t)strlen(json));
    close(fd);
    text_clear(&owner);
    int result = owner_read(path, &owner, &e);
    unlink(path);
    return result == 0 ? text_str(&owner) : e.text;
}

static void the_owner_is_who_comes_first(void **state)
{
    (void)state;
    assert_string_equal(read_of("{\"id\":7,\"users\":[{\"email\":\"ada@x.org\",\"id\":1}]}"),
                        "ada@x.org");
    assert_string_equal(
        read_of("{\"users\":[{\"email\":\"c@x\"},{\"email\":\"b@x\"},{\"email\":\"bb@x\"}]}"),
        "b@x");
    assert_string_equal(read_of("{\"users\":[7,{\"id\":1},{\"email\":9},{\"email\":\"b@x\"}]}"),
                        "b@x");
}

static void what_names_nobody_is_refused(void **state)
{
    (void)state;
    static const char *const nobody[] = {"{}", "[]", "{\"users\":[]}", "{\"users\":[{\"id\":1}]}",
                                         "{\"users\":{\"email\":\"a@x\"}}"};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        assert_non_null(strstr(read_of(nobody[i]), "names no user with an e-mail address"));
    assert_non_null(strstr(read_of("{\"users\":"), "could not be read, line 1: "));
    assert_non_null(strstr(read_of(""), "could not be read"));
}

#endif

int main(void)
{
#ifndef HAVE_JANSSON
    puts("SKIP: built without libjansson: no metadata can be read");
    return 77;
#else
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_is_who_comes_first),
        cmocka_unit_test(what_names_nobody_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
