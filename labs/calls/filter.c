#include "labs/calls/filter.h"

#include <stdlib.h>

#ifdef HAVE_SECCOMP
#include "labs/calls/table.h"
#include "tracer/base/alloc.h"

#include <limits.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A program of another architecture (a 32-bit one) runs untraced rather than not at all. */
static bool add_rules(scmp_filter_ctx context)
{
    if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) != 0)
        return false;
    for (size_t i = 0; i < call_row_count; i++)
        if (seccomp_rule_add(context, SCMP_ACT_TRACE(0), (int)call_rows[i].number, 0) != 0)
            return false;
    return true;
}

static bool take_program(int fd, struct calls_filter *f)
{
    off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes <= 0 || bytes > (off_t)(USHRT_MAX * sizeof(struct sock_filter)))
        return false;
    size_t n = (size_t)bytes;
    f->instructions = xmalloc(n);
    f->count = (unsigned short)(n / sizeof(struct sock_filter));
    return pread(fd, f->instructions, n, 0) == (ssize_t)n;
}

bool calls_filter_build(struct calls_filter *f)
{
    bool built = false;
    *f = (struct calls_filter){0};
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    int fd = memfd_create("calls-filter", MFD_CLOEXEC);
    if (context && fd >= 0 && add_rules(context) && seccomp_export_bpf(context, fd) == 0)
        built = take_program(fd, f);
    if (fd >= 0)
        close(fd);
    if (context)
        seccomp_release(context);
    if (!built)
        calls_filter_free(f);
    return built;
}

bool calls_filter_install(const struct calls_filter *f)
{
    struct sock_fprog program = {.len = f->count, .filter = f->instructions};
    return f->instructions && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool calls_filter_build(struct calls_filter *f)
{
    *f = (struct calls_filter){0};
    return false;
}

bool calls_filter_install(const struct calls_filter *f)
{
    (void)f;
    return false;
}

#endif

void calls_filter_free(struct calls_filter *f)
{
    free(f->instructions);
    *f = (struct calls_filter){0};
}
