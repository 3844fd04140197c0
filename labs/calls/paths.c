#include "labs/calls/paths.h"

#include "labs/calls/memory.h"
#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { PATHS_MOST = 1024 };

void paths_free(struct paths *p)
{
    for (struct path *path = p->first, *next; path; path = next) {
        next = path->next;
        free(path);
    }
    *p = (struct paths){0};
}

static bool same(const struct path *path, uint64_t pc, const uint8_t *stack, size_t n)
{
    if (path->pc != pc)
        return false;
    for (unsigned i = 0; i < path->count; i++) {
        const struct path_word *w = &path->words[i];
        if (w->above + sizeof w->value > n ||
            memcmp(stack + w->above, &w->value, sizeof w->value) != 0)
            return false;
    }
    return true;
}

const struct path *paths_find(struct paths *p, pid_t tid, uint64_t pc, uint64_t stack)
{
    uint8_t bytes[PATH_STACK_BYTES];
    if (!p->first)
        return NULL;
    size_t n = tracee_read(tid, stack, bytes, p->stack_bytes);
    for (struct path **at = &p->first; *at; at = &(*at)->next) {
        struct path *path = *at;
        if (!same(path, pc, bytes, n))
            continue;
        *at = path->next;
        path->next = p->first;
        p->first = path;
        return path;
    }
    return NULL;
}

void path_add(struct path *path, uint64_t above, uint64_t value)
{
    if (path->count == PATH_WORDS || above > PATH_STACK_BYTES - sizeof value)
        path->broken = true;
    else
        path->words[path->count++] = (struct path_word){.above = above, .value = value};
}

void paths_keep(struct paths *p, const struct path *path)
{
    if (path->broken || p->count == PATHS_MOST)
        return;
    struct path *copy = xcalloc(1, sizeof *copy);
    *copy = *path;
    copy->next = p->first;
    p->first = copy;
    p->count++;
    for (unsigned i = 0; i < copy->count; i++) {
        size_t end = (size_t)copy->words[i].above + sizeof copy->words[i].value;
        if (end > p->stack_bytes)
            p->stack_bytes = end;
    }
}
