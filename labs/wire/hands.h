/* The engine's frames in one's own hands: held as they come, looked at, and each let through,
 * dropped, copied or delayed by its number. As pure as the engine is.
 *
 * A hold changes the wire and not the hosts: their timers run on, and what they send again while it
 * is held is dropped here and counted with the frame that it repeats. */
#ifndef LABS_WIRE_HANDS_H
#define LABS_WIRE_HANDS_H

#include "labs/wire/engine.h"

/* A frame that has arrived and not come out. */
struct flight {
    enum wire_direction direction;
    uint64_t number; /* counts arrivals, from 1 */
    int64_t name_ns, arrived_ns;
    bool held;        /* by a hand or a rule, until it is let go */
    bool by_hand;     /* by a hand */
    int64_t ready_ns; /* where it is not held: it comes then, or later if others must come before */
    uint32_t repeats; /* of it that were dropped meanwhile */
    size_t event;     /* of the rules' trace, or RULING_NO_EVENT */
    const uint8_t *bytes; /* lent until the next call on the engine that changes it */
    uint32_t length_bytes;
};

/* Hold by hand all that arrives from now on, or no longer; what is held stays so. */
void engine_hold_all(struct engine *e, bool on);

/* The frame of a number; the one with the next greater number; the first that is held. False where
 * there is none in flight. */
bool engine_in_flight(const struct engine *e, uint64_t number, struct flight *f);
bool engine_next_in_flight(const struct engine *e, uint64_t after, struct flight *f);
bool engine_first_held(const struct engine *e, struct flight *f);

/* What is to become of the frame of a number, which is in flight: it goes on (where it has not been
 * as long on the wire as others are, after that); it is lost; it goes on, and a copy behind it; it
 * comes in `delay_ns`, or, where it is travelling, so much later. */
void engine_let(struct engine *e, uint64_t number, int64_t now_ns);
void engine_drop(struct engine *e, uint64_t number, int64_t now_ns);
void engine_duplicate(struct engine *e, uint64_t number, int64_t now_ns);
void engine_delay(struct engine *e, uint64_t number, int64_t now_ns, int64_t delay_ns);

/* Let go all that is held, each direction in its order. Returns how many those were. */
size_t engine_let_all(struct engine *e, int64_t now_ns);

/* Forget which events the frames are: their trace is no more. */
void engine_forget_events(struct engine *e);

/* The next frame that came to be held by hand, or was repeated, or goes on (`*over`), since this
 * was last asked; false where there is none. Ask before engine_take(). */
bool engine_told(struct engine *e, struct flight *f, bool *over);

#endif
