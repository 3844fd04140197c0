#include "tracer/trace/moments.h"

#include "tracer/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MANY = 5000 };

/* What is added, written down plainly. */
struct plain {
    struct trace_event events[MANY];
    uint32_t next[TRACE_KIND_COUNT];
};

static uint32_t turn(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* A mixture in which some kinds are rare; fates and returns come in any order. */
static void fill(struct moments *m, struct plain *p)
{
    uint32_t seed = 7, notes = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        enum trace_kind kind =
            turn(&seed) % 3 ? TRACE_SEGMENT : (enum trace_kind)(turn(&seed) % TRACE_KIND_COUNT);
        uint32_t index = p->next[kind]++;
        if (kind == TRACE_CONSOLE || kind == TRACE_PROCESS || kind == TRACE_NOTE)
            index = notes++;
        if (kind == TRACE_DELIVERED || kind == TRACE_DROPPED || kind == TRACE_CALL_EXIT)
            index = MANY - i;
        p->events[i] = (struct trace_event){kind, index};
        moments_add(m, kind, index);
    }
}

static void same(struct trace_event a, struct trace_event b)
{
    assert_int_equal(a.kind, b.kind);
    assert_int_equal(a.index, b.index);
}

static void what_was_added_is_there(void **state)
{
    (void)state;
    struct moments *m = moments_new();
    struct plain *p = xcalloc(1, sizeof *p);
    uint32_t seed = 1;
    fill(m, p);
    assert_int_equal(moments_count(m), MANY);
    for (size_t i = 0; i < MANY; i++)
        same(moments_at(m, i), p->events[i]);
    for (size_t i = MANY; i-- > 0;)
        same(moments_at(m, i), p->events[i]);
    for (int n = 0; n < MANY; n++) {
        size_t i = turn(&seed) % MANY;
        same(moments_at(m, i), p->events[i]);
        assert_int_equal(moments_find(m, p->events[i].kind, p->events[i].index), i);
    }
    for (size_t i = 0, states = 0; i <= MANY; i++) {
        assert_int_equal(moments_before(m, TRACE_STATE, i), states);
        states += i < MANY && p->events[i].kind == TRACE_STATE;
    }
    free(p);
    moments_free(m);
}

/* What is there can be asked for between one addition and the next. */
static void growing(void **state)
{
    (void)state;
    struct moments *m = moments_new();
    for (uint32_t i = 0; i < 300; i++) {
        moments_add(m, TRACE_SEGMENT, i);
        moments_add(m, TRACE_STATE, i);
        same(moments_at(m, 2 * i), (struct trace_event){TRACE_SEGMENT, i});
        same(moments_at(m, 2 * i + 1), (struct trace_event){TRACE_STATE, i});
        assert_int_equal(moments_find(m, TRACE_STATE, i), 2 * i + 1);
        assert_int_equal(moments_find(m, TRACE_STATE, i + 1), TRACE_NONE);
        assert_int_equal(moments_find(m, TRACE_NOTE, 0), TRACE_NONE);
        assert_int_equal(moments_find(m, TRACE_DELIVERED, 0), TRACE_NONE);
    }
    moments_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_there),
        cmocka_unit_test(growing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
