/* What interference does to a frame on its way: bytes come out other than they went in. */
#ifndef LABS_WIRE_DAMAGE_H
#define LABS_WIRE_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Turn `count` bytes of an Ethernet frame, `chance` saying which and how: of its payload, else of
 * its transport header, else of what is behind the Ethernet header. True where the receiver is sure
 * to notice, for a checksum covers them and has turned wrong. */
bool damage(uint8_t *bytes, uint32_t length_bytes, int64_t count, uint64_t chance);

#endif
