#include "tracer/app/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int privileges_become_caller(struct error *e)
{
    if (geteuid() == getuid() && getegid() == getgid())
        return 0;
    if (setresgid(getgid(), getgid(), getgid()) < 0 || setresuid(getuid(), getuid(), getuid()) < 0)
        return error_exit(e, EXIT_MACHINE,
                          "The rights of the program's owner could not be given "
                          "up: %s.",
                          strerror(errno));
    return 0;
}

int privileges_drop(struct error *e)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    /* So that no program that we might start gains anything either. */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) < 0)
        return error_exit(e, EXIT_MACHINE,
                          "The capabilities that capturing took could not be "
                          "given up: %s.",
                          strerror(errno));
    return 0;
}
