#include "labs/calls/further.h"

#include "labs/calls/denied.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static int fork_one(struct launch *l, struct tracer *tr, const struct calls_options *options,
                    const struct calls_filter *filter, struct error *e)
{
    if (launch_fork(l, options, filter, e) != 0)
        return -1;
    if (ptrace(PTRACE_SEIZE, l->pid, NULL, tracer_options) != 0) {
        int why = errno;
        kill(l->pid, SIGKILL);
        while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        launch_close(l);
        return denied_explain(why, "", e);
    }
    struct process *p = process_add(&tr->tracees, l->pid, options->argv[0]);
    p->further = true;
    tracee_add(&tr->tracees, l->pid, p);
    launch_prepare(l);
    return 0;
}

int further_fork(struct further *f, struct tracer *tr, const struct calls_options *options,
                 const struct calls_filter *filter, struct error *e)
{
    struct calls_options own = *options;
    own.shares_tty = true;
    own.directory = options->further_directory ? options->further_directory : options->directory;
    own.prepare_arg = options->further_prepare_arg;
    for (char **const *argv = options->further; argv && *argv; argv++) {
        own.argv = *argv;
        f->launches = xreallocarray(f->launches, f->count + 1, sizeof *f->launches);
        if (fork_one(&f->launches[f->count], tr, &own, filter, e) != 0)
            return -1;
        f->count++;
    }
    return 0;
}

void further_start(struct further *f)
{
    if (f->next < f->count)
        launch_go(&f->launches[f->next++]);
}

/* One that waits for the word ends when nobody is left to say it. */
void further_give_up(struct further *f)
{
    for (; f->next < f->count; f->count--)
        launch_close(&f->launches[f->count - 1]);
}

void further_signal(const struct further *f, int signal)
{
    for (size_t i = 0; i < f->next; i++)
        kill(f->launches[i].pid, signal);
}

void further_close(struct further *f, struct error *failure)
{
    bool unused;
    for (size_t i = 0; i < f->count; i++) {
        while (launch_listen(&f->launches[i], &unused, failure) == LAUNCH_PREPARED)
            continue;
        launch_close(&f->launches[i]);
    }
    free(f->launches);
    *f = (struct further){0};
}
