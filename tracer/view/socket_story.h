/* For tests only: a WebSocket's conversation as a story, its frames cut over segments as it comes.
 */
#ifndef TRACER_VIEW_SOCKET_STORY_H
#define TRACER_VIEW_SOCKET_STORY_H

#include "tracer/view/scene.h"

#include <assert.h>

struct socket_story {
    struct scene *scene;
    int64_t at_us;
    uint32_t next[2]; /* sequence numbers, of C and of S */
    uint16_t port;
};

static const char socket_request[] = "GET /chat HTTP/1.1\r\n"
                                     "Host: 10.0.0.2:9502\r\n"
                                     "Connection: keep-alive, Upgrade\r\n"
                                     "UPGRADE: WebSocket\r\n"
                                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                     "Sec-WebSocket-Version: 13\r\n\r\n";
static const char socket_answer[] = "HTTP/1.1 101 Switching Protocols\r\n"
                                    "Upgrade: websocket\r\n"
                                    "Connection: Upgrade\r\n"
                                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/* No byte of these is 0: a segment's data is a string. */
static const uint8_t socket_key[4] = {0x37, 0xfa, 0x21, 0x3d};

static inline void socket_segment(struct socket_story *t, char from, uint16_t flags,
                                  const char *data, size_t skip)
{
    int side = from == 'S';
    size_t n = (data ? strlen(data) : 0) + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    t->at_us += 1000;
    if (skip == 0)
        scene_sends(t->scene, t->at_us,
                    (struct scene_segment){.from = from,
                                           .flags = flags,
                                           .seq = t->next[side],
                                           .ack = flags & TCP_ACK ? t->next[!side] : 0,
                                           .data = data,
                                           .client_port = t->port});
    t->next[side] += (uint32_t)n;
}

/* Bytes in segments of `cut` bytes; of those the one with the number `lost` is never seen. */
static inline void socket_bytes(struct socket_story *t, char from, const char *bytes, size_t n,
                                size_t cut, int lost)
{
    for (int i = 1; n > 0; i++) {
        char part[2000] = {0};
        size_t now = n < cut ? n : cut;
        memcpy(part, bytes, now);
        assert(strlen(part) == now);
        socket_segment(t, from, TCP_PSH | TCP_ACK, part, i == lost);
        bytes += now;
        n -= now;
    }
}

/* A frame, masked if C sends it. */
static inline size_t socket_put(char from, uint8_t first, const char *payload, char *out)
{
    size_t n = strlen(payload), at = 2;
    out[0] = (char)first;
    out[1] = (char)((n > 125 ? 126 : n) | (from == 'C' ? 0x80 : 0));
    if (n > 125) {
        out[at++] = (char)(n >> 8);
        out[at++] = (char)n;
    }
    if (from == 'C') {
        memcpy(out + at, socket_key, 4);
        at += 4;
    }
    for (size_t i = 0; i < n; i++)
        out[at + i] = (char)(payload[i] ^ (from == 'C' ? socket_key[i % 4] : 0));
    return at + n;
}

static inline void socket_frame(struct socket_story *t, char from, uint8_t first,
                                const char *payload, size_t cut, int lost)
{
    char bytes[2000];
    socket_bytes(t, from, bytes, socket_put(from, first, payload, bytes), cut, lost);
}

/* Handshake and upgrade; the request comes in segments of `cut` bytes. */
static inline void socket_upgrade(struct socket_story *t, size_t cut)
{
    socket_segment(t, 'C', TCP_SYN, NULL, 0);
    socket_segment(t, 'S', TCP_SYN | TCP_ACK, NULL, 0);
    socket_segment(t, 'C', TCP_ACK, NULL, 0);
    socket_bytes(t, 'C', socket_request, strlen(socket_request), cut, 0);
    socket_bytes(t, 'S', socket_answer, strlen(socket_answer), 2000, 0);
}

/* All kinds of frames; the larger ones in segments of `cut` bytes. `lossy`: of a long one some is
 * missing, and something that is no frame comes at the end. */
static inline void socket_story(struct scene *s, size_t cut, bool lossy)
{
    static char page[301];
    struct socket_story t = {.scene = s, .next = {1000, 5000}};
    for (int i = 0; i < 300; i++)
        page[i] = (char)("a page of words\n"[i % 16]);
    socket_upgrade(&t, 100);
    socket_frame(&t, 'C', 0x81, "Check li 123", cut, 0);
    socket_frame(&t, 'S', 0x81, "OK li 0", 2000, 0);
    socket_frame(&t, 'C', 0x01, "Chat 1 * \xe4\xbd", 2000, 0);
    socket_frame(&t, 'C', 0x89, "there?", 2000, 0);
    socket_frame(&t, 'C', 0x80, "\xa0\xe5\xa5\xbd\x1b[2J\n", 2000, 0);
    socket_frame(&t, 'S', 0x8a, "there?", 2000, 0);
    socket_frame(&t, 'S', 0x81, page, 7 * cut + 70, lossy ? 2 : 0);
    socket_frame(&t, 'C', 0x82, "\x01\xff\x80 raw", cut, 0);
    if (lossy)
        socket_frame(&t, 'S', 0xb3, "odd", 2000, 0);
    socket_frame(&t, 'S', 0x81, "Bye", 2000, 0);
    socket_frame(&t, 'C', 0x88, "\x03\xe8so long", 2000, 0);
    socket_frame(&t, 'S', 0x88, "\x03\xe9", 2000, 0);
    socket_segment(&t, 'S', TCP_FIN | TCP_ACK, NULL, 0);
    socket_segment(&t, 'C', TCP_FIN | TCP_ACK, NULL, 0);
}

#endif
