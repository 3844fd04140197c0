#include "labs/runner/conduct.h"

#include "labs/runner/merge.h"
#include "tracer/base/alloc.h"
#include "tracer/decode/packet.h"
#include "tracer/session/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* The runner is itself a source beside its crew: consoles, notes, the session's first and last
 * words. */
enum { SOURCE_SELF = CREW_COUNT, SOURCE_TOTAL };

/* A run goes through these in order. */
enum phase {
    PHASE_READY,  /* until every member has said so */
    PHASE_SERVER, /* S's program runs, C's waits until it listens */
    PHASE_RUN,    /* both run */
    PHASE_QUIET,  /* both have ended: until the wire has been quiet for a while */
    PHASE_CLOSE,  /* every member has been told to end: until the last stream has ended */
    PHASE_DONE,
};

static const int64_t second_ns = 1000000000;

/* How long the runner waits, and for what. */
static const struct {
    int64_t listen_ns; /* S to listen before C starts all the same */
    int64_t quiet_ns;  /* no packet: the connection's last word has been said */
    int64_t server_ns; /* S's program to end by itself after C's */
    int64_t term_ns;   /* it to obey SIGTERM before SIGKILL */
} patience = {2000000000, 150000000, 5000000000, 1000000000};

struct conductor {
    const struct conduct_options *o;
    struct conduct_result *result;
    struct merge *merge;
    struct stream_reader *readers[CREW_COUNT];
    bool ready[CREW_COUNT], ended[CREW_COUNT];
    struct stream_writer *viewer; /* NULL without one, or once it is gone */
    struct sink *file;
    struct error file_error; /* the first failure of the session file */
    bool file_failed;
    enum phase phase;
    int64_t phase_since_ns, last_packet_ns, client_ended_ns;
    bool released; /* hold_fd has ended */
    bool server_listens, told_term, told_kill, input_ended;
    int64_t clock_offset_ns; /* real time less monotonic time, at the start */
    struct text typed;       /* an unfinished line for a console */
};

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * second_ns + t.tv_nsec;
}

static const struct member *member(const struct conductor *c, int who)
{
    return &c->o->crew->members[who];
}

static bool over(const struct conductor *c, int who)
{
    return !member(c, who)->present || c->ended[who];
}

/* ---- what goes out ----------------------------------------------------------------------------
 */

static void add_stamped(struct conductor *c, const struct annotation *a, int64_t time_ns)
{
    struct text frame = {0};
    annotation_write(a, &frame);
    struct stream_record r = {
        .time_ns = time_ns,
        .bytes = (const uint8_t *)frame.s,
        .captured_bytes = (uint32_t)frame.len,
        .wire_bytes = (uint32_t)frame.len,
    };
    merge_add(c->merge, &r);
    text_free(&frame);
}

static void add_own(struct conductor *c, const struct annotation *a)
{
    add_stamped(c, a, session_now_ns());
}

static void add_note(struct conductor *c, char host, const char *sentence)
{
    char *text = xstrdup(sentence);
    struct annotation a = {.type = ANNOTATION_NOTE, .host = host};
    a.note.text = text;
    add_own(c, &a);
    free(text);
}

static void add_session(struct conductor *c)
{
    const struct crew *crew = c->o->crew;
    struct utsname kernel;
    struct annotation a = {.type = ANNOTATION_SESSION};
    a.session.version = SESSION_VERSION;
    a.session.writer = xstrdup("tcplab " TCPLADDER_VERSION);
    a.session.lab = xstrdup(c->o->spec->lab);
    a.session.profile = xstrdup(crew->profile->name);
    a.session.kernel = xstrdup(uname(&kernel) == 0 ? kernel.release : "unknown");
    a.session.tier = xstrdup(sandbox_tier_name(crew->tier));
    a.session.addresses[0] = xstrdup(sandbox_address(crew->tier, 0));
    a.session.addresses[1] = xstrdup(sandbox_address(crew->tier, 1));
    a.session.server_port = c->o->spec->server_port;
    add_stamped(c, &a, crew->began_ns); /* before all that a member may have stamped */
    annotation_free(&a);
    if (c->o->fallback)
        add_note(c, 0, c->o->fallback);
}

/* A session file that cannot be written is said at once and at the end; the run goes on. */
static void save(struct conductor *c, const struct stream_record *r)
{
    struct capture_frame frame = {
        .time_ns = r->time_ns,
        .linktype = LINKTYPE_ETHERNET,
        .bytes = r->bytes,
        .captured_bytes = r->captured_bytes,
        .wire_bytes = r->wire_bytes,
    };
    if (c->file && !c->file_failed && sink_write(c->file, &frame, &c->file_error) != 0) {
        c->file_failed = true;
        add_note(c, 0, c->file_error.text);
    }
}

static void let_go(struct conductor *c)
{
    struct stream_record r;
    while (merge_take(c->merge, &r)) {
        save(c, &r);
        if (c->viewer &&
            !stream_write(c->viewer, r.time_ns, r.bytes, r.captured_bytes, r.wire_bytes)) {
            stream_writer_free(c->viewer);
            c->viewer = NULL;
            c->result->interrupted = c->result->interrupted || c->phase < PHASE_CLOSE;
        }
    }
}

/* ---- what comes in ----------------------------------------------------------------------------
 */

static void heard_call(struct conductor *c, const struct annotation *a)
{
    bool listens = a->call.phase == CALL_EXIT && strcmp(a->call.name, "listen") == 0;
    bool receives = a->call.phase == CALL_ENTER && strncmp(a->call.name, "recv", 4) == 0;
    if (a->host == 'S' && (receives || (listens && a->call.ret == 0)))
        c->server_listens = true;
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
        c->result->dropped_frames += a->end.dropped_frames;
        return false;
    case ANNOTATION_NOTE: /* a member speaks in sentences only when it cannot do its work */
        if (c->result->reason && a->note.text && strcmp(c->result->reason, a->note.text) == 0)
            return false; /* both tracers met with the same */
        c->result->member_failed = true;
        free(c->result->reason);
        c->result->reason = xstrdup(a->note.text ? a->note.text : "");
        return true;
    case ANNOTATION_CALL: heard_call(c, a); return true;
    default: return true;
    }
}

static void take_record(struct conductor *c, int who, const struct stream_record *r)
{
    struct annotation a;
    struct error e;
    if (!annotation_is(r->bytes, r->captured_bytes)) {
        c->last_packet_ns = monotonic_ns();
    } else if (annotation_read(r->bytes, r->captured_bytes, &a, &e) == 0) {
        bool passes = heard(c, who, r->time_ns, &a);
        annotation_free(&a);
        if (!passes)
            return;
    }
    merge_add(c->merge, r);
}

static void watch_crew(struct conductor *c)
{
    const char *sentence = crew_loss(c->o->crew);
    if (!sentence || c->result->member_failed || c->phase >= PHASE_CLOSE)
        return;
    c->result->member_failed = true;
    c->result->reason = xstrdup(sentence);
    add_note(c, 0, sentence);
}

static void member_ended(struct conductor *c, int who)
{
    c->ended[who] = c->ready[who] = true;
    merge_end(c->merge, (size_t)who);
    if (who == CREW_C)
        c->client_ended_ns = monotonic_ns();
}

static void read_member(struct conductor *c, int who)
{
    struct stream_record r;
    int got;
    while ((got = stream_fill(c->readers[who])) > 0)
        while (stream_take(c->readers[who], &r))
            take_record(c, who, &r);
    if (got < 0 && !c->ended[who])
        member_ended(c, who);
}

static void read_console(struct conductor *c, int host)
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
    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] == '\0')
            bytes[i] = '?';
    struct annotation a = {.type = ANNOTATION_CONSOLE, .host = host ? 'S' : 'C'};
    a.console.text = xstrndup(bytes, (size_t)n);
    add_own(c, &a);
    annotation_free(&a);
}

/* ---- what is typed ----------------------------------------------------------------------------
 */

static void type(struct conductor *c, int host, const char *bytes, size_t n)
{
    int fd = c->o->crew->consoles[host].ours;
    if (fd < 0 || n == 0 || write(fd, bytes, n) != (ssize_t)n)
        return;
    struct annotation a = {.type = ANNOTATION_CONSOLE, .host = host ? 'S' : 'C'};
    a.console.typed = true;
    a.console.text = xstrndup(bytes, n);
    add_own(c, &a);
    annotation_free(&a);
}

static void read_typed(struct conductor *c)
{
    char bytes[1024];
    ssize_t n = read(c->o->typed_fd, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++) {
        text_char(&c->typed, bytes[i]);
        if (bytes[i] != '\n')
            continue;
        type(c, c->typed.s[0] == 'S', c->typed.s + 1, c->typed.len - 1);
        text_clear(&c->typed);
    }
}

static void read_input(struct conductor *c)
{
    static const char end_of_file[] = {4};
    char bytes[1024];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        type(c, 0, bytes, (size_t)n);
        return;
    }
    c->input_ended = true;
    if (c->o->crew->consoles[0].ours >= 0 &&
        write(c->o->crew->consoles[0].ours, end_of_file, sizeof end_of_file) < 0)
        c->input_ended = true;
}

/* ---- who does what when -----------------------------------------------------------------------
 */

static void enter(struct conductor *c, enum phase phase)
{
    c->phase = phase;
    c->phase_since_ns = monotonic_ns();
}

static void close_crew(struct conductor *c)
{
    for (int i = 0; i < CREW_COUNT; i++)
        crew_order(c->o->crew, (enum crew_member)i, 0);
    enter(c, PHASE_CLOSE);
}

static void try_server(struct conductor *c)
{
    if (c->o->hold_fd >= 0) {
        if (c->released)
            close_crew(c);
        return;
    }
    for (int i = 0; i < CREW_COUNT; i++)
        if (member(c, i)->present && !c->ready[i])
            return;
    crew_order(c->o->crew, CREW_S, 'g');
    enter(c, PHASE_SERVER);
}

static void try_run(struct conductor *c, int64_t now_ns)
{
    bool late = now_ns - c->phase_since_ns > patience.listen_ns;
    if (!c->server_listens && !over(c, CREW_S) && !late)
        return;
    if (late && !c->server_listens && !over(c, CREW_S))
        add_note(c, 'S',
                 "The server has not called listen() within 2 s: the client starts all "
                 "the same.");
    crew_order(c->o->crew, CREW_C, 'g');
    enter(c, PHASE_RUN);
}

/* After the client's end the server is given time; then it is asked, then it is told. */
static void try_quiet(struct conductor *c, int64_t now_ns)
{
    if (over(c, CREW_C) && over(c, CREW_S))
        enter(c, PHASE_QUIET);
    if (c->phase == PHASE_QUIET || c->client_ended_ns == 0)
        return;
    bool quiet = now_ns - c->last_packet_ns > second_ns / 2;
    int64_t waited_ns = now_ns - c->client_ended_ns;
    bool enough = waited_ns > patience.server_ns ||
                  (c->o->spec->server_outlives && quiet && waited_ns > second_ns / 2);
    if (enough && !c->told_term) {
        crew_order(c->o->crew, CREW_S, 't');
        c->told_term = true;
        c->client_ended_ns = now_ns - patience.server_ns;
    } else if (c->told_term && !c->told_kill && waited_ns > patience.server_ns + patience.term_ns) {
        crew_order(c->o->crew, CREW_S, 'k');
        c->told_kill = true;
    }
}

static void try_close(struct conductor *c, int64_t now_ns)
{
    int64_t since_ns =
        c->last_packet_ns > c->phase_since_ns ? c->last_packet_ns : c->phase_since_ns;
    bool endless = now_ns - c->phase_since_ns > 3 * second_ns; /* something retransmits on and on */
    if (now_ns - since_ns < patience.quiet_ns && !endless)
        return;
    close_crew(c);
}

static void step(struct conductor *c)
{
    int64_t now_ns = monotonic_ns();
    bool stop = c->result->interrupted || c->result->member_failed;
    if (stop && c->phase < PHASE_CLOSE)
        close_crew(c);
    if (c->phase == PHASE_READY)
        try_server(c);
    if (c->phase == PHASE_SERVER)
        try_run(c, now_ns);
    if (c->phase == PHASE_RUN)
        try_quiet(c, now_ns);
    if (c->phase == PHASE_QUIET)
        try_close(c, now_ns);
    bool all = true;
    for (int i = 0; i < CREW_COUNT; i++)
        all = all && over(c, i);
    bool stuck = c->phase == PHASE_CLOSE && now_ns - c->phase_since_ns > 3 * second_ns;
    if ((all && c->phase == PHASE_CLOSE) || stuck)
        c->phase = PHASE_DONE;
}

/* ---- the loop ---------------------------------------------------------------------------------
 */

enum {
    POLL_CONSOLES = CREW_COUNT,
    POLL_TYPED = CREW_COUNT + 2,
    POLL_INPUT,
    POLL_SIGNAL,
    POLL_HOLD,
    POLL_SANDBOX,
    POLL_VIEWER,
    POLL_COUNT
};

static void fill_poll(const struct conductor *c, struct pollfd fds[POLL_COUNT])
{
    for (int i = 0; i < POLL_COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    for (int i = 0; i < CREW_COUNT; i++)
        fds[i].fd = over(c, i) ? -1 : member(c, i)->out;
    for (int host = 0; host < 2; host++)
        fds[POLL_CONSOLES + host].fd = c->o->crew->consoles[host].ours;
    fds[POLL_TYPED].fd = c->o->typed_fd;
    bool input = c->o->spec->pass_input && !c->input_ended && c->phase == PHASE_RUN;
    fds[POLL_INPUT].fd = input ? STDIN_FILENO : -1;
    fds[POLL_SIGNAL].fd = c->o->signal_fd;
    bool watch = c->phase < PHASE_CLOSE && !c->result->member_failed;
    fds[POLL_SANDBOX].fd = watch ? sandbox_fd(c->o->crew->sandbox) : -1;
    fds[POLL_HOLD].fd = c->released ? -1 : c->o->hold_fd;
    if (c->viewer) {
        fds[POLL_VIEWER].fd = c->o->viewer_fd;
        fds[POLL_VIEWER].events = stream_pending(c->viewer) > 0 ? POLLOUT : 0;
    }
}

static void serve(struct conductor *c, const struct pollfd fds[POLL_COUNT])
{
    for (int i = 0; i < CREW_COUNT; i++)
        if (fds[i].fd >= 0 && fds[i].revents)
            read_member(c, i);
    for (int host = 0; host < 2; host++)
        if (fds[POLL_CONSOLES + host].revents)
            read_console(c, host);
    if (fds[POLL_TYPED].revents & POLLIN)
        read_typed(c);
    if (fds[POLL_INPUT].revents)
        read_input(c);
    struct signalfd_siginfo signal;
    if (fds[POLL_SIGNAL].revents && read(c->o->signal_fd, &signal, sizeof signal) > 0)
        c->result->interrupted = true;
    if (fds[POLL_SANDBOX].revents)
        watch_crew(c);
    if (fds[POLL_HOLD].revents)
        c->released = true;
    if (fds[POLL_VIEWER].revents & POLLOUT)
        stream_flush(c->viewer, false);
    if (fds[POLL_VIEWER].revents & POLLERR) /* the viewer has gone: nobody watches */
        c->result->interrupted = c->result->interrupted || c->phase < PHASE_CLOSE;
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
        let_go(c);
    }
}

static void add_end(struct conductor *c)
{
    struct conduct_result *r = c->result;
    int64_t drift_ns = session_now_ns() - monotonic_ns() - c->clock_offset_ns;
    r->clock_stepped = drift_ns > second_ns / 10 || drift_ns < -second_ns / 10;
    if (!r->reason && r->dropped_frames > 0)
        r->reason = xstrdup("The wire lost frames that the hosts had sent: this run shows less "
                            "than what happened. Run it again.");
    if (!r->reason && r->clock_stepped)
        r->reason = xstrdup("The machine's clock was set while the lab ran: its times cannot be "
                            "trusted. Run it again.");
    bool is_void = r->dropped_frames > 0 || r->clock_stepped;
    const char *verdict = r->member_failed ? "failed"
                          : r->interrupted ? "interrupted"
                          : is_void        ? "void"
                                           : "done";
    struct annotation a = {.type = ANNOTATION_END};
    a.end.verdict = xstrdup(verdict);
    a.end.reason = r->reason ? xstrdup(r->reason) : NULL;
    a.end.dropped_frames = r->dropped_frames;
    add_own(c, &a);
    annotation_free(&a);
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
    struct conductor c = {.o = o, .result = result, .file = o->file};
    *result = (struct conduct_result){0};
    c.merge = merge_new(SOURCE_TOTAL);
    c.clock_offset_ns = session_now_ns() - monotonic_ns();
    if (o->viewer_fd >= 0)
        c.viewer = stream_writer_new(o->viewer_fd, true);
    for (int i = 0; i < CREW_COUNT; i++) {
        if (member(&c, i)->present)
            c.readers[i] = stream_reader_new(member(&c, i)->out, false);
        else
            merge_end(c.merge, (size_t)i);
    }
    add_session(&c);
    play(&c);

    if (result->member_failed)
        result->failure = crew_failure(o->crew);
    for (int i = 0; i < SOURCE_TOTAL; i++)
        merge_end(c.merge, (size_t)i);
    let_go(&c);
    add_end(&c);
    let_go(&c);
    if (c.viewer)
        stream_flush(c.viewer, true);
    stream_writer_free(c.viewer);
    for (int i = 0; i < CREW_COUNT; i++)
        stream_reader_free(c.readers[i]);
    merge_free(c.merge);
    text_free(&c.typed);
    int closed = c.file ? sink_close(c.file, e) : 0;
    if (c.file_failed)
        *e = c.file_error;
    return c.file_failed || closed != 0 ? -1 : 0;
}
