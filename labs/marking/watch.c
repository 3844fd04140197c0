#include "labs/marking/watch.h"

#include "labs/submission/interrupt.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTLE_MS = 120 };
static const uint32_t saved = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE;

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void folder_of(const char *path, struct text *out)
{
    struct stat s;
    size_t n = (size_t)(name_of(path) - path);
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode))
        text_add(out, path);
    else if (n > 0)
        text_bytes(out, path, n);
    else
        text_add(out, ".");
}

int watch_open(const char *path, const char *ignored, struct watch *w, struct error *e)
{
    struct text folder = {0};
    sigset_t set;
    interrupt_set(&set);
    *w = (struct watch){.ignored = ignored ? name_of(ignored) : NULL};
    folder_of(path, &folder);
    w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int number = w->fd >= 0 && inotify_add_watch(w->fd, text_str(&folder), saved) >= 0 ? 0 : errno;
    if (number != 0 || w->signal_fd < 0) {
        error_set(e, "Cannot watch %.300s for changes: %s.", text_str(&folder), strerror(number));
        watch_close(w);
        number = -1;
    }
    text_free(&folder);
    return number;
}

void watch_close(struct watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    if (w->signal_fd >= 0)
        close(w->signal_fd);
    *w = (struct watch){.fd = -1, .signal_fd = -1};
}

static bool counts(const struct watch *w, const char *name)
{
    size_t n = strlen(name);
    return n > 0 && name[0] != '.' && name[n - 1] != '~' &&
           !(w->ignored && strcmp(name, w->ignored) == 0);
}

/* Take what has happened; true where some of it counts. */
static bool take(const struct watch *w)
{
    _Alignas(struct inotify_event) char bytes[4096];
    bool found = false;
    ssize_t n;
    while ((n = read(w->fd, bytes, sizeof bytes)) > 0)
        for (char *at = bytes; at < bytes + n;) {
            const struct inotify_event *event = (const void *)at;
            found |= event->len > 0 && counts(w, event->name);
            at += sizeof *event + event->len;
        }
    return found;
}

int watch_wait(struct watch *w)
{
    struct pollfd fds[] = {{.fd = w->fd, .events = POLLIN}, {.fd = w->signal_fd, .events = POLLIN}};
    bool changed = false;
    for (;;) {
        int n = poll(fds, 2, changed ? SETTLE_MS : -1);
        if (n < 0 && errno != EINTR)
            return 0;
        if (n > 0 && fds[1].revents)
            return 0;
        if (n > 0 && fds[0].revents)
            changed |= take(w);
        if (n == 0 && changed)
            return 1;
    }
}
