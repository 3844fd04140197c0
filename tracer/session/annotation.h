/* Annotation frames: everything in a session that is not a packet (docs/session-format.md).
 * An annotation is one JSON object in an Ethernet frame of EtherType 0x88B5, stamped by the clock
 * that stamps the packets. This module writes and reads them; it moves no bytes itself. */
#ifndef TRACER_SESSION_ANNOTATION_H
#define TRACER_SESSION_ANNOTATION_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { SESSION_VERSION = 1, ANNOTATION_HEADER_BYTES = 14, ANNOTATION_MAX_BYTES = 65536 };

enum annotation_type {
    ANNOTATION_SESSION, /* the first frame: version, hosts, lab, profile */
    ANNOTATION_CALL,    /* a socket call's entry or exit */
    ANNOTATION_FATE,    /* what became of a packet */
    ANNOTATION_CONSOLE, /* text a program printed or was given */
    ANNOTATION_PROMPT,  /* the same of a program that makes the calls typed at a prompt */
    ANNOTATION_PROCESS, /* a program started, exited or was killed */
    ANNOTATION_KERNEL,  /* a host's kernel's own word on a connection */
    ANNOTATION_HELD,    /* a packet is held on the wire by hand, or is no longer */
    ANNOTATION_WAITS,   /* a program is held at a socket call, or is no longer */
    ANNOTATION_COMMAND, /* what the run's user asked of it, and what came of that */
    ANNOTATION_NOTE,    /* a sentence from the runner to the reader: a fall-back, a fault */
    ANNOTATION_MARK,    /* between processes only: this source has said all up to its stamp */
    ANNOTATION_END,     /* the last frame: how the run ended */
    ANNOTATION_UNKNOWN, /* a type of a later version: skipped by readers */
    ANNOTATION_TYPE_COUNT,
};

enum call_phase { CALL_ENTER, CALL_EXIT, CALL_PHASE_COUNT };
enum fate { FATE_NONE, FATE_DELIVERED, FATE_DROPPED, FATE_COUNT };
enum waits_at { WAITS_ENTRY, WAITS_RETURN, WAITS_AT_COUNT };
enum process_event { PROCESS_STARTED, PROCESS_EXITED, PROCESS_KILLED, PROCESS_EVENT_COUNT };

/* One annotation as plain data. Strings are owned by the annotation; NULL where absent. Only the
 * members of its own type mean anything. */
struct annotation {
    enum annotation_type type;
    char host; /* 'C' or 'S'; 0 where it concerns neither */
    union {
        struct {
            int version;
            char *writer;        /* program and version */
            char *lab;           /* the lab's name, or NULL */
            char *profile;       /* the network profile's name */
            char *settings;      /* what of it was set otherwise: "delay=50ms"; or NULL */
            char *wire;          /* the wire's rules, one a line; or NULL */
            char *kernel;        /* release of the kernel that ran it */
            char *tier;          /* "hosts", "root-hosts", "loopback", "calls" */
            char *addresses[2];  /* of host C and of host S, numeric */
            char *addresses6[2]; /* their IPv6 addresses beside those, or NULL */
            char *congestion;    /* the hosts' congestion control, as the kernel gave it; or NULL */
            uint16_t server_port; /* tells C from S where both have one address; else 0 */
        } session;
        struct {
            enum call_phase phase;
            int pid, tid;
            uint64_t id; /* the same at entry and exit */
            char *name;  /* "connect" */
            char *args;  /* "3, 10.0.0.2:9502" */
            int fd;      /* the socket, or -1 */
            int64_t ret; /* at exit */
            char *error; /* errno's name at exit ("ECONNREFUSED"), or NULL */
            char *local; /* "10.0.0.1:34567" where the connection is known, else NULL */
            char *remote;
            char *file;     /* at entry: the source that made the call, or NULL ... */
            int line;       /* ... its line there, from 1 ... */
            char *function; /* ... and the function's name, or NULL */
        } call;
        struct {
            int64_t sent_ns; /* the stamp of the packet it names ... */
            char from;       /* ... and the host that sent it, 'C' or 'S' */
            enum fate fate;  /* the annotation's own stamp says when */
            char *reason;    /* why it was dropped, or what rule of the wire it met; or NULL */
            int copy;        /* delivered: 0 is the packet itself, 1 the first copy of it */
            bool corrupted;  /* dropped: by the receiving host, for its bytes were turned */
        } fate;
        struct {
            int64_t sent_ns; /* names the packet, as in `fate` */
            char from;
            uint64_t number; /* by which commands name it */
            int repeats;     /* later ones that were the same, and were dropped for it */
            bool over;       /* it goes on: its fate follows */
        } held;
        struct {
            enum waits_at at; /* the call's entry, not made yet, or its return */
            int pid, tid;
            uint64_t id; /* the call's */
            char *name;  /* "connect" */
            char *args;  /* "3, 10.0.0.2:9502" */
            bool over;   /* it goes on */
        } waits;
        struct {
            char *text;   /* as it was given */
            char *answer; /* sentences or lines, or NULL */
            bool failed;  /* it could not be done, and the answer says why */
        } command;
        struct {
            char *local, *remote;   /* "10.0.0.1:34567"; the connection as the host has it */
            char *state;            /* RFC 9293's name of it; CLOSED where there is no socket */
            int64_t cwnd, ssthresh; /* segments */
            int64_t rtt_us, rto_us; /* the smoothed round-trip time; the timeout now */
            int64_t unacked;        /* segments in flight */
            int64_t backoff;        /* timeouts of the segment in flight so far */
            int64_t retransmits;    /* segments sent again, in all */
            bool timer;             /* CLOSED: a timer of the kernel's has just run out */
        } kernel;
        struct {
            bool typed; /* given to the program rather than printed by it */
            char *text; /* may hold any byte but NUL; escape before showing */
        } console;
        struct {
            bool typed; /* a call for the program to make, rather than its answer */
            char *text;
        } prompt;
        struct {
            enum process_event event;
            int pid;
            int status;    /* the exit status, or the signal's number */
            char *program; /* what was started */
            bool setuid;   /* started: it asks for another user's rights, and was not given them */
        } process;
        struct {
            char *text;
        } note;
        struct {
            char *verdict; /* "done", "interrupted", "void", "failed" */
            char *reason;  /* a sentence, or NULL */
            uint64_t dropped_frames;
            int64_t late_us; /* by how much the wire was behind its schedule at the most */
        } end;
    };
};

/* Append the whole annotation frame (14-byte Ethernet header, then JSON) to `out`. Text that would
 * pass ANNOTATION_MAX_BYTES is cut, and marked as cut by a trailing "...". */
void annotation_write(const struct annotation *a, struct text *out);

/* Whether this program can read annotations at all: 0, or -1 with the sentence where it was built
 * without jansson. */
int annotation_readable(struct error *e);

/* Read a whole frame. 0, or -1 with the sentence where it is not a well-formed annotation (an
 * unknown type is ANNOTATION_UNKNOWN, not an error). Free with annotation_free() after 0. */
int annotation_read(const uint8_t *frame, size_t n, struct annotation *a, struct error *e);

/* Free the strings that `a` owns; annotations that were filled by hand with borrowed strings are
 * simply not freed. */
void annotation_free(struct annotation *a);

/* True where the frame's EtherType says annotation. */
bool annotation_is(const uint8_t *frame, size_t n);

/* The type of an annotation as our own writers write it, at no cost; ANNOTATION_UNKNOWN where it is
 * written otherwise, and annotation_read() is to be asked. */
enum annotation_type annotation_peek(const uint8_t *frame, size_t n);

/* The names used in JSON: "call", "enter", "delivered", ... */
const char *annotation_type_name(enum annotation_type t);
const char *call_phase_name(enum call_phase p);
const char *fate_name(enum fate f);
const char *waits_at_name(enum waits_at w);
const char *process_event_name(enum process_event p);

#endif
