/* One errno has many causes: EPERM from unshare() may be Docker's seccomp filter, a Debian sysctl
 * or AppArmor. Each row of the table is one cause: where it strikes, the file that gives it away,
 * and the sentence. The first row that fits is the answer, so the surest signs come first. */
#include "labs/sandbox/denial.h"

#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(stage) (1u << (stage))

enum {
    ANY_NAMESPACE = AT(STAGE_USER_NS) | AT(STAGE_NAMESPACES),
    ANY_PRIVILEGE = ANY_NAMESPACE | AT(STAGE_MAP) | AT(STAGE_NETWORK) | AT(STAGE_SETTING) |
                    AT(STAGE_PROCESS) | AT(STAGE_PROBE),
};

/* What a file must hold for its row to fit. */
enum sign { SIGN_EXISTS, SIGN_ZERO, SIGN_NOT_ZERO, SIGN_FILTERED, SIGN_NO_ROOT };

struct cause {
    unsigned stages;
    int errs[3]; /* zeros after the last */
    const char *file;
    enum sign sign;
    const char *reason; /* what the first word of a sentence could be, up to the command */
    const char *mend;   /* the command, NULL where there is none */
};

static const char hosts[] = N_("The lab's two hosts could not be made: ");

#define UNCONFINE        "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
#define UNCONFINE_DOCKER "docker run " UNCONFINE "--security-opt systempaths=unconfined"
#define LIMIT_ROW(name)                                                                            \
    {                                                                                              \
        AT(STAGE_NAMESPACES), {ENOSPC, 0, 0}, "/proc/sys/user/max_" name "_namespaces", SIGN_ZERO, \
            "this machine allows no " name " namespaces (user.max_" name "_namespaces is 0). "     \
            "To allow them:",                                                                      \
            "sudo sysctl -w user.max_" name "_namespaces=15000"                                    \
    }

static const struct cause causes[] = {
    {AT(STAGE_USER_NS),
     {ENOSPC, EUSERS, 0},
     "/proc/sys/user/max_user_namespaces",
     SIGN_ZERO,
     N_("this machine allows no user namespaces (user.max_user_namespaces is 0). To allow them:"),
     "sudo sysctl -w user.max_user_namespaces=15000"},
    {AT(STAGE_USER_NS),
     {ENOSPC, EUSERS, 0},
     "/proc/sys/user/max_user_namespaces",
     SIGN_NOT_ZERO,
     N_("every user namespace that this user may have is in use, or they are nested too deep. End "
        "other labs and containers, or allow more:"),
     "sudo sysctl -w user.max_user_namespaces=100000"},
    LIMIT_ROW("net"),
    LIMIT_ROW("pid"),
    LIMIT_ROW("mnt"),
    LIMIT_ROW("ipc"),
    LIMIT_ROW("uts"),
    {ANY_NAMESPACE,
     {ENOSYS, EINVAL, 0},
     "/proc/self/ns",
     SIGN_EXISTS,
     N_("this kernel was built without the namespaces they need. A kernel with CONFIG_USER_NS, "
        "CONFIG_PID_NS and CONFIG_NET_NS has them; each distribution's own does."),
     NULL},
    {AT(STAGE_USER_NS),
     {EPERM, 0, 0},
     "/proc/self/mountinfo",
     SIGN_NO_ROOT,
     N_("this shell is in a chroot, and the kernel keeps user namespaces from whoever is in one. "
        "Run "
        "tcplab outside of it, or enter it with:"),
     "sudo systemd-nspawn -D FOLDER"},
    {ANY_PRIVILEGE,
     {EPERM, EACCES, EROFS},
     "/.dockerenv",
     SIGN_EXISTS,
     N_("this Docker container may not make namespaces or set up networks in them. Start it with:"),
     UNCONFINE_DOCKER},
    {ANY_PRIVILEGE,
     {EPERM, EACCES, EROFS},
     "/run/.containerenv",
     SIGN_EXISTS,
     N_("this container may not make namespaces or set up networks in them. Start it with:"),
     "podman run " UNCONFINE "--security-opt unmask=ALL"},
    {AT(STAGE_USER_NS),
     {EPERM, 0, 0},
     "/proc/sys/kernel/unprivileged_userns_clone",
     SIGN_ZERO,
     N_("this machine keeps user namespaces from ordinary users (kernel.unprivileged_userns_clone "
        "is "
        "0). To allow them:"),
     "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
    {ANY_PRIVILEGE,
     {EPERM, EACCES, 0},
     "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
     SIGN_NOT_ZERO,
     N_("AppArmor lets ordinary users make a user namespace but do nothing in it "
        "(kernel.apparmor_restrict_unprivileged_userns is 1, as Ubuntu sets it since 23.10). "
        "To allow it:"),
     "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {ANY_PRIVILEGE,
     {EPERM, EACCES, 0},
     "/proc/self/status",
     SIGN_FILTERED,
     N_("a seccomp filter around this shell refuses namespaces, as container runtimes and "
        "sandboxes "
        "set one. Run tcplab outside of it, or loosen it, which for Docker is done by:"),
     UNCONFINE_DOCKER},
    {AT(STAGE_SETTING),
     {EROFS, 0, 0},
     "/proc/sys",
     SIGN_EXISTS,
     N_("/proc/sys is read-only here, so their kernel settings cannot be made. As root:"),
     "mount -o remount,rw /proc/sys"},
};

/* Read a small file below `root`; false where it is not there. */
static bool file_text(const char *root, const char *file, char *text, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s", root, file);
    text[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return access(path, F_OK) == 0;
    ssize_t n = read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return true;
}

/* Whether a line of mountinfo is of what is mounted at "/": its fifth word. The root of a chroot is
 * seldom a mount of its own. */
static bool mounts_root(const char *text)
{
    while (text) {
        char at[8];
        if (sscanf(text, "%*s %*s %*s %*s %7s", at) == 1 && strcmp(at, "/") == 0)
            return true;
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    return false;
}

static bool shows(const struct cause *c, const char *root)
{
    char text[32768];
    if (!file_text(root, c->file, text, sizeof text))
        return false;
    const char *filter;
    switch (c->sign) {
    case SIGN_EXISTS: return true;
    case SIGN_ZERO: return text[0] != '\0' && strtoll(text, NULL, 10) == 0;
    case SIGN_NOT_ZERO: return strtoll(text, NULL, 10) != 0;
    case SIGN_FILTERED:
        filter = strstr(text, "\nSeccomp:");
        return filter && strtoll(filter + strlen("\nSeccomp:"), NULL, 10) == 2;
    case SIGN_NO_ROOT: return text[0] && strlen(text) + 1 < sizeof text && !mounts_root(text);
    }
    return false;
}

static bool strikes(const struct cause *c, const struct failure *f)
{
    if (!(c->stages & AT(f->stage)))
        return false;
    for (size_t i = 0; i < sizeof c->errs / sizeof c->errs[0]; i++)
        if (c->errs[i] != 0 && c->errs[i] == f->err)
            return true;
    return false;
}

/* What no row of the table explains. */
static void explain_plainly(const struct failure *f, struct error *e)
{
    if (f->stage == STAGE_PROBE) {
        error_exit(e, EXIT_MACHINE,
                   "%sall was set up, but %s. Something on this machine filters packets inside "
                   "namespaces. Its rules are shown by:",
                   _(hosts), f->what);
        error_mend(e, "sudo nft list ruleset");
    } else if (f->stage == STAGE_FORK) {
        error_exit(e, EXIT_MACHINE,
                   "The lab could not be started: %s failed: %s. Close other programs, or raise "
                   "the limits that `ulimit -a` shows.",
                   f->what, strerror(f->err));
    } else if (geteuid() == 0) {
        error_exit(e, EXIT_MACHINE,
                   "%s%s failed: %s. Even root may not do it here: outside of this container or "
                   "sandbox it may be allowed.",
                   _(hosts), f->what, strerror(f->err));
    } else {
        error_exit(e, EXIT_MACHINE, "%s%s failed: %s. As root it may be allowed:", _(hosts),
                   f->what, strerror(f->err));
        error_mend(e, "sudo tcplab ...");
    }
}

void denial_explain(const struct failure *f, const char *root, struct error *e)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (strikes(&causes[i], f) && shows(&causes[i], root)) {
            error_exit(e, EXIT_MACHINE, "%s%s", _(hosts), _(causes[i].reason));
            if (causes[i].mend)
                error_mend(e, causes[i].mend);
            return;
        }
    }
    explain_plainly(f, e);
}

const char *denial_reason(const char *sentence)
{
    const char *lead = _(hosts);
    size_t n = strlen(lead);
    return strncmp(sentence, lead, n) == 0 ? sentence + n : sentence;
}
