/* One try: the submission is built and run in a process of its own, which tells how it went. */
#include "labs/marking/attempt.h"

#include "labs/cell/cell.h"
#include "labs/lesson/command_line.h"
#include "labs/runner/run.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED "/shm" /* in the try's folder */

void attempt_said(const struct attempt *j, struct text *path)
{
    text_format(path, "%s.said", j->folder);
}

/* What the compiler said is kept for who waits for it. */
static void keep_said(const struct attempt *j, const struct text *said)
{
    struct text path = {0};
    attempt_said(j, &path);
    FILE *f = said->len > 0 ? fopen(text_str(&path), "we") : NULL;
    if (f) {
        fwrite(said->s, 1, said->len, f);
        fclose(f);
    }
    text_free(&path);
}

/* More than any lab takes. */
static const struct run_limits limits = {.processes = 64,
                                         .memory_bytes = CELL_MEMORY_BYTES,
                                         .printed_bytes = 1 << 20,
                                         .recorded_bytes = 64 << 20};

static int run_words(const struct attempt *j, char *const *words, const char *folder,
                     struct error *e)
{
    const struct assignment *a = j->tryout->assignment;
    struct run_spec spec = {
        .lab = a->lesson->name,
        .title = a->lesson->title,
        .steps = a->lesson,
        .folder = a->folder,
        .network = &a->network,
        .server_port = a->server_port,
        .limits = limits,
        .save = j->session,
    };
    spec.limits.time_ns = a->limit_ns;
    spec.prepare[a->side] = j->tryout->contained   ? cell_enter
                            : j->tryout->as_nobody ? cell_leave
                                                   : NULL;
    spec.become[a->side] = j->tryout->as_nobody ? cell_be_nobody : NULL;
    spec.programs[a->side] = words;
    spec.programs[!a->side] = a->words[!a->side];
    spec.own_folders[a->side] = folder;
    return run_unseen(&spec, j->tryout->loopback ? TIER_LOOPBACK : TIER_ROOT_HOSTS, e);
}

/* Run what was built. */
static int run_built(const struct attempt *j, const struct submission *built,
                     const struct submission_options *o, struct error *e)
{
    const struct assignment *a = j->tryout->assignment;
    struct text shared = {0};
    text_format(&shared, "%s" SHARED, j->folder);
    const struct cell cell = {.folder = built->folder,
                              .scratch = o->scratch,
                              .shared = text_str(&shared),
                              .hidden = a->lesson->folder};
    char **words = assignment_words(a, built->argv);
    char **contained = o->scratch ? cell_words(&cell, words) : NULL;
    int status = run_words(j, contained ? contained : words, contained ? "/" : built->folder, e);
    cell_words_free(contained);
    command_line_free(words);
    text_free(&shared);
    return status;
}

static int make_folder(const char *path, mode_t mode, struct error *e)
{
    if (mkdir(path, mode) != 0)
        return error_set(e, "Cannot make the folder %.300s: %s.", path, strerror(errno));
    return 0;
}

/* A space of its own, where what it writes ends with it, and can never be much. */
static int make_space(const struct attempt *j, const char *scratch, struct error *e)
{
    struct text shared = {0};
    text_format(&shared, "%s" SHARED, j->folder);
    int result = 0;
    if (make_folder(j->folder, 0711, e) != 0 || cell_space(j->folder, e) != 0 ||
        make_folder(scratch, 0700, e) != 0 || cell_give(scratch, e) != 0 ||
        make_folder(text_str(&shared), 0700, e) != 0 || cell_give(text_str(&shared), e) != 0)
        result = -1;
    text_free(&shared);
    return result;
}

static int build_and_run(const struct attempt *j, struct attempt_told *told)
{
    const struct tryout *t = j->tryout;
    struct submission built = {0};
    struct text folder = {0}, scratch = {0};
    int status = EXIT_FELL_SHORT;
    text_format(&folder, "%s%s", j->folder, t->contained ? "/work" : "");
    text_format(&scratch, "%s/tmp", j->folder);
    struct submission_options o = {
        .from = t->from,
        .program = t->assignment->program,
        .to = text_str(&folder),
        .scratch = t->contained ? text_str(&scratch) : NULL,
        .as_nobody = t->as_nobody,
    };
    if (t->contained && make_space(j, o.scratch, &told->error) != 0)
        return told->error.status;
    int result = submission_build(&o, &built, &told->error);
    keep_said(j, &built.said);
    if (result != 0) {
        status = told->error.status;
        told->unbuilt = status == EXIT_FELL_SHORT;
    } else {
        status = run_built(j, &built, &o, &told->error);
    }
    submission_free(&built);
    text_free(&folder);
    text_free(&scratch);
    return status;
}

/* In a moment the machine may have less to do, or may do more: the oftener the run could not be
 * judged, the longer it is waited for. */
static void wait_for_better_times(int voids)
{
    enum { FIRST_MS = 500, STEP_MS = 50 };
    int left_ms = voids > 0 ? FIRST_MS << (voids - 1) : 0;
    for (; left_ms > 0 && !interrupt_waits(); left_ms -= STEP_MS)
        poll(NULL, 0, STEP_MS);
}

void attempt_make(const struct attempt *j, int told_fd, pid_t parent)
{
    const struct tryout *t = j->tryout;
    struct attempt_told told = {0};
    /* A Linux that shares the processors out by session (sched_autogroup) was seen to keep its own
     * threads waiting for seconds, those that carry packets among them, where programs that never
     * sleep share a session with such as wake often. Our parent hands the terminal's signals on. */
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_FELL_SHORT);
    if (group_enter(j->group) != 0)
        error_exit(&told.error, EXIT_VOID, "The run could not enter its control group.");
    wait_for_better_times(t->tries);
    if (t->seed) /* here alone: this process is nobody else's */
        assignment_vary(t->assignment, t->seed);
    int status = told.error.status;
    if (status == EXIT_DONE)
        status = t->from ? build_and_run(j, &told)
                         : run_words(j, t->words, t->folder ? t->folder : ".", &told.error);
    told.error.status = status;
    while (write(told_fd, &told, sizeof told) < 0 && errno == EINTR)
        continue;
    exit(status);
}
