#include "tracer/base/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int standard_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* The other direction than the one used; the lowest free number is this one. */
        int filled = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (filled != fd) {
            if (filled >= 0)
                close(filled);
            return -1;
        }
    }
    return 0;
}
