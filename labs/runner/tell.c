#include "labs/runner/tell.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/decode/packet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { CLOCK_STEP_NS = NS_PER_S / 10 }; /* more than this in one run was set, not slewed */

/* ---- the runner's own words ---------------------------------------------------------------- */

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

static void add(struct conductor *c, const struct annotation *a)
{
    add_stamped(c, a, session_now_ns());
}

void tell_note(struct conductor *c, char host, const char *sentence)
{
    struct annotation a = {.type = ANNOTATION_NOTE, .host = host};
    a.note.text = xstrdup(sentence);
    add(c, &a);
    annotation_free(&a);
}

void tell_command(struct conductor *c, const char *text, const char *answer, bool failed)
{
    struct annotation a = {.type = ANNOTATION_COMMAND};
    a.command.text = xstrdup(text);
    a.command.answer = answer[0] ? xstrdup(answer) : NULL;
    a.command.failed = failed;
    add(c, &a);
    annotation_free(&a);
}

static bool on_hosts(const struct crew *crew)
{
    return crew->tier == TIER_HOSTS || crew->tier == TIER_ROOT_HOSTS;
}

static bool has_ipv6(const struct crew *crew)
{
    return crew->network->profile.ipv6 && (!on_hosts(crew) || sandbox_got(crew->sandbox)->ipv6);
}

/* What the profile wishes for and the hosts have not. */
static void tell_wishes(struct conductor *c)
{
    const struct crew *crew = c->o->crew;
    const struct profile *p = &crew->network->profile;
    const char *wish = profile_setting(p, "net/ipv4/tcp_congestion_control");
    const char *got = sandbox_got(crew->sandbox)->congestion;
    struct text note = {0};
    if (!on_hosts(crew))
        return;
    if (wish && got[0] && strcmp(wish, got) != 0) {
        text_format(&note,
                    "The network asks for %s congestion control, which this machine's kernel does "
                    "not give to a lab's host: it is %s here.",
                    wish, got);
        tell_note(c, 0, text_str(&note));
    }
    if (p->ipv6 && !sandbox_got(crew->sandbox)->ipv6)
        tell_note(c, 0,
                  "The network asks for IPv6, which this machine's kernel does not have: the "
                  "hosts have IPv4 alone.");
    text_free(&note);
}

void tell_session(struct conductor *c)
{
    const struct crew *crew = c->o->crew;
    struct utsname kernel;
    struct annotation a = {.type = ANNOTATION_SESSION};
    a.session.version = SESSION_VERSION;
    a.session.writer = xstrdup("tcplab " TCPLADDER_VERSION);
    a.session.lab = xstrdup(c->o->spec->lab);
    const struct run_network *n = crew->network;
    a.session.profile = xstrdup(n->profile.name);
    a.session.settings = n->profile.set.len > 0 ? xstrdup(text_str(&n->profile.set)) : NULL;
    a.session.wire = n->wire.len > 0 ? xstrdup(text_str(&n->wire)) : NULL;
    a.session.kernel = xstrdup(uname(&kernel) == 0 ? kernel.release : "unknown");
    a.session.tier = xstrdup(sandbox_tier_name(crew->tier));
    a.session.addresses[0] = xstrdup(sandbox_address(crew->tier, 0));
    a.session.addresses[1] = xstrdup(sandbox_address(crew->tier, 1));
    for (int i = 0; has_ipv6(crew) && i < 2; i++)
        a.session.addresses6[i] = xstrdup(sandbox_address6(crew->tier, i));
    const char *congestion = sandbox_got(crew->sandbox)->congestion;
    a.session.congestion = congestion[0] ? xstrdup(congestion) : NULL;
    a.session.server_port = c->o->spec->server_port;
    add_stamped(c, &a, crew->began_ns); /* before all that a member may have stamped */
    annotation_free(&a);
    if (c->o->fallback)
        tell_note(c, 0, c->o->fallback);
    tell_wishes(c);
}

void tell_console(struct conductor *c, int host, bool typed, int64_t time_ns, const char *bytes,
                  size_t n)
{
    struct annotation a = {.type = ANNOTATION_CONSOLE, .host = host ? 'S' : 'C'};
    char *text = xmalloc(n + 1);
    for (size_t i = 0; i < n; i++) /* an annotation's text holds any byte but NUL */
        text[i] = bytes[i] ? bytes[i] : '?';
    text[n] = '\0';
    if (c->o->spec->play) {
        a.type = ANNOTATION_PROMPT;
        a.prompt.typed = typed;
        a.prompt.text = text;
    } else {
        a.console.typed = typed;
        a.console.text = text;
    }
    add_stamped(c, &a, time_ns);
    annotation_free(&a);
}

static void judge_clock(struct conductor *c)
{
    int64_t drift_ns = session_now_ns() - clock_monotonic_ns() - c->clock_offset_ns;
    if (drift_ns > CLOCK_STEP_NS || drift_ns < -CLOCK_STEP_NS)
        conductor_void(
            c, "The machine's clock was set while the lab ran: its times cannot be trusted.");
}

void tell_end(struct conductor *c)
{
    struct conduct_result *r = c->result;
    judge_clock(c);
    if (conductor_member(c, CREW_WIRE)->present && !c->ended[CREW_WIRE])
        conductor_void(c, "The wire did not come to its end: what it had not told is missing.");
    const char *verdict = r->member_failed || r->script_failed ? "failed"
                          : r->interrupted                     ? "interrupted"
                          : r->is_void                         ? "void"
                                                               : "done";
    struct annotation a = {.type = ANNOTATION_END};
    a.end.verdict = xstrdup(verdict);
    a.end.reason = r->reason ? xstrdup(r->reason) : NULL;
    a.end.dropped_frames = r->dropped_frames;
    a.end.late_us = r->late_us;
    add(c, &a);
    annotation_free(&a);
}

/* ---- to the file and the viewer ------------------------------------------------------------- */

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
        tell_note(c, 0, c->file_error.text);
    }
}

void tell_nobody(struct conductor *c)
{
    stream_writer_free(c->viewer);
    c->viewer = NULL;
    /* Who leaves a prompt has done with it; any other run was not over. */
    if (c->o->spec->play)
        c->left = true;
    else if (c->phase < PHASE_CLOSE)
        c->result->interrupted = true;
}

/* More than any lab's: someone floods the network, or makes calls on and on. */
static void count(struct conductor *c, const struct stream_record *r)
{
    uint64_t most = c->o->spec->limits.recorded_bytes;
    c->recorded_bytes += r->captured_bytes;
    if (most == 0 || c->recorded_bytes <= most || c->told_flood)
        return;
    c->told_flood = true;
    for (int host = 0; host < 2; host++)
        conductor_end_program(c, host,
                              "More was sent, called or printed than a lab's programs ever do: "
                              "they were ended.");
}

void tell_records(struct conductor *c)
{
    struct stream_record r;
    while (merge_take(c->merge, &r)) {
        count(c, &r);
        save(c, &r);
        direct_record(c, &r);
        if (c->starter)
            starter_record(c->starter, &(struct capture_frame){
                                           .time_ns = r.time_ns,
                                           .linktype = LINKTYPE_ETHERNET,
                                           .bytes = r.bytes,
                                           .captured_bytes = r.captured_bytes,
                                           .wire_bytes = r.wire_bytes,
                                       });
        if (c->viewer &&
            !stream_write(c->viewer, r.time_ns, r.bytes, r.captured_bytes, r.wire_bytes))
            tell_nobody(c);
    }
    if (c->viewer && stream_pending(c->viewer) > 0 && !stream_blocked(c->viewer) &&
        !stream_flush(c->viewer, false))
        tell_nobody(c);
}

void tell_rest(struct conductor *c)
{
    while (c->viewer && stream_pending(c->viewer) > 0) {
        struct pollfd fds[] = {
            {.fd = c->o->viewer_fd, .events = POLLOUT},
            {.fd = c->o->signal_fd, .events = POLLIN},
        };
        if ((poll(fds, 2, -1) < 0 && errno != EINTR) || fds[1].revents)
            return;
        if (fds[0].revents && !stream_flush(c->viewer, false))
            return;
    }
}
