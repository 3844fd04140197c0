#include "tracer/print/line_time.h"

#include "tracer/base/put.h"

#include <string.h>
#include <time.h>

enum { NS_PER_SECOND = 1000000000, NS_PER_US = 1000, SECONDS_PER_DAY = 86400 };

static const char not_a_time[] = "[Error converting time] ";

/* The fraction of a second, and the blank that ends every time. Where a broken file has whole
 * seconds in the fraction it takes as many digits as it takes. */
static char *put_fraction(char *at, const struct line_options *options, uint64_t ns)
{
    enum { EIGHT_DIGITS = 100000000, SIX_DIGITS = 1000000 };
    *at++ = '.';
    if (options->nanoseconds) {
        at = put_u64(at, ns / EIGHT_DIGITS);
        at = put_padded(at, (uint32_t)(ns % EIGHT_DIGITS), 8);
    } else {
        uint64_t us = ns / NS_PER_US;
        if (us >= SIX_DIGITS)
            at = put_u64(at, us / SIX_DIGITS);
        at = put_padded(at, (uint32_t)(us % SIX_DIGITS), 6);
    }
    *at++ = ' ';
    return at;
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
    clock->second_ns = second * NS_PER_SECOND;
    return clock->text_bytes > 0;
}

static char *put_second(char *at, const struct line_clock *clock)
{
    memcpy(at, clock->text, sizeof clock->text); /* as much as there can be: that is known */
    return at + clock->text_bytes;
}

static char *put_time_of_day(char *at, struct line_clock *clock, const struct line_options *options,
                             struct shown_time time)
{
    bool is_known = clock->text_bytes > 0 && time.second * NS_PER_SECOND == clock->second_ns;
    if (!is_known && !learn_second(clock, options->time == LINE_TIME_DATE, time.second))
        return put_str(at, not_a_time);
    return put_fraction(put_second(at, clock), options, time.ns);
}

static char *put_two(char *at, uint64_t v, char behind)
{
    at = put_padded(at, (uint32_t)v, 2);
    *at++ = behind;
    return at;
}

/* Since the reference: a blank or a minus, and hours, minutes and seconds that pass over days. */
static char *put_elapsed(char *at, struct line_clock *clock, const struct line_options *options,
                         int64_t time_ns)
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
    *at++ = before ? '-' : ' ';
    uint64_t second = ns / NS_PER_SECOND % SECONDS_PER_DAY;
    at = put_two(at, second / 3600, ':');
    at = put_two(at, second / 60 % 60, ':');
    at = put_padded(at, (uint32_t)(second % 60), 2);
    return put_fraction(at, options, ns % NS_PER_SECOND);
}

/* Any time but that of most lines. */
static char *put_any(char *at, struct line_clock *clock, const struct line_options *options,
                     const struct frame *frame)
{
    if (options->time == LINE_TIME_NONE)
        return at;
    if (options->time == LINE_TIME_SINCE_PREVIOUS || options->time == LINE_TIME_SINCE_FIRST)
        return put_elapsed(at, clock, options, frame->time_ns);
    struct shown_time time = shown_time_of(frame);
    if (frame->time_ns < 0 || time.second > INT32_MAX)
        return put_str(at, not_a_time); /* as tcpdump does past January 2038 */
    if (options->time == LINE_TIME_EPOCH)
        return put_fraction(put_u64(at, (uint64_t)time.second), options, time.ns);
    return put_time_of_day(at, clock, options, time);
}

char *line_clock_put(char *at, struct line_clock *clock, const struct line_options *options,
                     const struct frame *frame)
{
    uint64_t ns = (uint64_t)frame->time_ns - (uint64_t)clock->second_ns;
    if (clock->text_bytes > 0 && ns < NS_PER_SECOND && frame->carried_s == 0)
        return put_fraction(put_second(at, clock), options, ns); /* the same second again */
    return put_any(at, clock, options, frame);
}
