#include "tracer/base/put.h"

const char put_pairs[201] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

/* An entry for each highest bit: numbers that have it are of `n` digits from `reach` on, below that
 * of one less. */
#define STEP(n, reach) ((uint64_t)(n) << 32) - (reach)
const uint64_t put_digit_steps[32] = {
    STEP(1, 0),  STEP(1, 0),         STEP(1, 0), STEP(2, 10),       STEP(2, 0),
    STEP(2, 0),  STEP(3, 100),       STEP(3, 0), STEP(3, 0),        STEP(4, 1000),
    STEP(4, 0),  STEP(4, 0),         STEP(4, 0), STEP(5, 10000),    STEP(5, 0),
    STEP(5, 0),  STEP(6, 100000),    STEP(6, 0), STEP(6, 0),        STEP(7, 1000000),
    STEP(7, 0),  STEP(7, 0),         STEP(7, 0), STEP(8, 10000000), STEP(8, 0),
    STEP(8, 0),  STEP(9, 100000000), STEP(9, 0), STEP(9, 0),        STEP(10, 1000000000),
    STEP(10, 0), STEP(10, 0),
};
