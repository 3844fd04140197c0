#include "tracer/base/put.h"

#define QUAD(n)                                                                                    \
    {                                                                                              \
        '0' + (n) / 1000, '0' + (n) / 100 % 10, '0' + (n) / 10 % 10, '0' + (n) % 10                \
    }
#define QUADS_10(n)                                                                                \
    QUAD((n) + 0), QUAD((n) + 1), QUAD((n) + 2), QUAD((n) + 3), QUAD((n) + 4), QUAD((n) + 5),      \
        QUAD((n) + 6), QUAD((n) + 7), QUAD((n) + 8), QUAD((n) + 9)
#define QUADS_100(n)                                                                               \
    QUADS_10((n) + 0), QUADS_10((n) + 10), QUADS_10((n) + 20), QUADS_10((n) + 30),                 \
        QUADS_10((n) + 40), QUADS_10((n) + 50), QUADS_10((n) + 60), QUADS_10((n) + 70),            \
        QUADS_10((n) + 80), QUADS_10((n) + 90)
#define QUADS_1000(n)                                                                              \
    QUADS_100((n) + 0), QUADS_100((n) + 100), QUADS_100((n) + 200), QUADS_100((n) + 300),          \
        QUADS_100((n) + 400), QUADS_100((n) + 500), QUADS_100((n) + 600), QUADS_100((n) + 700),    \
        QUADS_100((n) + 800), QUADS_100((n) + 900)

const char put_quads[10001][4] = {
    QUADS_1000(0),    QUADS_1000(1000), QUADS_1000(2000), QUADS_1000(3000), QUADS_1000(4000),
    QUADS_1000(5000), QUADS_1000(6000), QUADS_1000(7000), QUADS_1000(8000), QUADS_1000(9000),
};
