/* One connection's two streams of bytes as one list, in the order in which they arrived: what the
 * stream view shows. In a session a byte arrives when its segment is delivered, in a plain capture
 * when it was sent. Each byte stands once; of two copies the first to arrive (reassembly.h).
 *
 * A piece is what one segment brought that was new. Bytes that came too early stand behind a gap,
 * and what fills the gap later takes its place, so each direction reads as its receiver reads it.
 * No bytes are copied: a piece is 24 bytes long and names its segment. */
#ifndef TRACER_VIEW_STREAM_LOG_H
#define TRACER_VIEW_STREAM_LOG_H

#include "tracer/flow/reassembly.h"
#include "tracer/trace/trace.h"
#include "tracer/websocket/websocket.h"

/* A gap that lies further back than this many pieces is not filled any more. */
enum { STREAM_LOG_REACH = 16384 };

enum piece_kind {
    PIECE_BYTES,
    PIECE_GAP,        /* has not arrived */
    PIECE_UNCAPTURED, /* arrived, but the capture was cut short */
    PIECE_FIN,
    PIECE_RST,
};

struct piece {
    uint64_t offset; /* of its first byte in its side's stream */
    uint32_t len;
    uint32_t event; /* the trace event that brought it; TRACE_NONE for a gap */
    uint32_t at;    /* of its first byte in the segment's payload */
    uint8_t side, kind;
};

/* A place in the list: a byte of a piece. */
struct spot {
    size_t piece;
    uint32_t at;
};

enum { SPOT_CURSOR, SPOT_TOP, SPOT_SOCKET, SPOT_COUNT = SPOT_SOCKET + WEBSOCKET_SIDES };

struct stream_log {
    const struct trace *trace; /* (borrowed) */
    uint32_t flow;             /* TRACE_NONE: no connection yet */
    size_t taken;              /* trace events looked at */
    struct piece *pieces;      /* (owned) */
    size_t count, cap;
    struct spot spots[SPOT_COUNT]; /* keep to their bytes when pieces come before them */
    struct reassembly *sides;      /* (owned) SIDE_COUNT of them */
    uint32_t iss[SIDE_COUNT];
    bool began[SIDE_COUNT], finished[SIDE_COUNT], reset[SIDE_COUNT];
    uint64_t end[SIDE_COUNT];   /* one past the last byte in the list, gaps included */
    uint64_t bytes[SIDE_COUNT]; /* that arrived */
    uint64_t twice;             /* that arrived in either direction though they were here */
    struct websocket socket;    /* what the bytes say, if it is a WebSocket */
};

/* Start empty for one connection; take in what the trace has gained, for so long at the most (true
 * where that was any of it); free. */
void stream_log_init(struct stream_log *l, const struct trace *trace, uint32_t flow);
bool stream_log_update(struct stream_log *l, int64_t budget_ns);
void stream_log_free(struct stream_log *l);

/* Copy a piece's bytes to `out`, which has room for them. */
void stream_log_bytes(const struct stream_log *l, const struct piece *p, uint8_t *out);

/* Let the WebSocket take what the log has gained: up to the first gap in each direction that cannot
 * be passed over. stream_log_update() calls it. */
void stream_socket_update(struct stream_log *l);

/* True where a piece goes on where the one before it ended, in the same direction. */
bool stream_log_joined(const struct stream_log *l, size_t piece);

#endif
