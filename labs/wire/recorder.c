#include "labs/wire/recorder.h"

#include "tracer/base/alloc.h"
#include "tracer/session/stream.h"

#include <stdlib.h>

enum {
    MARGIN_NS = 2000000,
    GATHER_BYTES = 131072, /* that wait before they are written between two marks */
    QUEUE_BYTES =
        256 << 20, /* that wait for a slow reader; then the wire waits, and its hosts do */
};

struct recorder {
    struct stream_writer *out;                  /* (owned) */
    int64_t promised_ns;                        /* the last mark */
    int64_t last_name_ns[WIRE_DIRECTION_COUNT]; /* the last packet's stamp */
};

struct recorder *recorder_new(int out_fd)
{
    struct recorder *r = xcalloc(1, sizeof *r);
    r->out = stream_writer_new(out_fd, false);
    stream_gather(r->out, GATHER_BYTES);
    return r;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    stream_writer_free(r->out);
    free(r);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t recorder_packet(struct recorder *r, enum wire_direction d,
                        const struct capture_frame *frame)
{
    int64_t name_ns = later(frame->time_ns, later(r->promised_ns, r->last_name_ns[d] + 1));
    r->last_name_ns[d] = name_ns;
    stream_write(r->out, name_ns, frame->bytes, frame->captured_bytes, frame->wire_bytes);
    if (stream_pending(r->out) > QUEUE_BYTES)
        stream_flush(r->out, true);
    return name_ns;
}

static const char hosts[] = {[WIRE_FROM_C] = 'C', [WIRE_FROM_S] = 'S'};

void recorder_fate(struct recorder *r, const struct engine_fate *fate, int64_t now_ns)
{
    struct annotation a = {
        .type = ANNOTATION_FATE,
        .fate = {.sent_ns = fate->name_ns,
                 .from = hosts[fate->direction],
                 .fate = fate->corrupted ? FATE_DROPPED : fate->fate,
                 .reason = (char *)(uintptr_t)fate->reason,
                 .copy = fate->copy,
                 .corrupted = fate->corrupted},
    };
    stream_annotate(r->out, later(now_ns, later(fate->name_ns, r->promised_ns)), &a);
}

void recorder_held(struct recorder *r, const struct flight *f, bool over)
{
    struct annotation a = {
        .type = ANNOTATION_HELD,
        .held = {.sent_ns = f->name_ns,
                 .from = hosts[f->direction],
                 .number = f->number,
                 .repeats = (int)f->repeats,
                 .over = over},
    };
    stream_annotate(r->out, later(session_now_ns(), later(f->name_ns, r->promised_ns)), &a);
}

void recorder_command(struct recorder *r, const char *text, const char *answer, bool done)
{
    struct annotation a = {
        .type = ANNOTATION_COMMAND,
        .command = {.text = (char *)(uintptr_t)text,
                    .answer = (char *)(uintptr_t)answer,
                    .failed = !done},
    };
    stream_annotate(r->out, later(session_now_ns(), r->promised_ns), &a);
}

void recorder_kernel(struct recorder *r, const struct annotation *word,
                     const struct endpoint *local, const struct endpoint *remote)
{
    struct annotation a = *word;
    struct text ends[2] = {{0}, {0}};
    endpoint_text(local, &ends[0]);
    endpoint_text(remote, &ends[1]);
    a.kernel.local = (char *)(uintptr_t)text_str(&ends[0]);
    a.kernel.remote = (char *)(uintptr_t)text_str(&ends[1]);
    stream_annotate(r->out, later(session_now_ns(), r->promised_ns), &a);
    text_free(&ends[0]);
    text_free(&ends[1]);
}

void recorder_mark(struct recorder *r, int64_t read_up_to_ns)
{
    struct annotation a = {.type = ANNOTATION_MARK};
    r->promised_ns = later(r->promised_ns, read_up_to_ns - MARGIN_NS);
    stream_annotate(r->out, r->promised_ns, &a);
    stream_flush(r->out, false);
}

void recorder_end(struct recorder *r, const char *verdict, const char *reason,
                  uint64_t dropped_frames, int64_t late_ns)
{
    struct annotation a = {
        .type = ANNOTATION_END,
        .end = {.verdict = (char *)(uintptr_t)verdict,
                .reason = (char *)(uintptr_t)reason,
                .dropped_frames = dropped_frames,
                .late_us = late_ns / 1000},
    };
    int64_t last_ns = later(r->last_name_ns[WIRE_FROM_C], r->last_name_ns[WIRE_FROM_S]);
    stream_annotate(r->out, later(session_now_ns(), later(last_ns, r->promised_ns)), &a);
    stream_flush(r->out, true);
}

bool recorder_blocked(const struct recorder *r)
{
    return stream_blocked(r->out);
}

void recorder_flush(struct recorder *r)
{
    stream_flush(r->out, false);
}
