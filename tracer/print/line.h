/* One frame as one line of text, in the words and the format of `tcpdump -nn` 4.99: for a TCP
 * segment byte for byte, up to and including "length N". What an application protocol would add
 * after the length is left out. Other frames get one short line.
 *
 * The printer is the part that remembers: the first sequence numbers of every conversation, from
 * which the relative ones are counted, the time of the previous frame, names of interfaces. */
#ifndef TRACER_PRINT_LINE_H
#define TRACER_PRINT_LINE_H

#include "tracer/base/text.h"
#include "tracer/decode/packet.h"

#include <stdbool.h>
#include <stdint.h>

/* How a line begins; the letters are tcpdump's. */
enum line_time {
    LINE_TIME_OF_DAY,         /* 12:00:00.000000, local time (TZ) */
    LINE_TIME_NONE,           /* -t */
    LINE_TIME_EPOCH,          /* -tt: seconds since 1970 */
    LINE_TIME_SINCE_PREVIOUS, /* -ttt: since the previous line */
    LINE_TIME_DATE,           /* -tttt: 2024-05-06 12:00:00.000000, local time */
    LINE_TIME_SINCE_FIRST,    /* -ttttt: since the first line */
    LINE_TIME_COUNT,
};

/* What follows the line: the packet's bytes. */
enum line_dump {
    LINE_DUMP_NONE,
    LINE_DUMP_HEX,           /* -x */
    LINE_DUMP_HEX_AND_ASCII, /* -X */
    LINE_DUMP_ASCII,         /* -A */
    LINE_DUMP_COUNT,
};

struct line_options {
    enum line_time time;
    bool nanoseconds;  /* nine digits after the second, not six */
    bool absolute_seq; /* -S: sequence numbers as they stand */
    bool names;        /* tcpdump without -n: hosts and services by name, where they have one */
    enum line_dump dump;
    bool dump_link; /* -xx, -XX, -AA: the link header too */
    /* The name of an interface by its index, NULL where there is none; for LINUX_SLL2. The printer
     * asks once an index. NULL stands for this machine's own interfaces. */
    const char *(*interface_name)(uint32_t index, char *buffer, uint32_t buffer_bytes);
};

struct line_printer;

/* A printer with these options (copied). Freed by line_printer_free(). */
struct line_printer *line_printer_new(const struct line_options *options);
void line_printer_free(struct line_printer *lp);

/* Append the line of a decoded packet, its dump if any, and a newline. p->frame.bytes must still be
 * there. Lines are to be printed in the order of the capture: the numbers are relative to it. */
void line_print(struct line_printer *lp, const struct packet *p, struct text *out);

/* The same of a frame that has not been decoded: most need not be, for that. */
void line_print_frame(struct line_printer *lp, const struct frame *frame, struct text *out);

/* Append the flags' letters ("S.", "none"), and the options of a TCP segment's header ("mss
 * 1460,sackOK", SACK edges as they stand), both in tcpdump's words and nothing around them. */
void line_flags(uint16_t flags, struct text *out);
char *line_flags_put(char *at, uint16_t flags); /* as tcp_flags_put() */
void line_options_text(const struct packet *p, struct text *out);

/* The same in a third of the time, where nothing is odd about the options: written at `at`, which
 * has room for LINE_OPTIONS_MOST, with "," (quotes and all) between one and the next. Returns the
 * text's end. */
enum { LINE_OPTIONS_MOST = 512 };
bool line_options_plain(const struct packet *p);
char *line_options_put(char *at, const struct packet *p);

#endif
