#include "tracer/base/standard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child, since the test's own output goes there. */
static int after_closing(int fd)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char byte = 'x';
        close(fd);
        if (standard_fill() != 0)
            _exit(1);
        ssize_t n = fd == 0 ? read(0, &byte, 1) : write(fd, &byte, 1);
        if (n >= 0 || errno != EBADF)
            _exit(2);
        int next = open("/dev/null", O_RDONLY);
        _exit(next > 2 ? 0 : 3);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_closed_one_is_taken_by_nothing_else(void **state)
{
    (void)state;
    for (int fd = 0; fd < 3; fd++)
        assert_int_equal(after_closing(fd), 0);
}

static void open_ones_stay(void **state)
{
    (void)state;
    int next = dup(0);
    close(next);
    assert_int_equal(standard_fill(), 0);
    int again = dup(0);
    close(again);
    assert_int_equal(next, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_one_is_taken_by_nothing_else),
        cmocka_unit_test(open_ones_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
