#include "tracer/print/line_time.h"

#include "tracer/base/put.h"

#include <string.h>
#include <time.h>

enum {
    NS_PER_SECOND = 1000000000,
    NS_PER_US = 1000,
    SECONDS_PER_DAY = 86400,
    FRACTION_MOST = sizeof ".123456789 " + PUT_SPOILT
};

static const char not_a_time[] = "[Error converting time] ";

/* The fraction of a second, and the blank that ends every time. */
static char *put_fraction(char *at, const struct line_options *options, uint64_t ns)
{
    *at++ = '.';
    if (options->nanoseconds) {
        *at++ = (char)('0' + ns / 100000000);
        at = put_padded(at, (uint32_t)ns % 100000000, 8);
    } else {
        at = put_padded(at, (uint32_t)ns / NS_PER_US, 6);
    }
    return put_str(at, " ");
}

static void fraction(const struct line_options *options, uint64_t ns, struct text *out)
{
    text_commit_to(out, put_fraction(text_reserve(out, FRACTION_MOST), options, ns));
}

/* A time as a line shows it: where a broken file has whole seconds in the fraction, they stay
 * there, as tcpdump leaves them. */
struct shown_time {
    int64_t second;
    uint64_t ns; /* of that second; more than there are in one where they stay */
};

static struct shown_time shown_time_of(const struct frame *f)
{
    int64_t second = f->time_ns / NS_PER_SECOND;
    uint64_t ns = (uint64_t)(f->time_ns - second * NS_PER_SECOND);
    return (struct shown_time){second - f->carried_s, ns + (uint64_t)f->carried_s * NS_PER_SECOND};
}

static void shown_fraction(const struct line_options *options, uint64_t ns, struct text *out)
{
    if (ns < NS_PER_SECOND) {
        fraction(options, ns, out);
        return;
    }
    text_char(out, '.'); /* as many digits as it takes */
    text_u64_padded(out, (uint32_t)(options->nanoseconds ? ns : ns / NS_PER_US),
                    options->nanoseconds ? 9 : 6);
    text_char(out, ' ');
}

/* Keep the local time of a second. The C library is asked once a second of the capture, not once a
 * line. */
static bool learn_second(struct line_clock *clock, bool with_date, int64_t second)
{
    time_t t = (time_t)second;
    struct tm tm;
    const char *format = with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S";
    if (!localtime_r(&t, &tm))
        return false;
    clock->text_bytes = strftime(clock->text, sizeof clock->text, format, &tm);
    clock->second = second;
    return clock->text_bytes > 0;
}

static void time_of_day(struct line_clock *clock, const struct line_options *options,
                        struct shown_time time, struct text *out)
{
    bool is_known = clock->text_bytes > 0 && time.second == clock->second;
    if (!is_known && !learn_second(clock, options->time == LINE_TIME_DATE, time.second)) {
        text_add(out, not_a_time);
        return;
    }
    char *at = text_reserve(out, sizeof clock->text);
    memcpy(at, clock->text, sizeof clock->text);
    text_commit_to(out, at + clock->text_bytes);
    shown_fraction(options, time.ns, out);
}

/* Since the reference: a blank or a minus, and hours, minutes and seconds that pass over days. */
static void elapsed(struct line_clock *clock, const struct line_options *options, int64_t time_ns,
                    struct text *out)
{
    if (!options->nanoseconds)
        time_ns -= time_ns % NS_PER_US;
    if (!clock->has_reference)
        clock->reference_ns = time_ns;
    bool before = time_ns < clock->reference_ns;
    uint64_t ns = (uint64_t)time_ns - (uint64_t)clock->reference_ns;
    if (!clock->has_reference || options->time == LINE_TIME_SINCE_PREVIOUS)
        clock->reference_ns = time_ns;
    clock->has_reference = true;
    ns = before ? 0 - ns : ns;
    text_char(out, before ? '-' : ' ');
    uint64_t second = ns / NS_PER_SECOND % SECONDS_PER_DAY;
    text_u64_padded(out, second / 3600, 2);
    text_char(out, ':');
    text_u64_padded(out, second / 60 % 60, 2);
    text_char(out, ':');
    text_u64_padded(out, second % 60, 2);
    fraction(options, ns % NS_PER_SECOND, out);
}

void line_clock_text(struct line_clock *clock, const struct line_options *options,
                     const struct frame *frame, struct text *out)
{
    if (options->time == LINE_TIME_NONE)
        return;
    if (options->time == LINE_TIME_SINCE_PREVIOUS || options->time == LINE_TIME_SINCE_FIRST) {
        elapsed(clock, options, frame->time_ns, out);
        return;
    }
    struct shown_time time = shown_time_of(frame);
    if (frame->time_ns < 0 || time.second > INT32_MAX) {
        text_add(out, not_a_time); /* as tcpdump does past January 2038 */
    } else if (options->time == LINE_TIME_EPOCH) {
        text_u64(out, (uint64_t)time.second);
        shown_fraction(options, time.ns, out);
    } else {
        time_of_day(clock, options, time, out);
    }
}
