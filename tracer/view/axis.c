#include "tracer/view/axis.h"

struct scale {
    int64_t worth;
    const char *name; /* NULL ends a row */
};

static const struct scale scales[AXIS_UNIT_COUNT][6] = {
    [AXIS_NANOSECONDS] = {{1, "ns"}, {1000, "us"}, {1000000, "ms"}, {1000000000, "s"}},
    [AXIS_BYTES] =
        {{1, "B"}, {1000, "kB"}, {1000000, "MB"}, {1000000000, "GB"}, {1000000000000, "TB"}},
    [AXIS_BYTES_PER_SECOND] = {{1, "B/s"},
                               {1000, "kB/s"},
                               {1000000, "MB/s"},
                               {1000000000, "GB/s"},
                               {1000000000000, "TB/s"}},
};

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

/* The largest unit that `v` holds once. */
static const struct scale *scale_for(enum axis_unit unit, int64_t v)
{
    const struct scale *s = scales[unit];
    while (s[1].name && magnitude(v) >= s[1].worth)
        s++;
    return s;
}

int64_t axis_nice(int64_t v)
{
    int64_t ten = 1;
    while (ten <= INT64_MAX / 10 && ten * 10 <= v)
        ten *= 10;
    if (v <= ten)
        return ten;
    if (v <= 2 * ten)
        return 2 * ten;
    if (ten > INT64_MAX / 10)
        return INT64_MAX;
    return v <= 5 * ten ? 5 * ten : 10 * ten;
}

/* Toward minus infinity. */
static int64_t floor_to(int64_t v, int64_t step)
{
    int64_t rest = v % step;
    return v - (rest < 0 ? rest + step : rest);
}

struct axis axis_make(enum axis_unit unit, int64_t from, int64_t to, int ticks)
{
    struct axis a = {.unit = unit, .from = from, .to = to > from ? to : from + 1};
    int64_t parts = ticks > 2 ? ticks - 1 : 1;
    a.step = axis_nice((a.to - a.from + parts - 1) / parts);
    int64_t most = magnitude(a.from) > magnitude(a.to) ? magnitude(a.from) : magnitude(a.to);
    a.scale = scale_for(unit, most)->worth;
    for (int64_t part = a.scale; part > a.step; part /= 10)
        a.decimals++;
    return a;
}

int64_t axis_first_tick(const struct axis *a)
{
    return floor_to(a->from + a->step - 1, a->step);
}

void axis_label(const struct axis *a, int64_t value, struct text *out)
{
    const struct scale *s = scales[a->unit];
    while (s->worth != a->scale)
        s++;
    if (value == 0)
        text_add(out, "0");
    else
        text_format(out, "%.*f %s", a->decimals, (double)value / (double)s->worth, s->name);
}

void axis_value(enum axis_unit unit, int64_t value, struct text *out)
{
    const struct scale *s = scale_for(unit, value);
    int64_t whole = magnitude(value) / s->worth;
    int decimals = s->worth == 1 || whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
    text_format(out, "%.*f %s", decimals, (double)value / (double)s->worth, s->name);
}

struct axis_scale axis_over(const struct axis *a, int dots)
{
    double range = (double)(a->to - a->from);
    return (struct axis_scale){a->from, dots, dots > 1 ? (dots - 1) / range : 0};
}
