/* A browser speaks HTTP first: it asks for the page, and then for a WebSocket. */
#ifndef WEBSOCKET_HTTP_H
#define WEBSOCKET_HTTP_H

#include "accept.h"

#include <stdbool.h>
#include <stddef.h>

enum { HEAD_MOST = 8192 };

/* What is asked for: a line such as "GET /chat HTTP/1.1", and the headers that count here. */
struct request {
    char method[16], path[64];
    bool upgrade;            /* Upgrade: websocket */
    bool connection_upgrade; /* Connection: Upgrade, perhaps among others */
    bool version_13;         /* Sec-WebSocket-Version: 13 */
    char key[KEY_BYTES + 1]; /* Sec-WebSocket-Key; "" where it is none */
};

/* Read a head, a string that ends with its empty line. False: this is no HTTP. */
bool http_read(char *head, struct request *r);

/* The answer to a request, to be freed; NULL: no memory. *bytes is its length. Where *talk is true
 * it is the 101, and behind it both sides speak in frames. The page's files are in `folder`. */
char *http_answer(const struct request *r, const char *folder, size_t *bytes, bool *talk);

/* An answer that says no: "503 Service Unavailable", and why. */
char *http_refusal(const char *status, const char *why, size_t *bytes);

#endif
