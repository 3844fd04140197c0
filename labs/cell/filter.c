#include "labs/cell/filter.h"

#include <errno.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>

/* What no lab's program has use for, and attacks begin with: other namespaces and mounts, other
 * processes' memory, the kernel's larger and younger interfaces. */
static const char *const denied[] = {
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "fspick",
    "mount_setattr",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "name_to_handle_at",
    "open_by_handle_at",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "fanotify_init",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "swapon",
    "swapoff",
    "reboot",
    "acct",
    "quotactl",
    "syslog",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "memfd_secret",
    "personality",
    "shmget", /* memory that no process has */
    "vhangup",
};

/* And children that their tracer would not be told of. */
static const uint64_t denied_clones = CLONE_UNTRACED | CLONE_NEWNS | CLONE_NEWCGROUP |
                                      CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                      CLONE_NEWNET;

/* Sockets of a lab are of these; vsock, packet, alg and all others are not to be had. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
enum { FAMILIES_MOST = 64 };

static int is_of_labs(int family)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (families[i] == family)
            return 1;
    return 0;
}

/* Deny a call where one of its arguments compares so. */
static int deny_where(scmp_filter_ctx filter, int number, int call, struct scmp_arg_cmp where)
{
    return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)number), call, 1, &where);
}

static int deny_families(scmp_filter_ctx filter, int call)
{
    struct scmp_arg_cmp where = {.arg = 0, .op = SCMP_CMP_EQ};
    int result = 0;
    for (int family = 0; family < FAMILIES_MOST && result == 0; family++) {
        where.datum_a = (scmp_datum_t)family;
        if (!is_of_labs(family))
            result = deny_where(filter, EAFNOSUPPORT, call, where);
    }
    where = (struct scmp_arg_cmp){.arg = 0, .op = SCMP_CMP_GE, .datum_a = FAMILIES_MOST};
    return result == 0 ? deny_where(filter, EAFNOSUPPORT, call, where) : result;
}

static int deny_clones(scmp_filter_ctx filter)
{
    int result = 0;
    for (int bit = 0; bit < 32 && result == 0; bit++) {
        uint64_t flag = UINT64_C(1) << bit;
        struct scmp_arg_cmp where = {
            .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = flag, .datum_b = flag};
        if (denied_clones & flag)
            result = deny_where(filter, EPERM, SCMP_SYS(clone), where);
    }
    /* Its flags lie in memory, out of a filter's sight; the C library falls back to clone(). */
    return result == 0
               ? seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL)
               : result;
}

static int deny_typing(scmp_filter_ctx filter)
{
    static const uint64_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD};
    int result = 0;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0] && result == 0; i++) {
        struct scmp_arg_cmp where = {
            .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = requests[i]};
        result = deny_where(filter, EPERM, SCMP_SYS(ioctl), where);
    }
    return result;
}

static int deny_all(scmp_filter_ctx filter)
{
    int result = 0;
    for (size_t i = 0; i < sizeof denied / sizeof denied[0] && result == 0; i++) {
        int call = seccomp_syscall_resolve_name(denied[i]);
        if (call != __NR_SCMP_ERROR) /* which this machine has none of */
            result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, 0, NULL);
    }
    if (result == 0)
        result = deny_clones(filter);
    if (result == 0)
        result = deny_typing(filter);
    if (result == 0)
        result = deny_families(filter, SCMP_SYS(socket));
    return result == 0 ? deny_families(filter, SCMP_SYS(socketpair)) : result;
}

/* To a descriptor, or where that is -1 to this process. */
static int make(int fd)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter ? deny_all(filter) : -ENOMEM;
    if (result == 0)
        result = fd >= 0 ? seccomp_export_bpf(filter, fd) : seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

static int refuse(int result, struct error *e)
{
    return error_exit(e, EXIT_MACHINE,
                      "The list of system calls that a submission may not make could not be made: "
                      "%s.",
                      strerror(-result));
}

int filter_open(struct error *e)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int result = fd < 0 ? -errno : make(fd);
    if (result == 0 && (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, FILTER_FD) < 0))
        result = -errno;
    if (fd >= 0)
        close(fd);
    return result == 0 ? 0 : refuse(result, e);
}

int filter_load(struct error *e)
{
    int result = make(-1);
    return result == 0 ? 0 : refuse(result, e);
}
#else
int filter_open(struct error *e)
{
    error_exit(e, EXIT_MACHINE,
               "A submission cannot be contained: this tcplab was built without libseccomp. Build "
               "it again after:");
    return error_mend(e, "sudo apt-get install libseccomp-dev");
}

int filter_load(struct error *e)
{
    return filter_open(e);
}
#endif
