/* What outlives the server: who there is, and every message until it is confirmed. What is changed
 * counts from store_commit() on; before that nobody may be told of it. Where the disk fails the
 * server ends with a sentence: nothing that was acknowledged is lost by that, and clients come
 * back. */
#ifndef CHAT_STORE_H
#define CHAT_STORE_H

#include <stdbool.h>
#include <stdint.h>

enum { NAME_MOST = 32, PASSWORD_MOST = 128, TEXT_MOST = 3072 }; /* bytes of UTF-8 */

struct message {
    int64_t id; /* never used twice, and larger than those before */
    char from[NAME_MOST + 1];
    char text[TEXT_MOST + 1];
};

void store_open(const char *path); /* ":memory:" keeps nothing */
void store_close(void);
void store_commit(void);

/* Is this the password of `name`? Who was never seen before gets the one that is given. On true
 * *last is the number of the last Chat that came from there, 0 for none. */
bool store_check(const char *name, const char *password, int64_t *last);

/* Keep a message, and with it, in the same transaction, the number of its Chat. */
void store_add(const char *from, int64_t number, const char *to, const char *text);

/* The same for each who was ever seen, the sender too: so all have it in the same order. */
void store_add_for_all(const char *from, int64_t number, const char *text);

/* The first message for `name` behind the one with the id `after`. False: there is none. */
bool store_next(const char *name, int64_t after, struct message *m);

/* It has been read. False: it was confirmed before, or was never for `name`. */
bool store_confirm(const char *name, int64_t id);

#endif
