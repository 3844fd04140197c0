#include "tracer/print/line.h"

#include "tracer/base/alloc.h"
#include "tracer/print/line_parts.h"

#include <stdlib.h>
#include <time.h>

struct line_printer *line_printer_new(const struct line_options *options)
{
    struct line_printer *lp = xcalloc(1, sizeof *lp);
    lp->options = *options;
    tzset(); /* localtime_r() need not */
    return lp;
}

void line_printer_free(struct line_printer *lp)
{
    if (!lp)
        return;
    line_seq_free(&lp->seqs);
    line_names_free(&lp->names);
    line_ways_free(&lp->ways);
    free(lp);
}

/* A record whose header cannot be true gets a line of its own. Returns whether it is such. */
static bool invalid_record(const struct frame *f, struct text *out)
{
    bool empty = f->captured_bytes == 0, no_length = f->wire_bytes == 0;
    if (!empty && f->wire_bytes >= f->captured_bytes)
        return false;
    text_add(out, "[Invalid header:");
    if (empty)
        text_add(out, " caplen==0");
    if (no_length) {
        text_add(out, empty ? ", len==0" : " len==0");
    } else if (f->wire_bytes < f->captured_bytes) {
        text_add(out, " len(");
        text_u64(out, f->wire_bytes);
        text_add(out, ") < caplen(");
        text_u64(out, f->captured_bytes);
        text_char(out, ')');
    }
    text_char(out, ']');
    return true;
}

void line_print(struct line_printer *lp, const struct packet *p, struct text *out)
{
    struct line l = {.lp = lp, .p = p, .out = out, .protocol = ""};
    if (!invalid_record(&p->frame, out)) {
        line_clock_text(&lp->clock, &lp->options, p->frame.time_ns, out);
        line_link(&l);
        if (lp->options.dump != LINE_DUMP_NONE)
            line_dump(&l);
    }
    text_char(out, '\n');
}

void line_inner(struct line *l, int linktype)
{
    if (l->depth == LINE_DEPTH_MAX)
        return;
    struct frame frame = {
        .time_ns = l->p->frame.time_ns,
        .linktype = linktype,
        .captured_bytes = (uint32_t)cursor_captured_left(&l->c),
        .wire_bytes = (uint32_t)cursor_claimed_left(&l->c),
    };
    frame.bytes = cursor_bytes(&l->c, frame.captured_bytes);
    struct packet packet;
    packet_decode(&frame, &packet);
    struct line inner = {.lp = l->lp, .p = &packet, .out = l->out, .depth = l->depth + 1};
    line_link(&inner);
    if (inner.extent == EXTENT_WHOLE)
        l->extent = EXTENT_WHOLE;
}
