#include "labs/calls/registers.h"

#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__)
typedef struct user_regs_struct machine_registers;

/* System V ABI, AMD64 supplement, figure 3.36. */
static void number_registers(const machine_registers *m, struct registers *r)
{
    const uint64_t dwarf[] = {m->rax, m->rdx, m->rcx, m->rbx, m->rsi, m->rdi, m->rbp, m->rsp, m->r8,
                              m->r9,  m->r10, m->r11, m->r12, m->r13, m->r14, m->r15, m->rip};
    r->pc = m->rip;
    r->stack = m->rsp;
    r->count = sizeof dwarf / sizeof dwarf[0];
    memcpy(r->dwarf, dwarf, sizeof dwarf);
}
#elif defined(__aarch64__)
typedef struct user_regs_struct machine_registers;

/* DWARF for the Arm 64-bit architecture: X0 to X30, SP. */
static void number_registers(const machine_registers *m, struct registers *r)
{
    memcpy(r->dwarf, m->regs, sizeof m->regs);
    r->dwarf[31] = m->sp;
    r->count = 32;
    r->pc = m->pc;
    r->stack = m->sp;
    r->pc_apart = true;
}
#elif defined(__riscv)
typedef struct {
    uint64_t pc, x[31]; /* x1 to x31 */
} machine_registers;

static void number_registers(const machine_registers *m, struct registers *r)
{
    memcpy(r->dwarf + 1, m->x, sizeof m->x);
    r->count = 32;
    r->pc = m->pc;
    r->stack = m->x[1];
    r->pc_apart = true;
}
#endif

bool registers_read(pid_t tid, struct registers *r)
{
    machine_registers m;
    struct iovec all = {.iov_base = &m, .iov_len = sizeof m};
    *r = (struct registers){0};
    if (ptrace(PTRACE_GETREGSET, tid, (void *)(uintptr_t)NT_PRSTATUS, &all) != 0 ||
        all.iov_len < sizeof m)
        return false;
    number_registers(&m, r);
    return true;
}
