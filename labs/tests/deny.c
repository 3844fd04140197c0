/* deny WHAT... -- PROGRAM ARGS: run a program from which the kernel keeps some things, as
 * containers and distributions do. Each refusal is by a seccomp filter, with the errno that the
 * real one has:
 *
 *   userns     unshare(CLONE_NEWUSER) and clone() with it: EPERM
 *   unshare    unshare() of anything: EPERM
 *   mount, setns, ptrace, seccomp: EPERM
 *   netlink    socket(AF_NETLINK): EPERM
 *   packet     socket(AF_PACKET): EPERM
 *   ptmx       a /dev without ptmx and pts over this one (needs the right to mount)
 *
 * Exit status 77 where this machine does not allow to refuse it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SKIPPED = 77 };

#define ALWAYS BPF_JGE /* than 0 */
#define BITS   BPF_JSET
#define VALUE  BPF_JEQ

/* The call is refused where its first argument passes the test. */
static const struct refusal {
    const char *name;
    unsigned number;
    unsigned short test;
    uint32_t operand;
} refusals[] = {
    {"userns", SYS_unshare, BITS, CLONE_NEWUSER},
    {"userns", SYS_clone, BITS, CLONE_NEWUSER},
    {"unshare", SYS_unshare, ALWAYS, 0},
    {"mount", SYS_mount, ALWAYS, 0},
    {"setns", SYS_setns, ALWAYS, 0},
    {"ptrace", SYS_ptrace, ALWAYS, 0},
    {"seccomp", SYS_seccomp, ALWAYS, 0},
    {"seccomp", SYS_prctl, VALUE, PR_SET_SECCOMP},
    {"netlink", SYS_socket, VALUE, AF_NETLINK},
    {"packet", SYS_socket, VALUE, AF_PACKET},
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

static _Noreturn void skip(const char *what)
{
    dprintf(STDOUT_FILENO, "SKIP: deny: %s: %s\n", what, strerror(errno));
    _exit(SKIPPED);
}

/* One filter a refusal: the kernel asks all of them, and the strictest answer holds. */
static void refuse(const struct refusal *r)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->number, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | r->test | BPF_K, r->operand, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        skip(r->name);
}

/* Put the node of an open descriptor back, below the new /dev. */
static void put_back(int fd, const char *path)
{
    char from[64];
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    if (file < 0 || mount(from, path, NULL, MS_BIND, NULL) != 0)
        skip(path);
    close(file);
    close(fd);
}

static void hide_ptmx(void)
{
    static const char *const kept[] = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};
    enum { KEPT = sizeof kept / sizeof kept[0] };
    int fds[KEPT];
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        skip("ptmx");
    for (int i = 0; i < KEPT; i++)
        fds[i] = open(kept[i], O_PATH | O_CLOEXEC);
    if (mount("tmpfs", "/dev", "tmpfs", 0, "mode=755") != 0)
        skip("ptmx");
    for (int i = 0; i < KEPT; i++)
        if (fds[i] >= 0)
            put_back(fds[i], kept[i]);
}

static int apply(const char *name)
{
    int found = 0;
    if (strcmp(name, "ptmx") == 0) {
        hide_ptmx();
        return 1;
    }
    for (int i = 0; i < REFUSALS; i++)
        if (strcmp(refusals[i].name, name) == 0) {
            refuse(&refusals[i]);
            found = 1;
        }
    return found;
}

int main(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!apply(argv[i])) {
            fprintf(stderr, "deny: there is nothing called %s to refuse\n", argv[i]);
            return 2;
        }
    if (i + 1 >= argc) {
        fprintf(stderr, "usage: deny WHAT... -- PROGRAM ARGS\n");
        return 2;
    }
    execvp(argv[i + 1], argv + i + 1);
    fprintf(stderr, "deny: %s: %s\n", argv[i + 1], strerror(errno));
    return 127;
}
