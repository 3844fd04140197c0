/* Private to decode: one function a layer. Each takes the cursor where its header begins, fills its
 * part of the packet and calls the next one. The cursor's verdict is the packet's. */
#ifndef TRACER_DECODE_LAYERS_H
#define TRACER_DECODE_LAYERS_H

#include "tracer/decode/packet.h"

/* How deep VLAN tags, or IPv6 extension headers, may be nested before the frame is malformed. */
enum { LAYER_DEPTH_MAX = 32 };

enum { ETHERTYPE_ARP = 0x0806, ETHERTYPE_REVARP = 0x8035, ETHERTYPE_JUMBO = 0x8870 };

/* IP protocol numbers that are headers before the transport's. */
enum {
    PROTO_HOP_BY_HOP = 0,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    PROTO_DESTINATION = 60
};

/* Say that the bytes at `at` contradict themselves; an earlier verdict stands. */
void layer_malformed(struct cursor *c, size_t at);

/* TCP in plain IPv4 and Ethernet, all layers of it; false, and nothing done, where the frame is
 * another or needs a closer look. */
bool decode_plain(struct cursor *c, struct packet *p);

/* The link layer of p->frame; false where the link type is unknown. */
bool decode_link(struct cursor *c, struct packet *p);

/* The network layer by its EtherType; the link's fields are settled here. */
void decode_network(struct cursor *c, struct packet *p, uint16_t ethertype);
void decode_ipv4(struct cursor *c, struct packet *p);
void decode_ipv6(struct cursor *c, struct packet *p);
void decode_arp(struct cursor *c, struct packet *p);

/* An authentication header (RFC 4302) in front of the transport: it counts as network header.
 * Returns the protocol that follows. */
uint8_t decode_authentication(struct cursor *c, struct packet *p);

/* An Ethernet frame inside a tunnel: its addresses are not the packet's. */
void decode_bridged(struct cursor *c, struct packet *p);

/* Tunnels: each reads its header and has the packet inside decoded in place of the one so far. */
void decode_ip_in_ip(struct cursor *c, struct packet *p, uint8_t protocol);
void decode_gre(struct cursor *c, struct packet *p);
void decode_mpls(struct cursor *c, struct packet *p);
void decode_pppoe(struct cursor *c, struct packet *p);
void decode_udp_tunnel(struct cursor *c, struct packet *p); /* by the ports */

/* The transport layer by p->protocol, its length p->net_payload_bytes. */
void decode_transport(struct cursor *c, struct packet *p);
void decode_tcp(struct cursor *c, struct packet *p);

#endif
