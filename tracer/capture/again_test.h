/* What the tests of sources share: every frame that a source gave can be had again, in any order,
 * and is the same. */
#ifndef TRACER_CAPTURE_AGAIN_TEST_H
#define TRACER_CAPTURE_AGAIN_TEST_H

#include "tracer/base/alloc.h"
#include "tracer/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Frames as they were read, their bytes kept as a sum. */
struct kept_frames {
    struct {
        struct capture_frame frame;
        uint64_t sum;
    } * all;
    size_t count, cap;
};

/* Eight bytes at a time: frames are as long as a mebibyte, and are summed again and again. */
static uint64_t sum_of(const struct capture_frame *f)
{
    uint64_t sum = 14695981039346656037u;
    for (uint32_t i = 0; i < f->captured_bytes; i += 8) {
        uint64_t word = 0;
        uint32_t left = f->captured_bytes - i;
        memcpy(&word, f->bytes + i, left < 8 ? left : 8);
        sum = (sum ^ word) * 1099511628211u;
        sum ^= sum >> 32; /* what the high bytes turn reaches all of it */
    }
    return sum;
}

static inline void keep_frame(struct kept_frames *k, const struct capture_frame *f)
{
    xgrow(&k->all, &k->cap, k->count, sizeof *k->all);
    k->all[k->count].frame = *f;
    k->all[k->count++].sum = sum_of(f);
}

static void assert_same_frame(const struct capture_frame *a, const struct capture_frame *b)
{
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->linktype, b->linktype);
    assert_int_equal(a->captured_bytes, b->captured_bytes);
    assert_int_equal(a->wire_bytes, b->wire_bytes);
    assert_int_equal(a->interface, b->interface);
    assert_int_equal(a->at, b->at);
}

static inline void assert_frame_again(struct source *s, const struct kept_frames *k, size_t i)
{
    struct capture_frame f;
    if (!source_again(s, k->all[i].frame.at, &f))
        fail_msg("frame %zu, at byte %llu, is not to be had again", i,
                 (unsigned long long)k->all[i].frame.at);
    assert_same_frame(&f, &k->all[i].frame);
    assert_true(sum_of(&f) == k->all[i].sum);
}

/* All that were kept: forwards, then as many at random, in an order that is always the same. */
static inline void assert_again(struct source *s, const struct kept_frames *k)
{
    uint64_t random = 88172645463325252u;
    assert_true(source_rereads(s));
    for (size_t i = 0; i < k->count; i++)
        assert_frame_again(s, k, i);
    for (size_t i = 0; i < k->count; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        assert_frame_again(s, k, (size_t)(random % k->count));
    }
}

#endif
