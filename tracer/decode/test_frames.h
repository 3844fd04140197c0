/* For tests: frames built in memory, from hexadecimal text where that is the plainest, and from the
 * fields of a segment. Header only, so that the tests of every layer above can use it. */
#ifndef TRACER_DECODE_TEST_FRAMES_H
#define TRACER_DECODE_TEST_FRAMES_H

#include "tracer/decode/packet.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct test_frame {
    uint8_t bytes[4096];
    size_t n;
};

/* A TCP segment between two hosts, 10.0.0.1 port 40000 and 10.0.0.2 port 9502, or fd00::1 and
 * fd00::2. Zero is a plain value for every field but `flags`. */
struct test_segment {
    bool v6, from_server;
    uint16_t flags;
    uint32_t seq, ack;
    size_t payload_bytes;
    const char *options;    /* in hexadecimal; padded with zeros to four bytes */
    const char *extensions; /* IPv6 extension headers or IPv4 options, in hexadecimal */
    uint8_t next;           /* the first extension header's number; 0 with `v6` is hop-by-hop */
    uint16_t fragment;      /* the IPv4 flags and offset field */
    uint16_t urgent;
    int offset_words; /* the data offset, where not the true one; -1 is 0 */
    int length_error; /* added to the IP length field */
    int port_error;   /* added to the client's port */
};

static inline void test_put(struct test_frame *f, uint64_t v, size_t bytes)
{
    assert(f->n + bytes <= sizeof f->bytes);
    while (bytes-- > 0)
        f->bytes[f->n++] = (uint8_t)(v >> 8 * bytes);
}

static inline void test_put_hex(struct test_frame *f, const char *hex)
{
    for (unsigned digits = 0, v = 0; hex && *hex; hex++) {
        if (isspace((unsigned char)*hex))
            continue;
        assert(isxdigit((unsigned char)*hex));
        unsigned digit = isdigit((unsigned char)*hex) ? (unsigned)(*hex - '0')
                                                      : (unsigned)(tolower(*hex) - 'a' + 10);
        v = v << 4 | digit;
        if (++digits % 2 == 0)
            test_put(f, v & 0xff, 1);
    }
}

static inline void test_put_text(struct test_frame *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        test_put(f, (uint64_t)("hello, world\r\n"[i % 14]), 1);
}

static inline void test_put_tcp(struct test_frame *f, const struct test_segment *s)
{
    struct test_frame options = {.n = 0};
    test_put_hex(&options, s->options);
    while (options.n % 4 != 0)
        test_put(&options, 0, 1);
    uint64_t client = (uint64_t)(40000 + s->port_error), server = 9502;
    uint64_t words = s->offset_words == 0  ? 5 + options.n / 4
                     : s->offset_words < 0 ? 0
                                           : (uint64_t)s->offset_words;
    test_put(f, s->from_server ? server : client, 2);
    test_put(f, s->from_server ? client : server, 2);
    test_put(f, s->seq, 4);
    test_put(f, s->ack, 4);
    test_put(f, words << 12 | s->flags, 2);
    test_put(f, 32792, 2);
    test_put(f, 0xbeef, 2);
    test_put(f, s->urgent, 2);
    memcpy(f->bytes + f->n, options.bytes, options.n);
    f->n += options.n;
    test_put_text(f, s->payload_bytes);
}

static inline void test_put_ipv4(struct test_frame *f, const struct test_segment *s,
                                 const struct test_frame *tcp, const struct test_frame *before)
{
    size_t header = 20 + before->n;
    test_put(f, 0x40 | header / 4, 1);
    test_put(f, 0, 1);
    test_put(f, (uint64_t)((int)(header + tcp->n) + s->length_error), 2);
    test_put(f, 0x1234, 2);
    test_put(f, s->fragment, 2);
    test_put(f, 64, 1);
    test_put(f, s->next ? s->next : 6, 1);
    test_put(f, 0, 2);
    test_put_hex(f, s->from_server ? "0a000002 0a000001" : "0a000001 0a000002");
}

static inline void test_put_ipv6(struct test_frame *f, const struct test_segment *s,
                                 const struct test_frame *tcp, const struct test_frame *before)
{
    test_put(f, 0x60012345, 4);
    test_put(f, (uint64_t)((int)(before->n + tcp->n) + s->length_error), 2);
    test_put(f, before->n > 0 ? s->next : 6, 1);
    test_put(f, 64, 1);
    uint64_t source = s->from_server ? 2 : 1;
    test_put(f, 0xfd00000000000000, 8);
    test_put(f, source, 8);
    test_put(f, 0xfd00000000000000, 8);
    test_put(f, 3 - source, 8);
}

/* The link header as it stands, then IP, then the segment. */
static inline void test_put_segment(struct test_frame *f, const char *link,
                                    const struct test_segment *s)
{
    struct test_frame tcp = {.n = 0}, before = {.n = 0};
    test_put_tcp(&tcp, s);
    test_put_hex(&before, s->extensions);
    test_put_hex(f, link);
    if (s->v6)
        test_put_ipv6(f, s, &tcp, &before);
    else
        test_put_ipv4(f, s, &tcp, &before);
    assert(f->n + before.n + tcp.n <= sizeof f->bytes);
    memcpy(f->bytes + f->n, before.bytes, before.n);
    memcpy(f->bytes + f->n + before.n, tcp.bytes, tcp.n);
    f->n += before.n + tcp.n;
}

static inline struct frame test_frame_of(const struct test_frame *f, int linktype)
{
    return (struct frame){.time_ns = 1700000000000000000,
                          .linktype = linktype,
                          .bytes = f->bytes,
                          .captured_bytes = (uint32_t)f->n,
                          .wire_bytes = (uint32_t)f->n};
}

/* A page that ends where memory ends: bytes placed at its end cannot be read past unnoticed. */
struct test_guard {
    uint8_t *pages;
    size_t page_bytes;
};

static inline struct test_guard test_guard_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(pages != MAP_FAILED);
    struct test_guard g = {pages, page};
    int failed = mprotect(g.pages + page, page, PROT_NONE);
    assert(failed == 0);
    (void)failed;
    return g;
}

/* Copy `n` bytes so that the last of them is the last that can be read. */
static inline const uint8_t *test_guard_place(struct test_guard *g, const uint8_t *bytes, size_t n)
{
    assert(n <= g->page_bytes);
    uint8_t *at = g->pages + g->page_bytes - n;
    memcpy(at, bytes, n);
    return at;
}

static inline void test_guard_free(struct test_guard *g)
{
    munmap(g->pages, 2 * g->page_bytes);
}

#define ETHERNET_V4 "020000000002 020000000001 0800"
#define ETHERNET_V6 "020000000002 020000000001 86dd"

#endif
