/* What the tests of the call tracer share: a program (this test itself, in a role) run under
 * calls_run() in a process of its own, and what the session was told of it. */
#ifndef LABS_CALLS_TRIAL_TEST_H
#define LABS_CALLS_TRIAL_TEST_H

#include "labs/calls/calls.h"
#include "tracer/base/alloc.h"
#include "tracer/session/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

struct told {
    int64_t time_ns;
    struct annotation a;
};

struct outcome {
    int result;
    int exit_status;
    struct error error;
};

struct trial {
    pid_t tracer;
    int stream_fd, control_fd, outcome_fd;
    struct stream_reader *reader;
    struct told *told; /* (owned) all but the marks */
    size_t count, cap;
    size_t marks;
    int64_t mark_ns, last_ns, longest_gap_ns;
    struct outcome outcome;
};

enum { TRIAL_TIMEOUT_MS = 20000 };

static inline int trial_pipe_end(int fds[2], int which)
{
    close(fds[!which]);
    return fds[which];
}

/* Start `options` (argv, and what else is asked) under a tracer of its own, and give it orders. */
static inline void trial_start_by(struct trial *t, struct calls_options options, const char *orders)
{
    int stream[2], control[2], outcome[2];
    *t = (struct trial){0};
    assert_int_equal(pipe2(stream, O_CLOEXEC), 0);
    assert_int_equal(pipe2(control, O_CLOEXEC), 0);
    assert_int_equal(pipe2(outcome, O_CLOEXEC), 0);
    t->tracer = fork();
    assert_true(t->tracer >= 0);
    if (t->tracer == 0) {
        struct outcome o = {0};
        options.host = options.host ? options.host : 'C';
        options.out_fd = trial_pipe_end(stream, 1);
        options.control_fd = trial_pipe_end(control, 0);
        close(outcome[0]);
        o.result = calls_run(&options, &o.exit_status, &o.error);
        _exit(write(outcome[1], &o, sizeof o) == (ssize_t)sizeof o ? 0 : 1);
    }
    t->stream_fd = trial_pipe_end(stream, 0);
    t->control_fd = trial_pipe_end(control, 1);
    t->outcome_fd = trial_pipe_end(outcome, 0);
    fcntl(t->stream_fd, F_SETFL, O_NONBLOCK);
    t->reader = stream_reader_new(t->stream_fd, false);
    assert_int_equal(write(t->control_fd, orders, strlen(orders)), strlen(orders));
}

static inline void trial_start(struct trial *t, struct calls_options options)
{
    trial_start_by(t, options, "g");
}

static inline void trial_run_self(struct trial *t, const char *role, const char *argument)
{
    char *argv[] = {(char *)(uintptr_t) "/proc/self/exe", (char *)(uintptr_t)role,
                    (char *)(uintptr_t)argument, NULL};
    trial_start(t, (struct calls_options){.argv = argv, .tty_fd = -1});
}

static inline void trial_dump(const struct told *e)
{
    const struct annotation *a = &e->a;
    if (!getenv("TRIAL_DUMP"))
        return;
    if (a->type == ANNOTATION_CALL)
        fprintf(stderr, "%lld %c %d/%d #%llu %s %s(%s) fd %d = %lld %s  %s > %s\n",
                (long long)e->time_ns, a->host, a->call.pid, a->call.tid,
                (unsigned long long)a->call.id, call_phase_name(a->call.phase), a->call.name,
                a->call.args, a->call.fd, (long long)a->call.ret,
                a->call.error ? a->call.error : "", a->call.local ? a->call.local : "-",
                a->call.remote ? a->call.remote : "-");
    else if (a->type == ANNOTATION_WAITS)
        fprintf(stderr, "%lld %c %d/%d #%llu waits at %s of %s(%s)%s\n", (long long)e->time_ns,
                a->host, a->waits.pid, a->waits.tid, (unsigned long long)a->waits.id,
                waits_at_name(a->waits.at), a->waits.name, a->waits.args,
                a->waits.over ? ", no more" : "");
    else
        fprintf(stderr, "%lld %c %d %s %d %s\n", (long long)e->time_ns, a->host, a->process.pid,
                process_event_name(a->process.event), a->process.status, a->process.program);
}

/* Read what has come. Stamps never go back, least of all behind a mark. False at the end. */
static inline bool trial_pump(struct trial *t)
{
    struct pollfd p = {.fd = t->stream_fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, TRIAL_TIMEOUT_MS), 1);
    int more = stream_fill(t->reader);
    struct stream_record record;
    while (stream_take(t->reader, &record)) {
        struct error e;
        struct told told = {.time_ns = record.time_ns};
        assert_int_equal(annotation_read(record.bytes, record.captured_bytes, &told.a, &e), 0);
        assert_true(record.time_ns > t->last_ns);
        t->last_ns = record.time_ns;
        if (told.a.type == ANNOTATION_MARK) {
            if (t->marks++ > 0 && record.time_ns - t->mark_ns > t->longest_gap_ns)
                t->longest_gap_ns = record.time_ns - t->mark_ns;
            t->mark_ns = record.time_ns;
            annotation_free(&told.a);
            continue;
        }
        trial_dump(&told);
        xgrow(&t->told, &t->cap, t->count, sizeof *t->told);
        t->told[t->count++] = told;
    }
    if (more < 0)
        assert_false(stream_broken(t->reader));
    return more >= 0;
}

/* Read to the end, and how the tracer ended. */
static inline void trial_finish(struct trial *t)
{
    int status;
    while (trial_pump(t))
        continue;
    assert_int_equal(read(t->outcome_fd, &t->outcome, sizeof t->outcome), sizeof t->outcome);
    assert_int_equal(waitpid(t->tracer, &status, 0), t->tracer);
    assert_int_equal(status, 0);
}

static inline void trial_free(struct trial *t)
{
    for (size_t i = 0; i < t->count; i++)
        annotation_free(&t->told[i].a);
    free(t->told);
    stream_reader_free(t->reader);
    close(t->stream_fd);
    close(t->control_fd);
    close(t->outcome_fd);
}

/* The nth (from 0) entry or exit of a call by that name; NULL where there is none yet. */
static inline const struct told *trial_call(const struct trial *t, enum call_phase phase,
                                            const char *name, size_t nth)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct annotation *a = &t->told[i].a;
        if (a->type == ANNOTATION_CALL && a->call.phase == phase &&
            strcmp(a->call.name, name) == 0 && nth-- == 0)
            return &t->told[i];
    }
    return NULL;
}

/* The nth event of a kind; NULL where there is none. */
static inline const struct told *trial_process(const struct trial *t, enum process_event event,
                                               size_t nth)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct annotation *a = &t->told[i].a;
        if (a->type == ANNOTATION_PROCESS && a->process.event == event && nth-- == 0)
            return &t->told[i];
    }
    return NULL;
}

static inline size_t trial_count(const struct trial *t, enum call_phase phase, const char *name)
{
    size_t n = 0;
    while (trial_call(t, phase, name, n))
        n++;
    return n;
}

/* Wait until there is such a call. */
static inline const struct told *trial_until(struct trial *t, enum call_phase phase,
                                             const char *name, size_t nth)
{
    while (!trial_call(t, phase, name, nth))
        assert_true(trial_pump(t));
    return trial_call(t, phase, name, nth);
}

/* Every exit has its entry before it, and each thread is in one call of a number at a time. */
static inline void trial_check_pairs(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct annotation *exit = &t->told[i].a;
        if (exit->type != ANNOTATION_CALL || exit->call.phase != CALL_EXIT)
            continue;
        size_t entries = 0, exits = 0;
        for (size_t j = 0; j < t->count; j++) {
            const struct annotation *a = &t->told[j].a;
            if (a->type != ANNOTATION_CALL || a->call.id != exit->call.id)
                continue;
            entries += a->call.phase == CALL_ENTER && j < i && a->call.tid == exit->call.tid;
            exits += a->call.phase == CALL_EXIT;
        }
        assert_int_equal(entries, 1);
        assert_int_equal(exits, 1);
    }
}

/* 77, the visible skip, where this machine lets nobody trace. */
static inline int trial_allowed(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    int refused = ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    if (refused)
        printf("skipped: ptrace is refused here\n");
    return !refused;
}

#endif
