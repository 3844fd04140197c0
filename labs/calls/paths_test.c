/* Ways over the stack that were gone before: this process' own memory stands for a program's. */
#include "labs/calls/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

static uint64_t stack[2048];

static const struct path *find(struct paths *p, uint64_t pc, size_t from)
{
    return paths_find(p, getpid(), pc, (uintptr_t)(stack + from));
}

static void keep(struct paths *p, uint64_t pc, const size_t *at, size_t n, const void *leads_to)
{
    struct path path = {.pc = pc, .leads_to = leads_to};
    for (size_t i = 0; i < n; i++)
        path_add(&path, at[i] * sizeof *stack, stack[at[i]]);
    paths_keep(p, &path);
}

static void test_same_words_same_way(void **state)
{
    struct paths p = {0};
    int one, two, deep;
    (void)state;
    memset(stack, 0, sizeof stack);
    assert_null(find(&p, 100, 0));
    stack[1] = 7000;
    keep(&p, 100, (size_t[]){1}, 1, &one);
    stack[1] = 8000;
    keep(&p, 100, (size_t[]){1}, 1, &two);
    stack[1] = 9000, stack[900] = 9900;
    keep(&p, 100, (size_t[]){1, 900}, 2, &deep);
    keep(&p, 300, NULL, 0, NULL);

    assert_ptr_equal(find(&p, 100, 0)->leads_to, &deep);
    stack[900] = 1;
    assert_null(find(&p, 100, 0));
    stack[1] = 7000;
    assert_ptr_equal(find(&p, 100, 0)->leads_to, &one);
    stack[1] = 8000;
    assert_ptr_equal(find(&p, 100, 0)->leads_to, &two);
    assert_null(find(&p, 101, 0));     /* the same words, from another place */
    assert_null(find(&p, 100, 1));     /* and elsewhere on the stack */
    assert_non_null(find(&p, 300, 0)); /* a way that leads nowhere is known, too */
    assert_null(find(&p, 300, 0)->leads_to);
    paths_free(&p);
    assert_null(find(&p, 100, 0));
}

static void test_bounds(void **state)
{
    struct paths p = {0};
    struct path path = {.pc = 1};
    (void)state;
    path_add(&path, PATH_STACK_BYTES - 8, 5);
    assert_false(path.broken);
    path_add(&path, PATH_STACK_BYTES - 7, 5);
    assert_true(path.broken);
    paths_keep(&p, &path);
    assert_null(p.first);
    path = (struct path){.pc = 1};
    for (int i = 0; i < PATH_WORDS; i++)
        path_add(&path, 8, 5);
    assert_false(path.broken);
    path_add(&path, 8, 5);
    assert_true(path.broken);
    for (uint64_t pc = 0; pc < 5000; pc++)
        keep(&p, pc, (size_t[]){1}, 1, NULL);
    assert_in_range(p.count, 100, 4999);
    assert_null(paths_find(&p, getpid(), 1, 0)); /* a stack that cannot be read */
    paths_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_words_same_way),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
