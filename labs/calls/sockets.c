#include "labs/calls/sockets.h"

#include "labs/calls/endpoint.h"
#include "tracer/base/alloc.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Inodes are numbered in a row, so that this many live sockets seldom meet in one slot; one that is
 * overwritten is learnt again when it is next used. */
enum { SLOTS = 1024 };

struct sockets {
    bool own_proc; /* /proc shows the processes by the numbers that we know them by */
    struct socket_ends slots[SLOTS];
};

/* In a pid namespace without a /proc of its own, /proc speaks of other processes. */
static bool proc_is_ours(void)
{
    char self[32];
    ssize_t n = readlink("/proc/self", self, sizeof self - 1);
    if (n <= 0)
        return false;
    self[n] = '\0';
    return strtol(self, NULL, 10) == getpid();
}

struct sockets *sockets_new(void)
{
    struct sockets *s = xcalloc(1, sizeof *s);
    s->own_proc = proc_is_ours();
    return s;
}

void sockets_free(struct sockets *s)
{
    free(s);
}

/* The leader of a thread group may be gone before its threads: ask for the thread itself where the
 * kernel can (PIDFD_THREAD, Linux 6.9), else for the leader. */
static int copy_descriptor(pid_t pid, pid_t tid, int fd)
{
    int handle = tid == pid ? -1 : (int)syscall(SYS_pidfd_open, tid, O_EXCL);
    if (handle < 0)
        handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (handle < 0)
        return -1;
    int copy = (int)syscall(SYS_pidfd_getfd, handle, fd, 0);
    close(handle);
    return copy;
}

static uint64_t inode_of(int fd)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

/* readlink() opens nothing, so it can disturb no file; a copy of the descriptor is for where there
 * is no /proc. */
uint64_t sockets_inode(const struct sockets *s, pid_t pid, pid_t tid, int fd)
{
    if (fd < 0)
        return 0;
    if (s->own_proc) {
        char path[64], target[64];
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
        ssize_t n = readlink(path, target, sizeof target - 1);
        unsigned long long inode = 0;
        if (n > 0) {
            target[n] = '\0';
            return sscanf(target, "socket:[%llu]", &inode) == 1 ? inode : 0;
        }
    }
    int copy = copy_descriptor(pid, tid, fd);
    uint64_t inode = inode_of(copy);
    if (copy >= 0)
        close(copy);
    return inode;
}

static struct socket_ends *slot_of(struct sockets *s, uint64_t inode)
{
    return &s->slots[inode % SLOTS];
}

const struct socket_ends *sockets_known(const struct sockets *s, uint64_t inode)
{
    const struct socket_ends *ends = &s->slots[inode % SLOTS];
    return inode != 0 && ends->inode == inode ? ends : NULL;
}

void sockets_fresh(struct sockets *s, uint64_t inode)
{
    if (inode != 0)
        *slot_of(s, inode) = (struct socket_ends){.inode = inode};
}

typedef int ask_name(int, struct sockaddr *, socklen_t *);

/* Port 0 is a socket that was not given one yet: no end. */
static void ask(int fd, ask_name *name, char out[ENDPOINT_CHARS])
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof address;
    out[0] = '\0';
    if (name(fd, (struct sockaddr *)&address, &n) != 0 || !endpoint_is_internet(&address, n))
        return;
    in_port_t port; /* stands at one place in both families */
    memcpy(&port, (const char *)&address + offsetof(struct sockaddr_in, sin_port), sizeof port);
    if (port == 0)
        return;
    struct text t = {0};
    endpoint_add(&t, &address, n);
    snprintf(out, ENDPOINT_CHARS, "%s", text_str(&t));
    text_free(&t);
}

const struct socket_ends *sockets_learn(struct sockets *s, pid_t pid, pid_t tid, int fd,
                                        uint64_t inode, const char *peer)
{
    struct socket_ends *ends = slot_of(s, inode);
    *ends = (struct socket_ends){.inode = inode};
    int copy = copy_descriptor(pid, tid, fd);
    if (copy >= 0 && inode_of(copy) == inode) {
        ask(copy, getsockname, ends->local);
        ask(copy, getpeername, ends->remote);
    }
    if (copy >= 0)
        close(copy);
    if (ends->remote[0] == '\0' && peer)
        snprintf(ends->remote, sizeof ends->remote, "%s", peer);
    return ends;
}
