/* What the session stream of network_test.c's labs said: the packets with their fates, the marks,
 * and the last word. */
#ifndef LABS_TESTS_NETWORK_STORY_H
#define LABS_TESTS_NETWORK_STORY_H

#include "labs/sandbox/sandbox.h"
#include "tracer/base/alloc.h"
#include "tracer/decode/packet.h"
#include "tracer/session/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct record {
    int64_t time_ns;
    uint8_t *bytes; /* (owned) */
    uint32_t length;
    struct packet packet;
    int64_t delivered_ns; /* of a packet; 0 where it was not */
    int fates;
};

struct story {
    struct record *packets; /* (owned) */
    size_t count, cap;
    int64_t first_mark_ns, last_mark_ns, greatest_gap_ns;
    int marks;
    char verdict[16];
    uint64_t dropped;
    bool broken_promise;
};

static char sender(const struct record *r)
{
    return r->bytes[11] == sandbox_macs[0][5] ? 'C' : 'S';
}

static void add_packet(struct story *s, const struct stream_record *record)
{
    xgrow(&s->packets, &s->cap, s->count, sizeof *s->packets);
    struct record *r = &s->packets[s->count++];
    *r = (struct record){.time_ns = record->time_ns, .length = record->wire_bytes};
    assert_int_equal(record->captured_bytes, record->wire_bytes);
    r->bytes = xmalloc(record->captured_bytes);
    memcpy(r->bytes, record->bytes, record->captured_bytes);
    struct frame frame = {.time_ns = r->time_ns,
                          .linktype = LINKTYPE_ETHERNET,
                          .bytes = r->bytes,
                          .captured_bytes = r->length,
                          .wire_bytes = r->length};
    packet_decode(&frame, &r->packet);
}

static void add_fate(struct story *s, int64_t now_ns, const struct annotation *a)
{
    for (size_t i = s->count; i-- > 0;) {
        struct record *r = &s->packets[i];
        if (r->time_ns != a->fate.sent_ns || sender(r) != a->fate.from)
            continue;
        r->fates++;
        if (a->fate.fate == FATE_DELIVERED)
            r->delivered_ns = now_ns;
        return;
    }
    fail_msg("a fate names no packet");
}

static void add_mark(struct story *s, int64_t now_ns)
{
    if (s->marks++ == 0)
        s->first_mark_ns = now_ns;
    else if (now_ns - s->last_mark_ns > s->greatest_gap_ns)
        s->greatest_gap_ns = now_ns - s->last_mark_ns;
    s->last_mark_ns = now_ns;
}

static void add_record(struct story *s, const struct stream_record *record)
{
    if (record->time_ns < s->last_mark_ns)
        s->broken_promise = true;
    if (!annotation_is(record->bytes, record->captured_bytes)) {
        add_packet(s, record);
        return;
    }
    struct annotation a;
    struct error e;
    assert_int_equal(annotation_read(record->bytes, record->captured_bytes, &a, &e), 0);
    if (a.type == ANNOTATION_FATE)
        add_fate(s, record->time_ns, &a);
    else if (a.type == ANNOTATION_MARK)
        add_mark(s, record->time_ns);
    else if (a.type == ANNOTATION_END)
        snprintf(s->verdict, sizeof s->verdict, "%s", a.end.verdict),
            s->dropped = a.end.dropped_frames;
    annotation_free(&a);
}

static void free_story(struct story *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->packets[i].bytes);
    free(s->packets);
}

#endif
