#include "labs/marking/tryout.h"

#include "labs/cell/group.h"
#include "labs/marking/attempt.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_A_CORE = 4 };

/* One try, under way in a process of its own (attempt.h). */
struct job {
    struct tryout *tryout; /* NULL: idle */
    pid_t pid;
    int told_fd;            /* how it went comes by this, then its end */
    char *session, *folder; /* (owned) its own files */
    struct group group;     /* limits for all that it starts, where they are to be had */
};

struct pool {
    struct tryout *tryouts;
    size_t count, next;
    struct job *jobs; /* (owned) */
    size_t job_count;
    size_t started; /* tries so far, for the names of their files */
    const struct room *room;
    int signal_fd;
    bool stopped;
    tryout_done *done;
    void *arg;
};

size_t tryouts_jobs(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)(cores > 0 ? cores : 1) * JOBS_A_CORE;
}

void tryout_free(struct tryout *t)
{
    grade_free(&t->grade);
    text_free(&t->said);
}

/* Its files, and all that it was. */
static void close_job(struct job *j)
{
    close(j->told_fd);
    group_close(&j->group);
    if (!j->tryout->save)
        unlink(j->session);
    room_remove(j->folder);
    free(j->session);
    free(j->folder);
    *j = (struct job){0};
}

static int start(struct pool *p, struct job *j, struct tryout *t, struct error *e)
{
    struct text session = {0}, folder = {0};
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_exit(e, EXIT_MACHINE, "Cannot make a pipe: %s.", strerror(errno));
    text_format(&folder, "%s/try-%zu", p->room->path, p->started);
    if (t->save)
        text_add(&session, t->save);
    else
        text_format(&session, "%s/session-%zu.pcap", p->room->path, p->started);
    *j = (struct job){.tryout = t, .told_fd = ends[0], .session = session.s, .folder = folder.s};
    if (t->contained)
        group_open("", (unsigned)p->started, &j->group, NULL);
    p->started++;
    fflush(NULL);
    j->pid = fork();
    if (j->pid == 0) {
        close(ends[0]);
        attempt_make(&(struct attempt){t, j->session, j->folder, &j->group}, ends[1], parent);
    }
    close(ends[1]);
    if (j->pid < 0) {
        error_exit(e, EXIT_MACHINE, "Cannot start a process: %s.", strerror(errno));
        close_job(j);
        return -1;
    }
    t->tries++;
    return 0;
}

/* ---- what came of it ------------------------------------------------------------------------ */

static void take_said(const struct job *j)
{
    struct text path = {0}, *said = &j->tryout->said;
    size_t n = 0;
    text_clear(said);
    attempt_said(&(struct attempt){.folder = j->folder}, &path);
    FILE *f = fopen(text_str(&path), "re");
    while (f && (n = fread(text_reserve(said, 4096), 1, 4096, f)) > 0)
        text_commit(said, n);
    if (f)
        fclose(f);
    unlink(text_str(&path));
    text_free(&path);
}

/* The try has ended, and told how it went. */
static void take_end(struct job *j)
{
    struct tryout *t = j->tryout;
    struct attempt_told told = {0};
    int unused;
    ssize_t n = read(j->told_fd, &told, sizeof told);
    while (waitpid(j->pid, &unused, 0) < 0 && errno == EINTR)
        continue;
    if (n != (ssize_t)sizeof told)
        error_exit(&told.error, EXIT_VOID, "The run was killed before it was over.");
    t->error = told.error;
    t->status = told.error.status;
    t->unbuilt = told.unbuilt;
    take_said(j);
}

static void judge(struct tryout *t, const char *session)
{
    const struct lesson *l = t->assignment->lesson;
    grade_free(&t->grade);
    if (t->status == EXIT_VOID) {
        grade_begin(l, &t->grade);
        grade_void(&t->grade, t->error.text);
    } else if (t->unbuilt) {
        t->status = EXIT_DONE;
        grade_begin(l, &t->grade);
        grade_fail(&t->grade, t->error.text);
    } else if (t->status == EXIT_DONE && grade_session(l, session, &t->grade, &t->error) != 0) {
        t->status = t->error.status;
    } else if (t->status == EXIT_DONE && t->grade.is_void) {
        t->status = EXIT_VOID;
    }
}

/* It is judged, or run again. */
static void settle(struct pool *p, struct job *j)
{
    struct tryout *t = j->tryout;
    struct error e;
    take_end(j);
    judge(t, j->session);
    if (group_ran_out(&j->group))
        grade_add_end(&t->grade, _("The kernel ended one of its processes: together they had taken "
                                   "all the memory that they may have."));
    bool again = t->status == EXIT_VOID && t->tries < TRYOUT_TRIES && !p->stopped;
    close_job(j);
    if (again && start(p, j, t, &e) == 0)
        return;
    if (p->done && !p->stopped)
        p->done(t, p->arg);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void fill(struct pool *p)
{
    for (size_t i = 0; i < p->job_count && p->next < p->count && !p->stopped; i++) {
        struct tryout *t = &p->tryouts[p->next];
        if (p->jobs[i].tryout)
            continue;
        p->next++;
        if (start(p, &p->jobs[i], t, &t->error) == 0)
            continue;
        t->status = t->error.status;
        if (p->done)
            p->done(t, p->arg);
    }
}

static bool is_idle(const struct pool *p)
{
    for (size_t i = 0; i < p->job_count; i++)
        if (p->jobs[i].tryout)
            return false;
    return true;
}

static void stop(struct pool *p)
{
    struct signalfd_siginfo signal;
    while (read(p->signal_fd, &signal, sizeof signal) > 0)
        p->stopped = true;
    for (size_t i = 0; i < p->job_count; i++)
        if (p->jobs[i].tryout)
            kill(p->jobs[i].pid, SIGTERM);
}

static void work(struct pool *p)
{
    struct pollfd *fds = xcalloc(p->job_count + 1, sizeof *fds);
    for (fill(p); !is_idle(p); fill(p)) {
        for (size_t i = 0; i < p->job_count; i++)
            fds[i] = (struct pollfd){.fd = p->jobs[i].tryout ? p->jobs[i].told_fd : -1,
                                     .events = POLLIN};
        fds[p->job_count] = (struct pollfd){.fd = p->signal_fd, .events = POLLIN};
        if (poll(fds, p->job_count + 1, -1) < 0)
            continue; /* EINTR */
        for (size_t i = 0; i < p->job_count; i++)
            if (fds[i].fd >= 0 && fds[i].revents)
                settle(p, &p->jobs[i]);
        if (fds[p->job_count].revents)
            stop(p);
    }
    free(fds);
}

int tryouts_run(struct tryout *tryouts, size_t count, size_t jobs, const struct room *room,
                tryout_done *done, void *arg, struct error *e)
{
    sigset_t set, before;
    struct pool p = {.tryouts = tryouts,
                     .count = count,
                     .job_count = jobs < 1       ? 1
                                  : jobs > count ? count
                                                 : jobs,
                     .room = room,
                     .done = done,
                     .arg = arg};
    interrupt_set(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    p.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (p.signal_fd < 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        return error_exit(e, EXIT_MACHINE, "Cannot watch for signals: %s.", strerror(errno));
    }
    p.jobs = xcalloc(p.job_count + 1, sizeof *p.jobs);
    work(&p);
    free(p.jobs);
    close(p.signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return p.stopped ? error_set(e, "It was ended before all had been tried.") : 0;
}

int tryout_reference(const struct tryout *like, bool loopback, const struct room *room,
                     struct tryout *t, struct error *e)
{
    struct text from = {0};
    text_format(&from, "%s/reference", like->assignment->lesson->folder);
    *t = (struct tryout){.assignment = like->assignment,
                         .from = text_str(&from),
                         .contained = like->contained,
                         .as_nobody = like->as_nobody,
                         .loopback = loopback};
    int result = tryouts_run(t, 1, 1, room, NULL, NULL, e);
    t->from = NULL;
    text_free(&from);
    return result;
}
