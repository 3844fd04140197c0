#include "tracer/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/base/error.h"

static void nothing_is_still_an_address(void **state)
{
    (void)state;
    void *p[] = {xmalloc(0), xcalloc(0, 8), xcalloc(8, 0), xreallocarray(NULL, 0, 8),
                 xreallocarray(NULL, 8, 0)};
    for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) {
        assert_non_null(p[i]);
        free(p[i]);
    }
}

static void zeroed_memory_is_zero(void **state)
{
    (void)state;
    uint8_t *p = xcalloc(100, 7);
    for (size_t i = 0; i < 700; i++)
        assert_int_equal(p[i], 0);
    free(p);
}

static void a_resized_array_keeps_its_elements(void **state)
{
    (void)state;
    uint32_t *p = xreallocarray(NULL, 2, sizeof *p);
    p[0] = 1;
    p[1] = 2;
    p = xreallocarray(p, 1000, sizeof *p);
    assert_int_equal(p[0], 1);
    assert_int_equal(p[1], 2);
    p[999] = 3;
    p = xreallocarray(p, 1, sizeof *p);
    assert_int_equal(p[0], 1);
    free(p);
}

static void strings_are_copied(void **state)
{
    (void)state;
    char *p = xstrdup("SYN-SENT");
    assert_string_equal(p, "SYN-SENT");
    free(p);
    p = xstrndup("SYN-SENT", 3);
    assert_string_equal(p, "SYN");
    free(p);
    p = xstrndup("SYN", 100);
    assert_string_equal(p, "SYN");
    free(p);
    p = xstrndup("SYN", 0);
    assert_string_equal(p, "");
    free(p);
}

static void an_array_grows_as_it_is_filled(void **state)
{
    (void)state;
    uint64_t *array = NULL;
    size_t cap = 0;
    for (size_t count = 0; count < 1000; count++) {
        xgrow(&array, &cap, count, sizeof *array);
        assert_true(cap > count);
        array[count] = count;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    uint64_t *before = array;
    size_t cap_before = cap;
    xgrow(&array, &cap, cap - 1, sizeof *array); /* one more fits: nothing moves */
    assert_ptr_equal(array, before);
    assert_int_equal(cap, cap_before);
    free(array);
}

/* What a child that runs `job` writes to standard error, and how it ends. */
static int said_in_child(void (*job)(void), char *said, size_t n)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        job();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while (len < n - 1 && (got = read(ends[0], said + len, n - 1 - len)) > 0)
        len += (size_t)got;
    said[len] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void give_the_terminal_back(void)
{
    static const char word[] = "[terminal back] ";
    if (write(STDERR_FILENO, word, sizeof word - 1) < 0)
        _exit(9);
}

static void hook_that_wants_memory_too(void)
{
    give_the_terminal_back();
    free(xreallocarray(NULL, SIZE_MAX, 2));
}

static void overflow(void)
{
    alloc_on_failure(give_the_terminal_back);
    free(xreallocarray(NULL, SIZE_MAX / 8 + 1, 8));
}

static void overflow_in_the_hook(void)
{
    alloc_on_failure(hook_that_wants_memory_too);
    free(xreallocarray(NULL, SIZE_MAX / 8 + 1, 8));
}

static void overflow_without_a_hook(void)
{
    free(xreallocarray(NULL, SIZE_MAX / 2 + 1, 2));
}

static void growth_beyond_all_bounds(void)
{
    void *array = NULL;
    size_t cap = SIZE_MAX / 16 + 1;
    xgrow(&array, &cap, cap, 8);
}

static void want_of_memory_ends_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        void (*job)(void);
        const char *start;
    } rows[] = {
        {overflow, "[terminal back] Out of memory: "},
        {overflow_in_the_hook, "[terminal back] Out of memory: "},
        {overflow_without_a_hook, "Out of memory: "},
        {growth_beyond_all_bounds, "Out of memory: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char said[512];
        int status = said_in_child(rows[i].job, said, sizeof said);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_MACHINE);
        assert_memory_equal(said, rows[i].start, strlen(rows[i].start));
        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_still_an_address),
        cmocka_unit_test(zeroed_memory_is_zero),
        cmocka_unit_test(a_resized_array_keeps_its_elements),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(an_array_grows_as_it_is_filled),
        cmocka_unit_test(want_of_memory_ends_in_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
