/* All processes that come from one, and which of them are left. */
#ifndef LABS_SANDBOX_FAMILY_TEST_H
#define LABS_SANDBOX_FAMILY_TEST_H

#include "labs/sandbox/procs.h"

#include <string.h>

enum { FAMILY_MAX = 32 };
struct family {
    pid_t root;
    struct proc members[FAMILY_MAX];
    int count;
};

static bool in_family(const struct family *family, pid_t pid)
{
    for (int i = 0; i < family->count; i++)
        if (family->members[i].pid == pid)
            return true;
    return pid == family->root;
}

static bool add_relative(const struct proc *p, void *arg)
{
    struct family *family = arg;
    if (!in_family(family, p->pid) && in_family(family, p->parent) && family->count < FAMILY_MAX)
        family->members[family->count++] = *p;
    return true;
}

/* Every descendant of `root`. */
static void gather(struct family *family, pid_t root)
{
    *family = (struct family){.root = root};
    int before;
    do {
        before = family->count;
        procs_each(add_relative, family);
    } while (family->count != before);
}

static const struct proc *member(const struct family *family, const char *name)
{
    for (int i = 0; i < family->count; i++)
        if (strcmp(family->members[i].name, name) == 0)
            return &family->members[i];
    return NULL;
}

static bool is_same_alive(const struct proc *p, void *arg)
{
    const struct proc **wanted = arg;
    if (p->pid != (*wanted)->pid || p->start_ticks != (*wanted)->start_ticks || p->state == 'Z' ||
        p->state == 'X')
        return true;
    *wanted = NULL;
    return false;
}

static const char *first_left(const struct family *family)
{
    for (int i = 0; i < family->count; i++) {
        const struct proc *wanted = &family->members[i];
        procs_each(is_same_alive, &wanted);
        if (!wanted)
            return family->members[i].name;
    }
    return NULL;
}

#endif
