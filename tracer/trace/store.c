#include "tracer/trace/store.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* In memory frames stand one behind the other in blocks that never move; a frame's number is its
 * block's and its place in it. */
enum { PLACE_BITS = 21, BLOCK_BYTES = 1 << 20, ALIGN = 8 };

struct store {
    trace_again *again; /* NULL: frames are kept here */
    void *place;        /* (borrowed) that again() is given */
    uint8_t **blocks;   /* (owned) */
    size_t block_count, block_cap;
    size_t used, room; /* of the last block */
};

/* What stands before a frame's bytes. */
struct kept {
    int64_t time_ns;
    int linktype;
    uint32_t captured_bytes, wire_bytes, interface;
};

struct store *store_new(void)
{
    return xcalloc(1, sizeof(struct store));
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->block_count; i++)
        free(s->blocks[i]);
    free(s->blocks);
    free(s);
}

void store_reread(struct store *s, trace_again *again, void *place)
{
    s->again = again;
    s->place = place;
}

static void add_block(struct store *s, size_t need)
{
    xgrow(&s->blocks, &s->block_cap, s->block_count, sizeof *s->blocks);
    s->room = need > BLOCK_BYTES ? need : BLOCK_BYTES;
    s->blocks[s->block_count++] = xmalloc(s->room);
    s->used = 0;
}

uint64_t store_put(struct store *s, const struct capture_frame *frame)
{
    if (s->again)
        return frame->at;
    struct kept kept = {frame->time_ns, frame->linktype, frame->captured_bytes, frame->wire_bytes,
                        frame->interface};
    size_t need = (sizeof kept + frame->captured_bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (s->block_count == 0 || s->used + need > s->room)
        add_block(s, need);
    uint8_t *to = s->blocks[s->block_count - 1] + s->used;
    uint64_t at = (uint64_t)(s->block_count - 1) << PLACE_BITS | s->used;
    memcpy(to, &kept, sizeof kept);
    if (frame->captured_bytes > 0)
        memcpy(to + sizeof kept, frame->bytes, frame->captured_bytes);
    s->used += need;
    return at;
}

struct capture_frame store_get(struct store *s, uint64_t at)
{
    if (s->again) {
        struct capture_frame frame;
        return s->again(s->place, at, &frame) ? frame : (struct capture_frame){0};
    }
    const uint8_t *from = s->blocks[at >> PLACE_BITS] + (at & ((1u << PLACE_BITS) - 1));
    struct kept kept;
    memcpy(&kept, from, sizeof kept);
    return (struct capture_frame){
        .time_ns = kept.time_ns,
        .linktype = kept.linktype,
        .bytes = from + sizeof kept,
        .captured_bytes = kept.captured_bytes,
        .wire_bytes = kept.wire_bytes,
        .interface = kept.interface,
        .at = at,
    };
}
