/* What a process does to itself before it may be put into a cell, and the space it has there. */
#include "labs/cell/cell.h"

#include "labs/cell/filter.h"
#include "tracer/base/inherit.h"
#include "tracer/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody's, on every system that matters. */
enum { NOBODY = 65534 };

/* From here on up users are nobody at all: below are those of containers and of services. */
enum { STRANGERS = 0x70000000 };

/* Whom root lets a submission be. */
static uid_t stranger = NOBODY;

enum { NICE = 10 };

#define MIB ((rlim_t)1 << 20)

static const struct {
    int resource;
    rlim_t most;
} limits[] = {
    {RLIMIT_CORE, 0},          {RLIMIT_FSIZE, 64 * MIB},   {RLIMIT_NOFILE, 256},
    {RLIMIT_AS, 2048 * MIB},   {RLIMIT_CPU, 120},          {RLIMIT_NPROC, 512},
    {RLIMIT_MEMLOCK, MIB / 4}, {RLIMIT_MSGQUEUE, MIB / 4},
};

/* Of all that runs here it is to be ended first, when memory runs out. */
static void offer_memory(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "1000", 4) != 4)
        errno = 0; /* where it may not be said, the kernel chooses */
    close(fd);
}

/* Root's files are root's to read even without capabilities, and the limit of processes is none for
 * it. */
static int leave_root(struct error *e)
{
    if (geteuid() != 0)
        return 0;
    if (setgroups(0, NULL) == 0 && setresgid(stranger, stranger, stranger) == 0 &&
        setresuid(stranger, stranger, stranger) == 0)
        return 0;
    return error_exit(e, EXIT_MACHINE,
                      "The submission cannot be run as an ordinary user: %s. Run tcplab as one.",
                      strerror(errno));
}

bool cell_may_leave(void)
{
    int status = -1;
    pid_t pid = geteuid() == 0 ? fork() : -1;
    if (pid == 0)
        _exit(leave_root(NULL) == 0 ? 0 : 1);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int cell_be_nobody(struct error *e)
{
    int signal = 0;
    if (prctl(PR_GET_PDEATHSIG, &signal) != 0 || leave_root(e) != 0)
        return -1;
    prctl(PR_SET_PDEATHSIG, signal); /* who changes their rights loses it */
    prctl(PR_SET_DUMPABLE, 1);       /* as after the exec of any program */
    return 0;
}

/* bubblewrap's own process in the cell keeps the environment that it was started with, where all
 * in the cell may read it. */
static int forget_environment(struct error *e)
{
    if (clearenv() == 0 && setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1) == 0)
        return 0;
    return error_exit(e, EXIT_MACHINE, "The environment cannot be kept from the submission.");
}

static int accept_limits(struct error *e)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)limits[i].resource, &limit) == 0 &&
            limit.rlim_max > limits[i].most)
            limit.rlim_max = limits[i].most;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit((__rlimit_resource_t)limits[i].resource, &limit) != 0)
            return error_exit(e, EXIT_MACHINE, "The submission cannot be limited: %s.",
                              strerror(errno));
    }
    umask(077);
    /* The wire comes first: a program that burns all it is given would make its own run void. */
    if (setpriority(PRIO_PROCESS, 0, NICE) != 0)
        return error_exit(e, EXIT_MACHINE, "The submission cannot be made to wait for others: %s.",
                          strerror(errno));
    return 0;
}

int cell_enter(struct error *e)
{
    offer_memory();
    if (forget_environment(e) != 0 || filter_open(e) != 0 || leave_root(e) != 0)
        return -1;
    return accept_limits(e);
}

int cell_leave(struct error *e)
{
    offer_memory();
    /* The filter takes memory to make; the limits come last. */
    if (forget_environment(e) != 0 || leave_root(e) != 0 || filter_load(e) != 0)
        return -1;
    return accept_limits(e);
}

/* ---- its space ------------------------------------------------------------------------------ */

static int refuse_space(struct error *e)
{
    return error_exit(e, EXIT_MACHINE,
                      "The submission cannot be given a file system of its own: %s. It takes user "
                      "namespaces, or root's rights: `tcplab doctor` says what is refused here.",
                      strerror(errno));
}

static int write_file(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, line, strlen(line));
    close(fd);
    return n == (ssize_t)strlen(line) ? 0 : -1;
}

/* In a user namespace anyone may mount. We stay who we are in there. */
static int enter_user(void)
{
    char uids[64], gids[64];
    snprintf(uids, sizeof uids, "%u %u 1\n", geteuid(), geteuid());
    snprintf(gids, sizeof gids, "%u %u 1\n", getegid(), getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
                   write_file("/proc/self/setgroups", "deny") == 0 &&
                   write_file("/proc/self/uid_map", uids) == 0 &&
                   write_file("/proc/self/gid_map", gids) == 0
               ? 0
               : -1;
}

static int mount_space(const char *folder, uid_t owner)
{
    struct text options = {0};
    text_add(&options, "size=128m,nr_inodes=8192,mode=0700");
    if (geteuid() == 0)
        text_format(&options, ",uid=%u,gid=%u", owner, owner);
    int result = mount("tcplab", folder, "tmpfs", MS_NOSUID | MS_NODEV, text_str(&options));
    text_free(&options);
    return result;
}

/* What the kernel counts by user (descriptors in messages, pipes, watches) is to be counted for
 * each submission by itself. A container may not have so high a number. */
int cell_space(const char *folder, struct error *e)
{
    int result = unshare(CLONE_NEWNS) == 0 ? 0 : enter_user();
    if (result == 0)
        result = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    stranger = STRANGERS + (uid_t)getpid();
    if (result == 0 && mount_space(folder, stranger) != 0) {
        stranger = NOBODY;
        result = mount_space(folder, stranger);
    }
    return result == 0 ? 0 : refuse_space(e);
}

/* ---- whose it is ---------------------------------------------------------------------------- */

static int give(int folder, const char *name)
{
    struct stat s;
    int result = fchownat(folder, name, stranger, stranger, AT_SYMLINK_NOFOLLOW);
    if (result != 0 || fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(s.st_mode))
        return result;
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = inner >= 0 ? fdopendir(inner) : NULL;
    if (!d)
        return -1;
    for (struct dirent *entry; result == 0 && (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = give(dirfd(d), entry->d_name);
    closedir(d);
    return result;
}

int cell_give(const char *folder, struct error *e)
{
    if (geteuid() != 0 || give(AT_FDCWD, folder) == 0)
        return 0;
    return error_exit(e, EXIT_MACHINE, "The submission cannot be given its folder %.300s: %s.",
                      folder, strerror(errno));
}

/* ---- whether there are any ------------------------------------------------------------------ */

static _Noreturn void try_one(const char *folder, int told)
{
    static char program[] = "true";
    char *const argv[] = {program, NULL};
    struct error e = {.status = EXIT_MACHINE};
    struct cell c = {.folder = folder, .scratch = folder};
    if (cell_space(folder, &e) == 0) {
        char **words = cell_words(&c, argv);
        inherit_close_on_exec(STDERR_FILENO + 1);
        dup2(told, STDERR_FILENO);
        dup2(told, STDOUT_FILENO);
        if (cell_enter(&e) == 0) {
            inherit_no_signals();
            execvp(words[0], words);
            static const char missing[] = "bubblewrap (bwrap) is not installed.";
            (void)!write(told, missing, sizeof missing - 1);
            _exit(EXIT_FELL_SHORT); /* as bubblewrap itself does, where it is refused something */
        }
    }
    (void)!write(told, e.text, strlen(e.text));
    _exit(EXIT_MACHINE);
}

int cell_allowed(const char *folder, struct error *e)
{
    char told[512] = "";
    int ends[2], status = -1;
    size_t n = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return refuse_space(e);
    pid_t pid = fork();
    if (pid == 0)
        try_one(folder, ends[1]);
    close(ends[1]);
    for (ssize_t got = 1; got > 0 && n<sizeof told - 1; n += got> 0 ? (size_t)got : 0)
        got = read(ends[0], told + n, sizeof told - 1 - n);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    told[strcspn(told, "\n")] = '\0';
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_MACHINE)
        return error_exit(e, EXIT_MACHINE, "%s", told);
    error_exit(e, EXIT_MACHINE,
               "A submission cannot be contained here: %.300s It takes user namespaces, and "
               "bubblewrap:",
               told);
    return error_mend(e, "sudo apt-get install bubblewrap");
}
