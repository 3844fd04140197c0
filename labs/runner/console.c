#include "labs/runner/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int console_open(struct console *c, struct error *e)
{
    char name[64];
    struct termios settings;
    c->programs = -1;
    c->ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (c->ours < 0 || grantpt(c->ours) != 0 || unlockpt(c->ours) != 0 ||
        ptsname_r(c->ours, name, sizeof name) != 0)
        goto fail;
    c->programs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (c->programs < 0 || tcgetattr(c->programs, &settings) != 0)
        goto fail;
    settings.c_oflag &= ~(tcflag_t)OPOST;
    settings.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(c->programs, TCSANOW, &settings) != 0)
        goto fail;
    return 0;
fail:
    error_exit(e, EXIT_MACHINE,
               "Cannot open a console for a lab's program: %s. It takes /dev/ptmx and /dev/pts. To "
               "have them:",
               strerror(errno));
    error_mend(e, "sudo sh -c 'mkdir -p /dev/pts; mount -t devpts -o ptmxmode=666 devpts "
                  "/dev/pts; ln -sfn pts/ptmx /dev/ptmx'");
    if (c->ours >= 0)
        close(c->ours);
    if (c->programs >= 0)
        close(c->programs);
    return -1;
}
