#include "tracer/select/explain.h"

#include "tracer/base/words.h"
#include "tracer/select/eval.h"
#include "tracer/select/term.h"

enum { REASONS_MOST = 3 };

static bool of_sort(enum term_sort sort, const struct moment *m)
{
    switch (sort) {
    case SORT_PACKET: return m->is_packet;
    case SORT_SEGMENT: return m->is_segment;
    case SORT_CALL: return m->call != NULL;
    case SORT_STATE: return m->kind == TRACE_STATE;
    case SORT_CONSOLE: return m->kind == TRACE_CONSOLE;
    case SORT_PROCESS: return m->kind == TRACE_PROCESS;
    case SORT_KERNEL: return m->kind == TRACE_KERNEL;
    case SORT_ANY: break;
    }
    return false;
}

enum { SHOWS_SORT = 3, NOT_WEIGHT = 10, HIT_WEIGHT = 5, FAR = -10000 };

/* How far a term that does not hold is from holding, up to 12. */
static int term_partial(const struct term *t, struct moment *m)
{
    int partial = term_closeness(t, m);
    return partial > 0 ? partial : of_sort(term_ops(t->kind)->sort, m) ? SHOWS_SORT : 0;
}

/* No packet is near to a call, and no call to what is printed. */
static int term_nearness(const struct term *t, struct moment *m)
{
    const struct term_ops *ops = term_ops(t->kind);
    if (ops->sort >= SORT_CALL && !of_sort(ops->sort, m))
        return FAR;
    return ops->match(t, m) ? ops->weight : term_partial(t, m);
}

static int node_nearness(const struct selector *s, uint32_t i, struct moment *m, const bool *hits)
{
    const struct node *n = &s->nodes[i];
    int sum = 0, best = FAR;
    if (n->kind == NODE_TERM)
        return term_nearness(&n->term, m);
    if (n->kind == NODE_NOT)
        return eval_terms(s, i, m, hits, false) ? NOT_WEIGHT : 0;
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next) {
        int near = node_nearness(s, child, m, hits);
        sum += near;
        best = near > best ? near : best;
    }
    if (n->kind == NODE_COUNT)
        return sum > 0 && hits[n->counter] ? sum + HIT_WEIGHT : sum;
    return n->kind == NODE_OR ? best : sum;
}

int nearness(const struct selector *s, struct moment *m, const bool *hits)
{
    bool sent_only = s->nodes[s->root].moments == 0;
    if (sent_only && m->is_segment && m->kind != TRACE_SEGMENT)
        return 0;
    return node_nearness(s, s->root, m, hits);
}

/* ---- reasons ---- */

struct reasons {
    struct text *out;
    int count;
};

static void begin_reason(struct reasons *r)
{
    if (r->count++ > 0)
        text_add(r->out, "; ");
}

static void add_source(const struct selector *s, const struct node *n, struct text *out)
{
    if (n->to > n->from && n->from >= s->at)
        text_safe(out, s->text + (n->from - s->at), n->to - n->from);
}

static void explain_term(const struct selector *s, const struct node *n, struct moment *m,
                         struct reasons *r)
{
    const struct term *t = &n->term;
    begin_reason(r);
    term_ops(t->kind)->explain(t, m, r->out);
    if (t->kind != TERM_FIELD || (t->low.variable < 0 && t->high.variable < 0))
        return;
    text_add(r->out, " (");
    add_source(s, n, r->out);
    text_char(r->out, ')');
}

static void explain_not(const struct selector *s, const struct node *n, struct reasons *r)
{
    begin_reason(r);
    const char *rest = text_gap(r->out, _("\"{}\" holds, and the line says not"));
    add_source(s, &s->nodes[n->first], r->out);
    text_add(r->out, rest);
}

static void explain_count(const struct node *n, struct reasons *r)
{
    begin_reason(r);
    if (n->nth == COUNT_LAST)
        text_add(r->out, _("it is not the last such event of its connection"));
    else
        text_format(r->out, _("counted in its connection, it is not number %lld"),
                    (long long)n->nth);
}

static void explain_node(const struct selector *s, uint32_t i, struct moment *m, const bool *hits,
                         struct reasons *r);

/* Of alternatives, the nearest. */
static void explain_or(const struct selector *s, const struct node *n, struct moment *m,
                       const bool *hits, struct reasons *r)
{
    uint32_t nearest = n->first;
    int best = -1;
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next) {
        int near = node_nearness(s, child, m, hits);
        if (near > best) {
            best = near;
            nearest = child;
        }
    }
    explain_node(s, nearest, m, hits, r);
}

static void explain_node(const struct selector *s, uint32_t i, struct moment *m, const bool *hits,
                         struct reasons *r)
{
    const struct node *n = &s->nodes[i];
    if (r->count == REASONS_MOST || (n->kind != NODE_COUNT && eval_terms(s, i, m, hits, false)))
        return;
    switch (n->kind) {
    case NODE_TERM: explain_term(s, n, m, r); return;
    case NODE_NOT: explain_not(s, n, r); return;
    case NODE_OR: explain_or(s, n, m, hits, r); return;
    case NODE_COUNT:
        if (eval_node(s, n->first, m, hits, false)) {
            if (!hits[n->counter])
                explain_count(n, r);
            return;
        }
        break;
    case NODE_AND: break;
    }
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next)
        explain_node(s, child, m, hits, r);
}

int explain_selector(const struct selector *s, struct moment *m, const bool *hits, struct text *out)
{
    struct reasons r = {.out = out};
    explain_node(s, s->root, m, hits, &r);
    return r.count;
}

static bool asks_for(const struct selector *s, enum term_kind kind)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->nodes[i].kind == NODE_TERM && s->nodes[i].term.kind == kind)
            return true;
    return false;
}

/* Which terms ask for what plain captures have not. */
static bool asks_for_calls(const struct selector *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->nodes[i].kind == NODE_TERM && s->nodes[i].term.kind == TERM_DONE &&
            s->nodes[i].term.number == DONE_ACCEPTED)
            return true;
    return asks_for(s, TERM_CALL_NAME);
}

void explain_capture(const struct selector *s, const struct trace *t, struct text *out)
{
    if (asks_for_calls(s) && trace_call_count(t) == 0)
        text_add(out, _("This capture tells of no calls: only a session of tcplab's does. "));
    if (asks_for(s, TERM_KERNEL) && trace_kernel_count(t) == 0)
        text_add(out, _("This capture has no kernel's word: only a lab's session has, where the "
                        "kernel could be asked. "));
}
