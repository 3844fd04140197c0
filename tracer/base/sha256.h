/* SHA-256 (FIPS 180-4), for what has to come out the same everywhere and be guessed by nobody. */
#ifndef TRACER_BASE_SHA256_H
#define TRACER_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

/* The digest of `n` bytes. */
void sha256(const void *bytes, size_t n, uint8_t digest[SHA256_BYTES]);

#endif
