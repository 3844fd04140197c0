/* The threads under trace, the processes they belong to, and the calls each thread is in. */
#ifndef LABS_CALLS_TRACEE_H
#define LABS_CALLS_TRACEE_H

#include "labs/calls/caller.h"
#include "labs/calls/descriptors.h"
#include "labs/calls/table.h"
#include "tracer/session/annotation.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CALLS_NESTED = 8 };

/* A call that a signal broke off is one call still: it goes on when it is restarted, and ends when
 * the handler returns into the program with EINTR. */
enum call_condition {
    CALL_RUNNING,     /* in the kernel */
    CALL_INTERRUPTED, /* a signal broke it off; the kernel means to restart it */
    CALL_IN_HANDLER,  /* and a handler is running meanwhile */
};

struct call {
    const struct call_row *row;
    enum call_condition condition;
    uint64_t id;
    uint64_t args[CALL_ARGUMENTS];
    uint64_t instruction, stack; /* where it was made: a restarted call is made there again */
    uint64_t inode;              /* of its socket, or 0 */
    const struct caller *caller; /* (borrowed from the image) its line of code, or NULL */
    struct text told;            /* (owned) its arguments, as shown at its entry */
};

struct process {
    struct process *next;
    pid_t pid;
    bool started;        /* it runs a program, not our preparations for one */
    bool further;        /* one of the host's further programs: its exec starts that */
    bool ended;          /* its end has been told */
    size_t threads;      /* tracees of it in the table */
    size_t running;      /* those of them that have not come to their exit */
    char *program;       /* (owned) */
    struct image *image; /* one reference; NULL before it was needed */
    struct descriptors descriptors;
};

/* A thread that stays stopped at a call, for its user to step it. */
struct hold {
    bool held;
    bool at_return; /* once let go from a call's entry: hold it again when the call returns */
    enum waits_at at;
    uint64_t turn;    /* counts holds */
    uint64_t id;      /* the call's */
    const char *name; /* (static) its name ... */
    char *args;       /* (owned) ... and arguments, as it was told; NULL where not held */
};

struct tracee {
    struct tracee *next;
    pid_t tid;
    struct process *process;
    bool exiting;
    bool entry_seen; /* the entry of its present system call has been dealt with */
    uint64_t number; /* that system call */
    struct hold hold;
    struct call calls[CALLS_NESTED]; /* the innermost last: a handler's calls nest */
    size_t depth;
};

struct early {
    pid_t tid;
    int64_t since_ns;
};

enum { TRACEE_BUCKETS = 256 };

/* All zero is empty. */
struct tracees {
    struct tracee *buckets[TRACEE_BUCKETS];
    size_t count;
    struct process *processes;
    struct early *early; /* (owned) threads that stopped before their maker told of them */
    size_t early_count, early_cap;
};

void tracees_free(struct tracees *all);

struct tracee *tracee_find(const struct tracees *all, pid_t tid);

/* Add a thread: to `of`, or with a process of its own that runs `program` (copied). */
struct tracee *tracee_add(struct tracees *all, pid_t tid, struct process *of);
struct process *process_add(struct tracees *all, pid_t pid, const char *program);
void process_rename(struct process *p, const char *program);

/* Forget a thread that has ended, and its process with the last of them. */
void tracee_remove(struct tracees *all, struct tracee *t);

/* After exec: `t` is alone in its process, and in no call. */
void tracee_alone(struct tracees *all, struct tracee *t);

/* Note a thread that came early; take it out again (true where it was there); take out one that
 * came before `before_ns` (0 where there is none). */
void tracees_note_early(struct tracees *all, pid_t tid, int64_t now_ns);
bool tracees_take_early(struct tracees *all, pid_t tid);
pid_t tracees_overdue(struct tracees *all, int64_t before_ns);

/* The innermost call of a thread; NULL where it is in none. */
struct call *tracee_call(struct tracee *t);

/* Begin a call (the outermost is forgotten where too many nest), and end the innermost. */
struct call *tracee_push(struct tracee *t);
void tracee_pop(struct tracee *t);

#endif
