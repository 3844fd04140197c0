/* For tests only: a connection told segment by segment to the analysis. */
#ifndef TRACER_TCP_STORY_TEST_H
#define TRACER_TCP_STORY_TEST_H

#include "tracer/tcp/analysis.h"

#include <string.h>

enum { C = SIDE_INITIATOR, S = SIDE_RESPONDER };
enum { STORY_ISS_C = 1000, STORY_ISS_S = 5000 };
#define MS INT64_C(1000000)

struct story {
    struct analysis *analysis;
    uint32_t flow, segments;
    int64_t now_ns;
    struct analysis_result result; /* of the last segment */
};

static inline void story_begin(struct story *s)
{
    *s = (struct story){.analysis = analysis_new(), .now_ns = INT64_C(1700000000000) * MS};
}

static inline void story_end(struct story *s)
{
    analysis_free(s->analysis);
}

/* A segment `after` nanoseconds after the last; numbers are relative to the ISS of each side.
 * Returns the kinds found, tshark's and ours. */
static inline uint32_t story_facts(struct story *s, int64_t after, struct analysis_facts f)
{
    s->now_ns += after;
    f.time_ns = s->now_ns;
    f.seq += f.side == C ? STORY_ISS_C : STORY_ISS_S;
    if (f.flags & TCP_ACK)
        f.ack += f.side == C ? STORY_ISS_S : STORY_ISS_C;
    for (unsigned i = 0; i < f.sack_count; i++) {
        f.sacks[i].from += f.side == C ? STORY_ISS_S : STORY_ISS_C;
        f.sacks[i].to += f.side == C ? STORY_ISS_S : STORY_ISS_C;
    }
    if (s->segments == 0 && f.previous == 0)
        f.previous = FLOW_NONE;
    analysis_take(s->analysis, s->flow, s->segments++, &f, &s->result);
    uint32_t kinds = s->result.flags;
    for (unsigned i = 0; i < s->result.count; i++)
        kinds |= FINDING_BIT(s->result.findings[i].kind);
    return kinds;
}

static inline uint32_t story_sends(struct story *s, int64_t after, int side, uint16_t flags,
                                   uint32_t seq, uint32_t ack, uint32_t len)
{
    return story_facts(s, after,
                       (struct analysis_facts){.side = (uint8_t)side,
                                               .flags = flags,
                                               .seq = seq,
                                               .ack = ack,
                                               .len = len,
                                               .window = 1000,
                                               .previous = FLOW_NONE});
}

static inline uint32_t story_window(struct story *s, int64_t after, int side, uint32_t seq,
                                    uint32_t ack, uint32_t len, uint16_t window)
{
    return story_facts(s, after,
                       (struct analysis_facts){.side = (uint8_t)side,
                                               .flags = TCP_ACK,
                                               .seq = seq,
                                               .ack = ack,
                                               .len = len,
                                               .window = window,
                                               .previous = FLOW_NONE});
}

/* SYN, SYN-ACK and ACK, 10 ms apart: iRTT is 20 ms. Both offer an MSS of 1000 and window scale 2.
 */
static inline void story_opens(struct story *s)
{
    struct analysis_facts syn = {.flags = TCP_SYN,
                                 .window = 1000,
                                 .has_window_scale = true,
                                 .window_scale = 2,
                                 .has_mss = true,
                                 .mss = 1000,
                                 .previous = FLOW_NONE};
    story_facts(s, 0, syn);
    syn.side = S;
    syn.flags = TCP_SYN | TCP_ACK;
    syn.ack = 1;
    story_facts(s, 10 * MS, syn);
    story_sends(s, 10 * MS, C, TCP_ACK, 1, 1, 0);
}

/* An ACK of side C with SACK blocks. */
static inline uint32_t story_sacks(struct story *s, int64_t after, uint32_t seq, uint32_t ack,
                                   unsigned count, const struct sack_block *blocks)
{
    struct analysis_facts f = {.side = C,
                               .flags = TCP_ACK,
                               .seq = seq,
                               .ack = ack,
                               .window = 1000,
                               .previous = FLOW_NONE,
                               .sack_count = count};
    memcpy(f.sacks, blocks, count * sizeof *blocks);
    return story_facts(s, after, f);
}

#endif
