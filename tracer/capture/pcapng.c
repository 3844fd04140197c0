/* The pcapng file format: sections of blocks, each block carrying its length at both ends.
 * draft-ietf-opsawg-pcapng is the description. Blocks that hold no packet are passed over without
 * being read into memory, whatever length they claim. */
#include "tracer/capture/pcapng_sections.h"
#include "tracer/capture/source_parts.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_OLD_PACKET = 2,
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_PACKET = 6,
};
enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, BLOCK_LEAST_BYTES = 12, SECTION_LEAST_BYTES = 28 };
enum { OPTION_END = 0, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

struct pcapng {
    struct feeder *feeder; /* (owned) */
    struct sections sections;
    int first_linktype;
    uint32_t first_snaplen;
    uint64_t to_pass; /* bytes of the block last handed out */
};

/* A block of which the front is in memory: where it stands and in which section (borrowed), its
 * type, and a cursor over its body. */
struct block {
    uint64_t at;
    const struct section *section;
    uint32_t type, bytes;
    struct cursor body;
};

bool pcapng_magic(uint32_t magic_be)
{
    return magic_be == BLOCK_SECTION; /* a palindrome */
}

static uint32_t read_u32(const struct section *s, struct cursor *c)
{
    return s->big_endian ? cursor_be32(c) : cursor_le32(c);
}

static uint16_t read_u16(const struct section *s, struct cursor *c)
{
    return s->big_endian ? cursor_be16(c) : cursor_le16(c);
}

static enum source_result damaged(const struct pcapng *p, struct error *e, const char *why,
                                  uint32_t figure)
{
    error_set(e,
              "%s is damaged at byte %llu: %s (%u). What stands before it was read; the rest "
              "cannot be.",
              feeder_name(p->feeder), (unsigned long long)feeder_offset(p->feeder), why, figure);
    return SOURCE_ERROR;
}

/* A section header tells its byte order itself. The feeder holds `bytes` of 12. */
static enum source_result begin_section(struct pcapng *p, const uint8_t *bytes, uint64_t at,
                                        struct error *e)
{
    struct cursor c;
    cursor_init(&c, bytes + 8, 4, 4);
    uint32_t magic = cursor_be32(&c);
    bool big_endian = magic == BYTE_ORDER_MAGIC;
    if (!big_endian && magic != 0x4d3c2b1a)
        return damaged(p, e, "a section's byte-order mark is neither of the two there are", magic);
    if (!sections_begin(&p->sections, at, big_endian))
        return damaged(p, e, "more sections begin than are allowed", INTERFACES_MAX);
    return SOURCE_FRAME;
}

/* Read the type and length of a block in a section that is known; false where the length cannot
 * be. */
static bool block_length(struct block *b, const uint8_t *bytes)
{
    struct cursor c;
    cursor_init(&c, bytes, 8, 8);
    b->type = read_u32(b->section, &c);
    b->bytes = read_u32(b->section, &c);
    uint32_t least = b->type == BLOCK_SECTION ? SECTION_LEAST_BYTES : BLOCK_LEAST_BYTES;
    return b->bytes >= least && b->bytes % 4 == 0;
}

/* Read the type and length of the block that begins here. */
static enum source_result block_front(struct pcapng *p, bool wait, struct block *b, struct error *e)
{
    const uint8_t *bytes;
    enum fed fed = feeder_want(p->feeder, BLOCK_LEAST_BYTES, wait, &bytes, e);
    if (fed != FED_BYTES)
        return feeder_result(p->feeder, fed, "block", e);
    struct cursor c;
    cursor_init(&c, bytes, 4, 4);
    b->at = feeder_offset(p->feeder);
    if (cursor_be32(&c) == BLOCK_SECTION) {
        enum source_result r = begin_section(p, bytes, b->at, e);
        if (r != SOURCE_FRAME)
            return r;
    }
    b->section = sections_last(&p->sections); /* a file begins with one */
    if (!block_length(b, bytes))
        return damaged(p, e, "a block's length there is impossible", b->bytes);
    return SOURCE_FRAME;
}

/* Set the cursor over the body of a block that is here whole. Returns the length that stands at its
 * end. */
static uint32_t block_bounds(struct block *b, const uint8_t *bytes)
{
    struct cursor c;
    cursor_init(&c, bytes, b->bytes, b->bytes);
    cursor_skip(&c, 8);
    b->body = cursor_sub(&c, b->bytes - BLOCK_LEAST_BYTES);
    return read_u32(b->section, &c);
}

/* Have the whole of a block that matters in memory. */
static enum source_result block_body(struct pcapng *p, bool wait, struct block *b, struct error *e)
{
    if (b->bytes > FEEDER_MOST)
        return damaged(p, e, "a block that should hold one packet claims more bytes than any has",
                       b->bytes);
    const uint8_t *bytes;
    enum fed fed = feeder_want(p->feeder, b->bytes, wait, &bytes, e);
    if (fed != FED_BYTES)
        return feeder_result(p->feeder, fed, "block", e);
    uint32_t again = block_bounds(b, bytes);
    if (again != b->bytes)
        return damaged(p, e, "a block's length at its end differs from that at its front", again);
    return SOURCE_FRAME;
}

static void interface_options(const struct section *s, struct cursor *c, struct interface *i)
{
    while (cursor_claimed_left(c) >= 4) {
        uint16_t code = read_u16(s, c), bytes = read_u16(s, c);
        struct cursor value = cursor_sub(c, bytes);
        cursor_skip(c, (4u - bytes % 4u) % 4u);
        if (code == OPTION_END || !cursor_ok(c))
            return;
        if (code == OPTION_TSRESOL && bytes == 1) {
            pcapng_clock_resolution(&i->clock, cursor_u8(&value));
        } else if (code == OPTION_TSOFFSET && bytes == 8) {
            uint64_t first = read_u32(s, &value), second = read_u32(s, &value);
            i->clock.offset_s =
                (int64_t)(s->big_endian ? first << 32 | second : second << 32 | first);
        }
    }
}

static enum source_result add_interface(struct pcapng *p, struct block *b, struct error *e)
{
    struct interface i = {.clock = PCAPNG_CLOCK_DEFAULT};
    i.linktype = read_u16(b->section, &b->body);
    cursor_skip(&b->body, 2);
    i.snaplen = read_u32(b->section, &b->body);
    if (!cursor_ok(&b->body))
        return damaged(p, e, "the description of an interface is too short", b->bytes);
    interface_options(b->section, &b->body, &i);
    if (!sections_add(&p->sections, &i))
        return damaged(p, e, "more interfaces are described than are allowed", INTERFACES_MAX);
    if (p->first_linktype < 0) {
        p->first_linktype = linktype_of_file(i.linktype);
        p->first_snaplen =
            i.snaplen > 0 && i.snaplen <= FRAME_MAX_BYTES ? i.snaplen : SNAPLEN_DEFAULT_BYTES;
    }
    return SOURCE_FRAME;
}

/* The fields in front of a packet's bytes, by type of block. Each of these functions returns why
 * the block is damaged, and of which figure, or NULL. */
static const char *packet_front(const struct pcapng *p, struct block *b,
                                struct capture_frame *frame, uint32_t *figure)
{
    struct cursor *c = &b->body;
    uint64_t ticks = 0;
    *frame = (struct capture_frame){.at = b->at};
    if (b->type == BLOCK_PACKET)
        frame->interface = read_u32(b->section, c);
    else if (b->type == BLOCK_OLD_PACKET) {
        frame->interface = read_u16(b->section, c);
        cursor_skip(c, 2); /* its drop count */
    }
    if (b->type != BLOCK_SIMPLE_PACKET) {
        ticks = (uint64_t)read_u32(b->section, c) << 32;
        ticks |= read_u32(b->section, c);
        frame->captured_bytes = read_u32(b->section, c);
    }
    frame->wire_bytes = read_u32(b->section, c);
    *figure = b->bytes;
    if (!cursor_ok(c))
        return "a block is too short for a packet";
    const struct interface *i = sections_interface(&p->sections, b->section, frame->interface);
    *figure = frame->interface;
    if (!i)
        return "a packet came by an interface that is not described";
    if (b->type == BLOCK_SIMPLE_PACKET) { /* it has no time, and its length is to be inferred */
        size_t here = cursor_claimed_left(c);
        uint32_t n = frame->wire_bytes;
        if (i->snaplen > 0 && n > i->snaplen)
            n = i->snaplen;
        frame->captured_bytes = n < here ? n : (uint32_t)here;
    } else {
        frame->time_ns = pcapng_clock_ns(&i->clock, ticks);
    }
    frame->linktype = linktype_of_file(i->linktype);
    return NULL;
}

static const char *packet(const struct pcapng *p, struct block *b, struct capture_frame *frame,
                          uint32_t *figure)
{
    const char *why = packet_front(p, b, frame, figure);
    if (why)
        return why;
    *figure = frame->captured_bytes;
    if (frame->captured_bytes > FRAME_MAX_BYTES)
        return "a packet claims more captured bytes than any frame has";
    frame->bytes = cursor_bytes(&b->body, frame->captured_bytes);
    if (!frame->bytes)
        return "a packet claims more captured bytes than its block holds";
    if (frame->wire_bytes < frame->captured_bytes)
        frame->wire_bytes = frame->captured_bytes;
    return NULL;
}

static bool holds_packet(uint32_t type)
{
    return type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_OLD_PACKET;
}

/* Take one block. `*is_packet` tells whether `frame` was filled. */
static enum source_result take_block(struct pcapng *p, bool wait, struct capture_frame *frame,
                                     bool *is_packet, struct error *e)
{
    struct block b = {0};
    feeder_skip(p->feeder, p->to_pass);
    p->to_pass = 0;
    *is_packet = false;
    enum source_result r = block_front(p, wait, &b, e);
    if (r != SOURCE_FRAME)
        return r;
    *is_packet = holds_packet(b.type);
    if (*is_packet || b.type == BLOCK_INTERFACE)
        r = block_body(p, wait, &b, e);
    if (r != SOURCE_FRAME)
        return r;
    uint32_t figure;
    const char *why = *is_packet ? packet(p, &b, frame, &figure) : NULL;
    if (why)
        r = damaged(p, e, why, figure);
    else if (b.type == BLOCK_INTERFACE)
        r = add_interface(p, &b, e);
    p->to_pass = b.bytes;
    return r;
}

static enum source_result pcapng_next(void *reader, bool wait, struct capture_frame *frame,
                                      struct error *e)
{
    for (;;) {
        bool is_packet;
        enum source_result r = take_block(reader, wait, frame, &is_packet, e);
        if (r != SOURCE_FRAME || is_packet)
            return r;
    }
}

static bool pcapng_again(void *reader, uint64_t at, struct capture_frame *frame)
{
    struct pcapng *p = reader;
    struct block b = {.at = at, .section = sections_at(&p->sections, at)};
    const uint8_t *bytes = feeder_again(p->feeder, at, BLOCK_LEAST_BYTES);
    uint32_t figure;
    if (!b.section || !bytes || !block_length(&b, bytes) || !holds_packet(b.type) ||
        b.bytes > FEEDER_MOST)
        return false;
    bytes = feeder_again(p->feeder, at, b.bytes);
    return bytes && block_bounds(&b, bytes) == b.bytes && !packet(p, &b, frame, &figure);
}

static void pcapng_free(struct pcapng *p)
{
    sections_free(&p->sections);
    free(p);
}

static void pcapng_close(void *reader)
{
    struct pcapng *p = reader;
    feeder_free(p->feeder);
    pcapng_free(p);
}

/* Read up to the first interface: its link type is the file's. */
void *pcapng_open(struct feeder *f, struct error *e)
{
    struct pcapng *p = xcalloc(1, sizeof *p);
    p->feeder = f;
    p->sections.last_only = !feeder_rereads(f);
    p->first_linktype = -1;
    enum source_result r = SOURCE_FRAME;
    while (r == SOURCE_FRAME && p->first_linktype < 0) {
        struct capture_frame frame;
        bool is_packet;
        r = take_block(p, true, &frame, &is_packet, e);
    }
    if (r == SOURCE_ERROR) {
        pcapng_free(p);
        return NULL;
    }
    if (p->first_linktype < 0) { /* a file without an interface holds no packets */
        p->first_linktype = 1;
        p->first_snaplen = SNAPLEN_DEFAULT_BYTES;
    }
    return p;
}

static int pcapng_linktype(const void *reader)
{
    return ((const struct pcapng *)reader)->first_linktype;
}

static uint32_t pcapng_snaplen(const void *reader)
{
    return ((const struct pcapng *)reader)->first_snaplen;
}

static int pcapng_fd(const void *reader)
{
    return feeder_fd(((const struct pcapng *)reader)->feeder);
}

const struct reader_ops pcapng_ops = {
    .next = pcapng_next,
    .again = pcapng_again,
    .linktype = pcapng_linktype,
    .snaplen = pcapng_snaplen,
    .fd = pcapng_fd,
    .close = pcapng_close,
};
