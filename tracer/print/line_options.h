/* Private to the tcpdump line: TCP options. */
#ifndef TRACER_PRINT_LINE_OPTIONS_H
#define TRACER_PRINT_LINE_OPTIONS_H

#include "tracer/print/line_parts.h"

/* How printing an option ended. */
enum option_end {
    OPTION_DONE,
    OPTION_BAD,     /* it contradicts the header: "[bad opt]" ends the line */
    OPTION_CUT,     /* it is not all here: " [|tcp]" ends the line */
    OPTION_ABANDON, /* neither is its kind or length */
};

/* An option's body, as its printer finds it. */
struct option_body {
    struct line *l;
    struct cursor c;     /* at the first byte after kind and length, up to the header's end */
    unsigned said_bytes; /* the body, by the option's length */
    unsigned body_bytes; /* the body, as the printer knows its kind: what is passed over */
    uint16_t flags;
    uint32_t sack_base;
};

/* Whether the first `n` bytes of the body are in the header, and here. */
enum option_end option_check(const struct option_body *o, unsigned n);

/* Print the options of l->p, of which l->c stands at the first; from ", options [" to "]". False
 * where the line ended within. */
bool line_tcp_options(struct line *l, uint32_t sack_base);

/* Multipath TCP (RFC 8684), kind 30. */
enum option_end line_mptcp(struct option_body *o);

#endif
