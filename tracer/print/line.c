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

void line_any(struct line_printer *lp, const struct packet *p, struct text *out)
{
    struct line l = {.lp = lp, .p = p, .out = out, .protocol = ""};
    struct packet outermost; /* a line begins with it, and says where it could not be read on */
    if (p->tunnel_count > 0 || p->verdict != VERDICT_OK) {
        packet_decode_to(&p->frame, 0, &outermost);
        l.p = &outermost;
    }
    if (!invalid_record(&p->frame, out)) {
        char *at = text_reserve(out, LINE_TIME_MOST);
        text_commit_to(out, line_clock_put(at, &lp->clock, &lp->options, &p->frame));
        line_link(&l);
        if (lp->options.dump != LINE_DUMP_NONE)
            line_dump(&l);
    }
    text_char(out, '\n');
}

void line_print(struct line_printer *lp, const struct packet *p, struct text *out)
{
    if (!line_plain(lp, p, out))
        line_any(lp, p, out);
}

void line_print_frame(struct line_printer *lp, const struct frame *frame, struct text *out)
{
    struct packet p;
    if (line_plain_frame(lp, frame, out))
        return;
    packet_decode(frame, &p);
    line_print(lp, &p, out);
}

/* A packet inside this one, all that is left of the cursor. */
static void inner(struct line *l, int linktype, void (*part)(struct line *inner))
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
    packet_decode_to(&frame, 0, &packet);
    struct line inside = {.lp = l->lp, .p = &packet, .out = l->out, .depth = l->depth + 1};
    cursor_init(&inside.c, frame.bytes, frame.captured_bytes, frame.wire_bytes);
    part(&inside);
    if (inside.extent == EXTENT_WHOLE)
        l->extent = EXTENT_WHOLE;
}

static void inner_ethernet(struct line *l, uint32_t bytes)
{
    size_t captured = cursor_captured_left(&l->c);
    if (bytes < captured) {
        line_u64(l, "[length ", bytes);
        line_u64(l, " < caplen ", captured);
        line_add(l, "] (invalid)");
        return;
    }
    inner(l, LINKTYPE_ETHERNET, line_link);
}

bool line_inside(struct line *l, uint16_t ethertype, uint32_t bytes)
{
    if (ethertype == ETHERTYPE_BRIDGED) {
        inner_ethernet(l, bytes);
        return true;
    }
    cursor_narrow(&l->c, bytes);
    switch (ethertype) {
    case ETHERTYPE_IPV4: inner(l, LINKTYPE_RAW, line_ipv4); return true;
    case ETHERTYPE_IPV6: inner(l, LINKTYPE_RAW, line_ipv6); return true;
    default: return line_shim(l, ethertype, bytes);
    }
}
