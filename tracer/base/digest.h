/* Digests, by nettle: what has to come out the same everywhere. */
#ifndef TRACER_BASE_DIGEST_H
#define TRACER_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_BYTES = 20, SHA256_BYTES = 32 };

/* SHA-256 (FIPS 180-4), for what is to be guessed by nobody. */
void digest_sha256(const void *bytes, size_t n, uint8_t digest[SHA256_BYTES]);

/* SHA-1, where a protocol asks for it. */
void digest_sha1(const void *bytes, size_t n, uint8_t digest[SHA1_BYTES]);

#endif
