/* The answer to a WebSocket key (RFC 6455, 4.2.2): base64(SHA-1(key + a constant)). It keeps
 * nothing secret. It shows that whoever answers knows what a WebSocket is: a cache, or a server of
 * something else, would send back what it was sent, or nothing. */
#ifndef WEBSOCKET_ACCEPT_H
#define WEBSOCKET_ACCEPT_H

#include <stddef.h>
#include <stdint.h>

enum { KEY_BYTES = 24, ACCEPT_BYTES = 28 }; /* 16 and 20 bytes, in base64 */

/* The answer to `key`, a string. */
void accept_answer(const char *key, char answer[ACCEPT_BYTES + 1]);

/* n bytes in base64, as a string; out has room for (n + 2) / 3 * 4 + 1. */
void base64(const uint8_t *bytes, size_t n, char *out);

#endif
