#include "tracer/base/digest.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

/* Since nettle 4 a digest is always written whole, and its length is not asked for any more. */
#if NETTLE_VERSION_MAJOR >= 4
#define WHOLE(bytes)
#else
#define WHOLE(bytes) (bytes),
#endif

void digest_sha256(const void *bytes, size_t n, uint8_t digest[SHA256_BYTES])
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, n, bytes);
    sha256_digest(&state, WHOLE(SHA256_BYTES) digest);
}

void digest_sha1(const void *bytes, size_t n, uint8_t digest[SHA1_BYTES])
{
    struct sha1_ctx state;
    sha1_init(&state);
    sha1_update(&state, n, bytes);
    sha1_digest(&state, WHOLE(SHA1_BYTES) digest);
}
