/* What a program on a lab host may do there. */
#include "labs/sandbox/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What tcpdump, ip and a server on port 80 need. */
static const int host_capabilities[] = {CAP_NET_RAW, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE};

struct capability_sets {
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

static int sets_get(struct capability_sets *sets)
{
    memset(sets, 0, sizeof *sets);
    sets->header.version = _LINUX_CAPABILITY_VERSION_3;
    return (int)syscall(SYS_capget, &sets->header, sets->data);
}

static int sets_put(struct capability_sets *sets)
{
    return (int)syscall(SYS_capset, &sets->header, sets->data);
}

/* Ambient capabilities pass through exec, for programs that are neither root's nor marked. */
static int raise_ambient(void)
{
    struct capability_sets sets;
    if (sets_get(&sets) < 0)
        return -1;
    for (size_t i = 0; i < sizeof host_capabilities / sizeof host_capabilities[0]; i++)
        sets.data[CAP_TO_INDEX(host_capabilities[i])].inheritable |=
            CAP_TO_MASK(host_capabilities[i]);
    if (sets_put(&sets) < 0)
        return -1;
    for (size_t i = 0; i < sizeof host_capabilities / sizeof host_capabilities[0]; i++)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, host_capabilities[i], 0, 0) < 0)
            return -1;
    return 0;
}

/* The bounding set bounds what root regains by exec; only who may change it needs it changed. */
static int drop_bounding(void)
{
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) < 0 && errno != EPERM)
            return -1;
    return 0;
}

static int drop_all(void)
{
    struct capability_sets sets;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || drop_bounding() < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || sets_get(&sets) < 0)
        return -1;
    memset(sets.data, 0, sizeof sets.data);
    return sets_put(&sets);
}

int sandbox_set_privileges(bool ambient, struct error *e)
{
    if (ambient && raise_ambient() < 0)
        return error_exit(
            e, EXIT_MACHINE,
            "The capabilities to capture on a lab host could not be passed on: %s. "
            "They exist on hosts only; `tcplab doctor` says what this machine allows.",
            strerror(errno));
    if (!ambient && drop_all() < 0)
        return error_exit(e, EXIT_MACHINE,
                          "The program's capabilities could not be taken from it: %s. Run tcplab "
                          "as an ordinary user, who has none.",
                          strerror(errno));
    return 0;
}
