#include "labs/runner/tiers.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Root that may not capture lacks the capability; anyone else lacks root. */
static int refuse_capture(const char *words, struct error *e)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    if (geteuid() == 0) {
        error_exit(e, EXIT_MACHINE,
                   "What passes on loopback cannot be captured: even root lacks CAP_NET_RAW here. "
                   "Start the container with:");
        return error_mend(e, "docker run --cap-add=NET_RAW");
    }
    struct text command = {0};
    text_format(&command, "sudo %.300s %.60s", n > 0 ? self : "tcplab", words);
    error_exit(e, EXIT_MACHINE,
               "What passes on loopback cannot be captured: that takes root's rights. To have "
               "them:");
    error_mend(e, text_str(&command));
    text_free(&command);
    return -1;
}

struct source *tiers_open_loopback(const char *words, struct error *e)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 && (errno == EPERM || errno == EACCES)) {
        refuse_capture(words, e);
        return NULL;
    }
    if (fd >= 0)
        close(fd);
    const struct source_options options = {.interface = "lo", .fd = -1, .immediate = true};
    return source_open(&options, e);
}

/* Whether loopback can be captured here, found out by doing it. */
static int try_capture(const struct run_spec *spec, struct error *e)
{
    struct text words = {0};
    if (spec->play)
        text_add(&words, "play");
    else if (strcmp(spec->lab, "trace") == 0)
        text_add(&words, "trace ...");
    else
        text_format(&words, "run %s", spec->lab);
    struct source *lo = tiers_open_loopback(text_str(&words), e);
    text_free(&words);
    if (!lo)
        return -1;
    source_close(lo);
    return 0;
}

/* One cause refuses several tiers with one sentence: it is said once. */
static void add_line(struct text *out, const char *sentence)
{
    if (out->len > 0 && strstr(text_str(out), sentence))
        return;
    text_format(out, "%s%s", out->len > 0 ? "\n" : "", sentence);
}

static int try_tier(struct crew *crew, const struct run_spec *spec, enum sandbox_tier tier,
                    struct error *e)
{
    if (tier == TIER_LOOPBACK && try_capture(spec, e) != 0)
        return -1;
    return crew_start(crew, spec, tier, e);
}

int tiers_start(struct crew *crew, const struct run_spec *spec, enum sandbox_tier least,
                struct text *announcement, struct error *e)
{
    for (enum sandbox_tier tier = TIER_HOSTS; tier <= least; tier++) {
        if (tier == TIER_ROOT_HOSTS && geteuid() != 0)
            continue;
        if (tier > TIER_HOSTS) /* the one before was refused */
            add_line(announcement, e->text);
        if (try_tier(crew, spec, tier, e) == 0) {
            if (tier > TIER_HOSTS)
                add_line(announcement, sandbox_tier_sentence(tier));
            return 0;
        }
        if (e->status == EXIT_WRONG_USAGE)
            break;
    }
    return -1;
}
