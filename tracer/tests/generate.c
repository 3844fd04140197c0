/* usage: generate KIND [SEGMENTS [SEED [SNAPLEN]]]
 *
 * Write a pcap file of TCP connections to standard output: the same arguments, the same bytes. What
 * is measured is measured on these. A kind is a row of `kinds` below; SEGMENTS is how many frames
 * (100000), SEED chooses among captures of that kind (1), SNAPLEN cuts each frame (262144).
 *
 * Each connection is a small model: a request, and an answer sent by a window of segments. A lost
 * segment is seen by the capture, which stands beside the server, but not by the client: its
 * duplicate acknowledgements carry SACK blocks, and the server sends again on the third, or after
 * its retransmission timeout. Checksums are right. No port is one whose payload tcpdump decodes. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MSS = 1448, /* with timestamps, in 1500 bytes of IPv4 */
    FLIGHT = 32,
    BLOCKS = 8,
    SACK_MOST = 3,
    DUPLICATES = 3,
    RTO_US = 200000,
    STEP_US = 20, /* between two segments, at the most */
    CONTENT_BYTES = 1 << 16,
    OUT_BYTES = 1 << 20,
    FRAME_MOST = 2048,
};
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

static const struct kind {
    const char *name;
    unsigned at_once;      /* connections that are open at a time */
    uint32_t clients;      /* addresses on the one side, one after another; 0: anywhere */
    uint32_t servers;      /* and on the other */
    uint64_t answer_least; /* bytes of an answer */
    uint64_t answer_most;
    unsigned lost_permille;
    unsigned v6_percent;
    bool half_open; /* nothing but SYNs */
} kinds[] = {
    {"short", 64, 2000, 8, 200, 4000, 0, 0, false},
    {"bulk", 4, 4, 2, 1u << 30, 3u << 30, 0, 0, false},
    {"lossy", 16, 40, 4, 1 << 20, 1 << 26, 20, 0, false},
    {"scattered", 256, 0, 0, 200, 4000, 1, 30, false},
    {"one", 1, 1, 1, UINT64_MAX / 2, UINT64_MAX / 2, 0, 0, false},
    {"syn", 1, 0, 1, 0, 0, 0, 0, true},
};

enum { CLIENT, SERVER };
enum stage { OPENING, ANSWERED, OPENED, REQUEST, ANSWER, CLOSING, CLOSED, LAST_ACK };

struct end {
    uint8_t address[16];
    uint16_t port;
    uint32_t iss;
    uint64_t sent;  /* stream offset of the next byte, the SYN being byte 0 */
    uint32_t clock; /* its timestamps are so much ahead of the time */
    uint32_t echo;  /* the timestamp it has heard last */
    uint16_t ip_id;
};

struct range {
    uint64_t from, to;
};

struct connection {
    struct end ends[2];
    enum stage stage;
    bool is_v6;
    uint64_t request_bytes, last; /* `last` is one past the answer's last byte */
    /* the answer's sender */
    uint64_t acked, recover; /* `recover`: what was sent when the loss was noticed; 0 in peace */
    unsigned duplicates;
    bool send_again;
    uint64_t wake_us; /* the retransmission timeout, 0 where it does not run */
    struct flying {
        struct range range;
        uint32_t stamp;
        bool lost;
    } flight[FLIGHT + 1];
    unsigned first, flying;
    /* its receiver */
    uint64_t received;
    struct range blocks[BLOCKS]; /* the latest first */
    unsigned block_count, unacked;
};

struct segment {
    int from;
    unsigned flags;
    struct range range; /* its payload, in the sender's stream */
    uint64_t ack;
    uint16_t window;
};

static const struct kind *kind;
static uint64_t random_state, now_us = 1700000000000000;
static uint64_t segments_left;
static uint32_t snaplen = 262144;
static uint8_t content[CONTENT_BYTES + MSS]; /* a stream's bytes, by offset, over and over */
static char out[OUT_BYTES];

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t v = random_state += 0x9e3779b97f4a7c15u;
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return v ^ v >> 31;
}

static uint64_t random_below(uint64_t n)
{
    return next_random() % n;
}

/* ---- frames ---- */

static uint8_t *put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t v)
{
    return put16(put16(at, v >> 16), v & 0xffff);
}

/* The one's complement sum does not care in which order bytes make up a word (RFC 1071). */
static uint64_t sum(uint64_t total, const uint8_t *bytes, size_t n)
{
    uint32_t word;
    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        total += word;
    }
    word = 0;
    memcpy(&word, bytes, n);
    return total + word;
}

static void put_checksum(uint8_t *at, uint64_t total)
{
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    uint16_t checksum = (uint16_t)~total;
    memcpy(at, &checksum, sizeof checksum);
}

static uint8_t *put_ip(uint8_t *at, const struct connection *c, struct end *from,
                       const struct end *to, size_t bytes)
{
    if (c->is_v6) {
        at = put32(at, 6u << 28);
        at = put16(at, (unsigned)bytes);
        *at++ = 6;
        *at++ = 64;
        memcpy(at, from->address, 16);
        memcpy(at + 16, to->address, 16);
        return at + 32;
    }
    uint8_t *header = at;
    at = put16(at, 0x4500);
    at = put16(at, (unsigned)bytes + 20);
    at = put16(at, from->ip_id++);
    at = put16(at, 0x4000);
    at = put16(at, 64 << 8 | 6);
    at = put16(at, 0);
    memcpy(at, from->address, 4);
    memcpy(at + 4, to->address, 4);
    put_checksum(header + 10, sum(0, header, 20));
    return header + 20;
}

static uint8_t *put_options(uint8_t *at, const struct connection *c, const struct segment *s)
{
    const struct end *from = &c->ends[s->from], *to = &c->ends[!s->from];
    if (s->flags & SYN) {
        at = put32(at, 0x02040000 | (c->is_v6 ? 1440 : 1460));
        at = put32(at, 0x0402080a);
    } else {
        at = put32(at, 0x0101080a);
    }
    at = put32(at, (uint32_t)(now_us / 1000) + from->clock);
    at = put32(at, from->echo);
    if (s->flags & SYN)
        return put32(at, 0x01030307);
    unsigned blocks = s->from == CLIENT && c->stage == ANSWER ? c->block_count : 0;
    if (blocks > SACK_MOST)
        blocks = SACK_MOST;
    if (blocks > 0)
        at = put32(at, 0x01010500 | (2 + 8 * blocks));
    for (unsigned i = 0; i < blocks; i++) {
        at = put32(at, to->iss + (uint32_t)c->blocks[i].from);
        at = put32(at, to->iss + (uint32_t)c->blocks[i].to);
    }
    return at;
}

/* The TCP header and payload; `at` has room for a segment. Returns its end. */
static uint8_t *put_tcp(uint8_t *at, const struct connection *c, const struct segment *s)
{
    const struct end *from = &c->ends[s->from], *to = &c->ends[!s->from];
    uint8_t *header = at;
    at = put16(at, from->port);
    at = put16(at, to->port);
    at = put32(at, from->iss + (uint32_t)s->range.from);
    at = put32(at, s->flags & ACK ? to->iss + (uint32_t)s->ack : 0);
    at = put16(at, 0);
    at = put16(at, s->window);
    at = put32(at, 0);
    at = put_options(at, c, s);
    put16(header + 12, (unsigned)(at - header) / 4 << 12 | s->flags);
    size_t bytes = s->flags & (SYN | FIN) ? 0 : (size_t)(s->range.to - s->range.from);
    memcpy(at, content + s->range.from % CONTENT_BYTES, bytes);
    at += bytes;
    uint8_t pseudo[4] = {0, 6};
    put16(pseudo + 2, (unsigned)(at - header));
    size_t address_bytes = c->is_v6 ? 16 : 4;
    uint64_t total = sum(sum(0, from->address, address_bytes), to->address, address_bytes);
    put_checksum(header + 16, sum(sum(total, pseudo, 4), header, (size_t)(at - header)));
    return at;
}

static void write_frame(const uint8_t *frame, uint32_t bytes)
{
    uint32_t captured = bytes < snaplen ? bytes : snaplen;
    uint32_t record[4] = {(uint32_t)(now_us / 1000000), (uint32_t)(now_us % 1000000), captured,
                          bytes};
    if (fwrite(record, sizeof record, 1, stdout) != 1 || fwrite(frame, captured, 1, stdout) != 1)
        exit(1);
}

static void send_segment(struct connection *c, struct segment s)
{
    static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
    uint8_t frame[FRAME_MOST], tcp[FRAME_MOST];
    struct end *from = &c->ends[s.from], *to = &c->ends[!s.from];
    if (segments_left == 0)
        return;
    segments_left--;
    s.window = s.flags & SYN ? 64240 : (uint16_t)(502 - (s.range.from >> 10) % 16);
    size_t bytes = (size_t)(put_tcp(tcp, c, &s) - tcp);
    memcpy(frame, macs[!s.from], 6);
    memcpy(frame + 6, macs[s.from], 6);
    uint8_t *at = put16(frame + 12, c->is_v6 ? 0x86dd : 0x0800);
    at = put_ip(at, c, from, to, bytes);
    memcpy(at, tcp, bytes);
    write_frame(frame, (uint32_t)((size_t)(at - frame) + bytes));
    if (s.range.to > from->sent)
        from->sent = s.range.to;
    if (s.from == SERVER || c->stage != ANSWER) /* the client's is heard when it is delivered */
        to->echo = (uint32_t)(now_us / 1000) + from->clock;
}

/* ---- a connection ---- */

static void choose_address(struct connection *c, int side)
{
    uint8_t *a = c->ends[side].address;
    uint32_t pool = side == CLIENT ? kind->clients : kind->servers;
    memset(a, 0, 16);
    if (c->is_v6) {
        put32(a, 0x20010db8);
        put32(a + 4, (uint32_t)next_random());
        put32(a + 12, (uint32_t)next_random());
        return;
    }
    uint32_t number = (uint32_t)random_below(pool ? pool : UINT32_MAX);
    put32(a, pool ? (side == CLIENT ? 0x0a000001u : 0xc0a80001u) + number : number);
    a[0] = pool ? a[0] : (uint8_t)(1 + a[0] % 223);
}

static void open_connection(struct connection *c)
{
    static uint16_t port = 32768;
    memset(c, 0, sizeof *c);
    c->is_v6 = random_below(100) < kind->v6_percent;
    for (int side = CLIENT; side <= SERVER; side++) {
        choose_address(c, side);
        c->ends[side].iss = (uint32_t)next_random();
        c->ends[side].clock = (uint32_t)next_random();
        c->ends[side].ip_id = (uint16_t)next_random();
    }
    port = port == 60999 ? 32768 : (uint16_t)(port + 1);
    c->ends[CLIENT].port = port;
    c->ends[SERVER].port = random_below(4) == 0 ? 5201 : 443;
    c->request_bytes = 80 + random_below(400);
    uint64_t spread = kind->answer_most - kind->answer_least;
    c->last = 1 + kind->answer_least + (spread ? random_below(spread) : 0);
    c->acked = c->received = 1;
}

/* Send the answer's next segment, or the first of what is not acknowledged. */
static void send_data(struct connection *c, bool again)
{
    uint64_t from = again ? c->acked : c->ends[SERVER].sent;
    unsigned most = c->is_v6 ? MSS - 20 : MSS;
    uint64_t to = from + most < c->last ? from + most : c->last;
    for (unsigned i = 0; again && i < c->block_count; i++)
        if (c->blocks[i].from > from && c->blocks[i].from < to)
            to = c->blocks[i].from;
    struct flying *f = &c->flight[(c->first + c->flying++) % (FLIGHT + 1)];
    *f = (struct flying){{from, to}, (uint32_t)(now_us / 1000) + c->ends[SERVER].clock, false};
    f->lost = random_below(1000) < kind->lost_permille;
    uint32_t heard = c->ends[CLIENT].echo;
    send_segment(c, (struct segment){.from = SERVER,
                                     .flags = to == c->last ? PSH | ACK : ACK,
                                     .range = {from, to},
                                     .ack = c->request_bytes + 1});
    c->ends[CLIENT].echo = heard;
    c->send_again = false;
    c->wake_us = now_us + RTO_US;
}

/* Keep bytes that came before others: one block with those it touches, in front of the rest. */
static void keep_block(struct connection *c, struct range r)
{
    unsigned kept = 0;
    struct range others[BLOCKS];
    for (unsigned i = 0; i < c->block_count; i++) {
        struct range b = c->blocks[i];
        if (b.to < r.from || b.from > r.to) {
            others[kept++] = b;
            continue;
        }
        r.from = b.from < r.from ? b.from : r.from;
        r.to = b.to > r.to ? b.to : r.to;
    }
    if (r.from <= c->received) {
        c->received = r.to > c->received ? r.to : c->received;
        c->block_count = kept;
        memcpy(c->blocks, others, kept * sizeof others[0]);
        return;
    }
    c->block_count = kept < BLOCKS - 1 ? kept + 1 : BLOCKS;
    c->blocks[0] = r;
    memcpy(c->blocks + 1, others, (c->block_count - 1) * sizeof others[0]);
}

/* An acknowledgement has come back to the answer's sender. */
static void take_ack(struct connection *c)
{
    if (c->received == c->acked) {
        if (++c->duplicates == DUPLICATES && c->recover == 0) {
            c->recover = c->ends[SERVER].sent;
            c->send_again = true;
        }
        return;
    }
    c->acked = c->received;
    c->duplicates = 0;
    c->wake_us = now_us + RTO_US;
    c->send_again = c->recover > c->acked;
    if (!c->send_again)
        c->recover = 0;
}

/* What has been in flight for longest arrives, or is lost. */
static void deliver(struct connection *c)
{
    struct flying f = c->flight[c->first];
    c->first = (c->first + 1) % (FLIGHT + 1);
    c->flying--;
    if (f.lost)
        return;
    bool in_order = f.range.from == c->received && c->block_count == 0;
    if (in_order)
        c->received = f.range.to;
    else
        keep_block(c, f.range);
    if (f.range.from <= c->received)
        c->ends[CLIENT].echo = f.stamp;
    if (in_order && ++c->unacked < 2 && c->received != c->last && c->flying > 0)
        return;
    c->unacked = 0;
    uint64_t at = c->request_bytes + 1;
    send_segment(
        c, (struct segment){.from = CLIENT, .flags = ACK, .range = {at, at}, .ack = c->received});
    take_ack(c);
}

static void step_answer(struct connection *c)
{
    if (c->acked == c->last)
        c->stage = CLOSING;
    else if (c->send_again && c->flying <= FLIGHT)
        send_data(c, true);
    else if (c->flying < FLIGHT && c->ends[SERVER].sent < c->last &&
             c->ends[SERVER].sent - c->acked < (uint64_t)FLIGHT * MSS)
        send_data(c, false);
    else if (c->flying > 0)
        deliver(c);
    else if (now_us >= c->wake_us) {
        c->recover = c->ends[SERVER].sent;
        c->send_again = true;
    }
}

/* Every stage but the answer is one segment. */
static void step(struct connection *c)
{
    static const struct {
        int from;
        unsigned flags;
    } sent[] = {
        [OPENING] = {CLIENT, SYN},       [ANSWERED] = {SERVER, SYN | ACK},
        [OPENED] = {CLIENT, ACK},        [REQUEST] = {CLIENT, PSH | ACK},
        [CLOSING] = {SERVER, FIN | ACK}, [CLOSED] = {CLIENT, FIN | ACK},
        [LAST_ACK] = {SERVER, ACK},
    };
    if (c->stage == ANSWER) {
        step_answer(c);
        return;
    }
    enum stage stage = c->stage;
    int from = sent[stage].from;
    uint64_t at = c->ends[from].sent;
    uint64_t bytes = stage == REQUEST ? c->request_bytes : (sent[stage].flags & (SYN | FIN)) != 0;
    send_segment(c, (struct segment){.from = from,
                                     .flags = sent[stage].flags,
                                     .range = {at, at + bytes},
                                     .ack = c->ends[!from].sent});
    c->stage++;
    if (stage == LAST_ACK || kind->half_open)
        open_connection(c);
}

/* ---- the program ---- */

static int usage(void)
{
    fputs("usage: generate KIND [SEGMENTS [SEED [SNAPLEN]]]; a KIND is one of:", stderr);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        fprintf(stderr, " %s", kinds[i].name);
    fputs("\n", stderr);
    return 2;
}

static bool read_number(const char *s, uint64_t *v)
{
    char *end;
    *v = strtoull(s, &end, 10);
    return *s >= '0' && *s <= '9' && *end == '\0';
}

int main(int argc, char **argv)
{
    uint64_t given[] = {100000, 1, 262144};
    for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0)
            kind = &kinds[i];
    for (int i = 2; i < argc && i < 5; i++)
        if (!read_number(argv[i], &given[i - 2]))
            return usage();
    if (!kind || argc > 5 || given[2] == 0)
        return usage();
    segments_left = given[0];
    random_state = given[1];
    snaplen = (uint32_t)(given[2] < 262144 ? given[2] : 262144);
    for (size_t i = 0; i < CONTENT_BYTES; i++)
        content[i] = (uint8_t)(' ' + random_below(95));
    memcpy(content + CONTENT_BYTES, content, MSS);
    setvbuf(stdout, out, _IOFBF, sizeof out); /* without a buffer its size would be ignored */
    const uint32_t header[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, snaplen, 1};
    if (fwrite(header, sizeof header, 1, stdout) != 1)
        return 1;
    struct connection *all = calloc(kind->at_once, sizeof *all);
    if (!all)
        return 1;
    for (unsigned i = 0; i < kind->at_once; i++)
        open_connection(&all[i]);
    while (segments_left > 0) {
        now_us += random_below(STEP_US + 1);
        step(&all[random_below(kind->at_once)]);
    }
    free(all);
    return fclose(stdout) == 0 ? 0 : 1;
}
