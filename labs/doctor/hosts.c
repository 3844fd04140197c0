/* What the trial of the hosts found, row by row: the steps of building them, in their order, and
 * what was seen once they were there. */
#include "labs/doctor/check.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOT_TRIED "Not tried: it takes what is refused above."

/* The steps as they follow each other, by stage. */
enum step { STEP_USER, STEP_SPACES, STEP_SETTINGS, STEP_VETH, STEP_BUILT };

static const enum step steps[STAGE_COUNT] = {
    [STAGE_FORK] = STEP_USER,         [STAGE_USER_NS] = STEP_USER,     [STAGE_MAP] = STEP_USER,
    [STAGE_NAMESPACES] = STEP_SPACES, [STAGE_SETTING] = STEP_SETTINGS, [STAGE_NETWORK] = STEP_VETH,
    [STAGE_PROBE] = STEP_VETH,        [STAGE_PROCESS] = STEP_VETH,
};

/* True where the step was taken; else the finding says why not. */
static bool took(const struct attempt *a, enum step step, struct diagnosis *d)
{
    enum step reached = a->built ? STEP_BUILT : steps[a->refused_at];
    if (reached > step)
        return true;
    if (reached == step)
        diagnosis_error(d, ANSWER_NO, &a->refusal);
    else
        diagnosis_tell(d, ANSWER_NO, NOT_TRIED);
    return false;
}

void check_user_namespaces(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    const struct attempt *own = &t->attempts[TIER_HOSTS];
    if (t->last != own)
        diagnosis_error(d, ANSWER_NO, &own->refusal);
    else if (took(own, STEP_USER, d))
        diagnosis_tell(d, ANSWER_OK, "One was made: labs need no root.");
}

void check_namespaces(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    if (took(t->last, STEP_SPACES, d))
        diagnosis_tell(d, ANSWER_OK, "Three network namespaces were made%s.",
                       t->last == &t->attempts[TIER_HOSTS] ? "" : ", with root's rights");
}

void check_settings(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    if (!took(t->last, STEP_SETTINGS, d))
        return;
    if (t->missing.len == 0)
        diagnosis_tell(d, ANSWER_OK, "All %zu of the profile %s were set.",
                       t->profile->setting_count, t->profile->name);
    else
        diagnosis_tell(d, ANSWER_OK, "Those of the profile %s were set; this kernel has no %s.",
                       t->profile->name, text_str(&t->missing));
}

void check_veth(struct exam *x, struct diagnosis *d)
{
    if (took(exam_trial(x)->last, STEP_VETH, d))
        diagnosis_tell(d, ANSWER_OK, "A packet crossed from each host to the wire.");
}

/* Where the hosts can be built and nothing is carried between them, labs have no lower tier. */
void check_wire(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    if (!t->last->built)
        diagnosis_tell(d, ANSWER_NO, NOT_TRIED);
    else if (t->connected_ns >= 0)
        diagnosis_tell(d, ANSWER_OK, "libpcap carried a connection from C to S in %lld ms.",
                       (long long)(t->connected_ns / 1000000));
    else
        diagnosis_tell(d, ANSWER_NO, "The hosts are there, but %s.", t->failure.text);
    x->impossible |= t->last->built && t->connected_ns < 0;
}

void check_diag(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    if (!t->last->built)
        diagnosis_tell(d, ANSWER_NO, NOT_TRIED);
    else if (strcmp(t->states[0], "LISTEN") == 0 && strcmp(t->states[1], "LISTEN") == 0)
        diagnosis_tell(d, ANSWER_OK, "Both kernels told of a listening socket.");
    else
        diagnosis_tell(
            d, ANSWER_LIMITED,
            "The hosts' kernels do not tell of their sockets (C: %s, S: %s): cwnd, RTT and "
            "timers are not shown beside the segments. A kernel module may be missing:",
            t->states[0][0] ? t->states[0] : "no answer",
            t->states[1][0] ? t->states[1] : "no answer");
}

static void tell_withheld(const struct trial *t, struct diagnosis *d)
{
    diagnosis_tell(d, ANSWER_LIMITED,
                   "Labs run with reno. A program may choose %s; this kernel keeps %s from it. To "
                   "allow all:",
                   text_str(&t->settable), text_str(&t->withheld));
    text_format(&d->mend, "sudo sysctl -w net.ipv4.tcp_allowed_congestion_control='%s %s'",
                text_str(&t->settable), text_str(&t->withheld));
    for (char *comma = d->mend.s; (comma = strchr(comma, ','));) /* "reno, bbr" */
        memmove(comma, comma + 1, strlen(comma));
    d->mend.len = strlen(d->mend.s);
}

void check_congestion(struct exam *x, struct diagnosis *d)
{
    const struct trial *t = exam_trial(x);
    if (!t->last->built || t->settable.len + t->withheld.len == 0)
        diagnosis_tell(d, ANSWER_NO, NOT_TRIED);
    else if (t->withheld.len == 0)
        diagnosis_tell(d, ANSWER_OK, "A program may choose %s.", text_str(&t->settable));
    else
        tell_withheld(t, d);
}

/* ---- AppArmor: a profile is the milder mend ---------------------------------------------------
 */

static bool restricted(const char *root)
{
    char path[4096], text[16] = "";
    snprintf(path, sizeof path, "%s/proc/sys/kernel/apparmor_restrict_unprivileged_userns", root);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    return n > 0 && strtol(text, NULL, 10) != 0;
}

/* A path that means itself in a profile, where some characters are patterns, and in a shell. */
static bool is_plain(const char *path)
{
    return path[0] == '/' &&
           path[strspn(path,
                       "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")] ==
               '\0';
}

void check_apparmor(struct exam *x, struct diagnosis *d)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    diagnosis_tell(d, ANSWER_PASSED_OVER, "%s", "");
    if (exam_trial(x)->attempts[TIER_HOSTS].built || geteuid() == 0 || !restricted(x->root) ||
        !is_plain(self))
        return;
    diagnosis_tell(d, ANSWER_NO,
                   "It keeps user namespaces from programs without a profile. The file "
                   "/etc/apparmor.d/tcplab gives them to tcplab alone, and for good:");
    text_format(&d->mend,
                "echo 'abi <abi/4.0>, profile tcplab %s flags=(unconfined) { userns, }' | "
                "sudo tee /etc/apparmor.d/tcplab\n"
                "sudo apparmor_parser -r /etc/apparmor.d/tcplab",
                self);
}
