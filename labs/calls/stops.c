/* The stops of traced threads. Each ends with the thread going on: with PTRACE_CONT up to its next
 * call of the table, with PTRACE_SYSCALL where the exit of the present one is awaited, or with
 * PTRACE_LISTEN where it was stopped as a job. */
#include "labs/calls/memory.h"
#include "labs/calls/tracer.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const int tracer_options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
                           PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                           PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;

enum { PROGRAM_NAME_BYTES = 256, EARLY_WAIT_NS = 30 * 1000 * 1000 };

/* ptrace() takes a number where its prototype says pointer. */
static void *number(unsigned long n)
{
    return (void *)n;
}

/* A thread that was killed meanwhile is no longer there to go on (ESRCH): its end is reported. */
void tracer_go_on(const struct tracer *tr, struct tracee *t, int signal)
{
    bool every_stop = tr->all_calls || t->depth > 0 || t->entry_seen;
    ptrace(every_stop ? PTRACE_SYSCALL : PTRACE_CONT, t->tid, NULL, number((unsigned)signal));
}

static unsigned long event_message(pid_t tid)
{
    unsigned long message = 0;
    return ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message) == 0 ? message : 0;
}

static bool get_info(pid_t tid, struct __ptrace_syscall_info *info)
{
    *info = (struct __ptrace_syscall_info){0};
    return ptrace(PTRACE_GET_SYSCALL_INFO, tid, number(sizeof *info), info) > 0;
}

/* ---- system calls --------------------------------------------------------------------------- */

/* Where all system calls stop, one of the table stops twice at its entry: for being a call, and for
 * the filter. */
static bool syscall_stop(struct tracer *tr, struct tracee *t)
{
    struct __ptrace_syscall_info info;
    uint64_t told = tr->report.calls;
    bool again = t->entry_seen;
    t->entry_seen = false;
    if (!get_info(t->tid, &info))
        return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        syscall_entered(tr, t, &info, info.entry.nr, info.entry.args);
        t->entry_seen = true;
    } else if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
        if (!again)
            syscall_entered(tr, t, &info, info.seccomp.nr, info.seccomp.args);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        return syscall_returned(tr, t, &info);
    }
    return tr->holding && tr->report.calls > told && tracer_holds(tr, t, tracee_call(t), NULL);
}

/* One that is held goes on when it is let go. */
static void at_syscall(struct tracer *tr, struct tracee *t)
{
    if (!syscall_stop(tr, t))
        tracer_go_on(tr, t, 0);
}

/* ---- threads and processes ------------------------------------------------------------------ */

/* A thread that leads no group belongs to its maker's. */
static bool leads_a_process(pid_t tid)
{
    return syscall(SYS_tgkill, tid, tid, 0) == 0 || errno == EPERM;
}

/* Descriptors are known only where no one else works on the same table of them. */
static bool has_own_descriptors(pid_t tid, pid_t maker)
{
    return syscall(SYS_kcmp, tid, maker, KCMP_FILES, 0, 0) > 0;
}

/* A new process, made by one that ran the maker's program. */
static struct tracee *welcome(struct tracer *tr, pid_t tid, const struct process *maker)
{
    struct process *p = process_add(&tr->tracees, tid, maker->program);
    struct tracee *t = tracee_add(&tr->tracees, tid, p);
    p->started = maker->started;
    p->image = image_share(maker->image);
    if (maker->descriptors.hidden)
        descriptors_hide(&p->descriptors);
    if (p->started)
        report_started(&tr->report, p);
    if (tr->killing)
        kill(tid, SIGKILL);
    return t;
}

/* The new thread may have stopped before we hear of it here; it has waited for this. */
static void at_new_thread(struct tracer *tr, struct tracee *maker)
{
    pid_t tid = (pid_t)event_message(maker->tid);
    if (tid > 0 && !tracee_find(&tr->tracees, tid)) {
        bool shares = !has_own_descriptors(tid, maker->tid);
        if (shares)
            descriptors_hide(&maker->process->descriptors);
        struct tracee *t = leads_a_process(tid) ? welcome(tr, tid, maker->process)
                                                : tracee_add(&tr->tracees, tid, maker->process);
        if (tracees_take_early(&tr->tracees, tid))
            tracer_go_on(tr, t, 0);
    }
    tracer_go_on(tr, maker, 0);
}

/* A maker that was killed at that moment never tells. A live one tells at once, so that what has
 * waited this long goes on unannounced. */
void tracer_release_early(struct tracer *tr)
{
    static const struct process unknown = {
        .program = (char *)(uintptr_t) "", .started = true, .descriptors = {.hidden = true}};
    pid_t tid;
    while ((tid = tracees_overdue(&tr->tracees, session_now_ns() - EARLY_WAIT_NS)) > 0) {
        if (leads_a_process(tid))
            tracer_go_on(tr, welcome(tr, tid, &unknown), 0);
        else /* its whole group is being killed */
            ptrace(PTRACE_CONT, tid, NULL, NULL);
    }
}

/* The name that a program was started by: argv[0], which stands on its fresh stack behind argc. */
static void read_program_name(pid_t tid, uint64_t stack, char name[PROGRAM_NAME_BYTES])
{
    uint64_t count_and_first[2];
    name[0] = '\0';
    if (!tracee_read_all(tid, stack, count_and_first, sizeof count_and_first))
        return;
    size_t n = tracee_read(tid, count_and_first[1], name, PROGRAM_NAME_BYTES - 1);
    name[n] = '\0';
}

/* The program's own first exec: what the child said before it stands on the channel. */
static void program_starts(struct tracer *tr)
{
    bool filtered = !tr->all_calls;
    while (launch_listen(&tr->launch, &filtered, NULL) == LAUNCH_PREPARED)
        tr->all_calls = !filtered;
    tr->started = true;
}

static void at_exec(struct tracer *tr, struct tracee *t)
{
    char name[PROGRAM_NAME_BYTES];
    struct __ptrace_syscall_info info;
    struct process *p = t->process;
    tracee_alone(&tr->tracees, t);
    descriptors_free(&p->descriptors);
    image_release(p->image);
    p->image = NULL;
    if (p->pid == tr->launch.pid && !p->started)
        program_starts(tr);
    if (!get_info(t->tid, &info)) {
        error_exit(&tr->failure, EXIT_MACHINE,
                   "This machine's kernel does not tell of system calls "
                   "(PTRACE_GET_SYSCALL_INFO: %s). Linux 5.3 or newer does.",
                   strerror(errno));
        tracer_kill(tr);
    } else if (tr->started || p->further) { /* those may come first */
        p->started = true;
        read_program_name(t->tid, info.stack_pointer, name);
        process_rename(p, name[0] != '\0' ? name : p->program);
        report_started(&tr->report, p);
    }
    tracer_go_on(tr, t, 0);
}

/* ---- ends ----------------------------------------------------------------------------------- */

/* The last thread to come to its exit takes the process with it. It is told before the thread goes
 * on, since its descriptors are closed, and FINs sent, after that. */
static void thread_ends(struct tracer *tr, struct tracee *t, int wait_status)
{
    struct process *p = t->process;
    tracer_held_no_more(tr, t);
    if (t->exiting)
        return;
    t->exiting = true;
    if (--p->running > 0 || !p->started || p->ended)
        return;
    p->ended = true;
    report_ended(&tr->report, p, wait_status);
}

static void at_end(struct tracer *tr, pid_t tid, int wait_status)
{
    struct tracee *t = tracee_find(&tr->tracees, tid);
    if (tid == tr->launch.pid) {
        tr->ended = true;
        tr->wait_status = wait_status;
    }
    if (t) {
        thread_ends(tr, t, wait_status); /* a second SIGKILL passes by the stop at the exit */
        tracee_remove(&tr->tracees, t);
    } else {
        tracees_take_early(&tr->tracees, tid);
    }
}

void tracer_kill(struct tracer *tr)
{
    tr->killing = true;
    for (const struct process *p = tr->tracees.processes; p; p = p->next)
        kill(p->pid, SIGKILL);
    for (size_t i = 0; i < tr->tracees.early_count; i++)
        kill(tr->tracees.early[i].tid, SIGKILL);
}

/* ---- which stop it is ----------------------------------------------------------------------- */

static bool stops_jobs(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void at_job_stop(struct tracer *tr, struct tracee *t, int signal)
{
    if (stops_jobs(signal))
        ptrace(PTRACE_LISTEN, t->tid, NULL, NULL);
    else
        tracer_go_on(tr, t, 0);
}

void tracer_handle(struct tracer *tr, pid_t tid, int wait_status)
{
    if (WIFEXITED(wait_status) || WIFSIGNALED(wait_status)) {
        at_end(tr, tid, wait_status);
        return;
    }
    if (!WIFSTOPPED(wait_status))
        return;
    struct tracee *t = tracee_find(&tr->tracees, tid);
    if (!t) {
        tracees_note_early(&tr->tracees, tid, session_now_ns());
        return;
    }
    int signal = WSTOPSIG(wait_status);
    switch ((unsigned)wait_status >> 16) {
    case PTRACE_EVENT_SECCOMP: at_syscall(tr, t); break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: at_new_thread(tr, t); break;
    case PTRACE_EVENT_EXEC: at_exec(tr, t); break;
    case PTRACE_EVENT_EXIT:
        thread_ends(tr, t, (int)event_message(tid));
        tracer_go_on(tr, t, 0);
        break;
    case PTRACE_EVENT_STOP: at_job_stop(tr, t, signal); break;
    case 0:
        if (signal == (SIGTRAP | 0x80))
            at_syscall(tr, t);
        else
            tracer_go_on(tr, t, signal);
        break;
    default: tracer_go_on(tr, t, 0);
    }
}
