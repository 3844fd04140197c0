/* The bytes of a stream, given to the WebSocket in their order. */
#include "tracer/view/stream_log.h"

#include "tracer/base/alloc.h"

#include <stdlib.h>

static bool is_of(const struct piece *p, int side)
{
    return p->side == side && p->len > 0;
}

/* What a piece has behind the byte that is expected. */
static void take(struct stream_log *l, struct piece p, uint64_t at)
{
    p.at += (uint32_t)(at - p.offset);
    p.len -= (uint32_t)(at - p.offset);
    uint8_t *bytes = xmalloc(p.len);
    stream_log_bytes(l, &p, bytes);
    websocket_take(&l->socket, p.side, bytes, p.len);
    free(bytes);
}

/* True where reading can go on behind the piece. */
static bool take_piece(struct stream_log *l, const struct piece *p)
{
    uint64_t at = l->socket.sides[p->side].at, end = p->offset + p->len;
    if (end <= at)
        return true;
    if (p->offset > at)
        return false;
    if (p->kind == PIECE_BYTES)
        take(l, *p, at);
    else
        return websocket_pass(&l->socket, p->side, end - at);
    return true;
}

/* A gap at which reading waits may have been filled in part: then what is left of it stands before
 * the spot. */
static size_t back_to_gap(const struct stream_log *l, size_t i, int side)
{
    uint64_t at = l->socket.sides[side].at;
    if (i < l->count && is_of(&l->pieces[i], side) && l->pieces[i].offset > at)
        while (i > 0 && is_of(&l->pieces[i - 1], side) &&
               l->pieces[i - 1].offset + l->pieces[i - 1].len > at)
            i--;
    return i;
}

static void take_side(struct stream_log *l, int side)
{
    size_t i = back_to_gap(l, l->spots[SPOT_SOCKET + side].piece, side);
    while (i < l->count && (!is_of(&l->pieces[i], side) || take_piece(l, &l->pieces[i])))
        i++;
    l->spots[SPOT_SOCKET + side].piece = i;
}

void stream_socket_update(struct stream_log *l)
{
    for (int side = 0; side < SIDE_COUNT && !websocket_is_not(&l->socket); side++)
        take_side(l, side);
}
