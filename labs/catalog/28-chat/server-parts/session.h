/* One connection: lines in, lines out, neither of which ever waits. */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "charset.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINE_MOST = 1024,      /* bytes of a line of the client's, with its end */
    OUT_MOST = 64 * 1024,  /* what waits to be sent; a session with half of it is not listened to */
    REPLY_MOST = 4 * 1024, /* one line of ours */
    WINDOW = 32,           /* messages sent to a client that it has not confirmed yet */
    LINGER_MS = 5000,      /* how long a client that was told to go may take to read why */
};

struct session {
    int fd;
    char name[NAME_MOST + 1]; /* empty: nobody has logged in */
    int64_t last_number;      /* of its Chats */
    struct charset charset;
    int64_t heard_ms; /* when anything came last */
    uint32_t watched; /* what epoll looks out for */

    char in[LINE_MOST];
    size_t in_bytes;
    bool overlong; /* the line that is coming is thrown away */
    bool ended;    /* the client has closed its direction */

    char out[OUT_MOST];
    size_t out_bytes;
    bool leaving; /* it was told to go: ... */
    bool shut;    /* ... everything is sent, and our direction closed */
    int64_t leaving_ms;

    bool awaits;     /* the store may hold messages for it behind... */
    int64_t sent_id; /* ... the last one that was sent */
    int in_flight;   /* sent and not confirmed */
};

/* NULL: no memory. It owns fd, which must not block. */
struct session *session_new(int fd, int64_t now_ms);
void session_free(struct session *s);

/* Queue a line, in the client's character set. */
void session_say(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say goodbye and why, and listen no more. */
void session_dismiss(struct session *s, int64_t now_ms, const char *why);

/* Take what has come. */
void session_receive(struct session *s, int64_t now_ms);

/* The next whole line as UTF-8, without its end: true where there is one, and room for its answer.
 * What is no line is answered here. */
bool session_line(struct session *s, char *line, size_t room);

/* Send what can be sent. False: it is over, and to be freed. */
bool session_send(struct session *s, int64_t now_ms);

/* Does so much wait to be sent that nothing more is asked of the session? */
bool session_is_crowded(const struct session *s);

#endif
