/* What a client may say, and what is answered. */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include "session.h"

enum { SESSIONS_MOST = 100, PLACES = 160 }; /* the rest is for those who are leaving */

struct server {
    int epoll_fd, listening;
    struct session *sessions[PLACES]; /* NULL: the place is free */
    int64_t now_ms;
    int64_t silence_ms; /* who says nothing for so long is taken for dead */
};

/* Do what a line asks for. */
void commands_run(struct server *server, struct session *s, char *line);

/* Send a session its messages, as far as its window and its room allow. */
void commands_deliver(struct session *s);

#endif
