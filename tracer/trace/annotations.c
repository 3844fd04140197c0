#include "tracer/trace/model.h"

#include "tracer/base/alloc.h"

#include <string.h>

static void add_note(struct trace *t, const struct note *note)
{
    VECTOR_ADD(t->notes, *note);
    trace_moment(t, note->kind, (uint32_t)t->notes.count - 1);
}

void trace_remark(struct trace *t, int64_t time_ns, const char *text)
{
    struct note note = {.time_ns = time_ns, .kind = TRACE_NOTE, .text = trace_keep(t, text)};
    add_note(t, &note);
}

static void add_session(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct trace_session *s = &t->session;
    if (s->present)
        return;
    if (a->session.version > SESSION_VERSION)
        trace_remark(t, time_ns,
                     "This session was written by a newer version: what this one does "
                     "not know is left out.");
    s->present = true;
    s->lab = trace_keep(t, a->session.lab);
    s->profile = trace_keep(t, a->session.profile);
    s->settings = trace_keep(t, a->session.settings);
    s->wire = trace_keep(t, a->session.wire);
    s->kernel = trace_keep(t, a->session.kernel);
    s->tier = trace_keep(t, a->session.tier);
    s->writer = trace_keep(t, a->session.writer);
    s->server_port = a->session.server_port;
    for (int i = 0; i < 2; i++)
        if (a->session.addresses[i])
            address_parse(a->session.addresses[i], &s->addresses[i]);
    s->congestion = trace_keep(t, a->session.congestion);
    s->has_ipv6 = a->session.addresses6[0] && a->session.addresses6[1] &&
                  address_parse(a->session.addresses6[0], &s->addresses6[0]) &&
                  address_parse(a->session.addresses6[1], &s->addresses6[1]);
}

/* The connection between two endpoints in words, and the side of the first, once its first segment
 * was seen. */
static void find_flow(struct trace *t, const char *local_words, const char *remote_words,
                      uint32_t *flow, uint8_t *of_side)
{
    struct endpoint local, remote;
    if (!local_words || !remote_words || !endpoint_parse(local_words, &local) ||
        !endpoint_parse(remote_words, &remote))
        return;
    int side = 0;
    const struct flow *f = flow_lookup(t->flows, &local, &remote, &side);
    if (f) {
        *flow = f->index;
        *of_side = (uint8_t)side;
    }
}

static void link_flow(struct trace *t, struct call *call, const struct annotation *a)
{
    if (call->flow == TRACE_NONE)
        find_flow(t, a->call.local, a->call.remote, &call->flow, &call->side);
}

static struct key call_key(const struct annotation *a)
{
    return (struct key){.a = a->call.id, .c = (unsigned char)a->host};
}

/* The string kept last, where this one is the same: most calls come from one file. */
static const char *keep_once(struct trace *t, const char *last, const char *s)
{
    return s && last && strcmp(s, last) == 0 ? last : trace_keep(t, s);
}

static void enter_call(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct call call = {
        .enter_ns = time_ns,
        .exit_ns = -1,
        .host = a->host,
        .pid = a->call.pid,
        .tid = a->call.tid,
        .id = a->call.id,
        .name = trace_keep(t, a->call.name ? a->call.name : "?"),
        .args = trace_keep(t, a->call.args ? a->call.args : ""),
        .fd = a->call.fd,
        .flow = TRACE_NONE,
    };
    if (a->call.file && a->call.line > 0) {
        call.file = t->last_file = keep_once(t, t->last_file, a->call.file);
        call.function = t->last_function = keep_once(t, t->last_function, a->call.function);
        call.line = a->call.line;
    }
    call.enter_args = call.args;
    link_flow(t, &call, a);
    uint32_t index = (uint32_t)t->calls.count;
    VECTOR_ADD(t->calls, call);
    keyed_add(&t->open_calls, call_key(a), index);
    trace_moment(t, TRACE_CALL_ENTER, index);
}

static struct key listener_key(char host, const struct address *address, uint16_t port)
{
    struct key key = {.c = (uint32_t)(unsigned char)host << 16 | port};
    memcpy(&key.a, address->bytes, sizeof key.a);
    memcpy(&key.b, address->bytes + sizeof key.a, sizeof key.b);
    return key;
}

/* A zero address listens on all of its host's. */
bool trace_listens(const struct trace *t, char host, const struct endpoint *at)
{
    static const struct address any_v6;
    struct address any_v4 = address_from_v4((const uint8_t[4]){0});
    const struct address *const covering[] = {&any_v4, &any_v6, &at->address};
    for (size_t i = 0; i < sizeof covering / sizeof covering[0]; i++)
        if (keyed_find(&t->listeners, listener_key(host, covering[i], at->port)) != KEYED_NONE)
            return true;
    return false;
}

static void now_listens(struct trace *t, uint32_t index, const struct annotation *a)
{
    const struct call *call = &t->calls.at[index];
    struct endpoint at;
    if (strcmp(call->name, "listen") != 0 || call->ret != 0 || !a->call.local ||
        !endpoint_parse(a->call.local, &at) || trace_listens(t, call->host, &at))
        return;
    keyed_add(&t->listeners, listener_key(call->host, &at.address, at.port), index);
    struct tcp_end end = {.state = STATE_CLOSED};
    struct tcp_change changes[TCP_CHANGES_MAX];
    struct state_record like = {.cause = CAUSE_CALL, .side = SIDE_RESPONDER};
    trace_states(t, &like, changes, tcp_end_event(&end, EVENT_CALL_LISTEN, changes));
}

static void exit_call(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    uint32_t index = keyed_take(&t->open_calls, call_key(a));
    if (index == KEYED_NONE) {
        trace_remark(t, time_ns,
                     "A call returned that was never entered: the session is incomplete.");
        return;
    }
    struct call *call = &t->calls.at[index];
    call->exit_ns = time_ns;
    call->ret = a->call.ret;
    call->error = trace_keep(t, a->call.error);
    call->fd = a->call.fd;
    if (a->call.args)
        call->args = trace_keep(t, a->call.args);
    link_flow(t, call, a);
    trace_moment(t, TRACE_CALL_EXIT, index);
    now_listens(t, index, a);
}

static void add_call(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    if (a->call.phase == CALL_ENTER)
        enter_call(t, time_ns, a);
    else
        exit_call(t, time_ns, a);
}

/* RFC 9293's state of this name. */
static enum tcp_state state_named(const char *name)
{
    for (enum tcp_state s = 0; s < STATE_UNKNOWN; s++)
        if (name && strcmp(name, tcp_state_name(s)) == 0)
            return s;
    return STATE_UNKNOWN;
}

static uint32_t count_of(int64_t n)
{
    return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* An end that its kernel does not have any more, and of which no segment told that: a timer ran out
 * on it, or its program gave it up. */
static void end_by_kernel(struct trace *t, const struct kernel_word *w, bool timer)
{
    if (w->flow == TRACE_NONE || w->state != STATE_CLOSED)
        return;
    struct tcp_change changes[TCP_CHANGES_MAX];
    struct state_record like = {.cause = (timer ? CAUSE_TIMER : CAUSE_CLOSE) & 7,
                                .side = w->side != 0};
    trace_states(t, &like, changes,
                 tcp_end_event(&t->lives.at[w->flow].ends[w->side],
                               timer ? EVENT_TIMER : EVENT_CALL_CLOSE, changes));
}

static void add_kernel(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct kernel_word word = {
        .time_ns = time_ns,
        .flow = TRACE_NONE,
        .host = a->host,
        .state = state_named(a->kernel.state),
        .implied = STATE_UNKNOWN,
        .cwnd = count_of(a->kernel.cwnd),
        .ssthresh = count_of(a->kernel.ssthresh),
        .rtt_us = count_of(a->kernel.rtt_us),
        .rto_us = count_of(a->kernel.rto_us),
        .unacked = count_of(a->kernel.unacked),
        .backoff = count_of(a->kernel.backoff),
        .retransmits = count_of(a->kernel.retransmits),
    };
    find_flow(t, a->kernel.local, a->kernel.remote, &word.flow, &word.side);
    if (word.flow != TRACE_NONE)
        word.implied = trace_state_now(t, word.flow, word.side);
    VECTOR_ADD(t->kernel, word);
    trace_moment(t, TRACE_KERNEL, (uint32_t)t->kernel.count - 1);
    end_by_kernel(t, &word, a->kernel.timer);
}

/* Each line is an event of its own, with the empty lines behind it: how many of them come in one
 * read is the machine's doing, and not the program's. */
static void add_console(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    const char *line = a->console.text ? a->console.text : "";
    do {
        size_t bytes = strcspn(line, "\n");
        bytes += strspn(line + bytes, "\n");
        struct note note = {
            .time_ns = time_ns,
            .kind = TRACE_CONSOLE,
            .host = a->host,
            .typed = a->console.typed,
            .text = trace_keep_bytes(t, line, bytes),
        };
        add_note(t, &note);
        line += bytes;
    } while (*line);
}

static void add_process(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    struct note note = {
        .time_ns = time_ns,
        .kind = TRACE_PROCESS,
        .host = a->host,
        .event = a->process.event,
        .pid = a->process.pid,
        .status = a->process.status,
        .text = trace_keep(t, a->process.program ? a->process.program : ""),
    };
    add_note(t, &note);
}

static void add_runner_note(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    trace_remark(t, time_ns, a->note.text ? a->note.text : "");
}

static void add_end(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    (void)time_ns;
    t->session.ended = true;
    t->session.verdict = trace_keep(t, a->end.verdict);
    t->session.reason = trace_keep(t, a->end.reason);
}

void trace_add_annotation(struct trace *t, int64_t time_ns, const struct annotation *a)
{
    static void (*const takers[])(struct trace *, int64_t, const struct annotation *) = {
        [ANNOTATION_SESSION] = add_session,       [ANNOTATION_CALL] = add_call,
        [ANNOTATION_FATE] = trace_fate,           [ANNOTATION_CONSOLE] = add_console,
        [ANNOTATION_PROCESS] = add_process,       [ANNOTATION_KERNEL] = add_kernel,
        [ANNOTATION_NOTE] = add_runner_note,      [ANNOTATION_END] = add_end,
        [ANNOTATION_HELD] = trace_add_held,       [ANNOTATION_WAITS] = trace_add_waits,
        [ANNOTATION_COMMAND] = trace_add_command, [ANNOTATION_TYPE_COUNT] = NULL,
    };
    if (takers[a->type])
        takers[a->type](t, time_ns, a);
}
