/* Which descriptor is which socket, and the connection behind it.
 *
 * A socket is known by its inode, which stays the same through dup(), fork() and passing it on, so
 * nothing of those has to be traced. Its ends are learnt once, from a copy of the descriptor that
 * is closed before the program goes on: a copy kept open would withhold the FIN of its close(). */
#ifndef LABS_CALLS_SOCKETS_H
#define LABS_CALLS_SOCKETS_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ENDPOINT_CHARS = 64 };

/* Both ends of a socket; "" where an end is not known or is no internet address. */
struct socket_ends {
    uint64_t inode;
    char local[ENDPOINT_CHARS];
    char remote[ENDPOINT_CHARS];
};

struct sockets;
struct sockets *sockets_new(void);
void sockets_free(struct sockets *s);

/* The inode of the socket at descriptor `fd` of thread `tid` (of process `pid`), which is stopped;
 * 0 where the descriptor is none, or no socket. */
uint64_t sockets_inode(const struct sockets *s, pid_t pid, pid_t tid, int fd);

/* What is known of a socket (borrowed until the next call); NULL where it was never looked at. */
const struct socket_ends *sockets_known(const struct sockets *s, uint64_t inode);

/* Remember a socket that has no ends yet. */
void sockets_fresh(struct sockets *s, uint64_t inode);

/* Ask the kernel for the ends, and remember them. `peer` stands in for a remote end that the kernel
 * does not tell (a connection in progress, or a copy refused); NULL for none. */
const struct socket_ends *sockets_learn(struct sockets *s, pid_t pid, pid_t tid, int fd,
                                        uint64_t inode, const char *peer);

#endif
