/* Private to tracer/capture: what the sections of a pcapng file say about the packets in them. A
 * packet can be read again long after its section, so that all sections of a file are kept, by
 * where they begin. */
#ifndef TRACER_CAPTURE_PCAPNG_SECTIONS_H
#define TRACER_CAPTURE_PCAPNG_SECTIONS_H

#include "tracer/capture/pcapng_time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most interfaces, and the most sections, that are kept. */
enum { INTERFACES_MAX = 1 << 20 };

struct interface {
    uint16_t linktype;
    struct pcapng_clock clock;
    uint32_t snaplen;
};

struct section {
    uint64_t at; /* where it begins */
    bool big_endian;
    size_t first_interface; /* in the array of all sections' */
    uint32_t interface_count;
};

struct sections {
    bool last_only;      /* of a pipe: nothing can be read again, so that one section is enough */
    struct section *all; /* (owned) in the order of the file */
    size_t count, cap;
    struct interface *interfaces; /* (owned) of all sections */
    size_t interface_count, interface_cap;
    size_t found; /* by sections_at(), the last time */
};

/* Begin a section, or describe the next interface of the last one; false where there are too many
 * already. */
bool sections_begin(struct sections *s, uint64_t at, bool big_endian);
bool sections_add(struct sections *s, const struct interface *i);

/* The last section; NULL before the first. The one that holds the block at `at`. Both are borrowed
 * until the next sections_begin(). */
const struct section *sections_last(const struct sections *s);
const struct section *sections_at(struct sections *s, uint64_t at);

/* An interface by its number in the section, or NULL. */
const struct interface *sections_interface(const struct sections *s, const struct section *in,
                                           uint32_t number);

void sections_free(struct sections *s);

#endif
