/* The inside of the engine, shared by engine.c and hands.c and by nobody else. */
#ifndef LABS_WIRE_ENGINE_PARTS_H
#define LABS_WIRE_ENGINE_PARTS_H

#include "labs/wire/engine.h"
#include "labs/wire/shaper.h"

#define ENGINE_NEVER_NS INT64_MAX

struct held {
    struct held *next, *before;
    enum fate fate;
    bool corrupted;
    char *reason; /* (owned) NULL for none */
    int64_t name_ns, arrived_ns;
    int64_t ready_ns;   /* ENGINE_NEVER_NS while it is held */
    uint64_t number;    /* counts arrivals, from 1 */
    size_t held_by;     /* the rule that does, or RULING_HELD_BY_HAND */
    int64_t overtakers; /* later frames that must still pass it */
    int copies, copy;   /* to be delivered behind it; delivered by now */
    size_t event;       /* as the ruling told it */
    uint32_t repeats;   /* of it that were dropped, while it was held by hand */
    bool untold;        /* engine_told() has not told of its hold, or of its end */
    uint32_t length_bytes, room_bytes;
    uint8_t bytes[];
};

/* Frames by the time at which they are ready. A frame's due time is known only when it is the
 * first: it is then spaced from what was truly delivered before it. */
struct queue {
    struct held *first, *last; /* (owned) */
    size_t count, bytes;
    size_t waiting;   /* for a rule or a hand to let go, or to be overtaken */
    size_t by_hand;   /* those of them that a hand holds */
    int64_t free_ns;  /* the wire takes no delivery before this */
    int64_t floor_ns; /* what arrives now is not ready before what came before it */
    struct shaper shaper;
};

struct engine {
    struct engine_options options;
    struct queue queues[WIRE_DIRECTION_COUNT];
    struct held *lent; /* (owned) whose bytes the caller is looking at */
    struct held
        *free; /* (owned) to be used again, for bulk data take and leave them by the thousand */
    size_t free_count;
    uint64_t arrivals;
    bool hold_all; /* what arrives is held by hand */
    size_t untold;
};

/* Take a frame out of its queue; put it in by the time at which it is ready. */
void queue_unlink(struct queue *q, struct held *h);
void queue_insert(struct queue *q, struct held *h);

/* Hold a frame by hand: it is in no queue. */
void held_by_hand(struct engine *e, struct queue *q, struct held *h);

/* Where a frame repeats one that a hand holds, count it there: true, and it is to be dropped. */
bool held_repeats(struct engine *e, struct queue *q, const struct held *h);

#endif
