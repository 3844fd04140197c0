/* A link of a given rate: frames go through it one behind the other, and those that must wait for
 * the ones before them stand in a queue, which has so many places and no more. */
#ifndef LABS_WIRE_SHAPER_H
#define LABS_WIRE_SHAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shaper {
    int64_t bits_per_s;
    size_t places;   /* frames that may wait */
    int64_t *leaves; /* (owned) when each frame that waits begins to be sent: a ring */
    size_t first, count;
    int64_t free_ns; /* the link has sent all before this */
};

/* Freed by shaper_free(). A rate of 0 is a link that takes no time. */
void shaper_init(struct shaper *s, int64_t bits_per_s, size_t places);
void shaper_free(struct shaper *s);

/* A frame arrives: how much later its last bit is through; -1 where the queue is full. */
int64_t shaper_pass(struct shaper *s, int64_t now_ns, uint32_t length_bytes);

#endif
