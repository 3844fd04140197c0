/* For tests only: a story as a capture file, for another program to read. */
#ifndef TRACER_VIEW_SCENE_FILE_H
#define TRACER_VIEW_SCENE_FILE_H

#include "tracer/capture/sink.h"
#include "tracer/view/scene.h"

/* Write its segments to a file of that name: 0, or -1 with the sentence. */
static inline int scene_write(const struct scene *s, const char *path, struct error *e)
{
    struct sink *sink = sink_open_file(path, LINKTYPE_ETHERNET, 65535, e);
    struct error unused;
    int result = sink ? 0 : -1;
    for (uint32_t i = 0; result == 0 && i < trace_segment_count(s->trace); i++) {
        struct frame f = trace_segment_frame(s->trace, i);
        struct capture_frame c = {.time_ns = f.time_ns,
                                  .linktype = f.linktype,
                                  .bytes = f.bytes,
                                  .captured_bytes = f.captured_bytes,
                                  .wire_bytes = f.wire_bytes};
        result = sink_write(sink, &c, e);
    }
    if (sink && sink_close(sink, result == 0 ? e : &unused) != 0)
        result = -1;
    return result;
}

#endif
