#include "tracer/app/output.h"

#include "tracer/base/alloc.h"
#include "tracer/decode/packet.h"
#include "tracer/print/json.h"
#include "tracer/print/line.h"
#include "tracer/print/summary_text.h"
#include "tracer/print/walk.h"
#include "tracer/trace/trace.h"

#include <stdlib.h>
#include <string.h>

static void decode(const struct capture_frame *frame, struct packet *p)
{
    p->frame = trace_frame(frame);
    packet_decode_in_place(p, TUNNELS_MAX);
}

/* ---- lines: nothing is kept of a frame but the first sequence numbers ---- */

static void *lines_open(const struct options *o, struct source *source)
{
    (void)source;
    struct line_options line = o->line;
    line.interface_name = source_interface_name;
    return line_printer_new(&line);
}

static void lines_close(void *state)
{
    line_printer_free(state);
}

static void lines_frame(void *state, const struct capture_frame *frame, struct text *out)
{
    struct frame seen = trace_frame(frame);
    line_print_frame(state, &seen, out);
}

/* ---- lines with what the analysis finds behind them ---- */

struct analysed_lines {
    struct line_printer *line; /* (owned), as is the rest */
    struct flow_table *flows;
    struct analysis *analysis;
    uint32_t segments;
    struct text rest; /* what follows a line */
};

static void *analysed_open(const struct options *o, struct source *source)
{
    struct analysed_lines *l = xcalloc(1, sizeof *l);
    l->line = lines_open(o, source);
    l->flows = flow_table_new();
    l->analysis = analysis_new();
    return l;
}

static void analysed_close(void *state)
{
    struct analysed_lines *l = state;
    line_printer_free(l->line);
    flow_table_free(l->flows);
    analysis_free(l->analysis);
    text_free(&l->rest);
    free(l);
}

static void analyse(struct analysed_lines *l, const struct packet *p, struct analysis_result *r)
{
    struct analysis_facts facts;
    int side;
    const struct flow *flow = flow_of(l->flows, p, &side);
    analysis_facts(p, flow, side, &facts);
    analysis_take(l->analysis, flow->index, l->segments++, &facts, r);
}

/* " [zero_window: its receive buffer is full ...]" for each finding. */
static void add_findings(const struct analysis_result *r, struct text *out)
{
    for (unsigned i = 0; i < r->count; i++) {
        text_add(out, " [");
        text_add(out, finding_name((enum finding_kind)r->findings[i].kind));
        text_add(out, ": ");
        finding_reason(&r->findings[i], out);
        text_char(out, ']');
    }
}

/* The findings end the line; the dump, if any, follows. */
static void analysed_frame(void *state, const struct capture_frame *frame, struct text *out)
{
    struct analysed_lines *l = state;
    struct packet p;
    struct analysis_result r;
    size_t from = out->len;
    decode(frame, &p);
    line_print(l->line, &p, out);
    r.count = 0;
    if (p.is_tcp)
        analyse(l, &p, &r);
    if (r.count == 0)
        return;
    const char *end = memchr(out->s + from, '\n', out->len - from);
    size_t line_bytes = end ? (size_t)(end - out->s) : out->len;
    text_clear(&l->rest);
    text_bytes(&l->rest, out->s + line_bytes, out->len - line_bytes);
    out->len = line_bytes;
    add_findings(&r, out);
    text_bytes(out, text_str(&l->rest), l->rest.len);
}

/* ---- JSON and the walk: both tell what the trace makes of the frames ---- */

struct told {
    struct trace *trace; /* (owned), as are the two, of which one is there */
    struct json *json;
    struct walk *walk;
};

static void *json_open(const struct options *o, struct source *source)
{
    (void)o;
    struct told *t = xcalloc(1, sizeof *t);
    t->trace = trace_new();
    if (!o->at)
        trace_rereads_source(t->trace, source);
    trace_without_findings(t->trace); /* the writer analyses segment by segment */
    t->json = json_new(t->trace);
    return t;
}

static void *walk_open(const struct options *o, struct source *source)
{
    struct told *t = xcalloc(1, sizeof *t);
    t->trace = trace_new();
    if (!o->at)
        trace_rereads_source(t->trace, source);
    t->walk = walk_new(t->trace, o->ascii);
    return t;
}

static void told_close(void *state)
{
    struct told *t = state;
    json_free(t->json);
    if (t->walk)
        walk_free(t->walk);
    trace_free(t->trace);
    free(t);
}

static void json_frame(void *state, const struct capture_frame *frame, struct text *out)
{
    struct told *t = state;
    struct packet p;
    decode(frame, &p);
    trace_add_decoded(t->trace, frame, &p);
    json_after(t->json, &p, out);
}

static void walk_frame(void *state, const struct capture_frame *frame, struct text *out)
{
    struct told *t = state;
    trace_add(t->trace, frame);
    walk_more(t->walk, false, out);
}

static bool walk_rest(void *state, bool last, struct text *out)
{
    (void)last; /* a call that has not returned by now is told as it stands */
    walk_more(((struct told *)state)->walk, true, out);
    return false;
}

/* ---- the summary: told at the end ---- */

struct summed {
    struct summary *summary; /* (owned) */
    struct summary_telling telling;
};

static void *summary_open(const struct options *o, struct source *source)
{
    (void)source;
    struct summed *t = xcalloc(1, sizeof *t);
    t->summary = summary_new();
    t->telling = (struct summary_telling){.summary = t->summary, .verbose = o->verbose};
    return t;
}

static void summary_close(void *state)
{
    struct summed *t = state;
    summary_free(t->summary);
    free(t);
}

static void summary_frame(void *state, const struct capture_frame *frame, struct text *out)
{
    (void)out;
    struct frame seen = trace_frame(frame);
    summary_take_frame(((struct summed *)state)->summary, &seen);
}

static bool summary_rest(void *state, bool last, struct text *out)
{
    struct summed *t = state;
    return last && summary_tell(&t->telling, out);
}

static const struct output_ops table[] = {
    {MODE_PRINT, lines_open, lines_close, lines_frame, NULL},
    {MODE_JSON, json_open, told_close, json_frame, NULL},
    {MODE_WALK, walk_open, told_close, walk_frame, walk_rest},
    {MODE_SUMMARY, summary_open, summary_close, summary_frame, summary_rest},
};

static const struct output_ops analysed = {MODE_PRINT, analysed_open, analysed_close,
                                           analysed_frame, NULL};

const struct output_ops *output_for(const struct options *o)
{
    if (o->mode == MODE_PRINT && o->analysis)
        return &analysed;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].mode == o->mode)
            return &table[i];
    return NULL;
}
