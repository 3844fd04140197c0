/* Private to the tcpdump line: what its parts share.
 *
 * A part prints one header from the cursor, which stands at that header's first byte, and sets the
 * protocol under which a header cut short is reported, as in " [|tcp]". Where that happens the part
 * says so once, with line_cut() or line_abandon(), and the line ends. */
#ifndef TRACER_PRINT_LINE_PARTS_H
#define TRACER_PRINT_LINE_PARTS_H

#include "tracer/base/put.h"
#include "tracer/print/line.h"
#include "tracer/print/line_names.h"
#include "tracer/print/line_seq.h"
#include "tracer/print/line_time.h"
#include "tracer/print/line_ways.h"

/* How deep packets may be carried inside packets before the line ends. */
enum { LINE_DEPTH_MAX = 8 };

/* Which of the frame's bytes its dump shows. */
enum line_extent { EXTENT_PAYLOAD, EXTENT_WHOLE, EXTENT_NOTHING };

struct line_printer {
    struct line_options options;
    struct line_clock clock;
    struct line_seq_table seqs;
    struct line_names names;
    struct line_ways ways;
};

struct line {
    struct line_printer *lp;
    const struct packet *p;
    struct text *out;
    struct cursor c;
    const char *protocol;
    int depth;
    bool has_addresses; /* "a > b: " stands in the line already: what follows has ports alone */
    enum line_extent extent;
};

/* A name for a number; tables of these end with a NULL name. */
struct line_name {
    uint32_t number;
    const char *name;
};

/* The name of a number, or NULL. */
const char *line_name(const struct line_name *names, uint32_t number);

/* The end of a header that is not all here: " [|tcp]". */
void line_cut(struct line *l);

/* The same where tcpdump gives up the whole frame, and dumps it from its first byte. */
void line_abandon(struct line *l);

/* A piece of text, and the same followed by a number: decimal, or hexadecimal without prefix. */
static inline void line_add(struct line *l, const char *s)
{
    text_add(l->out, s);
}

static inline void line_u64(struct line *l, const char *before, uint64_t v)
{
    char *at = text_reserve(l->out, strlen(before) + PUT_U64_MOST + PUT_SPOILT);
    text_commit_to(l->out, put_u64(put_str(at, before), v));
}

void line_hex(struct line *l, const char *before, uint64_t v);

/* Read a field of one to four bytes and add it behind `before`, or nothing where `before` is NULL.
 * False where it is not here: the frame is then given up. */
enum line_base { LINE_DECIMAL, LINE_HEX };
bool line_field(struct line *l, size_t bytes, enum line_base base, const char *before,
                uint32_t *value);

/* The same, where `missing` ends the line otherwise. */
bool line_field_or(struct line *l, size_t bytes, enum line_base base, const char *before,
                   uint32_t *value, void (*missing)(struct line *l));
void line_hex_bytes(struct line *l, const uint8_t *bytes, size_t n);
void line_mac(struct line *l, const uint8_t *bytes, size_t n);

/* The packet's own addresses; one that stands elsewhere in it. */
void line_source(struct line *l);
void line_destination(struct line *l);
void line_address_v4(struct line *l, const uint8_t bytes[4]);
void line_address_v6(struct line *l, const uint8_t bytes[16]);

/* "10.0.0.1 > 10.0.0.2: ", once a line. */
void line_addresses(struct line *l);

/* "10.0.0.1.80 > 10.0.0.2.81: ", or the ports alone where the line has the addresses. `service` is
 * "tcp" or "udp". Returns the way, or NULL where it was not looked up. */
struct line_way *line_endpoints(struct line *l, const char *service, uint16_t source,
                                uint16_t destination);

/* "Unknown", or what tcpdump calls an EtherType. */
const char *line_ethertype(uint16_t ethertype);

/* A segment's numbers, as its way's conversation counts them; `way` is NULL where it was not looked
 * up. Its line from the flags to the window, written at `at`, which has room for LINE_TCP_MOST. */
enum { LINE_TCP_MOST = 128 };
struct line_seq line_tcp_seq(struct line_printer *lp, const struct packet *p, struct line_way *way);
char *line_tcp_put(char *at, const struct tcp_header *t, const struct line_seq *seq,
                   uint32_t payload_bytes);

/* The whole line of any packet, from the parts; and the shorter way to that of a plain TCP segment:
 * false, and nothing, where the packet is none. */
void line_any(struct line_printer *lp, const struct packet *p, struct text *out);
bool line_plain(struct line_printer *lp, const struct packet *p, struct text *out);

/* The same of most frames, of which no more is decoded than the line tells. */
bool line_plain_frame(struct line_printer *lp, const struct frame *frame, struct text *out);

/* The parts. `bytes` is how long a header and what it carries are, by the length fields before. */
void line_link(struct line *l);
void line_ipv4(struct line *l);
void line_ipv6(struct line *l);
void line_arp(struct line *l);
void line_transport(struct line *l, uint8_t protocol, uint32_t bytes);
void line_tcp(struct line *l, uint32_t bytes);
void line_udp(struct line *l, uint32_t bytes);
void line_icmp(struct line *l, uint32_t bytes);
void line_icmpv6(struct line *l, uint32_t bytes);

void line_gre(struct line *l, uint32_t bytes);
void line_mpls(struct line *l, uint32_t bytes);
void line_pppoe(struct line *l, uint32_t bytes);
void line_ppp(struct line *l, uint32_t bytes);

/* What may stand between a link and IP: labels and PPPoE. Its line; false, and nothing, where it is
 * neither. */
bool line_is_shim(uint16_t ethertype);
bool line_shim(struct line *l, uint16_t ethertype, uint32_t bytes);

/* A datagram to or from the port of an overlay network; false, and nothing, where it is none. */
bool line_overlay(struct line *l, uint32_t bytes);

/* What this packet carries, by its EtherType, in the next so many bytes: a line of its own, without
 * a time. False, and nothing, where no line here is for it. */
bool line_inside(struct line *l, uint16_t ethertype, uint32_t bytes);

/* What follows the line, by the options. */
void line_dump(struct line *l);

#endif
