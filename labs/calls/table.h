/* The one table of the calls that are traced: what stops the program, what is shown of it, and what
 * it tells of a socket. The seccomp filter, the decoder and the documentation all read it. */
#ifndef LABS_CALLS_TABLE_H
#define LABS_CALLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALL_ARGUMENTS = 6 };

/* How one argument is shown. IN is read at entry and at exit, OUT is filled by the kernel and shown
 * at exit. A kind that needs a length or a level finds it in the argument beside it. */
enum argument_kind {
    ARG_NONE, /* not shown */
    ARG_FD,   /* a descriptor; as the first argument, the call's socket */
    ARG_INT,
    ARG_SIZE,
    ARG_OFFSET,      /* a pointer to a file offset */
    ARG_FAMILY,      /* AF_INET */
    ARG_TYPE,        /* SOCK_STREAM|SOCK_NONBLOCK */
    ARG_TYPE_FLAGS,  /* accept4()'s SOCK_NONBLOCK; nothing where 0 */
    ARG_PROTOCOL,    /* 0, IPPROTO_TCP */
    ARG_ADDRESS_IN,  /* length in the next argument */
    ARG_ADDRESS_OUT, /* pointer to the length in the next argument */
    ARG_DATA_IN,     /* length in the next argument */
    ARG_DATA_OUT,    /* length is what the call returned */
    ARG_IOV_IN,      /* count in the next argument */
    ARG_IOV_OUT,
    ARG_MESSAGE_IN, /* struct msghdr */
    ARG_MESSAGE_OUT,
    ARG_MESSAGES,      /* a count of struct mmsghdr */
    ARG_MESSAGE_FLAGS, /* MSG_PEEK; nothing where 0 */
    ARG_HOW,           /* SHUT_WR */
    ARG_LEVEL,         /* SOL_SOCKET */
    ARG_OPTION,        /* level in the argument before */
    ARG_VALUE_IN,      /* option and level before, length in the next argument */
    ARG_VALUE_OUT,     /* option and level before, pointer to the length in the next argument */
    ARG_PAIR,          /* the two descriptors of socketpair() */
    ARG_KIND_COUNT,
};

/* What a call that succeeds tells of its socket's two ends. */
enum call_effect {
    EFFECT_NONE,
    EFFECT_SOCKET,  /* returned a new socket that has no ends yet */
    EFFECT_NAMED,   /* bind, listen: the local end stands */
    EFFECT_CONNECT, /* both ends stand, or will */
    EFFECT_ACCEPT,  /* returned a connected socket */
    EFFECT_CLOSE,   /* closed its descriptor */
    EFFECT_REPLACE, /* put another file behind the descriptor of its second argument */
    EFFECT_RANGE,   /* closed those from its first argument to its second */
    EFFECT_HIDDEN,  /* let descriptors change unseen from now on */
    EFFECT_COUNT,
};

struct call_row {
    const char *name;
    uint64_t number;   /* of the system call, on the machine this was built for */
    bool sockets_only; /* a call of files too: reported where its descriptor is a socket */
    bool untold;       /* not reported: it stops for what it does to descriptors alone */
    enum call_effect effect;
    enum argument_kind kinds[CALL_ARGUMENTS];
    const char *plain_name; /* what the program called where argument 4, an address, is NULL:
                               send() reaches the kernel as sendto(). NULL where there is none */
};

/* The rows, and how many. */
extern const struct call_row call_rows[];
extern const size_t call_row_count;

/* The row of a system call's number; NULL where it is not traced. */
const struct call_row *call_row_find(uint64_t number);

/* True where the first argument is the call's descriptor. */
bool call_row_has_fd(const struct call_row *row);

/* The name to show, given the arguments. */
const char *call_row_name(const struct call_row *row, const uint64_t args[CALL_ARGUMENTS]);

#endif
