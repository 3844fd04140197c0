#include "labs/sandbox/procs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "PID (NAME) STATE PARENT ...": the name may hold anything, parentheses and spaces too, so it ends
 * at the last parenthesis. The start time is field 22. */
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
    unsigned long long start;
    if (sscanf(close + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &p->state, &parent, &start) != 3)
        return false;
    p->pid = (pid_t)strtol(line, NULL, 10);
    p->parent = (pid_t)parent;
    p->start_ticks = start;
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
