#include "tracer/select/eval.h"

#include "tracer/select/term.h"

/* Which of a segment's moments an event is, as bits. Where no wire tells of deliveries, a segment
 * is seen once, and that is its delivery too. */
static unsigned moments_of(const struct moment *m)
{
    switch (m->kind) {
    case TRACE_SEGMENT:
        return trace_has_wire(m->trace) ? MOMENT_SENT : MOMENT_SENT | MOMENT_DELIVERED;
    case TRACE_DELIVERED: return MOMENT_DELIVERED;
    case TRACE_DROPPED: return MOMENT_DROPPED;
    case TRACE_COPIED: return MOMENT_COPIED;
    default: return ~0u;
    }
}

static bool is_wild(const struct term *t)
{
    return t->kind == TERM_FIELD && (t->low.variable >= 0 || t->high.variable >= 0);
}

static bool eval_term(const struct term *t, struct moment *m, bool wild)
{
    if (wild && is_wild(t))
        return term_ops(TERM_PRESENT)->match(t, m); /* there is something to compare */
    return term_ops(t->kind)->match(t, m);
}

bool eval_terms(const struct selector *s, uint32_t i, struct moment *m, const bool *hits, bool wild)
{
    const struct node *n = &s->nodes[i];
    switch (n->kind) {
    case NODE_TERM: return eval_term(&n->term, m, wild);
    case NODE_NOT: return !eval_terms(s, n->first, m, hits, false);
    case NODE_COUNT: return hits[n->counter];
    case NODE_AND:
    case NODE_OR: break;
    }
    bool any = n->kind == NODE_OR;
    wild = wild && !any;
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next)
        if (eval_terms(s, child, m, hits, wild) == any)
            return any;
    return !any;
}

bool eval_node(const struct selector *s, uint32_t i, struct moment *m, const bool *hits, bool wild)
{
    unsigned wanted = s->nodes[i].moments ? s->nodes[i].moments : MOMENT_SENT;
    return (moments_of(m) & wanted) && eval_terms(s, i, m, hits, wild);
}
