/* The registers of a stopped thread, for unwinding its stack. */
#ifndef LABS_CALLS_REGISTERS_H
#define LABS_CALLS_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { REGISTERS_MOST = 32 };

struct registers {
    uint64_t pc, stack;
    uint64_t dwarf[REGISTERS_MOST]; /* by the numbers that DWARF gives them */
    unsigned count;
    bool pc_apart; /* the program counter is none of them */
};

/* Read those of thread `tid`; false where that cannot be done. */
bool registers_read(pid_t tid, struct registers *r);

#endif
