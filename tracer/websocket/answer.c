/* The answer to a WebSocket's key. */
#include "tracer/websocket/websocket.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, HASH = 20 };

static uint32_t rotated(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

/* One block of SHA-1 (RFC 3174 section 6.1). */
static void take_block(uint32_t h[5], const uint8_t block[BLOCK])
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++)
        w[i] = i >= 16 ? rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1)
                       : (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                             (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 0; i < 80; i++) {
        uint32_t f = b ^ c ^ d;
        if (i < 20)
            f = (b & c) | (~b & d);
        else if (i >= 40 && i < 60)
            f = (b & c) | (b & d) | (c & d);
        uint32_t next = rotated(a, 5) + f + e + k[i / 20] + w[i];
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

static void sha1(const char *text, uint8_t hash[HASH + 1])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t blocks[2 * BLOCK] = {0};
    size_t n = strlen(text), all = n + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    memcpy(blocks, text, n);
    blocks[n] = 0x80;
    blocks[all - 2] = (uint8_t)(n * 8 >> 8);
    blocks[all - 1] = (uint8_t)(n * 8);
    for (size_t at = 0; at < all; at += BLOCK)
        take_block(h, blocks + at);
    for (size_t i = 0; i < HASH; i++)
        hash[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    hash[HASH] = 0; /* base64 takes three bytes at a time */
}

void websocket_answer(const char *key, char answer[29])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[80];
    uint8_t hash[HASH + 1];
    snprintf(text, sizeof text, "%.31s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1(text, hash);
    for (int i = 0; i < 28; i++) {
        uint32_t three = (uint32_t)hash[i / 4 * 3] << 16 | (uint32_t)hash[i / 4 * 3 + 1] << 8 |
                         hash[i / 4 * 3 + 2];
        answer[i] = letters[three >> (18 - i % 4 * 6) & 63];
    }
    answer[27] = '=';
    answer[28] = '\0';
}
