#include "tracer/app/selecting.h"

#include "tracer/base/alloc.h"
#include "tracer/decode/packet.h"
#include "tracer/print/json.h"
#include "tracer/print/line.h"
#include "tracer/select/describe.h"
#include "tracer/select/run.h"
#include "tracer/trace/trace.h"

#include <stdlib.h>
#include <string.h>

struct selecting {
    struct trace *trace; /* (owned), as are the next four */
    struct selector *selector;
    struct select_run *run;
    struct line_printer *line; /* MODE_PRINT */
    struct json *json;         /* MODE_JSON */
    struct sink *sink;         /* (borrowed) or NULL */
    const struct options *options;
    bool at_end;                  /* what is selected is settled at the end alone */
    struct text present, scratch; /* the present frame's line */
    uint64_t present_frame, frames, count;
    uint8_t *told; /* (owned) a bit a segment: it has been selected before */
    size_t told_bytes, told_cap;
};

struct selecting *selecting_new(const struct options *o, struct error *e)
{
    struct select_fault fault;
    struct selector *selector = selector_parse(o->select, &fault);
    if (!selector) {
        select_fault_error(&fault, "--select", e);
        return NULL;
    }
    struct selecting *s = xcalloc(1, sizeof *s);
    struct line_options line = o->line;
    line.interface_name = source_interface_name;
    s->options = o;
    s->selector = selector;
    s->trace = trace_new();
    s->run = select_run_new(s->trace);
    s->at_end = selector_needs_end(selector);
    select_run_add(s->run, selector);
    if (o->mode == MODE_PRINT)
        s->line = line_printer_new(&line);
    if (o->mode == MODE_JSON)
        s->json = json_new(s->trace);
    return s;
}

void selecting_free(struct selecting *s)
{
    if (!s)
        return;
    if (s->line)
        line_printer_free(s->line);
    json_free(s->json);
    select_run_free(s->run);
    selector_free(s->selector);
    trace_free(s->trace);
    text_free(&s->present);
    text_free(&s->scratch);
    free(s->told);
    free(s);
}

void selecting_between(struct selecting *s, struct source *source, struct sink *sink)
{
    if (!s)
        return;
    s->sink = sink;
    trace_rereads_source(s->trace, source);
}

uint64_t selecting_count(const struct selecting *s)
{
    return s->count;
}

static bool full(const struct selecting *s)
{
    return s->options->count > 0 && s->count >= s->options->count;
}

/* A packet is shown once, whichever of its moments are selected. */
static bool first_time(struct selecting *s, uint32_t segment)
{
    while (s->told_bytes <= segment / 8) {
        xgrow(&s->told, &s->told_cap, s->told_bytes, 1);
        s->told[s->told_bytes++] = 0;
    }
    uint8_t bit = (uint8_t)(1u << segment % 8);
    bool first = !(s->told[segment / 8] & bit);
    s->told[segment / 8] |= bit;
    return first;
}

static int keep(struct selecting *s, const struct frame *f, struct error *e)
{
    struct capture_frame frame = {.time_ns = f->time_ns,
                                  .linktype = f->linktype,
                                  .bytes = f->bytes,
                                  .captured_bytes = f->captured_bytes,
                                  .wire_bytes = f->wire_bytes};
    return s->sink ? sink_write(s->sink, &frame, e) : 0;
}

/* " [zero_window: its receive buffer is full ...]" for each finding. */
static void add_findings(const struct selecting *s, uint32_t segment, struct text *out)
{
    size_t first, n = trace_findings_of(s->trace, segment, &first);
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = trace_finding(s->trace, first + i);
        text_add(out, " [");
        text_add(out, finding_name((enum finding_kind)f->kind));
        text_add(out, ": ");
        finding_reason(f, out);
        text_char(out, ']');
    }
}

/* The line of the present frame has been made already; an earlier one's is made again. The findings
 * end the line; the dump, if any, follows. */
static void print_packet(struct selecting *s, const struct frame *f, uint64_t number,
                         uint32_t segment, struct text *out)
{
    struct text again = {0}, *made = &s->present;
    if (number != s->present_frame) {
        struct packet p;
        packet_decode(f, &p);
        made = &again;
        line_print(s->line, &p, made);
    }
    const char *line = text_str(made), *end = memchr(line, '\n', made->len);
    size_t n = end ? (size_t)(end - line) : made->len;
    text_bytes(out, line, n);
    if (s->options->analysis && segment != TRACE_NONE)
        add_findings(s, segment, out);
    text_bytes(out, line + n, made->len - n);
    text_free(&again);
}

static int show_packet(struct selecting *s, size_t index, struct text *out, struct error *e)
{
    uint32_t segment = trace_event_segment(s->trace, index),
             own = trace_event(s->trace, index).index;
    bool other = segment == TRACE_NONE;
    if (!other && !first_time(s, segment))
        return 0;
    uint64_t number =
        other ? trace_other(s->trace, own).frame : trace_segment(s->trace, segment).frame;
    struct frame f =
        other ? trace_other_frame(s->trace, own) : trace_segment_frame(s->trace, segment);
    s->count++;
    if (s->line)
        print_packet(s, &f, number, segment, out);
    return keep(s, &f, e);
}

/* What is no packet is told in a line of its own, and is nothing that a capture file could hold. */
static void show_event(struct selecting *s, size_t event, struct text *out)
{
    s->count++;
    if (!s->line)
        return;
    describe_time(s->trace, event, out);
    text_char(out, ' ');
    describe_event(s->trace, event, out);
    text_char(out, '\n');
}

static int show(struct selecting *s, size_t index, struct text *out, struct error *e)
{
    struct trace_event event = trace_event(s->trace, index);
    bool packet = trace_event_segment(s->trace, index) != TRACE_NONE || event.kind == TRACE_OTHER;
    if (!s->json && packet)
        return show_packet(s, index, out, e);
    if (!s->json) {
        show_event(s, index, out);
        return 0;
    }
    text_bytes(out, text_str(&s->scratch), s->scratch.len);
    if (!packet)
        s->count++;
    return packet ? show_packet(s, index, out, e) : 0;
}

static int take_events(struct selecting *s, struct text *out, struct error *e)
{
    for (size_t event; !full(s) && select_run_next(s->run, &event);) {
        text_clear(&s->scratch);
        if (s->json)
            json_next(s->json, &s->scratch);
        if (select_run_matches(s->run, 0) && show(s, event, out, e) < 0)
            return -1;
    }
    return 0;
}

int selecting_frame(struct selecting *s, const struct capture_frame *frame, struct text *out,
                    struct error *e)
{
    if (s->line) { /* every frame passes the printer, which learns the first sequence numbers */
        struct frame raw = trace_frame(frame);
        struct packet p;
        packet_decode(&raw, &p);
        text_clear(&s->present);
        line_print(s->line, &p, &s->present);
    }
    s->present_frame = ++s->frames;
    trace_add(s->trace, frame);
    return s->at_end ? 0 : take_events(s, out, e);
}

int selecting_end(struct selecting *s, struct text *out, struct error *e)
{
    return take_events(s, out, e);
}
