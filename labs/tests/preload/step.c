/* Put before the C library (LD_PRELOAD), sets the real-time clock of a program an hour on as soon
 * as the file that STEP_FILE names is there. The monotonic clock goes on as it was. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
    const char *file = getenv("STEP_FILE");
    int result = (int)syscall(SYS_clock_gettime, clock, t);
    if (result == 0 && clock == CLOCK_REALTIME && file && access(file, F_OK) == 0)
        t->tv_sec += 3600;
    return result;
}
