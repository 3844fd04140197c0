/* One captured frame as plain data: what every later layer works on. Decoding is pure: bytes in,
 * struct out, no state, no printing. Nothing here is printed text; print/ does that. */
#ifndef TRACER_DECODE_PACKET_H
#define TRACER_DECODE_PACKET_H

#include "tracer/base/cursor.h"
#include "tracer/base/text.h"
#include "tracer/decode/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was captured, before decoding. */
struct frame {
    int64_t time_ns;         /* nanoseconds since the epoch */
    int linktype;            /* a LINKTYPE_ value, as capture files write it (not DLT_) */
    uint32_t carried_s;      /* so many of its seconds a broken file has in the fraction */
    const uint8_t *bytes;    /* (borrowed) */
    uint32_t captured_bytes; /* how many are here */
    uint32_t wire_bytes;     /* how many there were on the wire */
};

enum packet_net { NET_NONE, NET_IPV4, NET_IPV6, NET_ARP, NET_ANNOTATION, NET_OTHER, NET_COUNT };

/* IP protocol numbers that the tracer names. */
enum {
    PROTO_ICMP = 1,
    PROTO_IPV4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_IPV6 = 41,
    PROTO_GRE = 47,
    PROTO_ICMPV6 = 58
};

/* UDP ports whose datagrams are tunnels, at either end, as tcpdump takes them. */
enum {
    PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790,
    PORT_GENEVE = 6081,
    PORT_MPLS = 6635,
    PORT_OTV = 8472
};

/* TCP flags, as they stand in the header: bits 0 to 7 in byte 13, AE (once NS) in byte 12. */
enum {
    TCP_FIN = 0x001,
    TCP_SYN = 0x002,
    TCP_RST = 0x004,
    TCP_PSH = 0x008,
    TCP_ACK = 0x010,
    TCP_URG = 0x020,
    TCP_ECE = 0x040,
    TCP_CWR = 0x080,
    TCP_AE = 0x100,
};

/* The TCP header's fixed part, and where its options and payload are. Offsets count from the
 * frame's first byte. Fields past what was captured are 0; packet.verdict then says truncated. */
struct tcp_header {
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint16_t flags;  /* TCP_ bits */
    uint16_t window; /* as it stands, before scaling */
    uint16_t checksum, urgent;
    uint8_t header_bytes;   /* data offset times four; below 20 is malformed */
    uint32_t options_at;    /* offset of the first option byte */
    uint32_t options_bytes; /* by the data offset; may reach past what was captured */
    uint32_t payload_at;
    uint32_t payload_bytes; /* by the length fields, not by what was captured */
    /* From the options, where they stood whole: */
    bool has_mss, has_window_scale, has_sack_permitted, has_timestamps;
    uint16_t mss;
    uint8_t window_scale;
    uint32_t ts_value, ts_echo;
    uint32_t sack_at;   /* offset of the first SACK option's blocks; 0 where none is here whole */
    uint8_t sack_bytes; /* of these blocks */
    bool timestamps_first; /* the options begin with two NOPs and the timestamps */
    bool odd_options;      /* there is more among them than NOPs and, each as long as its kind is,
                              those above and SACK; or there are timestamps twice */
};

/* How many bytes of options are two NOPs and the timestamps: what most segments have. */
enum { TCP_TIMESTAMPS_BYTES = 12 };

/* How a packet is carried inside another one. */
enum tunnel_kind {
    TUNNEL_IP,     /* IP in IP, of either version: no header of its own (RFC 2003, RFC 4213) */
    TUNNEL_GRE,    /* RFC 2784 and 2890; version 1 with PPP inside, RFC 2637 */
    TUNNEL_VXLAN,  /* RFC 7348; on port 8472 too, where Linux and OTV put it */
    TUNNEL_GPE,    /* VXLAN that says what it carries */
    TUNNEL_GENEVE, /* RFC 8926 */
    TUNNEL_MPLS,   /* a stack of labels, RFC 3032; behind UDP too, RFC 7510 */
    TUNNEL_PPPOE,  /* RFC 2516, and the PPP header in it */
    TUNNEL_COUNT
};

/* How many packets around a packet are looked into; what is carried deeper is not. */
enum { TUNNELS_MAX = 4 };

/* One of the packets around the decoded one. Offsets count from the frame's first byte. */
struct tunnel {
    uint8_t kind;       /* enum tunnel_kind */
    uint16_t inside;    /* the EtherType of what it carries; ETHERTYPE_BRIDGED: an Ethernet frame */
    uint32_t header_at; /* the tunnel's header, behind the link's, IP's or UDP's */
    uint32_t inside_at; /* what it carries */
    uint32_t identifier; /* VNI, key, lowest label or session; 0 where it has none */
};

/* The innermost packet of a frame: what `net` and what follows it in the struct tell of. The link
 * is the frame's own. */
struct packet {
    struct frame frame;
    enum verdict verdict; /* of the deepest header that was tried */
    uint32_t verdict_at;  /* the byte offset at which it was given */

    /* link */
    uint32_t
        link_header_bytes; /* all link headers, VLAN tags included: where the network layer is */
    uint32_t link_payload_bytes; /* the network layer's, by the wire length or an 802.3 length */
    uint16_t ethertype;          /* of the innermost tag; 0 where the link has none */
    bool has_macs;
    uint8_t source_mac[6], destination_mac[6];
    bool has_interface; /* LINUX_SLL2: which interface, and whether in, out, ... */
    uint32_t interface_index;
    bool has_packet_type; /* LINUX_SLL and SLL2 */
    uint8_t packet_type;

    /* network */
    enum packet_net net;
    uint32_t net_at;            /* offset of the IP header */
    uint32_t net_header_bytes;  /* with IPv4 options or IPv6 extension headers */
    uint32_t net_payload_bytes; /* by the IP length fields */
    struct address source, destination;
    uint8_t protocol;  /* the transport's, after any extension headers */
    uint8_t hop_limit; /* IPv4's TTL */
    uint8_t traffic_class;
    uint32_t flow_label;
    uint16_t ip_id;
    bool is_fragment;               /* a fragment, the first one included */
    uint32_t fragment_offset_bytes; /* above 0: no transport header here */

    /* transport */
    bool is_tcp; /* the TCP header's fixed 20 bytes are here, whole */
    struct tcp_header tcp;
    uint32_t transport_at; /* offset of the TCP, UDP or ICMP header; 0 where there is none */
    uint16_t udp_source_port, udp_destination_port, udp_bytes;

    /* The packets around this one, the outermost first. */
    uint8_t tunnel_count;
    uint8_t tunnels_most;               /* how many were to be looked into */
    struct tunnel tunnels[TUNNELS_MAX]; /* those past the count are not set */
};

/* Decode `frame` into `*p`, all of which is set. Never fails: p->verdict says how far it got. A
 * packet carried by another one is looked into where it is IP; else the one around it is told of.
 */
void packet_decode(const struct frame *frame, struct packet *p);

/* The same, looking into at most so many packets around: with 0, the outermost is told of. */
void packet_decode_to(const struct frame *frame, unsigned tunnels_most, struct packet *p);

/* The same, of the frame that p->frame is already. */
void packet_decode_in_place(struct packet *p, unsigned tunnels_most);

/* The blocks of a TCP packet's SACK option: RFC 2018 has room for four. Returns how many. */
enum { SACK_BLOCKS_MAX = 4 };
struct sack_block {
    uint32_t from, to; /* the byte at `to` is not in it */
};
unsigned packet_sack_read(const struct packet *p, struct sack_block out[SACK_BLOCKS_MAX]);
static inline unsigned packet_sack_blocks(const struct packet *p,
                                          struct sack_block out[SACK_BLOCKS_MAX])
{
    bool none = p->tcp.sack_at == 0 && p->verdict == VERDICT_OK;
    return none ? 0 : packet_sack_read(p, out);
}

/* Append the letters of TCP's flags as tcpdump writes them, "S." for SYN and ACK; "none" where none
 * is set. */
void tcp_flags_add(uint16_t flags, struct text *out);

/* The same, written at `at`, which has room for TCP_FLAGS_MOST characters and PUT_SPOILT more.
 * Returns their end. */
enum { TCP_FLAGS_MOST = 9 };
char *tcp_flags_put(char *at, uint16_t flags);

/* True where the link type is one that packet_decode() knows. */
bool packet_linktype_known(int linktype);

/* The LINKTYPE_ values that are known, as capture files write them. */
enum {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_RAW = 101,
    LINKTYPE_LOOP = 108,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    LINKTYPE_LINUX_SLL2 = 276,
};

/* EtherTypes; the last is that of annotation frames (docs/session-format.md). */
enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_BRIDGED = 0x6558, /* an Ethernet frame in a tunnel */
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_PPP = 0x880b,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_DISCOVERY = 0x8863,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_ANNOTATION = 0x88b5,
};

#endif
