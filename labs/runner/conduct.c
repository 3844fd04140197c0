#include "labs/runner/conduct.h"

#include "labs/runner/conductor.h"
#include "labs/runner/direct.h"
#include "labs/runner/hear.h"
#include "labs/runner/tell.h"
#include "labs/sandbox/procs.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"
#include "tracer/decode/packet.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* How long the runner waits, and for what. */
static const struct {
    int64_t listen_ns;  /* S to listen, or to make any call, before C starts all the same */
    int64_t busy_ns;    /* the same for an S that does a lot, and does not listen: Wine starts so */
    int64_t quiet_ns;   /* no packet: the connection's last word has been said */
    int64_t timeout_ns; /* that long more, where a packet that is lost may be sent again */
    int64_t endless_ns; /* quiet that does not come: something retransmits on and on */
    int64_t rest_ns;    /* no packet, while a server that never ends by itself goes on */
    int64_t server_ns;  /* S's program to end by itself after C's */
    int64_t term_ns;    /* it to obey SIGTERM before SIGKILL */
    int64_t silence_ns; /* a member to say something: each does so every 10 ms */
    int64_t close_ns;   /* a member to end once it was told to */
    int64_t weigh_ns;   /* from one look at the memory of all to the next */
} patience = {
    .listen_ns = 2LL * NS_PER_S,
    .busy_ns = 20LL * NS_PER_S,
    .quiet_ns = 150LL * NS_PER_MS,
    .timeout_ns = 1050LL * NS_PER_MS,
    .endless_ns = 3LL * NS_PER_S,
    .rest_ns = 500LL * NS_PER_MS,
    .server_ns = 5LL * NS_PER_S,
    .term_ns = 1LL * NS_PER_S,
    .silence_ns = 10LL * NS_PER_S,
    .close_ns = 3LL * NS_PER_S,
    .weigh_ns = 100LL * NS_PER_MS,
};

const struct member *conductor_member(const struct conductor *c, int who)
{
    return &c->o->crew->members[who];
}

bool conductor_over(const struct conductor *c, int who)
{
    return !conductor_member(c, who)->present || c->ended[who];
}

void conductor_hold(struct conductor *c, int host, bool on)
{
    c->holding[host] = on;
    crew_order(c->o->crew, CREW_C + (unsigned)host, on ? 'h' : 'c');
}

void conductor_end_program(struct conductor *c, int host, const char *sentence)
{
    if (c->programs[host].told_kill)
        return;
    tell_note(c, host ? 'S' : 'C', sentence);
    crew_order(c->o->crew, CREW_C + (unsigned)host, 'k');
    c->programs[host].told_kill = true;
}

void conductor_void(struct conductor *c, const char *reason)
{
    struct conduct_result *r = c->result;
    struct text sentence = {0};
    if (r->is_void)
        return;
    r->is_void = true;
    words_again(reason, &sentence);
    text_format(&sentence, " %s", _("Run it again."));
    if (!r->reason) /* a member that failed has said why */
        r->reason = xstrdup(text_str(&sentence));
    text_free(&sentence);
}

/* ---- who does what when --------------------------------------------------------------------- */

static void enter(struct conductor *c, enum phase phase)
{
    c->phase = phase;
    c->phase_since_ns = clock_monotonic_ns();
}

static void close_crew(struct conductor *c)
{
    for (int i = 0; i < CREW_COUNT; i++)
        crew_order(c->o->crew, (enum crew_member)i, 0);
    enter(c, PHASE_CLOSE);
}

static void start_program(struct conductor *c, int host, char order)
{
    c->programs[host].told++;
    c->programs[host].ended_ns = 0;
    crew_order(c->o->crew, CREW_C + (unsigned)host, order);
}

static void try_server(struct conductor *c)
{
    if (c->o->hold_fd >= 0) {
        if (c->released)
            close_crew(c);
        return;
    }
    for (int i = 0; i < CREW_COUNT; i++)
        if (conductor_member(c, i)->present && !c->ready[i])
            return;
    if (!direct_may_start(c))
        return;
    start_program(c, 1, 'g');
    if (c->o->spec->play) {
        start_program(c, 0, 'g');
        enter(c, PHASE_RUN);
        return;
    }
    enter(c, PHASE_SERVER);
}

static void try_run(struct conductor *c, int64_t now_ns)
{
    int64_t waited_ns = now_ns - c->phase_since_ns, silent_ns = now_ns - c->server_called_ns;
    bool late = !c->holding[1] && waited_ns > patience.listen_ns &&
                (silent_ns > patience.listen_ns || waited_ns > patience.busy_ns);
    if (!c->server_listens && !conductor_over(c, CREW_S) && !late)
        return;
    if (late && !c->server_listens && !conductor_over(c, CREW_S))
        tell_note(c, 'S', "The server has not called listen(): the client starts all the same.");
    start_program(c, 0, 'g');
    enter(c, PHASE_RUN);
}

/* What the paper starts when its steps have come to pass. */
static void start_further(struct conductor *c)
{
    for (int host; (host = starter_due(c->starter)) >= 0;)
        start_program(c, host, 'n');
}

/* The step before it has not come, and will not. */
static void give_up_further(struct conductor *c)
{
    starter_give_up(c->starter);
    for (unsigned host = 0; host < 2; host++)
        crew_order(c->o->crew, CREW_C + host, 'x');
    tell_note(c, 0,
              "A further program of the lab was not started: the run did not come to the step "
              "before it.");
}

/* No packet for so long, and what is on its way has come. Where rules lose packets and keep them, a
 * timeout of the kernel's, or a rule's delay, may lie between two. */
static int64_t quiet_ns(const struct conductor *c)
{
    const struct run_network *n = c->o->spec->network;
    int64_t both_ways_ns = 2 * n->profile.delay_ns;
    return patience.quiet_ns + both_ways_ns +
           (run_network_rules(n) ? patience.timeout_ns + run_network_late_ns(n) : 0);
}

/* What a program has left running in the background, and does nothing on the network, is ended. */
static void end_leftovers(struct conductor *c, int64_t now_ns)
{
    struct program *p = &c->programs[0];
    int64_t since_ns = p->ended_ns > c->last_packet_ns ? p->ended_ns : c->last_packet_ns;
    if (p->ended_ns == 0 || p->told_kill || conductor_over(c, CREW_C) || c->o->spec->play ||
        now_ns - since_ns <= patience.server_ns + quiet_ns(c) - patience.quiet_ns)
        return;
    if (starter_waits(c->starter)) {
        give_up_further(c);
        return;
    }
    conductor_end_program(
        c, 0,
        "The program on host C has ended, and something that it left running in the background has "
        "not: it was ended after 5 s without a packet.");
}

/* A client that is given so much time and no more; its end is what the server waits for. */
static void end_late(struct conductor *c, int64_t now_ns)
{
    int64_t limit_ns = c->o->spec->limits.time_ns;
    if (limit_ns == 0 || now_ns - c->phase_since_ns <= limit_ns || c->programs[0].told_kill ||
        conductor_over(c, CREW_C))
        return;
    struct text note = {0};
    text_format(&note, _("The program on host C had not ended after %lld s: it was ended."),
                (long long)(limit_ns / NS_PER_S));
    conductor_end_program(c, 0, text_str(&note));
    text_free(&note);
}

/* After the client's end the server is given time; then it is asked, then it is told. */
static void try_quiet(struct conductor *c, int64_t now_ns)
{
    end_leftovers(c, now_ns);
    end_late(c, now_ns);
    if (conductor_over(c, CREW_C) && conductor_over(c, CREW_S))
        enter(c, PHASE_QUIET);
    if (c->phase == PHASE_QUIET || c->client_ended_ns == 0 || c->o->spec->play)
        return;
    bool quiet = now_ns - c->last_packet_ns > patience.rest_ns + quiet_ns(c) - patience.quiet_ns;
    int64_t waited_ns = now_ns - c->client_ended_ns;
    bool graded = c->o->spec->limits.time_ns > 0;
    bool alone = graded && c->last_packet_ns == 0 && waited_ns > NS_PER_S; /* no one has called */
    bool enough = alone || waited_ns > patience.server_ns + 5 * (quiet_ns(c) - patience.quiet_ns) ||
                  (c->o->spec->server_outlives && quiet && waited_ns > patience.rest_ns);
    if (enough && !c->told_term) {
        if (starter_waits(c->starter))
            give_up_further(c);
        crew_order(c->o->crew, CREW_S, 't');
        c->told_term = true;
        c->client_ended_ns = now_ns - patience.server_ns;
    } else if (c->told_term && !c->told_kill && waited_ns > patience.server_ns + patience.term_ns) {
        tell_note(
            c, 'S',
            "The server on host S went on after SIGTERM, which told it to end: it was killed.");
        crew_order(c->o->crew, CREW_S, 'k');
        c->told_kill = true;
    }
}

static void try_close(struct conductor *c, int64_t now_ns)
{
    int64_t since_ns =
        c->last_packet_ns > c->phase_since_ns ? c->last_packet_ns : c->phase_since_ns;
    int64_t quiet = quiet_ns(c);
    bool endless =
        now_ns - c->phase_since_ns > patience.endless_ns + 10 * (quiet - patience.quiet_ns);
    if (now_ns - since_ns < quiet && !endless)
        return;
    close_crew(c);
}

static void try_done(struct conductor *c, int64_t now_ns)
{
    bool all = true;
    for (int i = 0; i < CREW_COUNT; i++)
        all = all && conductor_over(c, i);
    if (all || now_ns - c->phase_since_ns > patience.close_ns)
        enter(c, PHASE_DONE);
}

/* One process has a limit of its own: it takes several to have more. */
static void watch_memory(struct conductor *c, int64_t now_ns)
{
    enum { ALONE = 3 }; /* a submission with the two of its cell */
    uint64_t most = c->o->spec->limits.memory_bytes;
    bool several = c->programs[0].running_count > ALONE || c->programs[1].running_count > ALONE;
    if (most == 0 || !several || now_ns - c->weighed_ns < patience.weigh_ns)
        return;
    c->weighed_ns = now_ns;
    if (procs_resident_below(getpid()) <= most)
        return;
    for (int host = 0; host < 2; host++)
        conductor_end_program(c, host,
                              "Its processes had taken more memory together than a lab's program "
                              "may have: they were ended.");
}

/* While something is held nobody's time runs. */
static void stop_clocks(struct conductor *c, int64_t now_ns)
{
    if (c->client_ended_ns != 0)
        c->client_ended_ns = now_ns;
    if (c->programs[0].ended_ns != 0)
        c->programs[0].ended_ns = now_ns;
    if (c->phase == PHASE_QUIET)
        c->phase_since_ns = now_ns;
}

/* A wire that says nothing, not even how late it is, carries nothing; a tracer that says nothing
 * ends no program. Where we ourselves were stopped for a while, nobody could be heard. */
static void watch_crew(struct conductor *c, int64_t now_ns)
{
    static const char *const sentences[CREW_COUNT] = {
        [CREW_WIRE] = N_("The wire has stood still for 10 s."),
        [CREW_C] = N_("The call tracer of host C has stood still for 10 s."),
        [CREW_S] = N_("The call tracer of host S has stood still for 10 s."),
    };
    bool stopped = now_ns - c->turned_ns > NS_PER_S;
    c->turned_ns = now_ns;
    for (int i = 0; i < CREW_COUNT; i++) {
        if (stopped || c->heard_ns[i] == 0 || !c->ready[i])
            c->heard_ns[i] = now_ns;
        if (conductor_over(c, i) || now_ns - c->heard_ns[i] <= patience.silence_ns)
            continue;
        conductor_void(c, sentences[i]);
        close_crew(c);
        return;
    }
}

static void step(struct conductor *c)
{
    int64_t now_ns = clock_monotonic_ns();
    bool stop = c->result->interrupted || c->result->member_failed || c->director.quit || c->left;
    if (c->phase < PHASE_CLOSE)
        watch_crew(c, now_ns);
    direct_turn(c);
    if (direct_holds(c))
        stop_clocks(c, now_ns);
    if (stop && c->phase < PHASE_CLOSE)
        close_crew(c);
    if (c->phase == PHASE_READY)
        try_server(c);
    if (c->phase == PHASE_SERVER)
        try_run(c, now_ns);
    if (c->phase == PHASE_RUN)
        start_further(c);
    if (c->phase < PHASE_CLOSE)
        watch_memory(c, now_ns);
    if (c->phase == PHASE_RUN)
        try_quiet(c, now_ns);
    if (c->phase == PHASE_QUIET)
        try_close(c, now_ns);
    if (c->phase == PHASE_CLOSE)
        try_done(c, now_ns);
}

/* ---- the loop ------------------------------------------------------------------------------- */

enum {
    POLL_CONSOLES = CREW_COUNT,
    POLL_TYPED = CREW_COUNT + 2,
    POLL_INPUT,
    POLL_SIGNAL,
    POLL_HOLD,
    POLL_SANDBOX,
    POLL_VIEWER,
    POLL_SCRIPT,
    POLL_COUNT
};

static void fill_poll(const struct conductor *c, struct pollfd fds[POLL_COUNT])
{
    for (int i = 0; i < POLL_COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    for (int i = 0; i < CREW_COUNT; i++)
        fds[i].fd = conductor_over(c, i) ? -1 : conductor_member(c, i)->out;
    for (int host = 0; host < 2; host++) {
        fds[POLL_CONSOLES + host].fd = c->o->crew->consoles[host].ours;
        if (typing_waits(c, host))
            fds[POLL_CONSOLES + host].events |= POLLOUT;
    }
    fds[POLL_TYPED].fd = c->typed_ended ? -1 : c->o->typed_fd;
    bool input =
        c->o->spec->pass_input && !c->input_ended && c->phase == PHASE_RUN && !typing_waits(c, 0);
    fds[POLL_INPUT].fd = input ? STDIN_FILENO : -1;
    fds[POLL_SCRIPT].fd = direct_wants_input(c) ? c->o->script->fd : -1;
    fds[POLL_SIGNAL].fd = c->o->signal_fd;
    bool watch = c->phase < PHASE_CLOSE && !c->result->member_failed;
    fds[POLL_SANDBOX].fd = watch ? sandbox_fd(c->o->crew->sandbox) : -1;
    fds[POLL_HOLD].fd = c->released ? -1 : c->o->hold_fd;
    if (c->viewer) {
        fds[POLL_VIEWER].fd = c->o->viewer_fd;
        fds[POLL_VIEWER].events = stream_blocked(c->viewer) ? POLLOUT : 0;
    }
}

static void serve_consoles(struct conductor *c, const struct pollfd fds[POLL_COUNT])
{
    for (int host = 0; host < 2; host++) {
        short ready = fds[POLL_CONSOLES + host].revents;
        if (ready & POLLOUT)
            typing_flush(c, host);
        if (ready & ~POLLOUT)
            hear_console(c, host);
    }
    if (fds[POLL_TYPED].revents)
        typing_from_viewer(c);
    if (fds[POLL_INPUT].revents)
        typing_from_input(c);
    if (fds[POLL_SCRIPT].revents)
        script_read(c->o->script);
}

static void serve(struct conductor *c, const struct pollfd fds[POLL_COUNT])
{
    for (int i = 0; i < CREW_COUNT; i++)
        if (fds[i].fd >= 0 && fds[i].revents)
            hear_member(c, i);
    serve_consoles(c, fds);
    struct signalfd_siginfo signal;
    if (fds[POLL_SIGNAL].revents && read(c->o->signal_fd, &signal, sizeof signal) > 0)
        c->result->interrupted = true;
    if (fds[POLL_SANDBOX].revents)
        hear_losses(c);
    if (fds[POLL_HOLD].revents)
        c->released = true;
    if (fds[POLL_VIEWER].revents & POLLERR)
        tell_nobody(c);
    else if (fds[POLL_VIEWER].revents & POLLOUT)
        stream_flush(c->viewer, false);
}

static void play(struct conductor *c)
{
    struct pollfd fds[POLL_COUNT];
    while (c->phase != PHASE_DONE) {
        fill_poll(c, fds);
        int n = poll(fds, POLL_COUNT, 10);
        /* All that this source will ever stamp before now has been stamped: the loop is the only
         * one that adds to it. */
        int64_t now_ns = session_now_ns();
        if (n > 0)
            serve(c, fds);
        step(c);
        merge_mark(c->merge, SOURCE_SELF, now_ns);
        tell_records(c);
    }
}

/* ---- beginning and end ---------------------------------------------------------------------- */

enum { GATHER_BYTES = 131072 };

static void begin(struct conductor *c)
{
    c->merge = merge_new(SOURCE_TOTAL);
    c->clock_offset_ns = session_now_ns() - clock_monotonic_ns();
    if (c->o->viewer_fd >= 0) {
        c->viewer = stream_writer_new(c->o->viewer_fd, true);
        stream_gather(c->viewer, GATHER_BYTES); /* what a turn of the loop has for it */
    }
    for (int i = 0; i < CREW_COUNT; i++) {
        if (conductor_member(c, i)->present)
            c->readers[i] = stream_reader_new(conductor_member(c, i)->out, false);
        else
            merge_end(c->merge, (size_t)i);
    }
    c->starter = starter_new(c->o->spec->steps);
    direct_begin(c, c->o->script);
    tell_session(c);
}

/* All that was recorded stands before the session's last word. */
static void finish(struct conductor *c)
{
    for (int i = 0; i < SOURCE_TOTAL; i++)
        merge_end(c->merge, (size_t)i);
    tell_records(c);
    tell_end(c);
    tell_records(c);
}

static void free_parts(struct conductor *c)
{
    stream_writer_free(c->viewer);
    for (int i = 0; i < CREW_COUNT; i++)
        stream_reader_free(c->readers[i]);
    for (int host = 0; host < 2; host++) {
        text_free(&c->typing[host].waiting);
        free(c->programs[host].running);
    }
    direct_free(c);
    starter_free(c->starter);
    merge_free(c->merge);
    text_free(&c->typed);
}

int conduct_open_file(const struct run_spec *spec, struct sink **file, struct error *e)
{
    *file = NULL;
    if (!spec->save)
        return 0;
    *file = sink_open_file(spec->save, LINKTYPE_ETHERNET, ANNOTATION_MAX_BYTES * 4, e);
    return *file ? 0 : -1;
}

int conduct(const struct conduct_options *o, struct conduct_result *result, struct error *e)
{
    struct conductor c = {.o = o, .result = result, .file = o->file, .failed = CREW_COUNT};
    *result = (struct conduct_result){.status = EXIT_MACHINE};
    begin(&c);
    play(&c);
    finish(&c);
    if (c.failed != CREW_COUNT)
        result->status = crew_status(o->crew, c.failed);
    int closed = sink_close(c.file, e);
    tell_rest(&c);
    free_parts(&c);
    if (c.file_failed)
        *e = c.file_error;
    return c.file_failed || closed != 0 ? -1 : 0;
}
