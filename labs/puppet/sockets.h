/* The sockets of one host, by name and by number, and which of them is meant where none is said. */
#ifndef LABS_PUPPET_SOCKETS_H
#define LABS_PUPPET_SOCKETS_H

#include "labs/puppet/call.h"

enum { SOCKETS_MOST = 256 };

enum socket_stage { STAGE_NEW, STAGE_LISTENS, STAGE_CONNECTED };

struct puppet_socket {
    int fd;
    char name[PUPPET_NAME_BYTES];
    enum puppet_type type;
    enum socket_stage stage;
    int waiting;                     /* calls on it that have not returned */
    bool leaving;                    /* it is to be closed: `receive` is to let it go */
    int wake;                        /* `receive` waits here too; -1 where none runs */
    char path[PUPPET_ADDRESS_BYTES]; /* the file that bind() made for it; "" for none */
    uint64_t number;                 /* in the order in which they were made */
};

/* All zero is none. Not locked: its user does that. */
struct sockets {
    struct puppet_socket at[SOCKETS_MOST];
    size_t count;
    uint64_t made;
};

/* The socket that a call means; NULL with the sentence where there is none. */
struct puppet_socket *sockets_find(struct sockets *s, const struct puppet_call *c, struct error *e);

/* The same of the sockets that are still to be named or connected: NULL where the call makes one.
 */
struct puppet_socket *sockets_fresh(struct sockets *s, const struct puppet_call *c);

struct puppet_socket *sockets_of(struct sockets *s, int fd);

/* Take one in, or -1 with the sentence where there are too many, or one has that name. */
int sockets_check(struct sockets *s, const char *name, struct error *e);
struct puppet_socket *sockets_add(struct sockets *s, int fd, enum puppet_type type,
                                  const char *name);
void sockets_remove(struct sockets *s, int fd);

#endif
