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
    "vhangup",
};

static const uint64_t new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

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

static int deny_families(scmp_filter_ctx filter)
{
    static const char *const calls[] = {"socket", "socketpair"};
    int result = 0;
    for (size_t i = 0; i < 2; i++) {
        int call = seccomp_syscall_resolve_name(calls[i]);
        for (int family = 0; family < FAMILIES_MOST && result == 0; family++)
            if (!is_of_labs(family))
                result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                          SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)family));
        if (result == 0)
            result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
                                      SCMP_A0_32(SCMP_CMP_GE, FAMILIES_MOST));
    }
    return result;
}

static int deny_all(scmp_filter_ctx filter)
{
    int result = 0;
    for (size_t i = 0; i < sizeof denied / sizeof denied[0] && result == 0; i++) {
        int call = seccomp_syscall_resolve_name(denied[i]);
        if (call != __NR_SCMP_ERROR) /* which this machine has none of */
            result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    }
    for (int bit = 0; bit < 32 && result == 0; bit++)
        if (new_namespaces & UINT64_C(1) << bit)
            result = seccomp_rule_add(
                filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                SCMP_A0(SCMP_CMP_MASKED_EQ, UINT64_C(1) << bit, UINT64_C(1) << bit));
    /* Its flags lie in memory, out of a filter's sight; the C library falls back to clone(). */
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    static const uint64_t typing[] = {TIOCSTI, TIOCLINUX};
    for (size_t i = 0; i < 2 && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, typing[i]));
    return result == 0 ? deny_families(filter) : result;
}

static int export_to(int fd)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter ? deny_all(filter) : -ENOMEM;
    if (result == 0)
        result = seccomp_export_bpf(filter, fd);
    seccomp_release(filter);
    return result;
}

int filter_open(struct error *e)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int result = fd < 0 ? -errno : export_to(fd);
    if (result == 0 && (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, FILTER_FD) < 0))
        result = -errno;
    if (fd >= 0)
        close(fd);
    return result == 0 ? 0
                       : error_exit(e, EXIT_MACHINE,
                                    "The list of system calls that a submission may not make "
                                    "could not be made: %s.",
                                    strerror(-result));
}
#else
int filter_open(struct error *e)
{
    error_exit(e, EXIT_MACHINE,
               "A submission cannot be contained: this tcplab was built without libseccomp. Build "
               "it again after:");
    return error_mend(e, "sudo apt-get install libseccomp-dev");
}
#endif
