#include "tracer/view/label.h"

#include "tracer/base/words.h"

#include <string.h>

enum role label_role(const struct segment *s)
{
    if (s->fate == FATE_DROPPED)
        return ROLE_LOST;
    if (s->flags & TCP_RST)
        return ROLE_RST;
    if (s->again)
        return ROLE_AGAIN;
    if (s->flags & TCP_SYN)
        return ROLE_SYN;
    if (s->flags & TCP_FIN)
        return ROLE_FIN;
    return s->len > 0 ? ROLE_DATA : ROLE_ACK;
}

/* The name of a side's initial sequence number in the classic figure. */
static char iss_name(int side)
{
    return side == SIDE_INITIATOR ? 'J' : 'K';
}

/* How much a form leaves out. */
static const struct {
    bool seq_word, iss, ack_of_data, end_seq, len;
} forms[LABEL_FORMS] = {
    {true, true, true, true, true},     {false, true, true, true, true},
    {true, false, true, true, true},    {false, false, false, true, true},
    {false, false, false, true, false}, {false, false, false, false, false},
};

static void add_seq(const struct trace *t, const struct segment *s, int form, struct text *out)
{
    uint32_t from = trace_relative_seq(t, s);
    text_add(out, forms[form].seq_word ? " seq " : " ");
    text_u64(out, from);
    if (s->len > 0 && forms[form].end_seq) {
        text_char(out, ':');
        text_u64(out, from + s->len); /* wraps as sequence numbers do */
    }
}

static void add_syn_seq(const struct segment *s, int form, struct text *out)
{
    text_add(out, forms[form].seq_word ? " seq " : " ");
    text_char(out, iss_name(s->side));
    if (forms[form].iss) {
        text_char(out, '=');
        text_u64(out, s->seq);
    }
}

/* The handshake's own acknowledgements are written K+1 and J+1. */
static bool acks_syn(const struct trace *t, const struct segment *s)
{
    const struct flow *flow = trace_flow(t, s->flow);
    int peer = s->side == SIDE_INITIATOR ? SIDE_RESPONDER : SIDE_INITIATOR;
    if (!flow->iss_known[peer] || s->ack - flow->iss[peer] != 1)
        return false;
    return (s->flags & TCP_SYN) ||
           (s->side == SIDE_INITIATOR && s->len == 0 && !(s->flags & (TCP_FIN | TCP_RST)) &&
            flow->iss_known[s->side] && s->seq - flow->iss[s->side] == 1);
}

static void add_ack(const struct trace *t, const struct segment *s, struct text *out)
{
    if (acks_syn(t, s)) {
        text_char(out, s->side == SIDE_INITIATOR ? 'K' : 'J');
        text_add(out, "+1");
    } else {
        text_u64(out, trace_relative_ack(t, s));
    }
}

void label_segment(const struct trace *t, const struct segment *s, int form, struct text *out)
{
    bool has_seq = s->len > 0 || (s->flags & (TCP_SYN | TCP_FIN | TCP_RST));
    bool has_ack = (s->flags & TCP_ACK) && (forms[form].ack_of_data || !has_seq);
    text_char(out, '[');
    tcp_flags_add(s->flags, out);
    text_char(out, ']');
    if (s->flags & TCP_SYN)
        add_syn_seq(s, form, out);
    else if (has_seq)
        add_seq(t, s, form, out);
    if (has_ack) {
        text_add(out, has_seq ? ", ack " : " ack ");
        add_ack(t, s, out);
    }
    if (s->len > 0 && forms[form].len) {
        text_add(out, ", len ");
        text_u64(out, s->len);
    }
    if (s->again)
        text_add(out, " again");
}

/* What says more of the capture than of the segment, and what another finding or "again" says. */
#define UNSPOKEN                                                                                   \
    (FINDING_BIT(FINDING_RETRANSMISSION) | FINDING_BIT(FINDING_TIMEOUT) |                          \
     FINDING_BIT(FINDING_DISPUTED) | FINDING_BIT(FINDING_MIDSTREAM) |                              \
     FINDING_BIT(FINDING_ONE_SIDED))

void label_finding(const struct trace *t, const struct segment *s, struct text *out)
{
    size_t first, n = trace_findings_of(t, s->index, &first);
    const struct finding *said = NULL;
    for (size_t i = first; i < first + n; i++) {
        const struct finding *f = trace_finding(t, i);
        bool fault = finding_severity((enum finding_kind)f->kind) == FINDING_FAULT;
        if ((!said || fault) && !(FINDING_BIT(f->kind) & UNSPOKEN))
            said = f;
        if (said && fault)
            break;
    }
    if (!said)
        return;
    text_add(out, " - ");
    text_add(out, finding_title((enum finding_kind)said->kind));
}

enum { HOST_NAMES = 4 }; /* two hosts, each by IPv4 and by IPv6 */

static bool is_address_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || (c >= 'a' && c <= 'f');
}

/* Where `s` starts with one of the hosts' addresses, whole (in brackets too, as IPv6 has them): its
 * length, and the host's letter. */
static size_t host_at(char names[HOST_NAMES][48], const char *s, char *letter)
{
    size_t bracket = *s == '[' ? 1 : 0;
    for (int h = 0; h < HOST_NAMES; h++) {
        size_t n = strlen(names[h]);
        if (n == 0 || strncmp(s + bracket, names[h], n) != 0 || is_address_byte(s[bracket + n]) ||
            (bracket && s[n + 1] != ']'))
            continue;
        *letter = "CS"[h % 2];
        return n + 2 * bracket;
    }
    return 0;
}

static void host_names(const struct trace_session *session, char names[HOST_NAMES][48])
{
    for (int h = 0; h < (session->has_ipv6 ? HOST_NAMES : 2); h++) {
        struct text name = {0};
        address_text(h < 2 ? &session->addresses[h] : &session->addresses6[h - 2], &name);
        size_t n = name.len < 47 ? name.len : 47;
        memcpy(names[h], text_str(&name), n);
        names[h][n] = '\0';
        text_free(&name);
    }
}

void label_hosts(const struct trace *t, const char *foreign, struct text *out)
{
    const struct trace_session *session = trace_session(t);
    char names[HOST_NAMES][48] = {"", "", "", ""};
    struct text plain = {0};
    if (session->present && !address_equal(&session->addresses[0], &session->addresses[1]))
        host_names(session, names);
    for (const char *p = foreign; *p;) {
        char letter = 0;
        bool inside = p > foreign && is_address_byte(p[-1]);
        size_t n = inside ? 0 : host_at(names, p, &letter);
        text_char(&plain, n > 0 ? letter : *p);
        p += n > 0 ? n : 1;
    }
    text_safe_escaped(out, text_str(&plain));
    text_free(&plain);
}

static void add_result(const struct call *c, struct text *out)
{
    text_add(out, " = ");
    if (c->error)
        text_safe_str(out, c->error);
    else
        text_i64(out, c->ret);
}

/* Append as much of `s` as fits `cols`, marked where it is cut. */
static void add_cut(struct text *out, const char *s, int cols)
{
    struct grid line = {0};
    grid_resize(&line, 1, cols > 0 ? cols : 0);
    grid_write(&line, 0, 0, line.cols, s, ROLE_NORMAL);
    struct text cut = {0};
    grid_text(&line, &cut);
    text_bytes(out, text_str(&cut), cut.len > 0 ? cut.len - 1 : 0);
    text_free(&cut);
    grid_free(&line);
}

/* Write a call within `cols` columns, its arguments cut where they must be; returns how many
 * columns of them were missing. */
static int written_call(const struct trace *t, const struct call *c, const char *foreign_args,
                        bool result, int cols, struct text *out)
{
    struct text name = {0}, args = {0}, end = {0};
    text_safe_str(&name, c->name);
    text_char(&name, '(');
    label_hosts(t, foreign_args, &args);
    text_char(&end, ')');
    if (result)
        add_result(c, &end);
    int room = cols - grid_width_of(text_str(&name)) - grid_width_of(text_str(&end));
    int missing = grid_width_of(text_str(&args)) - room;
    text_add(out, text_str(&name));
    if (room > 0)
        add_cut(out, text_str(&args), room);
    text_add(out, text_str(&end));
    text_free(&name);
    text_free(&args);
    text_free(&end);
    return missing;
}

static void add_return(const struct trace *t, const struct call *c, int cols, struct text *out)
{
    size_t before = out->len;
    bool told = strcmp(c->args, c->enter_args) == 0;
    if (written_call(t, c, told ? "" : c->args, true, cols, out) <= 0)
        return;
    out->len = before;
    written_call(t, c, "", true, cols, out);
    if (grid_width_of(text_str(out) + before) <= cols)
        return;
    out->len = before; /* what it returned says more than its name, which stands above */
    add_result(c, out);
    memmove(out->s + before, out->s + before + 1, out->len - before);
    out->len--;
}

void label_call(const struct trace *t, const struct call *c, enum call_form form, int cols,
                struct text *out)
{
    if (form == CALL_ENTERED)
        written_call(t, c, c->enter_args, false, cols, out);
    else if (form == CALL_WHOLE)
        written_call(t, c, c->args, true, cols, out);
    else
        add_return(t, c, cols, out);
}

static const struct hold *hold_of(const struct trace *t, const struct segment *s)
{
    for (size_t i = s->fate == FATE_NONE ? trace_hold_count(t) : 0; i-- > 0;)
        if (trace_hold(t, i)->segment == s->index)
            return trace_hold(t, i);
    return NULL;
}

bool label_held(const struct trace *t, const struct segment *s, struct text *out)
{
    const struct hold *hold = hold_of(t, s);
    if (hold && out)
        text_add(out, _("held"));
    if (hold && out && hold->repeats > 0)
        text_format(out, " \xc3\x97%u", hold->repeats + 1);
    return hold != NULL;
}

const char *label_lost(const struct trace *t, const struct segment *s)
{
    const char *reason = trace_segment_reason(t, s->index);
    if (s->corrupted)
        return _("damaged");
    return reason && strcmp(reason, "repeats a held one") == 0 ? _("a repeat") : _("lost");
}

void label_caller(const struct call *c, struct text *out)
{
    trace_call_line(c, out);
    if (c->file && c->function) {
        struct text function = {0};
        text_safe_str(&function, c->function);
        text_format(out, _(" in %s"), text_str(&function));
        text_free(&function);
    }
}

void label_fate(const struct trace *t, const struct segment *s, struct text *out)
{
    if (s->fate != FATE_DELIVERED && s->fate != FATE_DROPPED)
        return;
    struct text after = {0};
    label_span(s->fate_ns - s->time_ns, &after);
    text_format(out,
                s->corrupted              ? _(", arrived damaged and was thrown away after %s")
                : s->fate == FATE_DROPPED ? _(", lost on the wire after %s")
                                          : _(", delivered after %s"),
                text_str(&after));
    text_free(&after);
    if (s->copied)
        text_add(out, _(", and once more as a copy"));
    const char *reason = trace_segment_reason(t, s->index);
    if (reason) {
        text_add(out, " (");
        text_safe_str(out, words_of(reason));
        text_char(out, ')');
    }
}
