/* Terms about numbers. */
#include "tracer/select/term_rows.h"

#include "tracer/base/words.h"
#include "tracer/select/field.h"
#include "tracer/select/track.h"

bool operand_value(const struct operand *o, const struct moment *m, int64_t *v)
{
    if (o->variable < 0) {
        *v = o->number;
        return true;
    }
    if (m->bindings && m->bindings->bound >> o->variable & 1) {
        *v = m->bindings->values[o->variable] + o->number;
        return true;
    }
    if (o->variable > VARIABLE_K || m->flow == TRACE_NONE)
        return false;
    int side = o->variable == VARIABLE_J ? SIDE_INITIATOR : SIDE_RESPONDER;
    const struct flow *f = trace_flow(m->trace, m->flow);
    *v = (int64_t)f->iss[side] + o->number;
    return f->iss_known[side];
}

/* Sequence numbers are compared modulo 2^32 where a variable is involved. */
static bool compare(enum compare how, int64_t have, int64_t low, int64_t high, bool modular)
{
    if (modular) {
        have = (int32_t)((uint32_t)have - (uint32_t)low);
        high = (int32_t)((uint32_t)high - (uint32_t)low);
        low = 0;
    }
    switch (how) {
    case COMPARE_EQ: return have == low;
    case COMPARE_NE: return have != low;
    case COMPARE_LT: return have < low;
    case COMPARE_LE: return have <= low;
    case COMPARE_GT: return have > low;
    case COMPARE_GE: return have >= low;
    case COMPARE_RANGE: return have >= low && have <= high;
    }
    return false;
}

/* Numbers are compared as they are printed, variables with what stands in the header. */
static bool field_number(const struct term *t, struct moment *m, int64_t *v)
{
    bool absolute = t->low.variable >= 0 || t->high.variable >= 0;
    return absolute && t->field->get_absolute ? t->field->get_absolute(m, v) : t->field->get(m, v);
}

static bool binds(const struct term *t, const struct moment *m)
{
    return m->bindings && !m->bindings->frozen && t->compare == COMPARE_EQ &&
           t->low.variable >= 0 && t->low.number == 0 &&
           !(m->bindings->bound >> t->low.variable & 1);
}

bool term_field_match(const struct term *t, struct moment *m)
{
    int64_t have, low, high = 0;
    bool modular = t->field->get_absolute && (t->low.variable >= 0 || t->high.variable >= 0);
    if (!field_number(t, m, &have))
        return false;
    if (binds(t, m)) {
        m->bindings->bound |= 1u << t->low.variable;
        m->bindings->values[t->low.variable] = have;
        return true;
    }
    return operand_value(&t->low, m, &low) &&
           (t->compare != COMPARE_RANGE || operand_value(&t->high, m, &high)) &&
           compare(t->compare, have, low, high, modular);
}

MATCH(field)
{
    return term_field_match(t, m);
}

static void add_operand(const struct term *t, const struct operand *o, const struct moment *m,
                        struct text *out)
{
    int64_t v;
    if (!operand_value(o, m, &v))
        text_add(out, _("a value that is not known"));
    else if (t->field->unit == UNIT_SEQUENCE)
        text_u64(out, (uint32_t)v);
    else
        field_value_text(t->field, v, out);
}

void term_field_wanted(const struct term *t, const struct moment *m, struct text *out)
{
    static const char *const words[] = {[COMPARE_EQ] = "{}",
                                        [COMPARE_NE] = N_("another than {}"),
                                        [COMPARE_LT] = N_("less than {}"),
                                        [COMPARE_LE] = N_("at most {}"),
                                        [COMPARE_GT] = N_("more than {}"),
                                        [COMPARE_GE] = N_("at least {}"),
                                        [COMPARE_RANGE] = N_("from {} to {}")};
    const char *rest = text_gap(out, _(words[t->compare]));
    add_operand(t, &t->low, m, out);
    rest = text_gap(out, rest);
    if (t->compare == COMPARE_RANGE)
        add_operand(t, &t->high, m, out);
    text_add(out, rest);
}

static void add_absent(const struct field *f, struct text *out)
{
    if (f->absent)
        text_add(out, _(f->absent));
    else
        text_format(out, _("%s is not there"), _(f->noun));
}

EXPLAIN(field)
{
    int64_t have;
    if (!field_number(t, m, &have)) {
        add_absent(t->field, out);
        return;
    }
    bool failed = m->call && m->call->error && t->field == field_by_name("result", 6);
    const char *rest = text_gap(out, failed ? _("{} is {} with {}, and expected was {}")
                                            : _("{} is {}, and expected was {}"));
    text_add(out, _(t->field->noun));
    rest = text_gap(out, rest);
    field_value_text(t->field, have, out);
    rest = text_gap(out, rest);
    if (failed) {
        text_safe_str(out, m->call->error);
        rest = text_gap(out, rest);
    }
    term_field_wanted(t, m, out);
    text_add(out, rest);
}

MATCH(present)
{
    int64_t v;
    return t->field->get(m, &v);
}

EXPLAIN(present)
{
    (void)m;
    add_absent(t->field, out);
}

MATCH(seq_range)
{
    int64_t from;
    const struct field *f = t->field;
    return m->is_segment && f->get(m, &from) && from == t->low.number &&
           (uint32_t)(from + m->segment.len) == (uint32_t)t->high.number;
}

EXPLAIN(seq_range)
{
    int64_t from;
    if (term_no_segment(m, out) || !t->field->get(m, &from))
        return;
    text_format(out, _("its sequence numbers are %lld:%u, not %lld:%lld"), (long long)from,
                (uint32_t)(from + m->segment.len), (long long)t->low.number,
                (long long)t->high.number);
}
