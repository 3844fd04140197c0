/* One connection of the server, and all of them in a table.
 *
 * An idle one costs this struct and nothing more: the line that has begun to come fits into it, a
 * buffer for what cannot be sent at once is there only while it is needed, and what is read goes
 * into one buffer that all share. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LINE_MOST = 80, SHARED_BYTES = 65536 };

enum doing {
    TALKS,  /* lines come, and are answered */
    ECHOES, /* whatever comes goes back */
    TAKES,  /* so many bytes come: into a file, or nowhere */
    GIVES,  /* so many bytes go: of a file, or any */
    LISTS,  /* lines of the table go */
    LEAVES, /* the last word goes, then our FIN; what comes is thrown away */
    DOING_COUNT
};

struct connection {
    int fd;
    uint16_t port; /* the client's, as its address below, in network byte order */
    uint32_t address;
    uint32_t place;       /* in the table */
    uint8_t doing;        /* enum doing */
    uint8_t line_bytes;   /* of a line that has begun */
    bool watched_to_send; /* what epoll tells us of: room to send, or bytes to read */
    bool ended;           /* our FIN has gone */
    int file;             /* a descriptor of the store's; -1 for none */
    char *name;           /* (owned) what the file will be called when it is whole, or NULL */
    off_t offset;         /* in the file */
    uint64_t left;        /* bytes to take or to give, or the place from which the list goes on */
    uint64_t in, out;     /* bytes, since the beginning */
    int64_t since_ms, began_ms; /* the connection; what it is doing now */
    char *waiting;              /* (owned) bytes that the kernel had no room for, or NULL */
    uint32_t waiting_bytes, waiting_sent;
    char line[LINE_MOST];
};

struct table {
    struct connection **places; /* (owned) `most` of them; NULL is free */
    uint32_t most, count;
    uint32_t free_from; /* no place before it is free */
    int64_t now_ms;
};

/* Room for so many. False: there is no memory. */
bool table_open(struct table *t, uint32_t most);
void table_close(struct table *t);

/* A new connection, from a client's address, in a free place; NULL: none is free, or there is no
 * memory. */
struct connection *connection_new(struct table *t, int fd, const struct sockaddr_in *peer);
void connection_free(struct table *t, struct connection *c);

/* There is something to read, or room to send. False: the connection is over. */
bool connection_read(struct table *t, struct connection *c);
bool connection_write(struct table *t, struct connection *c);

/* It waits for room to send, and does not read meanwhile. */
bool connection_wants_to_send(const struct connection *c);

/* Gives bytes to the kernel; what it has no room for is kept, and goes first when it has. False:
 * the connection is gone. */
bool connection_say(struct connection *c, const char *bytes, size_t n);

#endif
