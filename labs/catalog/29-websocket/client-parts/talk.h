/* A WebSocket as a client has it: the upgrade, then messages. wslay makes and reads the frames; it
 * masks what we send, and answers pings and closes. */
#ifndef WEBSOCKET_TALK_H
#define WEBSOCKET_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

enum { TALK_MESSAGE_MOST = 8192 };

struct talk {
    int fd;
    wslay_event_context_ptr frames;
    char head[2048]; /* the answer to the upgrade, and what came behind it */
    size_t head_bytes, head_taken;
    struct pieces *pieces; /* of messages on their way, the oldest first */
    uint16_t close_code;   /* of the other side's close; 0: none has come */
    void (*hear)(struct talk *t, const char *text); /* a text message has come, ... */
    void (*pong)(struct talk *t);                   /* ... or the answer to a ping */
};

/* Ask for /chat over a connected socket that does not block, and wait for the answer. False: the
 * sentence is on standard error. The socket stays the caller's. */
bool talk_begin(struct talk *t, int fd, const char *host, int wait_ms);
void talk_end(struct talk *t);

/* Queue a text message: in one frame, or in frames of `piece` bytes, behind the first of which a
 * ping goes out. */
void talk_say(struct talk *t, const char *text);
void talk_say_in_pieces(struct talk *t, const char *text, size_t piece);
void talk_ping(struct talk *t);
void talk_close(struct talk *t, uint16_t code, const char *why);

/* Take what has come; send what can be sent. False: the connection is lost or over. */
bool talk_receive(struct talk *t);
bool talk_send(struct talk *t);
bool talk_wants_to_send(const struct talk *t);

#endif
