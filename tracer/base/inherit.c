#include "tracer/base/inherit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENOUGH = 65536 };
enum { RANGE_CLOSE = 0, RANGE_CLOSE_ON_EXEC = 1 << 2 /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */ };

void inherit_no_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &standard, NULL); /* EINVAL for those that cannot be caught */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where the kernel has no close_range() each descriptor is taken singly, up to the limit, or to
 * more than any process here has: in some containers the limit is a thousand million. */
static void take_range(unsigned first, unsigned last, unsigned how)
{
    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, how) == 0)
        return;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= last)
        last = (unsigned)limit.rlim_cur;
    for (unsigned fd = first; fd <= last && fd < ENOUGH; fd++) {
        if (how == RANGE_CLOSE)
            close((int)fd);
        else
            fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    }
}

void inherit_only(const int *keep, size_t count)
{
    int next = 0;
    for (;;) {
        /* The lowest kept descriptor from `next` on. */
        int kept = next <= STDERR_FILENO ? STDERR_FILENO : INT32_MAX;
        for (size_t i = 0; i < count; i++)
            if (keep[i] >= next && keep[i] < kept)
                kept = keep[i];
        if (kept > next)
            take_range((unsigned)next, (unsigned)kept - 1, RANGE_CLOSE);
        if (kept == INT32_MAX)
            return;
        next = kept + 1;
    }
}

void inherit_close_on_exec(int first)
{
    take_range((unsigned)first, INT32_MAX, RANGE_CLOSE_ON_EXEC);
}
