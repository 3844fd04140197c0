/* Filter expressions over frames that are read from files: libpcap compiles them for a link type
 * and runs them. A file may mix link types, so each has its own program, compiled on first use. */
#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <pcap/pcap.h>
#include <stdlib.h>

struct program {
    int linktype;
    struct bpf_program code;
};

struct filter {
    char *expression; /* (owned) */
    bool keep_annotations;
    uint32_t snaplen;
    struct program *programs; /* (owned) */
    size_t count, cap;
};

struct filter *filter_new(const char *expression, bool keep_annotations, uint32_t snaplen)
{
    struct filter *f = xcalloc(1, sizeof *f);
    f->expression = xstrdup(expression);
    f->keep_annotations = keep_annotations;
    f->snaplen = snaplen;
    return f;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        pcap_freecode(&f->programs[i].code);
    free(f->programs);
    free(f->expression);
    free(f);
}

static struct program *program_for(const struct filter *f, int linktype)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->programs[i].linktype == linktype)
            return &f->programs[i];
    return NULL;
}

int filter_prepare(struct filter *f, int linktype, struct error *e)
{
    if (program_for(f, linktype))
        return 0;
    pcap_t *dead = pcap_open_dead(dlt_of_linktype(linktype), (int)f->snaplen);
    if (!dead)
        return error_exit(e, EXIT_MACHINE, "There was no memory to compile the filter.");
    struct program program = {.linktype = linktype};
    int result = 0;
    if (pcap_compile(dead, &program.code, f->expression, 1, PCAP_NETMASK_UNKNOWN) < 0) {
        result = filter_refused(e, f->expression, pcap_geterr(dead));
    } else {
        xgrow(&f->programs, &f->cap, f->count, sizeof program);
        f->programs[f->count++] = program;
    }
    pcap_close(dead);
    return result;
}

int filter_refused(struct error *e, const char *expression, const char *why)
{
    struct text shown = {0}, reason = {0};
    text_safe_str(&shown, expression);
    text_safe_str(&reason, why);
    error_exit(e, EXIT_WRONG_USAGE,
               "The filter \"%.300s\" cannot be used: %.200s. `man pcap-filter` describes the "
               "language; \"tcp port 9502\" is an example.",
               text_str(&shown), text_str(&reason));
    text_free(&shown);
    text_free(&reason);
    return -1;
}

static bool is_annotation(const struct capture_frame *frame)
{
    struct cursor c;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    cursor_skip(&c, 12);
    return frame->linktype == 1 && cursor_be16(&c) == 0x88b5;
}

int filter_match(struct filter *f, const struct capture_frame *frame, struct error *e)
{
    if (f->keep_annotations && is_annotation(frame))
        return 1;
    if (filter_prepare(f, frame->linktype, e) < 0)
        return -1;
    struct pcap_pkthdr header = {.caplen = frame->captured_bytes, .len = frame->wire_bytes};
    return pcap_offline_filter(&program_for(f, frame->linktype)->code, &header, frame->bytes) != 0;
}
