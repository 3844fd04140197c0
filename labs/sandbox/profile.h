/* A network profile pins what real hosts differ in, so that every student sees the same picture. */
#ifndef LABS_SANDBOX_PROFILE_H
#define LABS_SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One kernel setting of a lab host: a path below /proc/sys, and its value. */
struct profile_setting {
    const char *path; /* "net/ipv4/tcp_congestion_control" */
    const char *value;
    bool optional; /* newer than the oldest kernel we run on: passed over where it is missing */
};

struct profile {
    const char *name;
    uint32_t mtu_bytes;
    int64_t delay_ns;   /* one way */
    int64_t spacing_ns; /* least time between two deliveries in one direction */
    const struct profile_setting *settings;
    size_t setting_count;
};

/* Find a profile by name; NULL where there is none. "classic" always exists. */
const struct profile *profile_find(const char *name);

#endif
