/* UDP: its ports and its length, and the networks that it carries. */
#include "tracer/print/line_parts.h"

enum { UDP_HEADER_BYTES = 8 };

void line_udp(struct line *l, uint32_t bytes)
{
    const struct packet *p = l->p;
    l->protocol = "udp";
    if (cursor_captured_left(&l->c) < 4 || p->transport_at != l->c.at) {
        line_addresses(l);
        line_cut(l);
        return;
    }
    line_endpoints(l, "udp", p->udp_source_port, p->udp_destination_port);
    uint32_t said = p->udp_bytes == 0 && bytes > UINT16_MAX ? bytes : p->udp_bytes;
    if (bytes < UDP_HEADER_BYTES) {
        line_u64(l, "truncated-udp ", bytes);
    } else if (!cursor_skip(&l->c, UDP_HEADER_BYTES)) {
        line_cut(l);
    } else if (said < UDP_HEADER_BYTES) {
        line_u64(l, "truncated-udplength ", said);
    } else if (line_overlay(l, (said < bytes ? said : bytes) - UDP_HEADER_BYTES)) {
        return;
    } else if (said > bytes && !p->is_fragment) {
        line_u64(l, "UDP, bad length ", said - UDP_HEADER_BYTES);
        line_u64(l, " > ", bytes - UDP_HEADER_BYTES);
    } else {
        line_u64(l, "UDP, length ", said - UDP_HEADER_BYTES);
    }
}
