#include "tracer/view/detail.h"

#include "tracer/base/words.h"
#include "tracer/view/label.h"
#include "tracer/view/source_file.h"

#include <string.h>

void detail_line(struct lines *out, const char *lead, struct text *body, enum role role)
{
    lines_add(out, lead, text_str(body), role);
    text_clear(body);
}

void detail_bytes(const struct frame *frame, struct lines *out)
{
    struct text line = {0};
    struct cursor c;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    for (size_t at = 0; cursor_captured_left(&c) > 0; at += 16) {
        char ascii[17] = "";
        text_hex_padded(&line, at, 4);
        text_char(&line, ' ');
        for (size_t i = 0; i < 16; i++) {
            if (cursor_captured_left(&c) == 0) {
                text_add(&line, i % 8 == 0 ? "    " : "   ");
                continue;
            }
            uint8_t byte = cursor_u8(&c);
            text_add(&line, i % 8 == 0 ? "  " : " ");
            text_hex_padded(&line, byte, 2);
            ascii[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
            ascii[i + 1] = '\0';
        }
        text_add(&line, "  ");
        text_add(&line, ascii);
        detail_line(out, NULL, &line, ROLE_DIM);
    }
    text_free(&line);
}

static void call_times(const struct call *c, struct text *body, struct lines *out)
{
    struct text entered = {0}, took = {0};
    label_clock(c->enter_ns, &entered);
    if (c->exit_ns >= 0)
        label_span(c->exit_ns - c->enter_ns, &took);
    if (c->exit_ns < 0)
        text_format(body, _("entered at %s: it blocks, waiting for the kernel to answer."),
                    text_str(&entered));
    else
        text_format(body, _("entered at %s, returned after %s."), text_str(&entered),
                    text_str(&took));
    text_free(&entered);
    text_free(&took);
    detail_line(out, "time", body, ROLE_TIME);
}

static const char *errno_sentence(const char *name)
{
    static const struct {
        const char *name, *sentence;
    } sentences[] = {
        {"ECONNREFUSED", N_("The peer answered with a RST: nobody listens at that port.")},
        {"ECONNRESET", N_("A RST arrived: the peer gave the connection up.")},
        {"EPIPE", N_("The connection was closed already: nothing more can be written.")},
        {"ETIMEDOUT", N_("Nobody answered, however often it was sent again.")},
        {"EINPROGRESS",
         N_("Under way: the socket is non-blocking, and becomes writable when done.")},
        {"EAGAIN", N_("Nothing to do right now: the socket is non-blocking.")},
        {"EADDRINUSE", N_("Another socket has that address and port, or had it a minute ago.")},
        {"EADDRNOTAVAIL", N_("This host does not have that address.")},
        {"ENOTCONN", N_("The socket is not connected.")},
        {"EHOSTUNREACH", N_("No way leads to that host.")},
        {"ENETUNREACH", N_("No way leads to that network.")},
        {"EINTR", N_("A signal came before anything else did.")},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(name, sentences[i].name) == 0)
            return _(sentences[i].sentence);
    return _("The call failed.");
}

static void call_result(const struct call *c, struct text *body, struct lines *out)
{
    if (c->exit_ns < 0)
        return;
    text_i64(body, c->ret);
    if (c->error) {
        text_add(body, ", errno ");
        text_safe_str(body, c->error);
    }
    detail_line(out, "result", body, c->error ? ROLE_CALL_FAILED : ROLE_NORMAL);
    if (c->error)
        lines_remark(out, errno_sentence(c->error));
}

static void call_sentence(const struct call *c, struct lines *out);

/* Where it was made, and that line with those around it. */
static void call_code(const struct trace *t, const struct call *c, struct text *body,
                      struct lines *out)
{
    static const char below[] = ""; /* in the column of the other bodies */
    struct source_file file;
    if (!c->file)
        return;
    label_caller(c, body);
    detail_line(out, "code", body, ROLE_NORMAL);
    if (source_file_read(&file, t, c->file)) {
        size_t line = (size_t)c->line, last = line < file.lines ? line + 1 : file.lines;
        for (size_t i = line > 1 ? line - 1 : 1; i <= last; i++) {
            text_format(body, "%c%5zu  ", i == line ? '>' : ' ', i);
            source_file_line(&file, i, body);
            detail_line(out, below, body, i == line ? ROLE_CALL : ROLE_DIM);
        }
    } else {
        lines_remark(out, file.fault);
    }
    source_file_free(&file);
}

static void detail_of_call(const struct trace *t, const struct call *c, struct lines *out)
{
    struct text body = {0};
    label_call(t, c, c->exit_ns >= 0 ? CALL_WHOLE : CALL_ENTERED, 1000, &body);
    detail_line(out, "call", &body, ROLE_CALL);
    text_format(&body, _("host %c, process %d"), c->host, c->pid);
    if (c->tid != c->pid)
        text_format(&body, _(", thread %d"), c->tid);
    detail_line(out, "by", &body, ROLE_NORMAL);
    call_code(t, c, &body, out);
    call_sentence(c, out);
    call_times(c, &body, out);
    call_result(c, &body, out);
    if (c->flow != TRACE_NONE) {
        const struct flow *f = trace_flow(t, c->flow);
        struct text from = {0}, to = {0};
        endpoint_text(&f->ends[c->side], &from);
        endpoint_text(&f->ends[!c->side], &to);
        text_format(&body, _("%s to %s"), text_str(&from), text_str(&to));
        text_free(&from);
        text_free(&to);
        detail_line(out, "socket", &body, ROLE_NORMAL);
    }
    text_free(&body);
}

/* What a call asks of the kernel. */
static void call_sentence(const struct call *c, struct lines *out)
{
    static const struct {
        const char *name, *sentence;
    } sentences[] = {
        {"socket", N_("Asks for a new endpoint; nothing is sent.")},
        {"bind", N_("Gives the socket its own address and port; nothing is sent.")},
        {"listen",
         N_("Lets the kernel take connections for this socket: from here it answers SYNs.")},
        {"accept",
         N_("Takes a connection that the kernel has completed, waiting until there is one.")},
        {"accept4",
         N_("Takes a connection that the kernel has completed, waiting until there is one.")},
        {"connect", N_("Sends a SYN and waits for the SYN-ACK; then the connection stands.")},
        {"read",
         N_("Takes bytes that have arrived, waiting until there are some; 0 is the peer's FIN.")},
        {"recv",
         N_("Takes bytes that have arrived, waiting until there are some; 0 is the peer's FIN.")},
        {"recvfrom", N_("Takes bytes that have arrived, waiting until there are some; 0 is the "
                        "peer's FIN.")},
        {"write",
         N_("Hands bytes to the kernel, which sends them when it may; it returns before they "
            "have arrived.")},
        {"send",
         N_("Hands bytes to the kernel, which sends them when it may; it returns before they "
            "have arrived.")},
        {"sendto",
         N_("Hands bytes to the kernel, which sends them when it may; it returns before they "
            "have arrived.")},
        {"shutdown", N_("Ends one or both directions; ending ours sends a FIN.")},
        {"close",
         N_("Gives the descriptor up; the last one closed sends a FIN, or a RST where bytes "
            "were left unread.")},
        {"setsockopt", N_("Sets an option of the socket.")},
        {"getsockopt", N_("Asks for an option of the socket.")},
        {"poll", N_("Waits until one of several descriptors is ready.")},
        {"select", N_("Waits until one of several descriptors is ready.")},
        {"epoll_wait", N_("Waits until one of several descriptors is ready.")},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (c->name && strcmp(c->name, sentences[i].name) == 0)
            lines_add(out, "means", _(sentences[i].sentence), ROLE_NORMAL);
}

static void detail_of_state(const struct trace *t, uint32_t index, uint32_t event,
                            struct lines *out)
{
    const struct state_change change = trace_state(t, index), *c = &change;
    static const char *const causes[STATE_CAUSE_COUNT] = {
        N_("because it sent a segment"), N_("because a segment arrived"),
        N_("because a call returned"), N_("because a timer ran out"),
        N_("because its program closed it")};
    struct text body = {0};
    text_format(&body, _("%s to %s"), tcp_state_name(c->from), tcp_state_name(c->to));
    if (c->host)
        text_format(&body, _(" at host %c"), c->host);
    if (c->cause < STATE_CAUSE_COUNT)
        text_format(&body, ", %s", _(causes[c->cause]));
    if (c->rule)
        text_format(&body, " (%s)", c->rule);
    detail_line(out, "state", &body, ROLE_STATE);
    text_free(&body);
    if (c->cause_index != TRACE_NONE && (c->cause == CAUSE_SENT || c->cause == CAUSE_RECEIVED))
        detail_of_segment(t, c->cause_index, event, out);
    else if (c->cause_index != TRACE_NONE && c->cause == CAUSE_CALL)
        detail_of_call(t, trace_call(t, c->cause_index), out);
    else if (c->cause == CAUSE_TIMER)
        lines_add(out, "why", tcp_timer_clause(c->from), ROLE_NORMAL);
}

static void detail_of_note(const struct note *n, struct lines *out)
{
    struct text body = {0}, time = {0};
    if (n->kind == TRACE_CONSOLE)
        text_format(&body,
                    n->typed ? _("typed to the program on host %c:")
                             : _("printed by the program on host %c:"),
                    n->host ? n->host : '?');
    else if (n->pid > 0)
        text_format(&body, _("process %d on host %c:"), n->pid, n->host ? n->host : '?');
    else
        text_add(&body, _("a note:"));
    detail_line(out, NULL, &body, ROLE_NORMAL);
    label_note(n, &body);
    detail_line(out, NULL, &body, ROLE_NOTE);
    label_clock(n->time_ns, &time);
    text_format(&body, _("at %s"), text_str(&time));
    detail_line(out, NULL, &body, ROLE_TIME);
    text_free(&body);
    text_free(&time);
}

static void detail_of_other(const struct trace *t, uint32_t index, struct lines *out)
{
    struct other o = trace_other(t, index);
    struct frame frame = trace_other_frame(t, index);
    struct text body = {0}, time = {0};
    label_other(t, index, &body);
    detail_line(out, "packet", &body, ROLE_NORMAL);
    label_clock(o.time_ns, &time);
    text_format(&body, _("number %llu in the capture, %u bytes on the wire, %u captured, at %s"),
                (unsigned long long)o.frame, frame.wire_bytes, frame.captured_bytes,
                text_str(&time));
    text_free(&time);
    detail_line(out, "frame", &body, ROLE_DIM);
    text_free(&body);
    detail_bytes(&frame, out);
}

void detail_of_event(const struct trace *t, uint32_t event, struct lines *out)
{
    out->lead_cols = 9;
    if (event == TRACE_NONE) {
        lines_add(out, NULL, _("Nothing to explain yet: no line is selected."), ROLE_DIM);
        return;
    }
    struct trace_event e = trace_event(t, event);
    switch (e.kind) {
    case TRACE_SEGMENT:
    case TRACE_DELIVERED:
    case TRACE_DROPPED:
    case TRACE_COPIED: detail_of_segment(t, trace_event_segment(t, event), event, out); break;
    case TRACE_CALL_ENTER:
    case TRACE_CALL_EXIT: detail_of_call(t, trace_call(t, e.index), out); break;
    case TRACE_STATE: detail_of_state(t, e.index, event, out); break;
    case TRACE_CONSOLE:
    case TRACE_PROCESS:
    case TRACE_NOTE: detail_of_note(trace_note(t, e.index), out); break;
    case TRACE_OTHER: detail_of_other(t, e.index, out); break;
    case TRACE_KERNEL: /* stands beside the segments, not by itself */
    case TRACE_KIND_COUNT: break;
    }
}
