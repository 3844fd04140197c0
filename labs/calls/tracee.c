#include "labs/calls/tracee.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct tracee **bucket_of(struct tracees *all, pid_t tid)
{
    return &all->buckets[(unsigned)tid % TRACEE_BUCKETS];
}

struct tracee *tracee_find(const struct tracees *all, pid_t tid)
{
    struct tracee *t = all->buckets[(unsigned)tid % TRACEE_BUCKETS];
    while (t && t->tid != tid)
        t = t->next;
    return t;
}

struct tracee *tracee_add(struct tracees *all, pid_t tid, struct process *of)
{
    struct tracee **bucket = bucket_of(all, tid);
    struct tracee *t = xcalloc(1, sizeof *t);
    *t = (struct tracee){.tid = tid, .process = of, .next = *bucket};
    *bucket = t;
    all->count++;
    of->threads++;
    of->running++;
    return t;
}

struct process *process_add(struct tracees *all, pid_t pid, const char *program)
{
    struct process *p = xcalloc(1, sizeof *p);
    *p = (struct process){.pid = pid, .program = xstrdup(program), .next = all->processes};
    all->processes = p;
    return p;
}

void process_rename(struct process *p, const char *program)
{
    char *old = p->program;
    p->program = xstrdup(program);
    free(old);
}

static void process_remove(struct tracees *all, struct process *p)
{
    struct process **at = &all->processes;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    image_release(p->image);
    descriptors_free(&p->descriptors);
    free(p->program);
    free(p);
}

void tracee_remove(struct tracees *all, struct tracee *t)
{
    struct tracee **at = bucket_of(all, t->tid);
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    all->count--;
    struct process *p = t->process;
    p->threads--;
    if (!t->exiting)
        p->running--;
    while (t->depth > 0)
        tracee_pop(t);
    free(t->hold.args);
    free(t);
    if (p->threads == 0)
        process_remove(all, p);
}

void tracee_alone(struct tracees *all, struct tracee *t)
{
    for (size_t i = 0; i < TRACEE_BUCKETS; i++) {
        struct tracee *other = all->buckets[i];
        while (other) {
            struct tracee *next = other->next;
            if (other != t && other->process == t->process)
                tracee_remove(all, other);
            other = next;
        }
    }
    t->process->running = 1;
    t->exiting = false;
    t->entry_seen = false;
    while (t->depth > 0)
        tracee_pop(t);
}

void tracees_free(struct tracees *all)
{
    for (size_t i = 0; i < TRACEE_BUCKETS; i++)
        while (all->buckets[i])
            tracee_remove(all, all->buckets[i]);
    free(all->early);
    *all = (struct tracees){0};
}

void tracees_note_early(struct tracees *all, pid_t tid, int64_t now_ns)
{
    xgrow(&all->early, &all->early_cap, all->early_count, sizeof *all->early);
    all->early[all->early_count++] = (struct early){.tid = tid, .since_ns = now_ns};
}

bool tracees_take_early(struct tracees *all, pid_t tid)
{
    for (size_t i = 0; i < all->early_count; i++) {
        if (all->early[i].tid == tid) {
            all->early[i] = all->early[--all->early_count];
            return true;
        }
    }
    return false;
}

pid_t tracees_overdue(struct tracees *all, int64_t before_ns)
{
    for (size_t i = 0; i < all->early_count; i++) {
        pid_t tid = all->early[i].tid;
        if (all->early[i].since_ns < before_ns && tracees_take_early(all, tid))
            return tid;
    }
    return 0;
}

struct call *tracee_call(struct tracee *t)
{
    return t->depth > 0 ? &t->calls[t->depth - 1] : NULL;
}

struct call *tracee_push(struct tracee *t)
{
    if (t->depth == CALLS_NESTED) {
        text_free(&t->calls[0].told);
        memmove(t->calls, t->calls + 1, (CALLS_NESTED - 1) * sizeof t->calls[0]);
        t->depth--;
    }
    struct call *c = &t->calls[t->depth++];
    *c = (struct call){0};
    return c;
}

void tracee_pop(struct tracee *t)
{
    t->depth--;
    text_free(&t->calls[t->depth].told);
}
