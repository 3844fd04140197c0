/* A fuzz target is one function over bytes. With -DTCPLADDER_FUZZ=ON (clang) libFuzzer calls it
 * with what it invents; otherwise replay.c does, with the files of corpus/, as an ordinary test. */
#ifndef TRACER_TESTS_FUZZ_FUZZ_H
#define TRACER_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
