/* What a wire tells its session: packets, fates, marks and an end, on one stream whose promises
 * hold whatever the kernel's queues do.
 *
 * A MARK at T promises that nothing stamped before T comes later. The kernel stamps a frame before
 * it hands it over, and on a busy machine hands it over late, so that an empty ring read at T does
 * not prove that nothing older is under way. Two things make the promise true: a mark trails the
 * last time that all rings were seen empty by a margin, which covers what is common, and a frame
 * that is later still is stamped with the mark it missed. Being a little late on paper it stays
 * after its cause (the call that sent it) and before its effects, which need its delivery.
 *
 * Nobody can use a record before the mark behind it, so what is recorded is written at the marks,
 * or when much waits: bulk data cost a system call a hundred frames, not two a frame.
 *
 * A fate names its packet by stamp and direction, so the stamps of one direction are made to
 * differ, by a nanosecond where need be. */
#ifndef LABS_WIRE_RECORDER_H
#define LABS_WIRE_RECORDER_H

#include "labs/wire/engine.h"
#include "labs/wire/hands.h"
#include "tracer/capture/source.h"
#include "tracer/flow/flow.h"

/* Write to `out_fd` (borrowed). Freed by recorder_free(). */
struct recorder;
struct recorder *recorder_new(int out_fd);
void recorder_free(struct recorder *r);

/* Record a packet as sent and return the stamp that names it. */
int64_t recorder_packet(struct recorder *r, enum wire_direction d,
                        const struct capture_frame *frame);

/* Record what became, at `now_ns`, of the packet that the fate names. What comes to its receiver
 * corrupted is dropped there. */
void recorder_fate(struct recorder *r, const struct engine_fate *fate, int64_t now_ns);

/* Record that a packet is held by hand, or (`over`) goes on. */
void recorder_held(struct recorder *r, const struct flight *f, bool over);

/* Record what came of a command. */
void recorder_command(struct recorder *r, const char *text, const char *answer, bool done);

/* Record a kernel's word, now, on the connection between two endpoints; the host's own first. */
void recorder_kernel(struct recorder *r, const struct annotation *word,
                     const struct endpoint *local, const struct endpoint *remote);

/* Promise that all stamped before `read_up_to_ns`, less the margin, has been recorded. */
void recorder_mark(struct recorder *r, int64_t read_up_to_ns);

/* Say how it ended, and wait until the reader has all or is gone. */
void recorder_end(struct recorder *r, const char *verdict, const char *reason,
                  uint64_t dropped_frames, int64_t late_ns);

/* True while the reader has not taken what was written: poll for writing, then flush. */
bool recorder_blocked(const struct recorder *r);
void recorder_flush(struct recorder *r);

#endif
