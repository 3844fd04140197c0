/* The program that a host of `tcplab play` runs: it makes the socket calls that it is told on its
 * standard input, a line each, as any program would make them, and answers on its standard output
 * (reply.h). A call that waits keeps nobody else waiting: it has a thread of its own. */
#ifndef LABS_PUPPET_PUPPET_H
#define LABS_PUPPET_PUPPET_H

#include "labs/puppet/call.h"
#include "labs/puppet/sockets.h"

#include <pthread.h>
#include <sys/socket.h>

struct puppet {
    const char *addresses[2][2]; /* of host C and host S, by IPv4 and by IPv6; NULL for none */
    pthread_mutex_t lock;        /* of all that follows, and of standard output */
    pthread_cond_t changed;
    struct sockets sockets;
};

/* Make one call, which may wait; append what came of it. -1 with the sentence where no call could
 * be made. */
int perform(struct puppet *p, const struct puppet_call *c, struct text *out, struct error *e);

/* Whether the call may wait at all. */
bool perform_may_wait(const struct puppet_call *c);

/* Write an answer, whole. */
void puppet_say(struct puppet *p, char mark, const struct text *words);

/* Undo what would stay when the program ends: the files of unix sockets. */
void perform_tidy(struct puppet *p);

/* An address for the kernel, from a call's words, for a socket of that type; -1 with the sentence.
 */
struct address_for {
    struct sockaddr_storage a;
    socklen_t bytes;
};
int address_read(const struct puppet *p, const struct puppet_call *c, enum puppet_type type,
                 struct address_for *to, struct error *e);

/* The type that a call's words ask for, where it does not say: by its address. */
enum puppet_type address_type(const struct puppet_call *c, enum puppet_type usual);
int address_family(enum puppet_type t);
int address_style(enum puppet_type t);

/* Append one as the kernel gave it: "10.0.0.2:9502". */
void address_write(const struct sockaddr_storage *a, socklen_t bytes, struct text *out);

#endif
