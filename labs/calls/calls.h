/* The call tracer: runs one program and tells the session of its socket calls, seen from outside by
 * ptrace, at entry and at exit. */
#ifndef LABS_CALLS_CALLS_H
#define LABS_CALLS_CALLS_H

#include "tracer/base/error.h"

#include <stdbool.h>

/* Whether this machine lets a program be traced, found out by doing it: 0, or -1 with the sentence
 * that says what refuses it and what mends that (status EXIT_MACHINE). */
int calls_allowed(struct error *e);

/* How well programs can be watched here. */
struct calls_ability {
    bool filtered;    /* only the calls of the table stop, by a seccomp filter */
    bool descriptors; /* a descriptor of theirs can be copied, which tells a socket's two ends */
};

/* Find it out: trace a process that makes two socket calls. 0; or -1 with the sentence, where
 * ptrace is refused. */
int calls_examine(struct calls_ability *a, struct error *e);

struct calls_options {
    char host;             /* 'C' or 'S' */
    char *const *argv;     /* the program and its arguments; found on PATH */
    char **const *further; /* argument vectors of further programs, ended by NULL; NULL for none */
    const char *further_directory; /* where those run; NULL: in `directory` */
    void *further_prepare_arg;     /* `prepare`'s for those */
    bool shares_tty;               /* the console is another program's controlling terminal */
    bool
        hidden; /* once its programs are there, nobody of our own user may look into this process */
    const char *directory; /* where it runs; NULL for the present one */
    int tty_fd;            /* its console: standard input, output and error, and its controlling
                              terminal where it is one; -1 to inherit ours */
    int out_fd;            /* the session stream: no file header; calls, processes, marks */
    int control_fd; /* 'g' starts the program, 'n' the next of the further ones, 'x' none of them
                       any more; 't' sends it SIGTERM, 'k' SIGKILL to all of it;
                       end-of-file is 'k'. 'h' holds it, and all that it starts, at the entries of
                       its calls; 's' lets the one held longest come to its call's return, or from
                       there to the next entry; 'c' lets all go on and holds no more. Each hold is
                       told by WAITS annotations */
    int (*prepare)(void *arg, struct error *e); /* in the child, just before exec; NULL for none */
    void *prepare_arg;
};

/* Trace the program and everything it starts until the last of it has ended. A MARK at least every
 * 10 ms promises that nothing stamped before it comes later. 0, or -1 with the sentence (status
 * EXIT_MACHINE where ptrace is denied, EXIT_WRONG_USAGE where there is no such program);
 * *exit_status is the program's own, 128 + signal where it was killed. */
int calls_run(const struct calls_options *options, int *exit_status, struct error *e);

#endif
