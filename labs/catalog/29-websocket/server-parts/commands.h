/* What a client may say, and what is answered. */
#ifndef WEBSOCKET_COMMANDS_H
#define WEBSOCKET_COMMANDS_H

#include "session.h"

enum { SESSIONS_MOST = 100, PLACES = 160 }; /* the rest is for those who are leaving */

struct server {
    int epoll_fd, listening;
    struct session *sessions[PLACES]; /* NULL: the place is free */
    const char *folder;               /* of the page's files */
    int64_t now_ms;
    int64_t silence_ms; /* who says nothing for so long is taken for dead */
};

enum { CODE_ELSEWHERE = 4000 }; /* of a close: codes from 4000 on are an application's own */

/* Do what a message asks for: `text` is a string of UTF-8. */
void commands_run(struct session *s, char *text);

/* Send a session its messages, as far as its window and its room allow. */
void commands_deliver(struct session *s);

/* Tell the others that it has gone, if it was logged in. */
void commands_left(struct session *s);

#endif
