#include "labs/runner/hear.h"

#include "labs/runner/tell.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The server is ready when it listens, or waits for a datagram. A Unix socket does not count:
 * programs have many of their own, and no client comes by one. */
static void heard_call(struct conductor *c, const struct annotation *a)
{
    const char *name = a->call.name;
    bool done = a->call.phase == CALL_EXIT && a->call.ret == 0;
    bool receives = a->call.phase == CALL_ENTER && strncmp(name, "recv", 4) == 0;
    bool listens = done && strcmp(name, "listen") == 0;
    bool binds = done && strcmp(name, "bind") == 0;
    if (a->host != 'S')
        return;
    c->server_called_ns = clock_monotonic_ns();
    if (binds && !a->call.local && a->call.args && strchr(a->call.args, ':') &&
        !strchr(a->call.args, '"'))
        c->ends_unknown = true;
    if ((receives || listens) && (a->call.local || c->ends_unknown))
        c->server_listens = true;
}

/* A process starts again with each exec, and ends once. */
static void count_running(struct program *p, const struct annotation *a)
{
    size_t i = 0;
    while (i < p->running_count && p->running[i] != a->process.pid)
        i++;
    if (a->process.event != PROCESS_STARTED) {
        if (i < p->running_count)
            p->running[i] = p->running[--p->running_count];
    } else if (i == p->running_count) {
        xgrow(&p->running, &p->running_cap, p->running_count, sizeof *p->running);
        p->running[p->running_count++] = a->process.pid;
    }
}

static void heard_process(struct conductor *c, const struct annotation *a)
{
    if (a->host == 'S')
        c->server_called_ns = clock_monotonic_ns();
    struct program *p = &c->programs[a->host == 'S'];
    bool starts = a->process.event == PROCESS_STARTED;
    unsigned most = c->o->spec->limits.processes;
    if (most > 0)
        count_running(p, a);
    if (most > 0 && p->running_count > most)
        conductor_end_program(c, a->host == 'S',
                              "It had started more processes than a lab's program may have at one "
                              "time: it was ended.");
    if (starts && p->known < p->told && p->known < PROGRAMS_KNOWN)
        p->pids[p->known++] = a->process.pid;
    for (int i = 0; i < p->known && !starts; i++)
        p->ended += p->pids[i] == a->process.pid;
    if (!starts && p->ended == p->told)
        p->ended_ns = clock_monotonic_ns();
    if (a->process.setuid && !p->told_rights)
        tell_note(
            c, a->host,
            "This program is made to run with another user's rights (setuid or setgid), which "
            "no program of a lab is given: it runs with those of the lab's own user.");
    p->told_rights |= a->process.setuid;
}

/* A member speaks in sentences only when it cannot do its work. False where the other tracer has
 * met with the same, and said so. */
static bool heard_note(struct conductor *c, int who, const struct annotation *a)
{
    struct conduct_result *r = c->result;
    const char *sentence = a->note.text;
    if (r->reason && strcmp(r->reason, sentence) == 0)
        return false;
    r->member_failed = true;
    c->failed = (enum crew_member)who;
    free(r->reason);
    r->reason = xstrdup(sentence);
    return true;
}

static void member_ended(struct conductor *c, int who)
{
    c->ended[who] = c->ready[who] = true;
    merge_end(c->merge, (size_t)who);
    if (who == CREW_C)
        c->client_ended_ns = clock_monotonic_ns();
}

/* The wire knows what keeps a run from being judged: frames lost, a clock set, its own lateness.
 * With that it has told all, once it was told to end, unless it is to say yet why it failed; for
 * closing its rings the kernel takes seconds where it is busy, and nobody waits for that. */
static void heard_end(struct conductor *c, int who, const struct annotation *a)
{
    struct conduct_result *r = c->result;
    r->dropped_frames += a->end.dropped_frames;
    r->late_us = a->end.late_us;
    if (strcmp(a->end.verdict, "void") == 0)
        conductor_void(c, a->end.reason ? a->end.reason : "The wire says that it is void.");
    if (who == CREW_WIRE && c->phase >= PHASE_CLOSE && strcmp(a->end.verdict, "failed") != 0)
        member_ended(c, who);
}

/* Told when a packet comes to be held, when it is repeated, and when it goes on. */
static void heard_held(struct conductor *c, const struct annotation *a)
{
    if (a->held.over)
        c->held_count -= c->held_count > 0;
    else if (a->held.repeats == 0)
        c->held_count++;
}

/* The wire's own: it has done what it was told. */
static void heard_command(struct conductor *c, const struct annotation *a)
{
    bool hold = strncmp(a->command.text, "hold", 4) == 0;
    if (!a->command.failed && (hold || strcmp(a->command.text, "go") == 0))
        c->wire_held = hold;
}

/* Look at an annotation as it passes. False where it goes no further. */
static bool heard(struct conductor *c, int who, int64_t time_ns, const struct annotation *a)
{
    switch (a->type) {
    case ANNOTATION_MARK:
        c->ready[who] = true;
        merge_mark(c->merge, (size_t)who, time_ns);
        return false;
    case ANNOTATION_END: /* the wire's own; the session's comes from the runner */
        heard_end(c, who, a);
        return false;
    case ANNOTATION_NOTE: return heard_note(c, who, a);
    case ANNOTATION_CALL: heard_call(c, a); return true;
    case ANNOTATION_HELD: heard_held(c, a); return true;
    case ANNOTATION_COMMAND: heard_command(c, a); return true;
    case ANNOTATION_PROCESS: heard_process(c, a); return true;
    default: return true;
    }
}

/* Of what is only passed on there is as much as of packets. */
static bool only_passes(const struct stream_record *r)
{
    enum annotation_type type = annotation_peek(r->bytes, r->captured_bytes);
    return type == ANNOTATION_FATE || type == ANNOTATION_KERNEL;
}

static void take_record(struct conductor *c, int who, const struct stream_record *r)
{
    struct annotation a;
    struct error e;
    c->heard_ns[who] = clock_monotonic_ns();
    if (!annotation_is(r->bytes, r->captured_bytes)) {
        c->last_packet_ns = clock_monotonic_ns();
    } else if (!only_passes(r) && annotation_read(r->bytes, r->captured_bytes, &a, &e) == 0) {
        bool passes = heard(c, who, r->time_ns, &a);
        annotation_free(&a);
        if (!passes)
            return;
    }
    merge_add(c->merge, r);
}

enum { FILLS_A_TURN = 64 }; /* of 256 KiB at the most */

/* Who speaks faster than we listen leaves time for the others, and for the limits, all the same. */
void hear_member(struct conductor *c, int who)
{
    struct stream_record r;
    int got = 1, most = c->phase == PHASE_CLOSE ? INT_MAX : FILLS_A_TURN;
    for (int i = 0; i < most && got > 0; i++) {
        got = stream_fill(c->readers[who]);
        while (got > 0 && stream_take(c->readers[who], &r))
            take_record(c, who, &r);
    }
    if (got < 0 && !c->ended[who])
        member_ended(c, who);
}

void hear_console(struct conductor *c, int host)
{
    struct console *console = &c->o->crew->consoles[host];
    char bytes[4096];
    ssize_t n = read(console->ours, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { /* EIO: the last program has left the terminal */
        close(console->ours);
        console->ours = -1;
        return;
    }
    uint64_t most = c->o->spec->limits.printed_bytes;
    struct program *p = &c->programs[host];
    if (most == 0 || p->printed_bytes < most)
        tell_console(c, host, false, session_now_ns(), bytes, (size_t)n);
    p->printed_bytes += (uint64_t)n;
}

void hear_losses(struct conductor *c)
{
    const char *sentence = crew_loss(c->o->crew);
    if (!sentence || c->result->member_failed || c->phase >= PHASE_CLOSE)
        return;
    c->result->member_failed = true;
    c->result->status = EXIT_VOID; /* this machine has what it takes: somebody took it away */
    c->result->reason = xstrdup(sentence);
    tell_note(c, 0, sentence);
}
