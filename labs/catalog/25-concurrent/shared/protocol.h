/* What all the servers of this lab say, however many clients they serve at a time. A line is
 * answered with a line:
 *
 *   client says    server answers
 *   TEXT           Hello, client N, you said: TEXT
 *   bye            Bye, client N                        and closes
 *
 * N counts the clients from 1. A line has LINE_MOST bytes at most, its end included; to a longer
 * one the server says what is wrong, and closes. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MOST = 512, ANSWER_MOST = LINE_MOST + 64 };

/* One client: what has come of it and is not answered yet, and the answer that is on its way. It
 * knows no socket, so a server that waits in recv() and one that never waits can both use it. */
struct conversation {
    unsigned number; /* N */
    bool over;       /* when the answer has gone, the server closes */
    size_t in_bytes, out_bytes;
    char in[LINE_MOST], out[ANSWER_MOST];
};

/* The answer to the next whole line goes to `out`; the caller has sent the one before. False where
 * no line is whole: more has to come. */
bool conversation_answer(struct conversation *c);

/* All of it with one client, on a socket on which calls wait, for a process or thread that has
 * nothing else to do. Closes the socket. */
void converse(int fd, unsigned number);

#endif
