#include "tracer/print/summary_figures.h"

#include <math.h>
#include <string.h>

enum { NS_PER_US = 1000, US_PER_SECOND = 1000000 };

/* ---- columns ---- */

void column_right(struct text *out, size_t from, size_t width)
{
    size_t n = out->len - from;
    if (n >= width)
        return;
    text_repeat(out, ' ', width - n);
    memmove(out->s + from + width - n, out->s + from, n);
    memset(out->s + from, ' ', width - n);
}

void column_left(struct text *out, size_t from, size_t width)
{
    size_t n = out->len - from;
    text_repeat(out, ' ', n < width ? width - n : 0);
}

void column_fraction(struct text *out, uint64_t v, unsigned digits)
{
    uint64_t one = digits == 3 ? 1000 : 1000000;
    text_u64(out, v / one);
    text_char(out, '.');
    text_u64_padded(out, v % one, digits);
}

/* ---- figures ---- */

enum row {
    ROW_SEGMENTS,
    ROW_ACKS,
    ROW_BARE_ACKS,
    ROW_SYNS,
    ROW_FINS,
    ROW_DATA_SEGMENTS,
    ROW_BYTES,
    ROW_UNIQUE_BYTES,
    ROW_STREAM,
    ROW_MISSED,
    ROW_CUT_SEGMENTS,
    ROW_CUT,
    ROW_FIRST_SEGMENTS,
    ROW_FIRST_BYTES,
    ROW_PUSHED,
    ROW_URGENT,
    ROW_URGENT_BYTES,
    ROW_AGAIN_SEGMENTS,
    ROW_AGAIN_BYTES,
    ROW_OUT_OF_ORDER,
    ROW_DUPLICATE_ACKS,
    ROW_SACKS,
    ROW_SACK_BLOCKS,
    ROW_D_SACKS,
    ROW_ZERO_WINDOWS,
    ROW_PROBES,
    ROW_MSS,
    ROW_SCALE,
    ROW_SACK_PERMITTED,
    ROW_TIMESTAMPS,
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
    ROW_DATA_TIME,
    ROW_THROUGHPUT,
    ROW_COUNT,
};

static const char *const labels[ROW_COUNT] = {
    [ROW_SEGMENTS] = "segments",
    [ROW_ACKS] = "segments with ACK",
    [ROW_BARE_ACKS] = "bare ACKs",
    [ROW_SYNS] = "SYNs",
    [ROW_FINS] = "FINs",
    [ROW_DATA_SEGMENTS] = "segments with data",
    [ROW_BYTES] = "bytes",
    [ROW_UNIQUE_BYTES] = "bytes, each once",
    [ROW_STREAM] = "bytes, SYN to FIN",
    [ROW_MISSED] = "bytes not captured",
    [ROW_CUT_SEGMENTS] = "segments cut off",
    [ROW_CUT] = "bytes cut off",
    [ROW_FIRST_SEGMENTS] = "first flight, segments",
    [ROW_FIRST_BYTES] = "first flight, bytes",
    [ROW_PUSHED] = "segments pushed",
    [ROW_URGENT] = "segments urgent",
    [ROW_URGENT_BYTES] = "bytes urgent",
    [ROW_AGAIN_SEGMENTS] = "segments sent again",
    [ROW_AGAIN_BYTES] = "bytes sent again",
    [ROW_OUT_OF_ORDER] = "segments out of order",
    [ROW_DUPLICATE_ACKS] = "duplicate ACKs",
    [ROW_SACKS] = "segments with SACK",
    [ROW_SACK_BLOCKS] = "SACK blocks, most",
    [ROW_D_SACKS] = "segments with D-SACK",
    [ROW_ZERO_WINDOWS] = "zero windows",
    [ROW_PROBES] = "zero window probes",
    [ROW_MSS] = "MSS",
    [ROW_SCALE] = "window scale",
    [ROW_SACK_PERMITTED] = "SACK permitted",
    [ROW_TIMESTAMPS] = "timestamps",
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
    [ROW_DATA_TIME] = "data ms, first to last",
    [ROW_THROUGHPUT] = "bytes a second",
};

/* A figure; not known where there was nothing to measure. */
struct figure {
    uint64_t value; /* of milliseconds, thousandths; of an option, whether it was there */
    bool known;
    enum { FIGURE_COUNT, FIGURE_MS, FIGURE_OPTION } form;
};

static struct figure count(uint64_t v)
{
    return (struct figure){v, true, FIGURE_COUNT};
}

static struct figure count_of(uint64_t v, bool known)
{
    return (struct figure){v, known, FIGURE_COUNT};
}

static struct figure ms(uint64_t us, bool known)
{
    return (struct figure){us, known, FIGURE_MS};
}

static struct figure option(bool there, const struct side_summary *d)
{
    return (struct figure){there, d->syns > 0, FIGURE_OPTION};
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

static void figures_of_all(const struct side_summary *d, struct figure *f)
{
    f[ROW_SEGMENTS] = count(d->segments);
    f[ROW_ACKS] = count(d->acks);
    f[ROW_BARE_ACKS] = count(d->bare_acks);
    f[ROW_SYNS] = count(d->syns);
    f[ROW_FINS] = count(d->fins);
    f[ROW_MSS] = count_of(d->mss, d->mss > 0);
    f[ROW_SACK_PERMITTED] = option(d->sack_permitted, d);
    f[ROW_TIMESTAMPS] = option(d->timestamps, d);
    f[ROW_IDLE] = ms((uint64_t)d->idle_ns / NS_PER_US, d->segments > 1);
}

static void figures_of_data(const struct side_summary *d, uint32_t iss, uint64_t us,
                            struct figure *f)
{
    uint64_t unique = d->bytes - d->again_bytes, stream = 0, missed = 0;
    bool data = d->data_segments > 0, whole = summary_stream(d, iss, &stream, &missed);
    f[ROW_DATA_SEGMENTS] = count(d->data_segments);
    f[ROW_BYTES] = count(d->bytes);
    f[ROW_UNIQUE_BYTES] = count(unique);
    f[ROW_STREAM] = count_of(stream, whole);
    f[ROW_MISSED] = count_of(missed, whole);
    f[ROW_CUT_SEGMENTS] = count(d->cut_segments);
    f[ROW_CUT] = count(d->cut_bytes);
    f[ROW_FIRST_SEGMENTS] = count_of(d->first_flight_segments, data);
    f[ROW_FIRST_BYTES] = count_of(d->first_flight_bytes, data);
    f[ROW_PUSHED] = count(d->pushed);
    f[ROW_URGENT] = count(d->urgent);
    f[ROW_URGENT_BYTES] = count(d->urgent_bytes);
    f[ROW_LARGEST] = count_of(d->largest_bytes, data);
    f[ROW_SMALLEST] = count_of(d->smallest_bytes, data);
    f[ROW_MEAN] = count_of(mean(d->bytes, d->data_segments), data);
    f[ROW_DATA_TIME] = ms(summary_us(d->first_data_ns, d->last_data_ns), data);
    f[ROW_THROUGHPUT] =
        count_of(us > 0 ? (uint64_t)((double)unique * US_PER_SECOND / (double)us) : 0, us > 0);
}

static void figures_of_answers(const struct side_summary *d, int scale, struct figure *f)
{
    bool windows = d->windows > 0, rtts = d->rtts > 0;
    f[ROW_AGAIN_SEGMENTS] = count(d->again_segments);
    f[ROW_AGAIN_BYTES] = count(d->again_bytes);
    f[ROW_OUT_OF_ORDER] = count(d->out_of_order);
    f[ROW_DUPLICATE_ACKS] = count(d->duplicate_acks);
    f[ROW_SACKS] = count(d->sack_segments);
    f[ROW_SACK_BLOCKS] = count(d->sack_blocks_most);
    f[ROW_D_SACKS] = count(d->d_sacks);
    f[ROW_PROBES] = count(d->probes);
    f[ROW_ZERO_WINDOWS] = count(d->zero_windows);
    f[ROW_SCALE] = count_of((uint64_t)scale, scale >= 0);
    f[ROW_WINDOW_LEAST] = count_of(d->window_least_bytes, windows);
    f[ROW_WINDOW_MEAN] = count_of(mean(d->window_sum_bytes, d->windows), windows);
    f[ROW_WINDOW_MOST] = count_of(d->window_most_bytes, windows);
    f[ROW_RTTS] = count(d->rtts);
    f[ROW_RTT_LEAST] = ms(d->rtt_least_us, rtts);
    f[ROW_RTT_MEAN] = ms(mean(d->rtt_sum_us, d->rtts), rtts);
    f[ROW_RTT_MOST] = ms(d->rtt_most_us, rtts);
    f[ROW_RTT_DEVIATION] = ms(deviation_us(d), d->rtts > 1);
}

static void add_figure(struct figure f, struct text *out)
{
    enum { WIDE = 26 };
    size_t from = out->len;
    if (!f.known)
        text_char(out, '-');
    else if (f.form == FIGURE_MS)
        column_fraction(out, f.value, 3);
    else if (f.form == FIGURE_OPTION)
        text_add(out, f.value ? "yes" : "no");
    else
        text_u64(out, f.value);
    column_right(out, from, WIDE);
}

void summary_figures(const struct connection_summary *c, const struct flow *flow,
                     const struct analysis_connection *analysis, uint64_t us, struct text *out)
{
    enum { WIDE_LABEL = 26 };
    struct figure figures[SIDE_COUNT][ROW_COUNT];
    for (int side = 0; side < SIDE_COUNT; side++) {
        const struct side_summary *sent = summary_side(c, side);
        figures_of_all(sent, figures[side]);
        figures_of_data(sent, flow->iss[side], us, figures[side]);
        figures_of_answers(sent, analysis->sides[side].window_scale, figures[side]);
    }
    for (int row = 0; row < ROW_COUNT; row++) {
        size_t from = out->len;
        text_add(out, "  ");
        text_add(out, labels[row]);
        column_left(out, from, WIDE_LABEL);
        add_figure(figures[SIDE_INITIATOR][row], out);
        add_figure(figures[SIDE_RESPONDER][row], out);
        text_char(out, '\n');
    }
}
