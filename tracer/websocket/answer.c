/* The answer to a WebSocket's key. */
#include "tracer/websocket/websocket.h"

#include "tracer/base/digest.h"

#include <assert.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_CHARACTERS = 28 };
static_assert(BASE64_ENCODE_RAW_LENGTH(SHA1_BYTES) == ANSWER_CHARACTERS, "what a digest takes");

void websocket_answer(const char *key, char answer[ANSWER_CHARACTERS + 1])
{
    char text[80];
    uint8_t hash[SHA1_BYTES];
    snprintf(text, sizeof text, "%.31s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    digest_sha1(text, strlen(text), hash);
    base64_encode_raw(answer, sizeof hash, hash);
    answer[ANSWER_CHARACTERS] = '\0';
}
