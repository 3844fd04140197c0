/* A socket address as text: "10.0.0.2:9502", "[fe80::1]:80". */
#ifndef LABS_CALLS_ENDPOINT_H
#define LABS_CALLS_ENDPOINT_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Append the address in `n` bytes of a struct sockaddr of any family. An IPv4 address in IPv6
 * clothes (::ffff:10.0.0.1) is written as the IPv4 address that its packets carry. A UNIX address
 * is its path in quotes, any other its family's name. */
void endpoint_add(struct text *out, const void *address, size_t n);

/* True where it is an IPv4 or IPv6 address, whose packets can be seen. */
bool endpoint_is_internet(const void *address, size_t n);

/* Append bytes between double quotes, safe for a terminal. */
void endpoint_add_quoted(struct text *out, const void *bytes, size_t n);

#endif
