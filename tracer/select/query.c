#include "tracer/select/query.h"

#include "tracer/base/alloc.h"
#include "tracer/select/field.h"
#include "tracer/select/parse.h"
#include "tracer/select/run_parts.h"
#include "tracer/select/term.h"
#include "tracer/select/track.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 8 };

enum part_kind {
    PART_NUMBER,
    PART_FIELD,
    PART_COUNT,
    PART_STATE,
    PART_FLAGS,
    PART_ERRNO,
    PART_ARGS,
    PART_PAYLOAD,
};

struct part {
    int sign;
    enum part_kind kind;
    const struct field *field;
    struct operand number; /* PART_NUMBER */
    bool is_time;
    struct end_pattern host;   /* PART_STATE */
    struct selector *selector; /* (owned) or NULL */
};

struct query {
    size_t count;
    struct part parts[PARTS_MAX];
};

/* ---- parsing ---- */

static const struct {
    const char *name;
    enum part_kind kind;
} kinds[] = {
    {"count", PART_COUNT}, {"state", PART_STATE}, {"flags", PART_FLAGS},
    {"errno", PART_ERRNO}, {"args", PART_ARGS},   {"payload", PART_PAYLOAD},
};

const char *const *query_words(void)
{
    static const char *words[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        words[n++] = kinds[i].name;
    for (size_t i = 0; field_at_index(i) && n < 63; i++)
        if (!field_at_index(i)->no_value && strcmp(field_at_index(i)->name, "flags") != 0)
            words[n++] = field_at_index(i)->name;
    words[n] = NULL;
    return words;
}

static bool take_kind(struct lexer *l, struct part *part)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (lexer_take(l, kinds[i].name)) {
            part->kind = kinds[i].kind;
            return true;
        }
    part->field =
        l->token.kind == TOKEN_WORD ? field_by_name(l->s + l->token.at, l->token.len) : NULL;
    if (!part->field || part->field->no_value)
        return lexer_expected(l, "a value, such as ack of S > C [S.]", query_words());
    part->kind = PART_FIELD;
    part->is_time = part->field->unit == UNIT_TIME;
    lexer_next(l);
    return true;
}

static bool parse_number(struct lexer *l, struct part *part)
{
    static const struct parse_context alone;
    struct parser p = {.l = l, .context = &alone};
    part->kind = PART_NUMBER;
    part->is_time = l->token.kind == TOKEN_DURATION;
    return parse_operand(&p, &part->number);
}

static bool is_number(const struct lexer *l)
{
    return l->token.kind == TOKEN_NUMBER || l->token.kind == TOKEN_DURATION || lexer_at(l, "J") ||
           lexer_at(l, "K");
}

static bool parse_part(struct lexer *l, struct part *part)
{
    static const char *const stops[] = {"+", "-", NULL};
    struct parse_context context = {stops, NULL, NULL};
    struct parser p = {.l = l, .context = &context};
    if (is_number(l))
        return parse_number(l, part);
    if (!take_kind(l, part))
        return false;
    if (!lexer_take(l, "of"))
        return lexer_expected(l, "\"of\" and what it is the value of", NULL);
    if (part->kind == PART_STATE) {
        if (!parse_end(&p, &part->host))
            return false;
        if (!lexer_take(l, "at"))
            return true;
    }
    part->selector = select_parse_at(l, &context);
    if (part->selector && part->kind == PART_FIELD)
        part->selector->needs |= part->field->needs;
    return part->selector != NULL;
}

static bool is_text(const struct part *p)
{
    return p->kind != PART_NUMBER && p->kind != PART_FIELD && p->kind != PART_COUNT;
}

static bool parse_parts(struct lexer *l, struct query *q)
{
    int sign = 1;
    do {
        struct token where = l->token;
        if (q->count == PARTS_MAX)
            return lexer_fault(l, "There are too many values: %d at the most.", PARTS_MAX);
        struct part *part = &q->parts[q->count++];
        part->sign = sign;
        if (!parse_part(l, part))
            return false;
        if (q->count > 1 && (is_text(part) || is_text(&q->parts[0])))
            return lexer_fault_at(l, &where, "Only numbers can be added and taken away.");
        sign = lexer_at(l, "-") ? -1 : 1;
    } while (lexer_take(l, "+") || lexer_take(l, "-"));
    return l->token.kind == TOKEN_END || lexer_expected(l, "the end of the value", NULL);
}

struct query *query_parse(const char *text, struct select_fault *fault)
{
    struct lexer l;
    struct query *q = xcalloc(1, sizeof *q);
    lexer_begin(&l, text, strlen(text), false, fault);
    bool good = parse_parts(&l, q) && fault->line == 0;
    lexer_free(&l);
    if (good)
        return q;
    query_free(q);
    return NULL;
}

void query_free(struct query *q)
{
    for (size_t i = 0; q && i < q->count; i++)
        selector_free(q->parts[i].selector);
    free(q);
}

bool query_needs_end(const struct query *q)
{
    bool needs = false;
    for (size_t i = 0; i < q->count; i++) {
        const struct part *p = &q->parts[i];
        needs |= p->kind == PART_COUNT || (p->kind == PART_STATE && !p->selector) ||
                 (p->selector && selector_needs_end(p->selector));
    }
    return needs;
}

/* ---- answering ---- */

struct asking {
    const struct trace *trace;
    bool several; /* sequence numbers are then those of the header */
    int64_t number;
    struct answer *answer;
};

static bool missing(struct asking *a, const char *what, const struct selector *s)
{
    text_clear(&a->answer->text);
    text_add(&a->answer->text, what);
    if (s)
        text_safe_str(&a->answer->text, selector_text(s));
    return false;
}

static bool value_of(struct asking *a, const struct part *p, struct moment *m)
{
    const uint8_t *bytes;
    size_t n;
    struct text *out = &a->answer->text;
    switch (p->kind) {
    case PART_FIELD:
        return a->several && p->field->get_absolute ? p->field->get_absolute(m, &a->number)
                                                    : p->field->get(m, &a->number);
    case PART_FLAGS:
        if (m->is_segment)
            tcp_flags_add(m->segment.flags, out);
        return m->is_segment;
    case PART_ERRNO:
        if (m->call && m->call->error)
            text_safe_str(out, m->call->error);
        return m->call && m->call->error;
    case PART_ARGS:
        if (m->call)
            text_safe_escaped(out,
                              m->kind == TRACE_CALL_EXIT ? m->call->args : m->call->enter_args);
        return m->call != NULL;
    case PART_PAYLOAD:
        if (!moment_payload(m, &bytes, &n))
            return false;
        text_safe(out, bytes, n);
        return true;
    case PART_NUMBER:
    case PART_COUNT:
    case PART_STATE: break;
    }
    return false;
}

static bool state_of(struct asking *a, const struct part *p, uint32_t flow,
                     const struct track *track)
{
    for (int side = 0; flow < trace_flow_count(a->trace) && side < SIDE_COUNT; side++)
        if (end_pattern_is(&p->host, &trace_flow(a->trace, flow)->ends[side],
                           moment_letter(a->trace, flow, side))) {
            enum tcp_state s =
                track ? track_state(track, flow, side) : trace_state_now(a->trace, flow, side);
            text_add(&a->answer->text, tcp_state_name(s));
            return true;
        }
    return missing(a, "there is no connection of that host", NULL);
}

/* The first event that the part's selector selects, or how many there are. */
static bool ask_trace(struct asking *a, const struct part *p)
{
    struct select_run *r = select_run_new(a->trace);
    select_run_add(r, p->selector);
    int64_t count = 0;
    bool good = false, found = false;
    for (size_t event; !found && select_run_next(r, &event);) {
        if (!select_run_matches(r, 0))
            continue;
        count++;
        if (a->answer->event == SIZE_MAX)
            a->answer->event = event;
        if (p->kind == PART_COUNT)
            continue;
        found = true;
        good = p->kind == PART_STATE ? state_of(a, p, r->moment.flow, r->track)
                                     : value_of(a, p, &r->moment);
    }
    select_run_free(r);
    if (p->kind == PART_COUNT) {
        a->number = count;
        return true;
    }
    if (!found)
        return missing(a, "nothing happened that is ", p->selector);
    return good || missing(a, "this value is not there: ", p->selector);
}

/* J and K are those of the first connection. */
static bool ask_number(struct asking *a, const struct part *p)
{
    struct moment m = {.trace = a->trace, .flow = trace_flow_count(a->trace) > 0 ? 0 : TRACE_NONE};
    return operand_value(&p->number, &m, &a->number) ||
           missing(a, "the SYN that would tell is not in this capture", NULL);
}

static bool ask_part(struct asking *a, const struct part *p)
{
    if (p->kind == PART_NUMBER)
        return ask_number(a, p);
    if (p->kind == PART_STATE && !p->selector)
        return state_of(a, p, 0, NULL);
    return ask_trace(a, p);
}

bool query_answer(const struct query *q, const struct trace *t, struct answer *answer)
{
    *answer = (struct answer){.event = SIZE_MAX};
    struct asking a = {.trace = t, .several = q->count > 1, .answer = answer};
    bool sequence = false;
    for (size_t i = 0; i < q->count; i++) {
        const struct part *p = &q->parts[i];
        a.number = 0;
        if (!ask_part(&a, p))
            return false;
        answer->number += p->sign * a.number;
        answer->is_time |= p->is_time;
        sequence |= p->kind == PART_FIELD && p->field->unit == UNIT_SEQUENCE;
    }
    answer->is_number = !is_text(&q->parts[0]);
    answer->is_flags = q->parts[0].kind == PART_FLAGS;
    if (!answer->is_number)
        return true;
    if (sequence && a.several) /* modulo 2^32, and a small difference may be negative */
        answer->number = answer->number >= 0 ? (int64_t)(uint32_t)answer->number
                                             : (int64_t)(int32_t)(uint32_t)answer->number;
    field_value_text(field_by_name(answer->is_time ? "time" : "len", answer->is_time ? 4 : 3),
                     answer->number, &answer->text);
    return true;
}
