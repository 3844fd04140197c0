/* What it takes to run programs and to watch them. */
#include "labs/doctor/check.h"

#include "labs/runner/console.h"
#include "labs/runner/tiers.h"
#include "labs/sandbox/procs.h"
#include "tracer/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- loopback ---------------------------------------------------------------------------------
 */

enum { HEAR_TRIES = 100, HEAR_WAIT_MS = 5, PORT_DISCARD = 9 };
static const char greeting[] = "tcplab doctor: is this heard?";

/* Whether a datagram that we send on loopback is captured there. */
static bool heard(struct source *lo)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT_DISCARD)};
    inet_pton(AF_INET, sandbox_address(TIER_LOOPBACK, 1), &to.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = false;
    for (int i = 0; i < HEAR_TRIES && !found; i++) {
        struct pollfd ready = {.fd = source_fd(lo), .events = POLLIN};
        struct capture_frame frame;
        sendto(fd, greeting, sizeof greeting, 0, (struct sockaddr *)&to, sizeof to);
        poll(&ready, 1, HEAR_WAIT_MS);
        while (!found && source_next(lo, false, &frame, NULL) == SOURCE_FRAME)
            found = memmem(frame.bytes, frame.captured_bytes, greeting, sizeof greeting) != NULL;
    }
    if (fd >= 0)
        close(fd);
    return found;
}

/* With hosts of their own, labs do without it. */
void check_loopback(struct exam *x, struct diagnosis *d)
{
    struct error e;
    struct source *lo = tiers_open_loopback("run LAB", &e);
    x->captures = lo != NULL;
    if (!lo && trial_tier(exam_trial(x)) != TIER_COUNT)
        diagnosis_tell(
            d, ANSWER_LIMITED,
            "This user may not capture it, and need not: labs have a wire of their own.");
    else if (!lo)
        diagnosis_error(d, ANSWER_NO, &e);
    else if (heard(lo))
        diagnosis_tell(d, ANSWER_OK, "libpcap captured a datagram on lo.");
    else
        diagnosis_tell(d, ANSWER_NO,
                       "lo was opened, but a datagram sent on it was not captured. To set it up:");
    source_close(lo);
}

/* ---- watching ---------------------------------------------------------------------------------
 */

static bool watched(struct exam *x, struct diagnosis *d)
{
    exam_watch(x);
    if (x->refusal.text[0] == '\0')
        return true;
    diagnosis_tell(d, ANSWER_NO, "Not tried: it takes ptrace.");
    return false;
}

void check_ptrace(struct exam *x, struct diagnosis *d)
{
    if (watched(x, d))
        diagnosis_tell(d, ANSWER_OK, "A program's calls were seen, entry and exit.");
    else
        diagnosis_error(d, ANSWER_NO, &x->refusal);
}

void check_filter(struct exam *x, struct diagnosis *d)
{
    if (!watched(x, d))
        return;
    if (x->ability.filtered)
        diagnosis_tell(d, ANSWER_OK, "It stopped a program at its socket calls alone.");
    else
        diagnosis_tell(d, ANSWER_LIMITED,
                       "None could be set: programs run slower, since each of their system calls "
                       "stops. This build lacks libseccomp, or what runs this shell forbids it.");
}

void check_descriptors(struct exam *x, struct diagnosis *d)
{
    if (!watched(x, d))
        return;
    if (x->ability.descriptors)
        diagnosis_tell(d, ANSWER_OK, "A program's socket was copied and told its port.");
    else
        diagnosis_tell(d, ANSWER_LIMITED,
                       "No socket of the program could be copied, so calls are shown without their "
                       "connections. It takes Linux 5.6, and in a container:");
}

void check_console(struct exam *x, struct diagnosis *d)
{
    struct console console;
    struct error e;
    (void)x;
    if (console_open(&console, &e) != 0) {
        diagnosis_error(d, ANSWER_NO, &e);
        return;
    }
    close(console.ours);
    close(console.programs);
    diagnosis_tell(d, ANSWER_OK, "A pseudo-terminal was opened at both its ends.");
}

/* ---- /proc ------------------------------------------------------------------------------------
 */

static bool is_us(const struct proc *p, void *arg)
{
    bool *found = arg;
    *found = p->pid == getpid();
    return !*found;
}

void check_proc(struct exam *x, struct diagnosis *d)
{
    bool found = false;
    (void)x;
    if (procs_each(is_us, &found) && found && access("/proc/self/ns/net", R_OK) == 0)
        diagnosis_tell(d, ANSWER_OK, "It lists this process, and its namespaces.");
    else
        diagnosis_tell(d, ANSWER_NO,
                       "It is not that of this pid namespace, or is not mounted: hosts cannot be "
                       "made, nor found by `tcplab shell`. To mount it:");
}
