/* One connection: HTTP first, then messages in and messages out, neither of which ever waits. wslay
 * makes and reads the frames: it joins fragments, unmasks, holds text to be UTF-8, answers pings
 * and closes, and ends with a code what breaks the rules. */
#ifndef WEBSOCKET_SESSION_H
#define WEBSOCKET_SESSION_H

#include "../../28-chat/server-parts/store.h"
#include "http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

enum {
    MESSAGE_MOST = 4096,    /* bytes of a message, in whatever fragments it comes */
    READ_MOST = 16 * 1024,  /* what is taken of one session before the others have their turn */
    QUEUE_MOST = 32 * 1024, /* bytes that wait to be sent, ... */
    MESSAGES_MOST = 512,    /* ... or messages: with so many nothing more is asked of a session */
    WINDOW = 32,            /* messages sent to a client that it has not confirmed yet */
    LINGER_MS = 5000,       /* how long a client that was told to go may take to read why */
};

enum stage {
    STAGE_HTTP,    /* the head of a request is coming */
    STAGE_TALK,    /* frames */
    STAGE_LEAVING, /* what is ours has been sent; what is theirs is thrown away */
};

struct server;

struct session {
    struct server *server;
    int fd;
    enum stage stage;
    wslay_event_context_ptr frames; /* in STAGE_TALK */
    int64_t heard_ms;               /* when anything came last */
    int64_t leaving_ms;             /* when it was told to go; 0: it was not */
    uint32_t watched;               /* what epoll looks out for */
    bool pinged;                    /* since it was heard last */
    bool ended, shut;               /* the client's direction; ours */

    char head[HEAD_MOST]; /* of a request, and what came behind it */
    size_t head_bytes, head_taken;
    char *answer; /* in HTTP */
    size_t answer_bytes, answer_sent;
    size_t read_bytes; /* in this turn */
    size_t queued;     /* bytes of messages given to wslay and not to the kernel */

    char name[NAME_MOST + 1]; /* empty: nobody has logged in */
    int64_t last_number;      /* of its Chats */
    bool awaits;              /* the store may hold messages for it behind... */
    int64_t sent_id;          /* ... the last one that was sent */
    int in_flight;            /* sent and not confirmed */
};

/* NULL: no memory. It owns fd, which must not block. */
struct session *session_new(struct server *server, int fd);
void session_free(struct session *s);

/* Queue a text message. */
void session_say(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say goodbye: a close frame with a code and a reason; to one that still speaks HTTP, a 503. */
void session_dismiss(struct session *s, uint16_t code, const char *why);

/* Ask whether anyone is there. */
void session_ping(struct session *s);

/* Take what has come, and do what it asks for. */
void session_receive(struct session *s);

/* Send what can be sent. False: it is over, and to be freed. */
bool session_send(struct session *s);

/* Does anything wait to be sent? So much, that nothing more is asked of the session? */
bool session_has_output(const struct session *s);
bool session_is_crowded(const struct session *s);

#endif
