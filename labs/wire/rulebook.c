#include "labs/wire/rulebook.h"

#include "labs/wire/shaper.h"
#include "tracer/base/alloc.h"
#include "tracer/select/run.h"
#include "tracer/trace/trace.h"

#include <stdlib.h>
#include <string.h>

enum { ALWAYS_PPM = 1000000 };

/* A rule at work. */
struct law {
    const struct rule *rule; /* (borrowed) */
    size_t batch, slot, until_slot;
    uint64_t selected[WIRE_DIRECTION_COUNT]; /* packets so far */
    struct shaper shapers[WIRE_DIRECTION_COUNT];
    bool applies; /* to the frame at hand */
    bool by_hand; /* no rule's: `rule` holds what it selects until a hand lets it go ... */
    bool ended;   /* ... and does so no longer */
};

struct rulebook {
    struct trace *trace;         /* (owned) of what was sent */
    struct select_run **batches; /* (owned) a run for rules that came together */
    size_t batch_count, batch_cap;
    struct law *laws; /* (owned) */
    size_t count, cap;
    bool *released; /* (owned) by rule: the frame at hand lets go what it holds */
    size_t released_count, released_cap;
    struct rules **holds; /* (owned) by hand: one rule each */
    size_t hold_count, hold_cap;
    struct capture_frame now; /* the frame at hand */
    size_t event;             /* of the trace, that it is */
    uint64_t frames;
    struct text words; /* of the present ruling's reason */
};

/* Only the frame at hand is asked for, and it is here: none is kept. */
static bool frame_at_hand(void *place, uint64_t at, struct capture_frame *frame)
{
    const struct rulebook *b = place;
    if (at != b->now.at || !b->now.bytes)
        return false;
    *frame = b->now;
    return true;
}

/* Who C and S are. The trace is told of no wire, so that it waits for no fates. */
static void tell_hosts(struct rulebook *b, const struct rulebook_options *options)
{
    struct annotation a = {.type = ANNOTATION_SESSION};
    struct text frame = {0};
    a.session.version = SESSION_VERSION;
    for (int i = 0; i < 2; i++)
        a.session.addresses[i] = (char *)(uintptr_t)options->addresses[i];
    for (int i = 0; i < 2; i++)
        a.session.addresses6[i] = (char *)(uintptr_t)options->addresses6[i];
    a.session.server_port = options->server_port;
    annotation_write(&a, &frame);
    trace_add(b->trace, &(struct capture_frame){.linktype = LINKTYPE_ETHERNET,
                                                .bytes = (const uint8_t *)frame.s,
                                                .captured_bytes = (uint32_t)frame.len,
                                                .wire_bytes = (uint32_t)frame.len});
    text_free(&frame);
}

struct rulebook *rulebook_new(const struct rulebook_options *options)
{
    struct rulebook *b = xcalloc(1, sizeof *b);
    b->trace = trace_new();
    if (!options->grows)
        trace_rereads(b->trace, frame_at_hand, b);
    tell_hosts(b, options);
    return b;
}

void rulebook_free(struct rulebook *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->count; i++)
        for (int d = 0; d < WIRE_DIRECTION_COUNT; d++)
            shaper_free(&b->laws[i].shapers[d]);
    for (size_t i = 0; i < b->batch_count; i++)
        select_run_free(b->batches[i]);
    for (size_t i = 0; i < b->hold_count; i++)
        rules_free(b->holds[i]);
    free(b->holds);
    free(b->batches);
    free(b->laws);
    free(b->released);
    text_free(&b->words);
    trace_free(b->trace);
    free(b);
}

static void add_law(struct rulebook *b, const struct rule *rule, struct select_run *run)
{
    xgrow(&b->laws, &b->cap, b->count, sizeof *b->laws);
    xgrow(&b->released, &b->released_cap, b->released_count, sizeof *b->released);
    b->released[b->released_count++] = false;
    struct law *law = &b->laws[b->count++];
    *law = (struct law){.rule = rule, .batch = b->batch_count};
    law->slot = select_run_add(run, rule->selector);
    if (rule->until)
        law->until_slot = select_run_add(run, rule->until);
    for (int d = 0; d < WIRE_DIRECTION_COUNT; d++)
        shaper_init(&law->shapers[d], rule->bits_per_s, (size_t)rule->count);
}

void rulebook_add(struct rulebook *b, const struct rules *rules)
{
    struct select_run *run = select_run_new(b->trace);
    size_t past;
    for (size_t i = 0; i < rules->count; i++)
        add_law(b, &rules->at[i], run);
    xgrow(&b->batches, &b->batch_cap, b->batch_count, sizeof *b->batches);
    b->batches[b->batch_count++] = run;
    while (select_run_next(run, &past))
        continue;
}

void rulebook_hold(struct rulebook *b, const struct selector *s)
{
    struct select_fault fault;
    struct rules *hold = xcalloc(1, sizeof *hold);
    xgrow(&hold->at, &hold->cap, 0, sizeof *hold->at);
    hold->at[hold->count++] = (struct rule){
        .action = RULE_HOLD,
        .selector = selector_parse(selector_text(s), &fault),
        .probability_ppm = ALWAYS_PPM,
    };
    xgrow(&b->holds, &b->hold_cap, b->hold_count, sizeof *b->holds);
    b->holds[b->hold_count++] = hold;
    rulebook_add(b, hold);
    b->laws[b->count - 1].by_hand = true;
}

void rulebook_hold_none(struct rulebook *b)
{
    for (size_t i = 0; i < b->count; i++)
        b->laws[i].ended |= b->laws[i].by_hand;
}

const struct trace *rulebook_trace(const struct rulebook *b)
{
    return b->trace;
}

size_t rulebook_count(const struct rulebook *b)
{
    return b->count;
}

/* ---- chance -------------------------------------------------------------------------------- */

/* A number that is spread over all 64 bits, the same for the same four (splitmix64's finish). */
static uint64_t draw(const struct rule *rule, enum wire_direction d, uint64_t nth, uint64_t salt)
{
    uint64_t x = rule->seed * UINT64_C(0x9e3779b97f4a7c15) + nth * UINT64_C(0xd1342543de82ef95) +
                 ((uint64_t)rule->action << 8 | (uint64_t)d << 4 | salt) + 1;
    for (int i = 0; i < 2; i++) {
        x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
        x ^= x >> 31;
    }
    return x;
}

enum { SALT_WHETHER, SALT_HOW_MUCH };

static bool by_chance(const struct rule *rule, enum wire_direction d, uint64_t nth)
{
    return rule->probability_ppm >= ALWAYS_PPM ||
           draw(rule, d, nth, SALT_WHETHER) % ALWAYS_PPM < rule->probability_ppm;
}

/* ---- one frame ----------------------------------------------------------------------------- */

/* Whether the event is a packet that a rule may ask for: with `again`, one that was sent before. */
static bool is_packet(const struct rulebook *b, size_t event, bool *again)
{
    struct trace_event e = trace_event(b->trace, event);
    *again = e.kind == TRACE_SEGMENT && trace_segment(b->trace, e.index).again;
    return e.kind == TRACE_SEGMENT || e.kind == TRACE_OTHER;
}

static void ask_batch(struct rulebook *b, size_t batch)
{
    struct select_run *run = b->batches[batch];
    size_t event;
    bool again;
    while (select_run_next(run, &event)) {
        if (!is_packet(b, event, &again))
            continue;
        for (size_t i = 0; i < b->count; i++) {
            struct law *law = &b->laws[i];
            if (law->batch != batch)
                continue;
            law->applies =
                select_run_matches(run, law->slot) && !(again && law->rule->first_sending);
            b->released[i] = law->rule->until && select_run_matches(run, law->until_slot);
        }
    }
}

/* Every rule's selector sees every packet, whatever becomes of it. */
static void ask_all(struct rulebook *b, int64_t now_ns, const uint8_t *bytes, uint32_t length_bytes)
{
    for (size_t i = 0; i < b->count; i++)
        b->laws[i].applies = b->released[i] = false;
    b->event = RULING_NO_EVENT;
    if (annotation_is(bytes, length_bytes)) /* a program's own idea, and no word of ours */
        return;
    b->now = (struct capture_frame){
        .time_ns = now_ns,
        .linktype = LINKTYPE_ETHERNET,
        .bytes = bytes,
        .captured_bytes = length_bytes,
        .wire_bytes = length_bytes,
        .at = ++b->frames,
    };
    size_t event = trace_event_count(b->trace);
    trace_add(b->trace, &b->now);
    for (bool again; event < trace_event_count(b->trace); event++)
        if (is_packet(b, event, &again))
            b->event = event;
    for (size_t i = 0; i < b->batch_count; i++)
        ask_batch(b, i);
    b->now.bytes = NULL;
}

struct asked {
    struct rulebook *book;
    struct law *law;
    enum wire_direction direction;
    int64_t now_ns;
    uint32_t length_bytes;
    uint64_t nth;
};

static void rule_drop(const struct asked *a, struct ruling *r)
{
    (void)a;
    r->drop = true;
}

static void rule_delay(const struct asked *a, struct ruling *r)
{
    r->delay_ns += a->law->rule->delay_ns;
}

static void rule_jitter(const struct asked *a, struct ruling *r)
{
    const struct rule *rule = a->law->rule;
    uint64_t drawn = draw(rule, a->direction, a->nth, SALT_HOW_MUCH);
    r->late_ns += (int64_t)(drawn % ((uint64_t)rule->delay_ns + 1));
}

static void rule_duplicate(const struct asked *a, struct ruling *r)
{
    r->copies += a->law->rule->count;
}

static void rule_reorder(const struct asked *a, struct ruling *r)
{
    r->overtaken_by += a->law->rule->count;
}

static void rule_corrupt(const struct asked *a, struct ruling *r)
{
    r->turned_bytes += a->law->rule->count;
    r->chance = draw(a->law->rule, a->direction, a->nth, SALT_HOW_MUCH);
}

/* A link stands where the rule stands: what an earlier rule dropped takes no room on it. */
static void rule_rate(const struct asked *a, struct ruling *r)
{
    int64_t late_ns = shaper_pass(&a->law->shapers[a->direction], a->now_ns, a->length_bytes);
    if (late_ns >= 0) {
        r->late_ns += late_ns;
        return;
    }
    r->drop = true;
    text_clear(&a->book->words);
    text_format(&a->book->words, "the queue is full: %s", a->law->rule->text);
    r->reason = text_str(&a->book->words);
}

static void rule_hold(const struct asked *a, struct ruling *r)
{
    if (a->law->by_hand)
        r->held_by = RULING_HELD_BY_HAND;
    else if (a->law->rule->until && r->held_by != RULING_HELD_BY_HAND)
        r->held_by = (size_t)(a->law - a->book->laws);
    else if (!a->law->rule->until)
        r->delay_ns += a->law->rule->delay_ns;
}

/* Rates and jitter are the link's own, not this packet's: they are no reason to speak of. */
static const struct {
    void (*rule)(const struct asked *a, struct ruling *r);
    bool is_reason;
} actions[RULE_ACTION_COUNT] = {
    [RULE_DROP] = {rule_drop, true},       [RULE_DELAY] = {rule_delay, true},
    [RULE_JITTER] = {rule_jitter, false},  [RULE_DUPLICATE] = {rule_duplicate, true},
    [RULE_REORDER] = {rule_reorder, true}, [RULE_CORRUPT] = {rule_corrupt, true},
    [RULE_RATE] = {rule_rate, false},      [RULE_HOLD] = {rule_hold, true},
};

struct ruling rulebook_rule(struct rulebook *b, enum wire_direction d, int64_t now_ns,
                            const uint8_t *bytes, uint32_t length_bytes)
{
    struct ruling r = {.held_by = RULING_NOT_HELD};
    ask_all(b, now_ns, bytes, length_bytes);
    for (size_t i = 0; i < b->count && !r.drop; i++) {
        struct law *law = &b->laws[i];
        struct asked asked = {b, law, d, now_ns, length_bytes, 0};
        if (!law->applies || law->ended)
            continue;
        asked.nth = law->selected[d]++;
        if (!by_chance(law->rule, d, asked.nth))
            continue;
        actions[law->rule->action].rule(&asked, &r);
        if (actions[law->rule->action].is_reason && !law->by_hand)
            r.reason = law->rule->text;
    }
    r.released = b->released;
    r.event = b->event;
    return r;
}
