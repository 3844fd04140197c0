/* What can be typed to a host: one socket call a line, "C a: connect S 9502" or
 * "send \"hello\\r\\n\"". One table (table.c) says which calls there are and what each takes; the
 * parser, the help, the completion and the manual page come from it. Pure: nothing is called here,
 * that is perform.c. */
#ifndef LABS_PUPPET_CALL_H
#define LABS_PUPPET_CALL_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PUPPET_NAME_BYTES = 16,
    PUPPET_ADDRESS_BYTES = 108, /* as sun_path */
    PUPPET_VALUE_BYTES = 32,
    PUPPET_LINE_MOST = 3000, /* a terminal's line is 4095 */
    PUPPET_DATA_MOST = 10000000,
    PUPPET_ARGUMENTS = 5,
};

enum puppet_word {
    PUPPET_SOCKET,
    PUPPET_BIND,
    PUPPET_LISTEN,
    PUPPET_ACCEPT,
    PUPPET_CONNECT,
    PUPPET_SEND,
    PUPPET_SENDTO,
    PUPPET_RECV,
    PUPPET_RECVFROM,
    PUPPET_RECEIVE,
    PUPPET_SHUTDOWN,
    PUPPET_CLOSE,
    PUPPET_SETSOCKOPT,
    PUPPET_GETSOCKOPT,
    PUPPET_GETSOCKNAME,
    PUPPET_GETPEERNAME,
    PUPPET_NONBLOCKING,
    PUPPET_POLL,
    PUPPET_SOCKETS,
    PUPPET_EXIT,
    PUPPET_WORD_COUNT,
};

/* What a call can take. Each stands once in a call at the most. */
enum puppet_kind {
    TAKES_NOTHING,
    TAKES_TYPE,    /* tcp, udp, tcp6, udp6, unix, unixgram */
    TAKES_ADDRESS, /* S 9502, 10.0.0.2:9502, [fd00::2]:80; a path, where the type is unix */
    TAKES_LOCAL,   /* the same, or a port alone */
    TAKES_DATA,    /* "text\r\n", hex 68 65, 5000 bytes, word */
    TAKES_COUNT,   /* a number of bytes */
    TAKES_BACKLOG, /* backlog N */
    TAKES_HOW,     /* rd, wr, both */
    TAKES_OPTION,  /* nodelay */
    TAKES_VALUE,   /* on, off, a number, a word */
    TAKES_FLAGS,   /* peek, waitall, dontwait, oob, more */
    TAKES_HEX,     /* hex: what comes is shown so */
    TAKES_NAME,    /* as NAME */
    TAKES_SWITCH,  /* on, off */
    TAKES_EVENTS,  /* in, out */
    TAKES_WAIT,    /* 500ms, 2s */
    PUPPET_KIND_COUNT,
};

struct puppet_row {
    enum puppet_word call;
    const char *word;
    struct {
        enum puppet_kind kind;
        bool needed;
    } takes[PUPPET_ARGUMENTS];
    const char *help; /* a sentence */
};
extern const struct puppet_row puppet_rows[PUPPET_WORD_COUNT];

enum puppet_type {
    TYPE_NONE,
    TYPE_TCP,
    TYPE_UDP,
    TYPE_TCP6,
    TYPE_UDP6,
    TYPE_UNIX,
    TYPE_UNIXGRAM,
};

/* How an option's value is handed over. */
enum puppet_value { VALUE_INT, VALUE_LINGER, VALUE_TIME, VALUE_WORD };

struct puppet_option {
    const char *word;
    int level, name;
    enum puppet_value value;
    const char *help;
};
extern const struct puppet_option puppet_options[];
extern const size_t puppet_option_count;

/* A word that stands for a number: a type, a flag, a direction. */
struct puppet_term {
    const char *word;
    int number;
    const char *help;
};

/* The words of a kind, ended by one without a word; NULL where it has none of its own. */
const struct puppet_term *puppet_terms(enum puppet_kind kind);

/* How a kind of argument is written in a usage line: "HOST PORT". */
const char *puppet_kind_name(enum puppet_kind kind);

/* One line, read. What was not said is 0 or empty, numbers -1. */
struct puppet_call {
    char host;                      /* 'C' or 'S' */
    char socket[PUPPET_NAME_BYTES]; /* its name or number */
    const struct puppet_row *row;   /* NULL: the line names a host, a socket, or nothing */
    enum puppet_type type;
    bool has_address;
    char address[PUPPET_ADDRESS_BYTES]; /* a host's letter, an address, a path; "" for any */
    int port;
    bool has_data;
    struct text data; /* (owned) */
    long count;
    long backlog;
    int how;
    const struct puppet_option *option;
    char value[PUPPET_VALUE_BYTES];
    int flags;
    bool hex;
    char as[PUPPET_NAME_BYTES];
    int on; /* -1 where not said */
    int events;
    long wait_ms;
};

/* Read a line. 0, or -1 with a sentence that says what is wrong with it and how it is written.
 * Free with puppet_call_free() after either. */
int puppet_parse(const char *line, struct puppet_call *c, struct error *e);
void puppet_call_free(struct puppet_call *c);

/* Read no more than the host and the socket in front of a line: the rest of it (borrowed). 0 in
 * *host and an empty `socket` where they are not said. */
const char *puppet_prefix(const char *line, char *host, char socket[PUPPET_NAME_BYTES]);

/* Whether a call's address is a name that has to be looked up: example.org, and not C, S, C6, S6 or
 * localhost, which the host's program knows. */
bool puppet_is_name(const char *address);

/* The row of a word of `n` bytes, or NULL. */
const struct puppet_row *puppet_row_find(const char *word, size_t n);

/* A value as an option takes it: on and off are 1 and 0. False where it is no number. */
bool puppet_number(const char *value, long *number);

/* Append "connect [TYPE] HOST PORT". */
void puppet_usage(const struct puppet_row *row, struct text *out);

/* Append the line again, so that it reads as the same. */
void puppet_write(const struct puppet_call *c, struct text *out);

/* Offer each word that may stand at the end of `line`, which is typed so far, with what it means;
 * `from` is where the word begins that is being typed. */
typedef void puppet_offer(void *to, const char *word, const char *help);
size_t puppet_complete(const char *line, puppet_offer *offer, void *to);

#endif
