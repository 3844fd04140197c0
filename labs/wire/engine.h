/* The wire without its sockets: frames that arrive, wait, and come out again. A pure function of
 * what it is given; time is what the caller says it is, in nanoseconds of any clock.
 *
 *      engine_arrive() ──▶ rules ──▶ queue of each direction ──▶ engine_take() ──▶ a fate:
 *                                                              deliver it now, or a copy of it
 *                                                              or: it was dropped, why */
#ifndef LABS_WIRE_ENGINE_H
#define LABS_WIRE_ENGINE_H

#include "tracer/session/annotation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_direction { WIRE_FROM_C, WIRE_FROM_S, WIRE_DIRECTION_COUNT };

struct rulebook;

struct engine_options {
    int64_t delay_ns;       /* from a frame's arrival to its delivery, at the least */
    int64_t spacing_ns;     /* between two deliveries in one direction, at the least */
    int64_t bits_per_s;     /* of each direction; 0: no limit */
    size_t queue_frames;    /* that wait for it; what exceeds them is dropped */
    size_t queue_bytes;     /* held in one direction at the most; what exceeds it is dropped */
    struct rulebook *rules; /* (borrowed) NULL for none */
};

/* What the rules say of a frame (labs/wire/rulebook.h). */
#define RULING_NOT_HELD     SIZE_MAX
#define RULING_HELD_BY_HAND (SIZE_MAX - 1)
#define RULING_NO_EVENT     SIZE_MAX
struct ruling {
    bool drop;
    int64_t delay_ns;     /* longer than others, which may overtake it */
    int64_t late_ns;      /* longer, and what is sent after it stays behind it */
    int64_t copies;       /* delivered behind it */
    int64_t overtaken_by; /* as many later ones of its direction */
    int64_t turned_bytes; /* and, from this, which ones: */
    uint64_t chance;
    size_t held_by;       /* the rule that holds it, by number */
    const bool *released; /* by rule: what it holds is let go */
    const char *reason;   /* the rule in words; NULL where none met it */
    size_t event;         /* of the rules' trace, which the frame is; or RULING_NO_EVENT */
};

/* What became of a frame. Its bytes and words are lent until the next call on the engine. */
struct engine_fate {
    enum fate fate;
    enum wire_direction direction;
    int64_t name_ns; /* as given on arrival */
    int64_t due_ns;  /* when it was to be delivered */
    const char *reason;
    int copy;       /* delivered: 0 is the frame itself, 1 the first copy of it */
    bool corrupted; /* delivered with bytes turned: its receiver will throw it away */
    const uint8_t *bytes;
    uint32_t length_bytes;
};

struct engine;

/* Freed by engine_free(), with all that is still held. */
struct engine *engine_new(const struct engine_options *options);
void engine_free(struct engine *e);

/* Ask these rules (borrowed, NULL for none) from the next frame on. What others hold until one of
 * their own lets it go stays held. */
void engine_follow(struct engine *e, struct rulebook *rules);

/* A frame of `length_bytes` arrived at `now_ns`. `name_ns` is handed back with its fate. The bytes
 * are copied. */
void engine_arrive(struct engine *e, enum wire_direction d, int64_t now_ns, int64_t name_ns,
                   const uint8_t *bytes, uint32_t length_bytes);

/* When the next fate is due; false where nothing is held, or only what a rule holds. */
bool engine_next_due(const struct engine *e, int64_t *due_ns);

/* Take one fate that is due by `now_ns`: the earliest first; of two at the same time, the one whose
 * frame arrived first. False where none is due. */
bool engine_take(struct engine *e, int64_t now_ns, struct engine_fate *fate);

/* A frame was delivered at `now_ns`: the next in its direction is spaced from then, not from when
 * it was due, so that a wire that is late does not bunch frames up. */
void engine_delivered(struct engine *e, enum wire_direction d, int64_t now_ns);

/* Frames in a direction that have not come out. */
size_t engine_held(const struct engine *e, enum wire_direction d);

#endif
