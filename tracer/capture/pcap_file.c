/* The pcap file format: a 24-byte header, then records of a 16-byte header and the frame.
 * draft-ietf-opsawg-pcap is the description. */
#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

enum { FILE_HEADER_BYTES = 24, RECORD_LEAST_BYTES = 16, NS_PER_S = 1000000000 };

/* The magic number, as its bytes stand in the file read big-endian, tells all about the rest. */
static const struct variant {
    uint32_t magic_be;
    bool big_endian;
    uint32_t ticks_per_s;
    uint32_t record_header_bytes;
} variants[] = {
    {0xa1b2c3d4, true, 1000000, 16},    {0xd4c3b2a1, false, 1000000, 16},
    {0xa1b23c4d, true, 1000000000, 16}, {0x4d3cb2a1, false, 1000000000, 16},
    {0xa1b2cd34, true, 1000000, 24}, /* Kuznetzov's longer records */
    {0x34cdb2a1, false, 1000000, 24},
};

struct pcap_file {
    struct feeder *feeder; /* (owned) */
    const struct variant *variant;
    int linktype;
    uint32_t snaplen;
    size_t to_pass; /* bytes of the record last handed out */
};

static const struct variant *variant_of(uint32_t magic_be)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        if (variants[i].magic_be == magic_be)
            return &variants[i];
    return NULL;
}

bool pcap_file_magic(uint32_t magic_be)
{
    return variant_of(magic_be) != NULL;
}

static inline uint32_t read_u32(const struct variant *v, struct cursor *c)
{
    return v->big_endian ? cursor_be32(c) : cursor_le32(c);
}

static uint16_t read_u16(const struct variant *v, struct cursor *c)
{
    return v->big_endian ? cursor_be16(c) : cursor_le16(c);
}

void *pcap_file_open(struct feeder *f, struct error *e)
{
    const uint8_t *bytes;
    enum fed fed = feeder_want(f, FILE_HEADER_BYTES, true, &bytes, e);
    if (fed != FED_BYTES) {
        feeder_result(f, fed, "file header", e);
        return NULL;
    }
    struct cursor c;
    cursor_init(&c, bytes, FILE_HEADER_BYTES, FILE_HEADER_BYTES);
    const struct variant *v = variant_of(cursor_be32(&c));
    uint16_t major = read_u16(v, &c), minor = read_u16(v, &c);
    cursor_skip(&c, 8);
    uint32_t snaplen = read_u32(v, &c), linktype = read_u32(v, &c);
    if (major != 2) {
        error_set(e,
                  "%s is a capture file of version %u.%u, and only version 2 is known. Let the "
                  "program that wrote it save it as pcap 2.4 or pcapng.",
                  feeder_name(f), major, minor);
        return NULL;
    }
    struct pcap_file *p = xcalloc(1, sizeof *p);
    p->feeder = f;
    p->variant = v;
    p->linktype = linktype_of_file(linktype);
    p->snaplen = snaplen > 0 && snaplen <= FRAME_MAX_BYTES ? snaplen : SNAPLEN_DEFAULT_BYTES;
    p->to_pass = FILE_HEADER_BYTES;
    return p;
}

/* What of a file every record is read by. */
struct layout {
    bool big_endian;
    uint32_t ticks_per_s, ns_per_tick;
    uint32_t header_bytes;
    int linktype;
};

static inline struct layout layout_of(const struct pcap_file *p)
{
    const struct variant *v = p->variant;
    return (struct layout){
        .big_endian = v->big_endian,
        .ticks_per_s = v->ticks_per_s,
        .ns_per_tick = NS_PER_S / v->ticks_per_s,
        .header_bytes = v->record_header_bytes,
        .linktype = p->linktype,
    };
}

/* Read a record's header, all of `frame` but the bytes. */
__attribute__((always_inline)) static inline void record_header(const struct layout *v,
                                                                const uint8_t *bytes, uint64_t at,
                                                                struct capture_frame *frame)
{
    struct cursor c;
    cursor_init(&c, bytes, RECORD_LEAST_BYTES, RECORD_LEAST_BYTES);
    uint32_t seconds = cursor_le32(&c), ticks = cursor_le32(&c);
    uint32_t captured = cursor_le32(&c), wire = cursor_le32(&c);
    if (v->big_endian) {
        seconds = __builtin_bswap32(seconds);
        ticks = __builtin_bswap32(ticks);
        captured = __builtin_bswap32(captured);
        wire = __builtin_bswap32(wire);
    }
    *frame = (struct capture_frame){
        /* Ticks past a second carry into the seconds. */
        .time_ns = (int64_t)seconds * NS_PER_S + (int64_t)ticks * v->ns_per_tick,
        .carried_s = ticks < v->ticks_per_s ? 0 : ticks / v->ticks_per_s,
        .linktype = v->linktype,
        .captured_bytes = captured,
        .wire_bytes = wire > captured ? wire : captured,
        .at = at,
    };
}

/* The next one's headers are on their way while this one is worked on. */
static inline void fetch_next(const uint8_t *next)
{
    enum { CACHE_LINE_BYTES = 64 };
    __builtin_prefetch(next);
    __builtin_prefetch((const void *)((uintptr_t)next + CACHE_LINE_BYTES));
}

/* Hand out a record that is here. */
static enum source_result hand_out(struct pcap_file *p, const uint8_t *bytes,
                                   struct capture_frame *frame)
{
    uint32_t header = p->variant->record_header_bytes;
    frame->bytes = bytes + header;
    p->to_pass = (size_t)header + frame->captured_bytes;
    fetch_next(bytes + p->to_pass);
    return SOURCE_FRAME;
}

/* Whether a record that begins here stands in the buffer whole, as most do: then there is nothing
 * to wait for. */
static inline bool is_here(const struct layout *v, const uint8_t *bytes, size_t have_bytes,
                           uint64_t at, struct capture_frame *frame)
{
    if (have_bytes < v->header_bytes)
        return false;
    record_header(v, bytes, at, frame);
    return frame->captured_bytes <= FRAME_MAX_BYTES &&
           have_bytes - v->header_bytes >= frame->captured_bytes;
}

/* Have the whole record that begins here, which takes reading or is at fault. */
__attribute__((noinline)) static enum source_result
record_here(struct pcap_file *p, bool wait, struct capture_frame *frame, struct error *e)
{
    uint32_t header = p->variant->record_header_bytes;
    const uint8_t *bytes;
    enum fed fed = feeder_want(p->feeder, header, wait, &bytes, e);
    if (fed != FED_BYTES)
        return feeder_result(p->feeder, fed, "record", e);
    struct layout layout = layout_of(p);
    record_header(&layout, bytes, feeder_offset(p->feeder), frame);
    if (frame->captured_bytes > FRAME_MAX_BYTES) {
        error_set(e,
                  "%s is damaged at byte %llu: a record there claims %u captured bytes, and no "
                  "frame has more than %d. What stands before it was read; the rest cannot be.",
                  feeder_name(p->feeder), (unsigned long long)frame->at, frame->captured_bytes,
                  FRAME_MAX_BYTES);
        return SOURCE_ERROR;
    }
    fed = feeder_want(p->feeder, (size_t)header + frame->captured_bytes, wait, &bytes, e);
    if (fed != FED_BYTES)
        return feeder_result(p->feeder, fed, "record", e);
    return hand_out(p, bytes, frame);
}

static enum source_result pcap_file_next(void *reader, bool wait, struct capture_frame *frame,
                                         struct error *e)
{
    struct pcap_file *p = reader;
    size_t have_bytes;
    feeder_skip(p->feeder, p->to_pass);
    p->to_pass = 0;
    const uint8_t *bytes = feeder_here(p->feeder, &have_bytes);
    struct layout layout = layout_of(p);
    if (is_here(&layout, bytes, have_bytes, feeder_offset(p->feeder), frame))
        return hand_out(p, bytes, frame);
    return record_here(p, wait, frame, e);
}

/* Hand out the records behind the one that was handed out last, as long as they are here whole, and
 * answer SOURCE_WAIT then. The feeder is told how far that came when it is over. */
static enum source_result hand_out_here(struct pcap_file *p, source_taker *take, void *to)
{
    struct capture_frame frame;
    size_t have_bytes, passed = 0;
    feeder_skip(p->feeder, p->to_pass);
    const uint8_t *bytes = feeder_here(p->feeder, &have_bytes);
    uint64_t at = feeder_offset(p->feeder);
    const struct layout v = layout_of(p);
    enum source_result r = SOURCE_WAIT;
    while (r == SOURCE_WAIT &&
           is_here(&v, bytes + passed, have_bytes - passed, at + passed, &frame) &&
           frame.at >> AT_BITS == 0) {
        frame.bytes = bytes + passed + v.header_bytes;
        passed += v.header_bytes + frame.captured_bytes;
        fetch_next(bytes + passed);
        if (!take(to, &frame))
            r = SOURCE_FRAME;
        else if (feeder_stopped(p->feeder))
            r = SOURCE_END;
    }
    p->to_pass = passed;
    return r;
}

static enum source_result pcap_file_some(void *reader, bool wait, source_taker *take, void *to,
                                         struct error *e)
{
    struct pcap_file *p = reader;
    struct capture_frame frame;
    for (;;) {
        enum source_result r = hand_out_here(p, take, to);
        if (r != SOURCE_WAIT)
            return r;
        r = pcap_file_next(p, wait, &frame, e);
        if (r != SOURCE_FRAME)
            return r;
        if (frame.at >> AT_BITS && feeder_rereads(p->feeder))
            return feeder_too_far(p->feeder, e);
        if (!take(to, &frame))
            return SOURCE_FRAME;
        if (feeder_stopped(p->feeder))
            return SOURCE_END;
        wait = false;
    }
}

static bool pcap_file_again(void *reader, uint64_t at, struct capture_frame *frame)
{
    struct pcap_file *p = reader;
    uint32_t header = p->variant->record_header_bytes;
    const uint8_t *bytes = feeder_again(p->feeder, at, header);
    if (!bytes)
        return false;
    struct layout layout = layout_of(p);
    record_header(&layout, bytes, at, frame);
    if (frame->captured_bytes > FRAME_MAX_BYTES)
        return false;
    frame->bytes = feeder_again(p->feeder, at + header, frame->captured_bytes);
    return frame->bytes != NULL;
}

static int pcap_file_linktype(const void *reader)
{
    return ((const struct pcap_file *)reader)->linktype;
}

static uint32_t pcap_file_snaplen(const void *reader)
{
    return ((const struct pcap_file *)reader)->snaplen;
}

static int pcap_file_fd(const void *reader)
{
    return feeder_fd(((const struct pcap_file *)reader)->feeder);
}

static void pcap_file_close(void *reader)
{
    struct pcap_file *p = reader;
    feeder_free(p->feeder);
    free(p);
}

const struct reader_ops pcap_file_ops = {
    .next = pcap_file_next,
    .some = pcap_file_some,
    .again = pcap_file_again,
    .linktype = pcap_file_linktype,
    .snaplen = pcap_file_snaplen,
    .fd = pcap_file_fd,
    .close = pcap_file_close,
};
