#include "tracer/print/summary_text.h"

#include "tracer/base/put.h"

#include <math.h>

enum { NS_PER_US = 1000, US_PER_SECOND = 1000000, US_PER_MS = 1000 };

/* ---- columns ---- */

/* What was appended since `from`, moved to the right end of a column of `width`. */
static void align_right(struct text *out, size_t from, size_t width)
{
    size_t n = out->len - from;
    if (n >= width)
        return;
    text_repeat(out, ' ', width - n);
    memmove(out->s + from + width - n, out->s + from, n);
    memset(out->s + from, ' ', width - n);
}

static void align_left(struct text *out, size_t from, size_t width)
{
    size_t n = out->len - from;
    text_repeat(out, ' ', n < width ? width - n : 0);
}

/* A number of thousandths or millionths, as "12.345". */
static void add_fraction(struct text *out, uint64_t v, unsigned digits)
{
    uint64_t one = digits == 3 ? 1000 : 1000000;
    text_u64(out, v / one);
    text_char(out, '.');
    text_u64_padded(out, v % one, digits);
}

/* Times may be stamped in any order. */
static uint64_t elapsed_us(int64_t from_ns, int64_t to_ns)
{
    return to_ns > from_ns ? ((uint64_t)to_ns - (uint64_t)from_ns) / NS_PER_US : 0;
}

static uint64_t connection_us(const struct connection_summary *c)
{
    return elapsed_us(c->first_ns, c->last_ns);
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
    align_right(out, from, WIDE_NUMBER);
    from = out->len;
    text_add(out, "  initiator");
    align_left(out, from, WIDE_END + 2);
    from = out->len;
    text_add(out, "  responder");
    align_left(out, from, WIDE_END + 2);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        from = out->len;
        text_add(out, columns[i].title);
        align_right(out, from, columns[i].width);
    }
    text_add(out, "  end\n");
}

static void add_number(struct text *out, uint64_t v, size_t width)
{
    size_t from = out->len;
    text_u64(out, v);
    align_right(out, from, width);
}

static void add_ends(const struct flow *f, struct text *out)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        text_add(out, "  ");
        size_t from = out->len;
        endpoint_text(&f->ends[side], out);
        align_left(out, from, WIDE_END);
    }
}

static void add_row(const struct summary *s, uint32_t i, struct text *out)
{
    const struct connection_summary *c = summary_at(s, i);
    const struct side_summary *sides = c->sides;
    struct analysis_connection a;
    summary_analysis(s, i, &a);
    add_number(out, i + UINT64_C(1), WIDE_NUMBER);
    add_ends(summary_flow(s, i), out);
    add_number(out, (uint64_t)sides[0].segments + sides[1].segments, WIDE_COUNT);
    add_number(out, sides[0].bytes, WIDE_BYTES);
    add_number(out, sides[1].bytes, WIDE_BYTES);
    add_number(out, (uint64_t)sides[0].again_segments + sides[1].again_segments, WIDE_COUNT);
    size_t from = out->len;
    if (a.irtt_ns >= 0)
        add_fraction(out, (uint64_t)a.irtt_ns / NS_PER_US, 3);
    else
        text_char(out, '-');
    align_right(out, from, WIDE_COUNT);
    from = out->len;
    add_fraction(out, connection_us(c), 6);
    align_right(out, from, WIDE_TIME);
    text_add(out, "  ");
    add_ending(&a, out);
    text_char(out, '\n');
}

/* ---- all figures of each side ---- */

enum row {
    ROW_SEGMENTS,
    ROW_DATA_SEGMENTS,
    ROW_BYTES,
    ROW_UNIQUE_BYTES,
    ROW_AGAIN_SEGMENTS,
    ROW_AGAIN_BYTES,
    ROW_OUT_OF_ORDER,
    ROW_DUPLICATE_ACKS,
    ROW_SACKS,
    ROW_ZERO_WINDOWS,
    ROW_MSS,
    ROW_SCALE,
    ROW_LARGEST,
    ROW_SMALLEST,
    ROW_MEAN,
    ROW_WINDOW_LEAST,
    ROW_WINDOW_MEAN,
    ROW_WINDOW_MOST,
    ROW_RTTS,
    ROW_RTT_LEAST,
    ROW_RTT_MEAN,
    ROW_RTT_MOST,
    ROW_RTT_DEVIATION,
    ROW_IDLE,
    ROW_THROUGHPUT,
    ROW_COUNT,
};

static const char *const labels[ROW_COUNT] = {
    [ROW_SEGMENTS] = "segments",
    [ROW_DATA_SEGMENTS] = "segments with data",
    [ROW_BYTES] = "bytes",
    [ROW_UNIQUE_BYTES] = "bytes, each once",
    [ROW_AGAIN_SEGMENTS] = "segments sent again",
    [ROW_AGAIN_BYTES] = "bytes sent again",
    [ROW_OUT_OF_ORDER] = "segments out of order",
    [ROW_DUPLICATE_ACKS] = "duplicate ACKs",
    [ROW_SACKS] = "segments with SACK",
    [ROW_ZERO_WINDOWS] = "zero windows",
    [ROW_MSS] = "MSS",
    [ROW_SCALE] = "window scale",
    [ROW_LARGEST] = "largest segment",
    [ROW_SMALLEST] = "smallest segment",
    [ROW_MEAN] = "mean segment",
    [ROW_WINDOW_LEAST] = "window, least",
    [ROW_WINDOW_MEAN] = "window, mean",
    [ROW_WINDOW_MOST] = "window, most",
    [ROW_RTTS] = "round trips",
    [ROW_RTT_LEAST] = "RTT ms, least",
    [ROW_RTT_MEAN] = "RTT ms, mean",
    [ROW_RTT_MOST] = "RTT ms, most",
    [ROW_RTT_DEVIATION] = "RTT ms, std. deviation",
    [ROW_IDLE] = "idle ms, most",
    [ROW_THROUGHPUT] = "bytes a second",
};

/* A figure, in thousandths for those in milliseconds; not known where there was nothing to measure.
 */
struct figure {
    uint64_t value;
    bool known, is_ms;
};

static struct figure count(uint64_t v)
{
    return (struct figure){v, true, false};
}

static struct figure count_of(uint64_t v, bool known)
{
    return (struct figure){v, known, false};
}

static struct figure ms(uint64_t us, bool known)
{
    return (struct figure){us, known, true};
}

/* Of the samples, as their number less one is what they leave free. */
static uint64_t deviation_us(const struct side_summary *d)
{
    double n = d->rtts, sum = (double)d->rtt_sum_us;
    double variance = n > 1 ? (d->rtt_squares - sum * sum / n) / (n - 1) : 0;
    return variance > 0 ? (uint64_t)(sqrt(variance) + 0.5) : 0;
}

static uint64_t mean(uint64_t sum, uint64_t n)
{
    return n > 0 ? (sum + n / 2) / n : 0;
}

static void figures_of(const struct side_summary *d, int scale, uint64_t us, struct figure *f)
{
    uint64_t unique = d->bytes - d->again_bytes;
    bool data = d->data_segments > 0, windows = d->windows > 0, rtts = d->rtts > 0;
    f[ROW_SEGMENTS] = count(d->segments);
    f[ROW_DATA_SEGMENTS] = count(d->data_segments);
    f[ROW_BYTES] = count(d->bytes);
    f[ROW_UNIQUE_BYTES] = count(unique);
    f[ROW_AGAIN_SEGMENTS] = count(d->again_segments);
    f[ROW_AGAIN_BYTES] = count(d->again_bytes);
    f[ROW_OUT_OF_ORDER] = count(d->out_of_order);
    f[ROW_DUPLICATE_ACKS] = count(d->duplicate_acks);
    f[ROW_SACKS] = count(d->sack_segments);
    f[ROW_ZERO_WINDOWS] = count(d->zero_windows);
    f[ROW_MSS] = count_of(d->mss, d->mss > 0);
    f[ROW_SCALE] = count_of((uint64_t)scale, scale >= 0);
    f[ROW_LARGEST] = count_of(d->largest_bytes, data);
    f[ROW_SMALLEST] = count_of(d->smallest_bytes, data);
    f[ROW_MEAN] = count_of(mean(d->bytes, d->data_segments), data);
    f[ROW_WINDOW_LEAST] = count_of(d->window_least_bytes, windows);
    f[ROW_WINDOW_MEAN] = count_of(mean(d->window_sum_bytes, d->windows), windows);
    f[ROW_WINDOW_MOST] = count_of(d->window_most_bytes, windows);
    f[ROW_RTTS] = count(d->rtts);
    f[ROW_RTT_LEAST] = ms(d->rtt_least_us, rtts);
    f[ROW_RTT_MEAN] = ms(mean(d->rtt_sum_us, d->rtts), rtts);
    f[ROW_RTT_MOST] = ms(d->rtt_most_us, rtts);
    f[ROW_RTT_DEVIATION] = ms(deviation_us(d), d->rtts > 1);
    f[ROW_IDLE] = ms((uint64_t)d->idle_ns / NS_PER_US, d->segments > 1);
    f[ROW_THROUGHPUT] =
        count_of(us > 0 ? (uint64_t)((double)unique * US_PER_SECOND / (double)us) : 0, us > 0);
}

static void add_figure(struct figure f, struct text *out)
{
    enum { WIDE = 26 };
    size_t from = out->len;
    if (!f.known)
        text_char(out, '-');
    else if (f.is_ms)
        add_fraction(out, f.value, 3);
    else
        text_u64(out, f.value);
    align_right(out, from, WIDE);
}

static void add_paragraph(const struct summary *s, uint32_t i, struct text *out)
{
    enum { WIDE_LABEL = 26 };
    const struct connection_summary *c = summary_at(s, i);
    struct analysis_connection a;
    struct figure figures[SIDE_COUNT][ROW_COUNT];
    summary_analysis(s, i, &a);
    text_char(out, '#');
    text_u64(out, i + UINT64_C(1));
    add_ends(summary_flow(s, i), out);
    text_add(out, "  ");
    add_fraction(out, connection_us(c), 6);
    text_add(out, " s, ");
    add_ending(&a, out);
    if (a.irtt_ns >= 0) {
        text_add(out, ", iRTT ");
        add_fraction(out, (uint64_t)a.irtt_ns / NS_PER_US, 3);
        text_add(out, " ms");
    }
    text_add(out,
             "\n                                         initiator                 responder\n");
    for (int side = 0; side < SIDE_COUNT; side++)
        figures_of(&c->sides[side], a.sides[side].window_scale, connection_us(c), figures[side]);
    for (int row = 0; row < ROW_COUNT; row++) {
        size_t from = out->len;
        text_add(out, "  ");
        text_add(out, labels[row]);
        align_left(out, from, WIDE_LABEL);
        add_figure(figures[SIDE_INITIATOR][row], out);
        add_figure(figures[SIDE_RESPONDER][row], out);
        text_char(out, '\n');
    }
    text_char(out, '\n');
}

/* ---- totals ---- */

struct totals {
    uint64_t segments, bytes, again_segments, again_bytes;
    int64_t first_ns, last_ns;
};

static void add_up(const struct connection_summary *c, struct totals *t)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        t->segments += c->sides[side].segments;
        t->bytes += c->sides[side].bytes;
        t->again_segments += c->sides[side].again_segments;
        t->again_bytes += c->sides[side].again_bytes;
    }
    t->first_ns = c->first_ns < t->first_ns ? c->first_ns : t->first_ns;
    t->last_ns = c->last_ns > t->last_ns ? c->last_ns : t->last_ns;
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

static void add_totals(const struct summary *s, const struct totals *t, struct text *out)
{
    add_many(out, summary_count(s), "connection");
    text_add(out, ", ");
    add_many(out, t->segments, "segment");
    text_add(out, ", ");
    add_many(out, t->bytes, "byte");
    text_add(out, " of data; sent again: ");
    add_many(out, t->again_segments, "segment");
    text_add(out, ", ");
    add_many(out, t->again_bytes, "byte");
    text_add(out, "; ");
    add_fraction(out, summary_count(s) > 0 ? elapsed_us(t->first_ns, t->last_ns) : 0, 6);
    text_add(out, " s");
    if (summary_others(s) > 0) {
        text_add(out, "; besides ");
        add_many(out, summary_others(s), "packet");
        text_add(out, " without TCP");
    }
    text_char(out, '\n');
}

void summary_text(const struct summary *s, bool verbose, struct text *out)
{
    struct totals totals = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};
    if (!verbose && summary_count(s) > 0)
        add_header(out);
    for (uint32_t i = 0; i < summary_count(s); i++) {
        add_up(summary_at(s, i), &totals);
        if (verbose)
            add_paragraph(s, i, out);
        else
            add_row(s, i, out);
    }
    add_totals(s, &totals, out);
}
