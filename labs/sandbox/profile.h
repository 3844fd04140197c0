/* A network profile pins what real hosts differ in, so that every student sees the same picture.
 * Profiles are small texts, labs/profiles/NAME.profile, which are built into the program:
 *
 *      key: value          delay: 10ms, mtu: 1500, sack: on
 *      net.a.b: value      a kernel setting by its own name
 *
 * A question mark behind a key sets it where that can be had, and leaves it where it cannot. */
#ifndef LABS_SANDBOX_PROFILE_H
#define LABS_SANDBOX_PROFILE_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One kernel setting of a lab host: a path below /proc/sys, and its value. */
struct profile_setting {
    char *path;    /* (owned) "net/ipv4/tcp_congestion_control" */
    char *value;   /* (owned) */
    bool optional; /* newer than the oldest kernel we run on: passed over where it is missing */
    bool wished;   /* passed over where the kernel refuses it, too */
};

struct profile {
    char *name, *title; /* (owned) */
    uint32_t mtu_bytes;
    int64_t delay_ns;    /* one way */
    int64_t spacing_ns;  /* least time between two deliveries in one direction */
    int64_t lateness_ns; /* by which the wire may fall behind; more, and the run is void */
    int64_t bits_per_s;  /* of each direction; 0: no limit */
    size_t queue_frames; /* that may wait for it */
    bool ipv6;
    struct text rules; /* (owned) of the wire, one a line */
    struct text set;   /* (owned) what was set otherwise than the profile says: "delay=50ms" */
    struct profile_setting *settings; /* (owned) */
    size_t setting_count, setting_cap;
};

/* The built-in profile of a name, or the one in a file where the name has a slash in it. 0, or -1
 * with the sentence. On 0 free with profile_free(). */
int profile_read(const char *name, struct profile *p, struct error *e);
void profile_free(struct profile *p);

/* Set one thing otherwise: "delay=50ms". 0, or -1 with the sentence. */
int profile_set(struct profile *p, const char *words, struct error *e);

/* Whether all that was set goes together: 0, or -1 with the sentence. */
int profile_check(const struct profile *p, struct error *e);

/* The value that a kernel setting is to have, by its path below /proc/sys; NULL where it is left.
 */
const char *profile_setting(const struct profile *p, const char *path);

/* A built-in profile, shared; NULL where there is none of that name. "classic" always exists. */
const struct profile *profile_find(const char *name);

/* The names of the built-in profiles; NULL past the last. */
const char *profile_name(size_t i);

/* Append the keys that a profile has, with their values in it, one a line. */
void profile_tell(const struct profile *p, struct text *out);

#endif
