/* Private to the tcpdump line: what ICMP and ICMPv6 share. */
#ifndef TRACER_PRINT_LINE_ICMP_H
#define TRACER_PRINT_LINE_ICMP_H

#include "tracer/print/line_parts.h"

/* The packet that an error returns: its destination and, where it is here, port. */
struct icmp_returned {
    const uint8_t *destination; /* (borrowed) NULL where it is not here */
    uint8_t protocol;
    uint16_t port;
    bool has_port;
};

/* " tcp port 80", as the returned packet's protocol is. */
void icmp_port_of(struct line *l, const struct icmp_returned *r);

/* "ICMP echo reply, id 1, seq 2" from the four bytes behind the checksum. */
void icmp_echo(struct line *l, const char *name, const uint8_t rest[4]);

#endif
