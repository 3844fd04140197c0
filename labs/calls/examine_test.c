#include "labs/calls/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;
    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n;
}

/* Where a process may be traced, all that the tracer uses is there: each of these kernels has it.
 */
static void all_is_found(void **state)
{
    (void)state;
    struct calls_ability a;
    struct error e;
    if (calls_examine(&a, &e) != 0) {
        print_message("SKIP: %s\n", e.text);
        skip();
    }
    assert_true(a.descriptors);
#ifdef HAVE_SECCOMP
    assert_true(a.filtered);
#else
    assert_false(a.filtered);
#endif
}

static void nothing_is_left(void **state)
{
    (void)state;
    struct calls_ability a;
    struct error e;
    int before = open_descriptors();
    for (int i = 0; i < 20; i++)
        calls_examine(&a, &e);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_found),
        cmocka_unit_test(nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
