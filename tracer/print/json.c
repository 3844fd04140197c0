#include "tracer/print/json.h"

#include "tracer/base/alloc.h"
#include "tracer/base/put.h"
#include "tracer/print/line.h"
#include "tracer/tcp/analysis.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct json {
    const struct trace *trace; /* (borrowed) */
    size_t told;               /* events written so far */
    uint64_t frames;           /* that json_after() was told of */
    const struct packet *last; /* (borrowed) the last of them, while it is told; or NULL */
    int64_t now_ns;            /* the time of the event that is being told */
    struct line_printer *line; /* (owned) for packets that are not TCP */
    struct analysis *analysis; /* (owned) of the segments told so far */
    struct text scratch;
};

struct json *json_new(const struct trace *trace)
{
    static const struct line_options bare = {.time = LINE_TIME_NONE};
    struct json *j = xcalloc(1, sizeof *j);
    j->trace = trace;
    j->line = line_printer_new(&bare);
    j->analysis = analysis_new();
    return j;
}

void json_free(struct json *j)
{
    if (!j)
        return;
    line_printer_free(j->line);
    analysis_free(j->analysis);
    text_free(&j->scratch);
    free(j);
}

/* ---- members ---- */

static void add_key(struct text *out, const char *key)
{
    char *at = text_reserve(out, strlen(key) + sizeof ",\"\":");
    text_commit_to(out, put_str(put_str(put_str(at, ",\""), key), "\":"));
}

static void add_number(struct text *out, const char *key, int64_t v)
{
    add_key(out, key);
    text_i64(out, v);
}

static void add_null(struct text *out, const char *key)
{
    add_key(out, key);
    text_add(out, "null");
}

static void add_true(struct text *out, const char *key)
{
    add_key(out, key);
    text_add(out, "true");
}

static void add_string(struct text *out, const char *key, const char *s)
{
    if (!s) {
        add_null(out, key);
        return;
    }
    add_key(out, key);
    text_json_str(out, s);
}

static void add_host(struct text *out, char host)
{
    const char name[2] = {host, '\0'};
    add_string(out, "host", host ? name : NULL);
}

/* Every object begins with its type and time: nanoseconds, as a string, since many readers keep
 * numbers as doubles. */
static void add_front(struct text *out, const char *type, int64_t time_ns)
{
    text_add(out, "{\"type\":");
    text_json_str(out, type);
    add_key(out, "time");
    text_char(out, '"');
    text_i64(out, time_ns);
    text_char(out, '"');
}

static void add_flow(struct text *out, uint32_t flow)
{
    if (flow == TRACE_NONE)
        add_null(out, "flow");
    else
        add_number(out, "flow", flow);
}

static void add_endpoint(struct json *j, struct text *out, const char *key, uint32_t flow, int side)
{
    text_clear(&j->scratch);
    endpoint_text(&trace_flow(j->trace, flow)->ends[side], &j->scratch);
    add_string(out, key, text_str(&j->scratch));
}

/* ---- segments ---- */

/* Odd options as an array: "mss 1460,sackOK". Commas within braces belong to an option. */
static void add_odd_options(struct text *out, const struct text *options)
{
    size_t start = 0;
    int depth = 0;
    for (size_t i = 0; i <= options->len && options->len > 0; i++) {
        char c = i < options->len ? options->s[i] : ',';
        depth += (c == '{') - (c == '}' && depth > 0);
        if (c != ',' || (depth > 0 && i < options->len))
            continue;
        if (start > 0)
            text_char(out, ',');
        text_json(out, options->s + start, i - start);
        start = i + 1;
    }
}

static void add_options(struct json *j, const struct packet *p, struct text *out)
{
    text_add(out, ",\"options\":[");
    if (line_options_plain(p) && p->tcp.options_bytes > 0) {
        char *at = text_reserve(out, LINE_OPTIONS_MOST);
        text_commit_to(out, put_str(line_options_put(put_str(at, "\""), p), "\""));
    } else if (p->tcp.options_bytes > 0) {
        text_clear(&j->scratch);
        line_options_text(p, &j->scratch);
        add_odd_options(out, &j->scratch);
    }
    text_char(out, ']');
}

/* A word of ours, in which nothing needs escaping. */
static void add_word(struct text *out, const char *before, const char *word)
{
    text_add(out, before);
    text_add(out, word);
    text_char(out, '"');
}

/* The kinds of a set that tshark has too, by name. */
static void add_flags_found(struct text *out, uint32_t flags)
{
    text_add(out, ",\"analysis\":[");
    bool any = false;
    for (int kind = 0; flags >> kind != 0; kind++) {
        if (!(flags & FINDING_BIT(kind)))
            continue;
        add_word(out, any ? ",\"" : "\"", finding_name((enum finding_kind)kind));
        any = true;
    }
    text_char(out, ']');
}

static void add_findings(struct json *j, struct text *out, const struct analysis_result *r)
{
    if (r->count == 0)
        return;
    add_key(out, "findings");
    for (unsigned i = 0; i < r->count; i++) {
        enum finding_kind kind = (enum finding_kind)r->findings[i].kind;
        add_word(out, i == 0 ? "[{\"kind\":\"" : ",{\"kind\":\"", finding_name(kind));
        add_word(out, ",\"severity\":\"", finding_severity_name(finding_severity(kind)));
        text_clear(&j->scratch);
        finding_reason(&r->findings[i], &j->scratch);
        add_string(out, "reason", text_str(&j->scratch));
        text_char(out, '}');
    }
    text_char(out, ']');
}

static void add_analysis(struct json *j, const struct segment *s, const struct packet *p,
                         struct text *out)
{
    struct analysis_facts facts;
    struct analysis_result r;
    analysis_facts(p, trace_flow(j->trace, s->flow), s->side, &facts);
    analysis_take(j->analysis, s->flow, s->index, &facts, &r);
    add_flags_found(out, r.flags);
    add_findings(j, out, &r);
    if (r.rtt_ns >= 0)
        add_number(out, "rtt_ns", r.rtt_ns);
    if (r.in_flight_known)
        add_number(out, "bytes_in_flight", r.in_flight);
    add_number(out, "completeness", r.completeness);
}

/* What every line of a segment begins with, in one room: there is a line for each, and nothing of
 * it needs escaping. */
enum { SEGMENT_FRONT_MOST = 256 + 2 * ENDPOINT_MOST + 9 * PUT_U64_MOST + PUT_SPOILT };

static void add_segment_front(const struct json *j, const struct segment *s, struct text *out)
{
    const struct flow *flow = trace_flow(j->trace, s->flow);
    char host = trace_host_of(j->trace, s->flow, s->side);
    add_front(out, "segment", j->now_ns);
    char *at = text_reserve(out, SEGMENT_FRONT_MOST);
    at = put_u64(put_str(at, ",\"frame\":"), s->frame);
    at = put_u32(put_str(at, ",\"flow\":"), s->flow);
    at = put_str(at, ",\"host\":");
    if (host) {
        *at++ = '"';
        *at++ = host;
        at = put_str(at, "\",\"src\":\"");
    } else {
        at = put_str(at, "null,\"src\":\"");
    }
    at = put_str(endpoint_put(at, &flow->ends[s->side]), "\",\"dst\":\"");
    at = put_str(endpoint_put(at, &flow->ends[!s->side]), "\",\"flags\":\"");
    at = put_str(line_flags_put(at, s->flags), "\",\"seq\":");
    at = put_u32(put_str(put_u32(at, s->seq), ",\"ack\":"), s->ack);
    at = put_u32(put_str(at, ",\"win\":"), s->window);
    at = put_u32(put_str(at, ",\"len\":"), s->len);
    text_commit_to(out, at);
}

/* The packet of a segment: most are told right after they came. */
static const struct packet *packet_of(const struct json *j, const struct segment *s,
                                      struct packet *room)
{
    if (j->last && s->frame == j->frames)
        return j->last;
    struct frame frame = trace_segment_frame(j->trace, s->index);
    packet_decode(&frame, room);
    return room;
}

static void tell_segment(struct json *j, const struct trace_event *event, struct text *out)
{
    const struct segment s = trace_segment(j->trace, event->index);
    struct packet room;
    const struct packet *p = packet_of(j, &s, &room);
    add_segment_front(j, &s, out);
    add_options(j, p, out);
    add_analysis(j, &s, p, out);
}

static void tell_fate(struct json *j, const struct trace_event *event, struct text *out)
{
    bool copy = event->kind == TRACE_COPIED;
    uint32_t segment = copy ? trace_copy(j->trace, event->index).segment : event->index;
    const struct segment got_s = trace_segment(j->trace, segment), *s = &got_s;
    const char *reason = trace_segment_reason(j->trace, segment);
    add_front(out, "fate", j->now_ns);
    add_number(out, "frame", (int64_t)s->frame);
    add_flow(out, s->flow);
    add_string(out, "fate",
               fate_name(event->kind == TRACE_DROPPED ? FATE_DROPPED : FATE_DELIVERED));
    if (copy)
        add_true(out, "copy");
    if (s->corrupted)
        add_true(out, "corrupted");
    if (reason)
        add_string(out, "reason", reason);
}

/* ---- calls and states ---- */

static void tell_call(struct json *j, const struct trace_event *event, struct text *out)
{
    const struct call *c = trace_call(j->trace, event->index);
    bool returned = event->kind == TRACE_CALL_EXIT;
    add_front(out, "call", j->now_ns);
    add_host(out, c->host);
    add_number(out, "pid", c->pid);
    add_number(out, "tid", c->tid);
    add_string(out, "name", c->name);
    add_string(out, "phase", call_phase_name(returned ? CALL_EXIT : CALL_ENTER));
    add_string(out, "args", c->args);
    if (c->fd >= 0)
        add_number(out, "fd", c->fd);
    else
        add_null(out, "fd");
    if (returned)
        add_number(out, "ret", c->ret);
    else
        add_null(out, "ret");
    add_string(out, "errno", returned ? c->error : NULL);
    add_flow(out, c->flow);
    if (c->file) {
        add_string(out, "file", c->file);
        add_number(out, "line", c->line);
        add_string(out, "function", c->function);
    }
}

static void tell_state(struct json *j, const struct trace_event *event, struct text *out)
{
    static const char *const causes[] = {"sent", "received", "call", "timer", "close"};
    static_assert(sizeof causes / sizeof causes[0] == STATE_CAUSE_COUNT, "a word a cause");
    const struct state_change got_s = trace_state(j->trace, event->index), *s = &got_s;
    add_front(out, "state", j->now_ns);
    add_host(out, s->host);
    add_flow(out, s->flow);
    if (s->flow == TRACE_NONE)
        add_null(out, "end");
    else
        add_endpoint(j, out, "end", s->flow, s->side);
    add_string(out, "from", tcp_state_name(s->from));
    add_string(out, "to", tcp_state_name(s->to));
    add_string(out, "cause", causes[s->cause]);
    add_string(out, "rule", s->rule);
}

static void tell_kernel(struct json *j, const struct trace_event *event, struct text *out)
{
    const struct kernel_word *w = trace_kernel(j->trace, event->index);
    add_front(out, "kernel", w->time_ns);
    add_host(out, w->host);
    add_flow(out, w->flow);
    add_string(out, "state", tcp_state_name(w->state));
    add_string(out, "implied", tcp_state_name(w->implied));
    add_number(out, "cwnd", w->cwnd);
    add_number(out, "ssthresh", w->ssthresh);
    add_number(out, "rtt_us", w->rtt_us);
    add_number(out, "rto_us", w->rto_us);
    add_number(out, "unacked", w->unacked);
    add_number(out, "backoff", w->backoff);
    add_number(out, "retransmits", w->retransmits);
}

/* ---- the rest ---- */

static void tell_note(struct json *j, const struct trace_event *event, struct text *out)
{
    const struct note *n = trace_note(j->trace, event->index);
    static const char *const types[TRACE_KIND_COUNT] = {
        [TRACE_CONSOLE] = "console", [TRACE_PROCESS] = "process", [TRACE_NOTE] = "note"};
    add_front(out, types[event->kind], j->now_ns);
    add_host(out, n->host);
    if (event->kind == TRACE_CONSOLE) {
        add_key(out, "typed");
        text_add(out, n->typed ? "true" : "false");
    } else if (event->kind == TRACE_PROCESS) {
        add_string(out, "event", process_event_name(n->event));
        add_number(out, "pid", n->pid);
        add_number(out, "status", n->status);
    }
    add_string(out, event->kind == TRACE_PROCESS ? "program" : "text", n->text);
}

static void add_address(struct json *j, struct text *out, const char *key, const struct packet *p,
                        const struct address *a)
{
    text_clear(&j->scratch);
    if (p->net == NET_IPV4 || p->net == NET_IPV6)
        address_text(a, &j->scratch);
    add_string(out, key, j->scratch.len > 0 ? j->scratch.s : NULL);
}

static void tell_other(struct json *j, const struct trace_event *event, struct text *out)
{
    const struct other got_o = trace_other(j->trace, event->index), *o = &got_o;
    struct frame frame = trace_other_frame(j->trace, event->index);
    struct packet p;
    packet_decode(&frame, &p);
    add_front(out, "packet", j->now_ns);
    add_number(out, "frame", (int64_t)o->frame);
    add_number(out, "linktype", frame.linktype);
    add_address(j, out, "src", &p, &p.source);
    add_address(j, out, "dst", &p, &p.destination);
    add_number(out, "len", frame.wire_bytes);
    text_clear(&j->scratch);
    line_print(j->line, &p, &j->scratch);
    while (j->scratch.len > 0 && j->scratch.s[j->scratch.len - 1] == '\n')
        j->scratch.len--;
    add_key(out, "line");
    text_json(out, text_str(&j->scratch), j->scratch.len);
}

static void (*const tellers[TRACE_KIND_COUNT])(struct json *, const struct trace_event *,
                                               struct text *) = {
    [TRACE_SEGMENT] = tell_segment, [TRACE_DELIVERED] = tell_fate, [TRACE_DROPPED] = tell_fate,
    [TRACE_CALL_ENTER] = tell_call, [TRACE_CALL_EXIT] = tell_call, [TRACE_STATE] = tell_state,
    [TRACE_CONSOLE] = tell_note,    [TRACE_PROCESS] = tell_note,   [TRACE_NOTE] = tell_note,
    [TRACE_OTHER] = tell_other,     [TRACE_KERNEL] = tell_kernel,  [TRACE_COPIED] = tell_fate,
};

bool json_next(struct json *j, struct text *out)
{
    if (j->told >= trace_event_count(j->trace))
        return false;
    struct trace_event event = trace_event(j->trace, j->told);
    j->now_ns = trace_time(j->trace, j->told);
    tellers[event.kind](j, &event, out);
    text_add(out, "}\n");
    j->told++;
    return true;
}

void json_more(struct json *j, struct text *out)
{
    while (json_next(j, out))
        ;
}

void json_after(struct json *j, const struct packet *p, struct text *out)
{
    j->frames++;
    j->last = p;
    json_more(j, out);
    j->last = NULL;
}
