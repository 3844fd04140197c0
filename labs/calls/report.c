#include "labs/calls/report.h"

#include "labs/calls/arguments.h"
#include "labs/calls/names.h"
#include "tracer/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

int64_t report_stamp(struct report *r)
{
    int64_t now = session_now_ns();
    if (now <= r->last_ns)
        now = r->last_ns + 1;
    r->last_ns = now;
    return now;
}

/* Annotations own their strings by type alone: what is written here is borrowed and not freed. */
static char *borrowed(const char *s)
{
    return (char *)(uintptr_t)s;
}

static char *present(const char *s)
{
    return s && s[0] != '\0' ? borrowed(s) : NULL;
}

/* What the kernel does not fill in is shown at the exit as it was at the entry: that is what was
 * sent, whatever the program's other threads do to it meanwhile. */
static void show_arguments(const struct tracee *t, struct call *c, const int64_t *returned)
{
    if (returned && !call_fills_in(c->row))
        return;
    text_clear(&c->told);
    call_add_arguments(&c->told, c->row, t->tid, c->args, returned);
}

void report_call(struct report *r, int64_t stamp_ns, const struct tracee *t, struct call *c,
                 const int64_t *returned, struct call_socket socket)
{
    show_arguments(t, c, returned);
    struct annotation a = {.type = ANNOTATION_CALL, .host = r->host};
    a.call.phase = returned ? CALL_EXIT : CALL_ENTER;
    a.call.pid = t->process->pid;
    a.call.tid = t->tid;
    a.call.id = c->id;
    a.call.name = borrowed(call_row_name(c->row, c->args));
    a.call.args = borrowed(text_str(&c->told));
    a.call.fd = socket.fd;
    if (!returned && c->caller) {
        a.call.file = borrowed(c->caller->file);
        a.call.line = (int)c->caller->line;
        a.call.function = borrowed(c->caller->function);
    }
    if (returned) {
        a.call.ret = *returned < 0 ? -1 : *returned;
        a.call.error = *returned < 0 ? borrowed(call_error_name(-*returned)) : NULL;
    }
    if (socket.ends) {
        a.call.local = present(socket.ends->local);
        a.call.remote = present(socket.ends->remote);
    }
    if (present(socket.peer) && (!returned || !a.call.remote))
        a.call.remote = borrowed(socket.peer);
    stream_annotate(r->out, stamp_ns, &a);
}

void report_waits(struct report *r, const struct tracee *t, bool over)
{
    struct annotation a = {.type = ANNOTATION_WAITS, .host = r->host};
    a.waits.at = t->hold.at;
    a.waits.pid = t->process->pid;
    a.waits.tid = t->tid;
    a.waits.id = t->hold.id;
    a.waits.name = borrowed(t->hold.name);
    a.waits.args = t->hold.args;
    a.waits.over = over;
    stream_annotate(r->out, report_stamp(r), &a);
}

/* Whether the file that a process has just begun to run asks for another user's or group's rights.
 * A program without privileges of its own is never given them (PR_SET_NO_NEW_PRIVS). */
static bool asks_for_rights(pid_t pid)
{
    char path[32];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return stat(path, &s) == 0 && (s.st_mode & (S_ISUID | S_ISGID));
}

static void report_process(struct report *r, const struct process *p, enum process_event event,
                           int status)
{
    struct annotation a = {.type = ANNOTATION_PROCESS, .host = r->host};
    a.process.event = event;
    a.process.pid = p->pid;
    a.process.status = status;
    a.process.program = p->program;
    a.process.setuid = event == PROCESS_STARTED && asks_for_rights(p->pid);
    stream_annotate(r->out, report_stamp(r), &a);
}

void report_started(struct report *r, const struct process *p)
{
    report_process(r, p, PROCESS_STARTED, 0);
}

void report_ended(struct report *r, const struct process *p, int wait_status)
{
    if (WIFSIGNALED(wait_status))
        report_process(r, p, PROCESS_KILLED, WTERMSIG(wait_status));
    else
        report_process(r, p, PROCESS_EXITED, WEXITSTATUS(wait_status));
}

void report_mark(struct report *r)
{
    struct annotation a = {.type = ANNOTATION_MARK, .host = r->host};
    r->mark_ns = report_stamp(r);
    stream_annotate(r->out, r->mark_ns, &a);
    stream_flush(r->out, false);
}

bool report_mark_if_due(struct report *r)
{
    int64_t now = session_now_ns();
    bool due = now - r->mark_ns >= MARK_EVERY_NS || now < r->mark_ns;
    if (due)
        report_mark(r);
    return due;
}

int report_mark_due_ms(const struct report *r)
{
    int64_t left = r->mark_ns + MARK_EVERY_NS - session_now_ns();
    if (left < 0 || left > MARK_EVERY_NS)
        left = MARK_EVERY_NS; /* before the first mark, or the clock stepped back */
    return (int)((left + 999999) / 1000000);
}
