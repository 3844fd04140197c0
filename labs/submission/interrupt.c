#include "labs/submission/interrupt.h"

#include <stddef.h>

static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDS = sizeof ends / sizeof ends[0] };

void interrupt_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < ENDS; i++)
        sigaddset(set, ends[i]);
}

void interrupt_hold(void)
{
    sigset_t set;
    interrupt_set(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_waits(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    for (size_t i = 0; i < ENDS; i++)
        if (sigismember(&waiting, ends[i]))
            return true;
    return false;
}
