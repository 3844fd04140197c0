#include "labs/sandbox/idmap.h"

#include "tracer/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A map is taken whole, by one write, or not at all. */
static int write_once(pid_t pid, const char *name, const char *line)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, line, strlen(line));
    int err = errno;
    close(fd);
    errno = err;
    return n == (ssize_t)strlen(line) ? 0 : -1;
}

/* Our own namespace's ids, "FIRST OUTSIDE COUNT" a line, each mapped to itself. */
static int identity(const char *name, struct text *out)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    unsigned first, count;
    while (fscanf(file, "%u %*u %u", &first, &count) == 2)
        text_format(out, "%u %u %u\n", first, first, count);
    fclose(file);
    return out->len > 0 ? 0 : -1;
}

/* `own` maps one id; the kernel lets an ordinary user map that one. */
static int write_map(pid_t pid, const char *name, unsigned own)
{
    struct text all = {0};
    int result = identity(name, &all);
    if (result == 0)
        result = write_once(pid, name, text_str(&all));
    text_free(&all);
    if (result == 0)
        return 0;
    /* It takes a group's own map that no one in there may drop groups: a group may be what keeps
     * its members out of a file. */
    if (strcmp(name, "gid_map") == 0 && write_once(pid, "setgroups", "deny") < 0)
        return -1;
    char one[64];
    snprintf(one, sizeof one, "%u %u 1\n", own, own);
    return write_once(pid, name, one);
}

int idmap_write(pid_t pid, struct failure *f)
{
    if (write_map(pid, "uid_map", geteuid()) < 0)
        return failed(f, STAGE_MAP, "mapping user %u into the user namespace", geteuid());
    if (write_map(pid, "gid_map", getegid()) < 0)
        return failed(f, STAGE_MAP, "mapping group %u into the user namespace", getegid());
    return 0;
}
