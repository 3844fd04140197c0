/* Private to fields: the writer of the list, and one function a header. Each header is a table of
 * rows; what a table cannot say is a function beside it. */
#ifndef TRACER_FIELDS_FIELDS_PARTS_H
#define TRACER_FIELDS_FIELDS_PARTS_H

#include "tracer/fields/fields.h"

struct writer {
    struct fields *out;
    const struct packet *p;
    const struct field_facts *facts;
    uint32_t base;          /* where the packet begins in the frame: above 0 for a quoted one */
    bool quoted;            /* this packet is one that ICMP quotes */
    size_t outer_end;       /* where the IP packet ends that carries this one; 0 where none does */
    uint32_t message_bytes; /* of an ICMP message: what of it has been written */
    unsigned depth;         /* of a header's own line */
    struct text value, about; /* of the field that is being written */
    enum field_verdict verdict;
};

/* A number and what it stands for; a table of them ends with a name of NULL. */
struct field_name {
    uint32_t number;
    const char *name;
};

/* What was read for a row: the number with its mask applied and shifted down, and the bytes. */
struct reading {
    uint64_t number;
    const uint8_t *bytes;
    size_t n;
};

/* One field at a fixed place of a header. */
struct field_row {
    const char *name;
    uint8_t at, bytes; /* within the header */
    uint8_t depth;     /* below the header's line */
    uint32_t mask;     /* 0: all bits */
    /* Appends the value; may append to the sentence, and set the verdict. NULL: in decimal. */
    void (*tell)(struct writer *w, const struct reading *r);
    const struct field_name *names; /* appended in brackets, or NULL */
    const char *about;              /* "" where tell() says it all */
};

/* The rows of a header that begins at `header`; true where all of it is there. What is not ends the
 * list with a line that says why. */
bool write_rows(struct writer *w, struct cursor header, const struct field_row *rows, size_t n);
#define WRITE_ROWS(w, header, rows) write_rows(w, header, rows, sizeof(rows) / sizeof((rows)[0]))

/* Append a field made of w->value, w->about and w->verdict, which are emptied for the next. `about`
 * stands before what is in w->about. */
void write_field(struct writer *w, const char *name, unsigned depth, size_t from, size_t bytes,
                 const char *about);

/* A line for what is not there: the cursor's verdict, at its place. */
void write_missing(struct writer *w, const struct cursor *c, unsigned depth);

/* Mark what is being written; a graver verdict stays. `why` follows the sentence. */
void write_verdict(struct writer *w, enum field_verdict verdict, const char *why);

/* Ways to tell a value. */
void tell_hex(struct writer *w, const struct reading *r);
void tell_set(struct writer *w, const struct reading *r);
void tell_zero(struct writer *w, const struct reading *r); /* reserved: anything else is odd */
void tell_mac(struct writer *w, const struct reading *r);
void tell_v4(struct writer *w, const struct reading *r);
void tell_v6(struct writer *w, const struct reading *r);
void tell_bytes(struct writer *w, const struct reading *r);
void tell_words32(struct writer *w, const struct reading *r); /* a length in units of four bytes */
void tell_ethertype(struct writer *w, const struct reading *r);
void tell_protocol(struct writer *w, const struct reading *r);

/* The name of a number, NULL where the table has none. */
const char *name_of(const struct field_name *names, uint64_t number);
extern const struct field_name ethertype_names[], protocol_names[];

/* A cursor over the packet at an offset; both its ends are the packet's. */
struct cursor cursor_over(const struct packet *p, size_t at);

/* Tell a checksum, the transport's or the IPv4 header's: whether it is right, then the sentence on
 * what it covers. */
void tell_sum(struct writer *w, const struct reading *r, bool transport, const char *covers);

/* Text for a reader from bytes of payload: the first line, cut. */
void tell_text(struct text *out, struct cursor c, size_t n);

/* Headers, in the order of the frame. */
void write_link(struct writer *w);
void write_ethernet(struct writer *w, size_t at);
void write_tunnel(struct writer *w, const struct tunnel *t); /* w->p is the packet inside */
void write_arp(struct writer *w);
void write_ipv4(struct writer *w);
void write_ipv6(struct writer *w);
void write_authentication(struct writer *w, struct cursor c);
void write_tcp(struct writer *w);
void write_tcp_options(struct writer *w);
void write_udp(struct writer *w);
void write_icmp(struct writer *w);
void write_payload(struct writer *w);
void write_websocket(struct writer *w); /* what the payload is, if that is known */

/* The end of the network layer's packet, by its length fields; 0 where it has none. */
size_t net_end(const struct packet *p);

/* All of a packet; of one that another quotes, into the same list, `base` bytes into the frame. */
void write_packet(struct writer *w);
void write_quoted(struct writer *w, struct cursor c);

#endif
