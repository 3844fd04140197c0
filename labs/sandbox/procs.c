#include "labs/sandbox/procs.h"

#include "tracer/base/alloc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "PID (NAME) STATE PARENT ...": the name may hold anything, parentheses and spaces too, so it ends
 * at the last parenthesis. The start time is field 22, what is resident field 24. */
bool procs_parse(const char *line, struct proc *p)
{
    const char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!open || !close || close < open)
        return false;
    size_t length = (size_t)(close - open - 1);
    if (length >= sizeof p->name)
        length = sizeof p->name - 1;
    memcpy(p->name, open + 1, length);
    p->name[length] = '\0';
    int parent;
    unsigned long long start, resident;
    if (sscanf(close + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu "
               "%*u %llu",
               &p->state, &parent, &start, &resident) != 4)
        return false;
    p->pid = (pid_t)strtol(line, NULL, 10);
    p->parent = (pid_t)parent;
    p->start_ticks = start;
    p->resident_pages = resident;
    return p->pid > 0;
}

static bool read_proc(const char *pid, struct proc *p)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    if (n <= 0)
        return false;
    line[n] = '\0';
    return procs_parse(line, p);
}

bool procs_each(bool (*visit)(const struct proc *p, void *arg), void *arg)
{
    DIR *folder = opendir("/proc");
    if (!folder)
        return false;
    struct dirent *entry;
    bool more = true;
    while (more && (entry = readdir(folder))) {
        struct proc p;
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && read_proc(entry->d_name, &p))
            more = visit(&p, arg);
    }
    closedir(folder);
    return true;
}

/* ---- what one has started ------------------------------------------------------------------- */

struct kin {
    pid_t pid, parent;
    uint64_t pages;
    bool below;
};

struct family {
    struct kin *all; /* (owned) */
    size_t count, cap;
};

static bool add_kin(const struct proc *p, void *arg)
{
    struct family *f = arg;
    xgrow(&f->all, &f->cap, f->count, sizeof *f->all);
    f->all[f->count++] =
        (struct kin){.pid = p->pid, .parent = p->parent, .pages = p->resident_pages};
    return true;
}

static int by_pid(const void *a, const void *b)
{
    const struct kin *one = a, *other = b;
    return (one->pid > other->pid) - (one->pid < other->pid);
}

static bool is_below(const struct family *f, const struct kin *k, pid_t pid)
{
    const struct kin key = {.pid = k->parent};
    if (k->parent == pid)
        return true;
    const struct kin *parent = bsearch(&key, f->all, f->count, sizeof key, by_pid);
    return parent && parent->below;
}

uint64_t procs_resident_below(pid_t pid)
{
    struct family f = {0};
    uint64_t pages = 0;
    procs_each(add_kin, &f);
    if (f.count > 0)
        qsort(f.all, f.count, sizeof *f.all, by_pid);
    for (bool more = true; more;) { /* again where a child's number is below its parent's */
        more = false;
        for (size_t i = 0; i < f.count; i++) {
            struct kin *k = &f.all[i];
            if (k->below || !is_below(&f, k, pid))
                continue;
            k->below = more = true;
            pages += k->pages;
        }
    }
    free(f.all);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
