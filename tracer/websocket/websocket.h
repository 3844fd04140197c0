/* A WebSocket read from the two streams of a TCP connection (RFC 6455): the lines of its upgrade,
 * then its frames. It is known by the upgrade, at whatever port.
 *
 * Each side's bytes are given in their order, cut anywhere. Nothing is kept of them but what the
 * lines and headers say, 40 bytes for each. Where bytes are missing within a payload, whose length
 * is known, reading goes on behind them; where a header is missing it waits.
 *
 * Not read: a request that comes before the upgrade in the same connection, and what compression
 * (RFC 7692) has made of a payload. */
#ifndef TRACER_WEBSOCKET_WEBSOCKET_H
#define TRACER_WEBSOCKET_WEBSOCKET_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEBSOCKET_LINE_KEPT = 256, WEBSOCKET_HEAD_MOST = 65536, WEBSOCKET_SIDES = 2 };

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

/* A line of the upgrade's head, or a frame. */
struct websocket_item {
    uint64_t from;  /* where it begins in its side's stream */
    uint64_t bytes; /* of all of it: a line's end, a frame's header included */
    bool is_frame;
    /* of a frame: */
    bool fin, masked, from_client;
    uint8_t reserved;     /* its three bits: 4 says that it is compressed */
    uint8_t opcode;       /* enum websocket_opcode */
    uint8_t message;      /* the opcode of the message that it is part of; its own, but for a
                           * continuation */
    uint8_t header_bytes; /* 2 to 14; the payload is behind them */
    uint8_t length_bytes; /* of the further length: 0, 2 or 8 */
    uint8_t key[4];
    bool has_code; /* a close that tells why, in its first two bytes */
    uint16_t code;
};

enum websocket_phase {
    WEBSOCKET_START, /* nothing yet, or half of a line */
    WEBSOCKET_HEAD,
    WEBSOCKET_HEADER,
    WEBSOCKET_PAYLOAD,
    WEBSOCKET_OVER, /* this is none, or nobody knows how to go on */
};

struct websocket_side {
    enum websocket_phase phase;
    uint64_t at;                  /* all bytes below it were taken, or passed over */
    struct websocket_item *items; /* (owned) in their order, without gaps between them */
    size_t count, cap;
    char proof[32];  /* the client's key, the server's answer to it; "" where there is none */
    bool client;     /* it asks, with GET */
    bool upgrade;    /* its head has Upgrade: websocket */
    bool settled;    /* a client's: it asks for a WebSocket; a server's: it says 101 */
    uint8_t message; /* the opcode of the message that goes on; 0: none does */
    uint8_t held[WEBSOCKET_LINE_KEPT]; /* of the line or header that is coming */
    uint64_t held_bytes;               /* how long that is, kept or not */
    uint64_t payload_seen;             /* of the last frame */
};

/* All zero is a connection of which nothing was seen. */
struct websocket {
    struct websocket_side sides[WEBSOCKET_SIDES];
};

void websocket_free(struct websocket *w);

/* Take a side's next bytes. */
void websocket_take(struct websocket *w, int side, const uint8_t *bytes, size_t n);

/* Go on behind `n` bytes that are missing: false where that cannot be done, and nothing has moved.
 */
bool websocket_pass(struct websocket *w, int side, uint64_t n);

/* A WebSocket was asked for, as far as was seen; this connection has become none, and will not. */
bool websocket_is(const struct websocket *w);
bool websocket_is_not(const struct websocket *w);

/* Whether the server's Sec-WebSocket-Accept is the answer to the client's key: base64 of the SHA-1
 * of the key with a constant behind it (RFC 6455 section 1.3). */
enum websocket_proof { WEBSOCKET_PROOF_UNKNOWN, WEBSOCKET_PROOF_RIGHT, WEBSOCKET_PROOF_WRONG };
enum websocket_proof websocket_proof(const struct websocket *w);

/* The answer to a key, a string of at most 31 bytes. */
void websocket_answer(const char *key, char answer[29]);

/* The item that a byte of the stream is in, or NULL. */
const struct websocket_item *websocket_item_at(const struct websocket_side *s, uint64_t at);

/* Where a frame's payload begins, how long it is, and a byte of it without its mask: `at` counts in
 * the stream. */
uint64_t websocket_payload_from(const struct websocket_item *i);
uint64_t websocket_payload_bytes(const struct websocket_item *i);
uint8_t websocket_unmasked(const struct websocket_item *i, uint64_t at, uint8_t byte);

/* Whether the payload is text for people: not binary, and not compressed. */
bool websocket_is_text(const struct websocket_item *i);

/* "text", "close", ...; "reserved" for others. "normal closure" for 1000, ...; "" for what has no
 * name. */
const char *websocket_opcode_name(unsigned opcode);
const char *websocket_code_name(unsigned code);

/* What is wrong with a frame, as a sentence; NULL: nothing. */
const char *websocket_fault(const struct websocket_item *i);

/* Append a frame in brief: "FIN text, mask 37fa213d, length 5". */
void websocket_words(const struct websocket_item *i, struct text *out);

#endif
