#include "tracer/print/summary_text.h"

#include "tracer/base/put.h"
#include "tracer/print/summary_figures.h"

enum { NS_PER_US = 1000, TOLD_BYTES = 65536 };

static uint64_t connection_us(const struct connection_summary *c)
{
    return summary_us(c->first_ns, c->last_ns);
}

/* ---- how a connection went ---- */

static const char *ending(const struct analysis_connection *a)
{
    bool answered = a->completeness & COMPLETENESS_SYN_ACK;
    if (!answered && (a->completeness & COMPLETENESS_SYN))
        return a->completeness & COMPLETENESS_RST ? "refused" : "unanswered";
    if (a->completeness & COMPLETENESS_RST)
        return "reset";
    if (a->closed)
        return "closed";
    return a->completeness & COMPLETENESS_FIN ? "closing" : "open";
}

static void add_ending(const struct analysis_connection *a, struct text *out)
{
    text_add(out, ending(a));
    if (a->midstream)
        text_add(out, ", begun before");
    if (a->one_sided && strcmp(ending(a), "unanswered") != 0)
        text_add(out, ", one side seen");
}

/* ---- a row a connection ---- */

enum { WIDE_NUMBER = 6, WIDE_END = 22, WIDE_COUNT = 10, WIDE_BYTES = 14, WIDE_TIME = 12 };

static void add_header(struct text *out)
{
    static const struct {
        const char *title;
        size_t width;
    } columns[] = {
        {"segments", WIDE_COUNT}, {"bytes sent", WIDE_BYTES}, {"received", WIDE_BYTES},
        {"again", WIDE_COUNT},    {"iRTT ms", WIDE_COUNT},    {"seconds", WIDE_TIME},
    };
    size_t from = out->len;
    text_char(out, '#');
    column_right(out, from, WIDE_NUMBER);
    from = out->len;
    text_add(out, "  initiator");
    column_left(out, from, WIDE_END + 2);
    from = out->len;
    text_add(out, "  responder");
    column_left(out, from, WIDE_END + 2);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        from = out->len;
        text_add(out, columns[i].title);
        column_right(out, from, columns[i].width);
    }
    text_add(out, "  end\n");
}

static void add_number(struct text *out, uint64_t v, size_t width)
{
    size_t from = out->len;
    text_u64(out, v);
    column_right(out, from, width);
}

static void add_ends(const struct flow *f, struct text *out)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        text_add(out, "  ");
        size_t from = out->len;
        endpoint_text(&f->ends[side], out);
        column_left(out, from, WIDE_END);
    }
}

static void add_row(const struct summary *s, uint32_t i, struct text *out)
{
    const struct connection_summary *c = summary_at(s, i);
    const struct side_summary *ours = summary_side(c, SIDE_INITIATOR);
    const struct side_summary *theirs = summary_side(c, SIDE_RESPONDER);
    struct analysis_connection a;
    summary_analysis(s, i, &a);
    add_number(out, i + UINT64_C(1), WIDE_NUMBER);
    add_ends(summary_flow(s, i), out);
    add_number(out, (uint64_t)ours->segments + theirs->segments, WIDE_COUNT);
    add_number(out, ours->bytes, WIDE_BYTES);
    add_number(out, theirs->bytes, WIDE_BYTES);
    add_number(out, (uint64_t)ours->again_segments + theirs->again_segments, WIDE_COUNT);
    size_t from = out->len;
    if (a.irtt_ns >= 0)
        column_fraction(out, (uint64_t)a.irtt_ns / NS_PER_US, 3);
    else
        text_char(out, '-');
    column_right(out, from, WIDE_COUNT);
    from = out->len;
    column_fraction(out, connection_us(c), 6);
    column_right(out, from, WIDE_TIME);
    text_add(out, "  ");
    add_ending(&a, out);
    text_char(out, '\n');
}

/* ---- all figures of each side ---- */

static void add_paragraph(const struct summary *s, uint32_t i, struct text *out)
{
    const struct connection_summary *c = summary_at(s, i);
    struct analysis_connection a;
    summary_analysis(s, i, &a);
    text_char(out, '#');
    text_u64(out, i + UINT64_C(1));
    add_ends(summary_flow(s, i), out);
    text_add(out, "  ");
    column_fraction(out, connection_us(c), 6);
    text_add(out, " s, ");
    add_ending(&a, out);
    if (a.irtt_ns >= 0) {
        text_add(out, ", iRTT ");
        column_fraction(out, (uint64_t)a.irtt_ns / NS_PER_US, 3);
        text_add(out, " ms");
    }
    text_add(out,
             "\n                                         initiator                 responder\n");
    summary_figures(c, summary_flow(s, i), &a, connection_us(c), out);
    text_char(out, '\n');
}

/* ---- totals ---- */

static void add_up(struct summary_telling *t, const struct connection_summary *c)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct side_summary *sent = summary_side(c, side);
        t->segments += sent->segments;
        t->bytes += sent->bytes;
        t->again_segments += sent->again_segments;
        t->again_bytes += sent->again_bytes;
    }
    t->first_ns = t->next == 0 || c->first_ns < t->first_ns ? c->first_ns : t->first_ns;
    t->last_ns = t->next == 0 || c->last_ns > t->last_ns ? c->last_ns : t->last_ns;
}

/* "3 segments" */
static void add_many(struct text *out, uint64_t n, const char *what)
{
    text_u64(out, n);
    text_char(out, ' ');
    text_add(out, what);
    if (n != 1)
        text_char(out, 's');
}

static void add_totals(const struct summary_telling *t, struct text *out)
{
    add_many(out, summary_count(t->summary), "connection");
    text_add(out, ", ");
    add_many(out, t->segments, "segment");
    text_add(out, ", ");
    add_many(out, t->bytes, "byte");
    text_add(out, " of data; sent again: ");
    add_many(out, t->again_segments, "segment");
    text_add(out, ", ");
    add_many(out, t->again_bytes, "byte");
    text_add(out, "; ");
    column_fraction(out, summary_us(t->first_ns, t->last_ns), 6);
    text_add(out, " s");
    if (summary_others(t->summary) > 0) {
        text_add(out, "; besides ");
        add_many(out, summary_others(t->summary), "packet");
        text_add(out, " without TCP");
    }
    text_char(out, '\n');
}

bool summary_tell(struct summary_telling *t, struct text *out)
{
    const struct summary *s = t->summary;
    size_t enough = out->len + TOLD_BYTES;
    if (!t->verbose && t->next == 0 && summary_count(s) > 0)
        add_header(out);
    for (; t->next < summary_count(s); t->next++) {
        if (out->len >= enough)
            return true;
        add_up(t, summary_at(s, t->next));
        if (t->verbose)
            add_paragraph(s, t->next, out);
        else
            add_row(s, t->next, out);
    }
    add_totals(t, out);
    return false;
}
