/* What is followed from event to event for the sake of selectors: which byte range a segment
 * carries, duplicate ACKs, states, what connected. Inside tracer/select only. */
#ifndef TRACER_SELECT_TRACK_H
#define TRACER_SELECT_TRACK_H

#include "tracer/select/moment.h"
#include "tracer/select/node.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stdint.h>

struct track;

/* Follow what `needs` says (NEED_ bits), byte ranges up to the `data_max`th. */
struct track *track_new(const struct trace *t, unsigned needs, uint64_t data_max);
void track_free(struct track *k);

/* Take the next event, before it is matched. */
void track_event(struct track *k, struct moment *m);

/* Whether the segment carries a byte of the distinct ranges `low` to `high` (from 1) of its
 * direction. */
bool track_carries(const struct track *k, const struct segment *s, uint64_t low, uint64_t high);

/* The lowest range of which the segment carries a byte; 0 where it is none that is followed. */
uint64_t track_data_number(const struct track *k, const struct segment *s);

/* How manieth duplicate ACK the segment is; 0: none. */
uint32_t track_dup(const struct track *k, uint32_t segment);

/* By how much a side's windows are shifted, where that is known; else -1. */
int track_scale(const struct track *k, uint32_t flow, int side);

/* The state of a host's end: of its side of the connection; with no connection, of its listener. */
enum tcp_state track_state(const struct track *k, uint32_t flow, int side);
bool track_listens(const struct track *k, char host);

/* Whether the event taken last is the moment at which the acting end connected, accepted, closed.
 */
bool track_done(const struct track *k, enum done_kind kind);

/* Who of the two addresses of a packet without a connection is the initiator: 0 its source. */
int track_pair_side(const struct track *k, const struct packet *p);

#endif
