/* From system calls to the session's calls: which are told, and which belong together.
 *
 * A signal breaks a blocked call off: the kernel leaves it with one of its ERESTART codes, which no
 * program sees. Then either it is restarted (the same call at the same place, at once or after a
 * handler ran), or the handler returns into the program and the call has failed with EINTR. Until
 * then the thread stops at every system call, so that the two can be told apart: a restart comes as
 * the very next call, or as the next after rt_sigreturn() went back before the call; after EINTR
 * rt_sigreturn() goes back behind it. A handler that leaves by siglongjmp() ends the call without a
 * return, and without one it stays in the session. */
#include "labs/calls/arguments.h"
#include "labs/calls/tracer.h"

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#else
#error "The call tracer knows x86-64, arm64 and riscv64."
#endif

/* The kernel's own codes (include/linux/errno.h): a call broken off that means to go on. */
enum { RESTART_FIRST = 512, RESTART_LAST = 516 };

static bool means_to_restart(int64_t result)
{
    return result <= -RESTART_FIRST && result >= -RESTART_LAST;
}

/* ---- what is told --------------------------------------------------------------------------- */

static int fd_of(const struct call *c)
{
    return call_row_has_fd(c->row) ? (int)(uint32_t)c->args[0] : -1;
}

static uint64_t inode_at(struct tracer *tr, struct tracee *t, int fd)
{
    struct descriptors *known = &t->process->descriptors;
    uint64_t inode = descriptors_find(known, fd);
    if (inode == 0) {
        inode = sockets_inode(tr->sockets, t->process->pid, t->tid, fd);
        descriptors_keep(known, fd, inode);
    }
    return inode;
}

/* The ends of a call's socket: known, or learnt now (a socket inherited from an untraced parent).
 */
static const struct socket_ends *ends_of(struct tracer *tr, const struct tracee *t,
                                         const struct call *c)
{
    if (c->inode == 0)
        return NULL;
    const struct socket_ends *ends = sockets_known(tr->sockets, c->inode);
    return ends ? ends
                : sockets_learn(tr->sockets, t->process->pid, t->tid, fd_of(c), c->inode, NULL);
}

static void tell_entry(struct tracer *tr, struct tracee *t, struct call *c)
{
    struct text peer = {0};
    if (c->row->effect == EFFECT_CONNECT)
        call_add_peer(&peer, c->row, t->tid, c->args);
    struct call_socket socket = {
        .fd = fd_of(c), .ends = ends_of(tr, t, c), .peer = text_str(&peer)};
    c->id = ++tr->report.calls;
    struct caller_place at = {.pc = c->instruction, .stack = c->stack, .folder = tr->folder};
    c->caller = caller_find(&t->process->image, t->process->pid, t->tid, &at);
    report_call(&tr->report, report_stamp(&tr->report), t, c, NULL, socket);
    text_free(&peer);
}

/* A blocking connect() that a signal ended goes on in the kernel, like one in progress. */
static bool connection_stands(int64_t result)
{
    return result == 0 || result == -EINPROGRESS || result == -EINTR || result == -EALREADY ||
           result == -EISCONN;
}

/* What the call's success tells of its socket, or of the one that it returned. */
static struct call_socket settle(struct tracer *tr, struct tracee *t, const struct call *c,
                                 int64_t result, const char *peer)
{
    pid_t pid = t->process->pid;
    int fd = fd_of(c), made = (int)result;
    bool makes = c->row->effect == EFFECT_SOCKET || c->row->effect == EFFECT_ACCEPT;
    if (makes && result >= 0)
        descriptors_forget(&t->process->descriptors, (unsigned)made, (unsigned)made);
    struct call_socket socket = {.fd = fd, .peer = peer};
    switch (c->row->effect) {
    case EFFECT_SOCKET:
        socket.fd = result >= 0 ? made : -1;
        sockets_fresh(tr->sockets, inode_at(tr, t, socket.fd));
        return socket;
    case EFFECT_ACCEPT:
        if (result >= 0) {
            uint64_t inode = inode_at(tr, t, made);
            if (inode != 0)
                socket.ends = sockets_learn(tr->sockets, pid, t->tid, made, inode, peer);
            return socket;
        }
        break;
    case EFFECT_NAMED:
    case EFFECT_CONNECT:
        if (c->inode != 0 && connection_stands(result)) {
            socket.ends = sockets_learn(tr->sockets, pid, t->tid, fd, c->inode, peer);
            return socket;
        }
        break;
    default: break;
    }
    socket.ends = sockets_known(tr->sockets, c->inode);
    return socket;
}

static void tell_exit(struct tracer *tr, struct tracee *t, struct call *c, int64_t result)
{
    int64_t stamp = report_stamp(&tr->report);
    struct text peer = {0};
    if (c->row->effect == EFFECT_CONNECT || (c->row->effect == EFFECT_ACCEPT && result >= 0))
        call_add_peer(&peer, c->row, t->tid, c->args);
    struct call_socket socket = settle(tr, t, c, result, text_str(&peer));
    report_call(&tr->report, stamp, t, c, &result, socket);
    text_free(&peer);
}

/* ---- entry ---------------------------------------------------------------------------------- */

/* What the call, which has not been made yet, does to the descriptors that we know. */
static void forget(struct tracee *t, const struct call_row *row,
                   const uint64_t args[CALL_ARGUMENTS])
{
    struct descriptors *known = &t->process->descriptors;
    unsigned first = (unsigned)args[0], second = (unsigned)args[1];
    switch (row->effect) {
    case EFFECT_CLOSE: descriptors_forget(known, first, first); break;
    case EFFECT_REPLACE: descriptors_forget(known, second, second); break;
    case EFFECT_RANGE: descriptors_forget(known, first, second); break;
    case EFFECT_HIDDEN: descriptors_hide(known); break;
    default: break;
    }
}

static bool same_place(const struct call *c, const struct __ptrace_syscall_info *info,
                       const struct call_row *row, const uint64_t args[CALL_ARGUMENTS])
{
    return c->row == row && c->instruction == info->instruction_pointer &&
           c->stack == info->stack_pointer && memcmp(c->args, args, sizeof c->args) == 0;
}

/* True where this entry is a broken-off call going on. */
static bool goes_on(struct tracee *t, const struct __ptrace_syscall_info *info,
                    const struct call_row *row, const uint64_t args[CALL_ARGUMENTS])
{
    struct call *c = tracee_call(t);
    if (!c)
        return false;
    bool same = same_place(c, info, row, args);
    if (same && c->condition == CALL_INTERRUPTED) {
        c->condition = CALL_RUNNING;
        return true;
    }
    if (same) /* the same once more, while its handler never came back: it was left by a jump */
        tracee_pop(t);
    else
        c->condition = CALL_IN_HANDLER;
    return false;
}

bool syscall_entered(struct tracer *tr, struct tracee *t, const struct __ptrace_syscall_info *info,
                     uint64_t number, const uint64_t args[CALL_ARGUMENTS])
{
    bool native = info->arch == NATIVE_ARCH;
    const struct call_row *row = native ? call_row_find(number) : NULL;
    t->number = native ? number : UINT64_MAX;
    if (!t->process->started)
        return false;
    if (goes_on(t, info, row, args))
        return true;
    if (!row)
        return false;
    if (row->untold) {
        forget(t, row, args);
        return false;
    }
    struct call c = {
        .row = row, .instruction = info->instruction_pointer, .stack = info->stack_pointer};
    memcpy(c.args, args, sizeof c.args);
    if (call_row_has_fd(row))
        c.inode = inode_at(tr, t, fd_of(&c));
    forget(t, row, args);
    if (row->sockets_only && c.inode == 0)
        return false;
    tell_entry(tr, t, &c);
    *tracee_push(t) = c;
    return true;
}

/* ---- exit ----------------------------------------------------------------------------------- */

/* The call is over: true where the thread is held at its return. */
static bool ends(struct tracer *tr, struct tracee *t, int64_t result)
{
    struct call *c = tracee_call(t);
    tell_exit(tr, t, c, result);
    bool hold = t->hold.at_return;
    t->hold.at_return = false;
    hold = hold && tracer_holds(tr, t, c, &result);
    tracee_pop(t);
    return hold;
}

/* The handler is done. Back behind the call: it failed with EINTR. Back before it: it restarts. */
static bool handler_returned(struct tracer *tr, struct tracee *t,
                             const struct __ptrace_syscall_info *info)
{
    struct call *c = tracee_call(t);
    if (c->instruction == info->instruction_pointer && c->stack == info->stack_pointer &&
        info->exit.rval == -EINTR)
        return ends(tr, t, -EINTR);
    c->condition = CALL_INTERRUPTED;
    return false;
}

bool syscall_returned(struct tracer *tr, struct tracee *t, const struct __ptrace_syscall_info *info)
{
    struct call *c = tracee_call(t);
    if (!c)
        return false;
    if (c->condition != CALL_RUNNING)
        return t->number == SYS_rt_sigreturn && handler_returned(tr, t, info);
    if (!means_to_restart(info->exit.rval))
        return ends(tr, t, info->exit.rval);
    c->condition = CALL_INTERRUPTED;
    return false;
}
