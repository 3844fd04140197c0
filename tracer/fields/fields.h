/* A packet taken apart for reading: every field of every header that decode knows, in the order of
 * a tree, with its value as text, the bytes that it stands in, a sentence on what it is for, and
 * what is wrong with it. Pure: a packet in, a list out. All text is fit for a terminal. */
#ifndef TRACER_FIELDS_FIELDS_H
#define TRACER_FIELDS_FIELDS_H

#include "tracer/decode/packet.h"
#include "tracer/websocket/websocket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD_NONE SIZE_MAX

/* From the least to the gravest. */
enum field_verdict {
    FIELD_PLAIN,
    FIELD_SUSPICIOUS, /* allowed perhaps, but odd: a checksum that is wrong, SYN beside FIN */
    FIELD_TRUNCATED,  /* the capture left it out */
    FIELD_MALFORMED,  /* the packet contradicts itself here */
    FIELD_VERDICT_COUNT,
};

struct field {
    const char *name; /* lower-case words, a header's own spelling ("TCP") */
    uint8_t depth;    /* 0 a header, 1 its fields, 2 what these are made of, ... */
    uint8_t verdict;  /* enum field_verdict */
    uint32_t from;    /* the first of its bytes, counted from the frame's first */
    uint32_t bytes;   /* how many; 0 where it is told of the packet, not read from it. None of them
                       * is past what was captured */
    uint32_t mask;    /* which bits of these bytes, as one big-endian number; 0: all of them */
    size_t value_at, about_at; /* within the list's text */
};

/* All zero is an empty list. */
struct fields {
    struct field *field; /* (owned) */
    size_t count, cap;
    struct text words; /* values and sentences, each ended by a NUL */
};

/* What the packet alone does not tell, from whoever knows its connection. All zero is nothing. */
struct field_facts {
    bool has_relative_seq, has_relative_ack;
    uint32_t relative_seq, relative_ack;
    bool scale_known; /* both SYNs were seen; the shift is 0 where one of them offered none */
    uint8_t window_shift;
    uint32_t mss;                   /* the largest segment that the receiver takes; 0: not known */
    bool again;                     /* every byte of it was sent before */
    const struct websocket *socket; /* (borrowed) what the connection is, or NULL */
    int socket_side;                /* its sender's */
    uint64_t socket_at;             /* where in the stream the payload begins */
};

/* Take a packet apart; `facts` may be NULL. The list is emptied first, and freed by fields_free().
 * The packet's bytes are not needed afterwards. */
void fields_read(struct fields *f, const struct packet *p, const struct field_facts *facts);
void fields_free(struct fields *f);

/* A field's value, and the sentence on it; "" where there is none (borrowed from the list). */
const char *field_value(const struct fields *f, size_t i);
const char *field_about(const struct fields *f, size_t i);

/* The field that a field is part of, or FIELD_NONE; the last one that is part of it, or itself. */
size_t field_parent(const struct fields *f, size_t i);
size_t field_last_part(const struct fields *f, size_t i);

/* The smallest field that a byte of the frame is in, or FIELD_NONE. */
size_t field_of_byte(const struct fields *f, uint32_t at);

/* The gravest verdict of a field and all its parts. */
enum field_verdict field_gravest(const struct fields *f, size_t i);

#endif
