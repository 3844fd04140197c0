/* The JSON of an annotation. What was read, written and read again must be the same. */
#include "tracer/base/alloc.h"
#include "tracer/session/annotation.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Only what a reader could make nothing of is refused the second time: nothing is. */
static void check_again(const struct annotation *a)
{
    struct text frame = {0}, twice = {0};
    struct annotation b;
    annotation_write(a, &frame);
    if (annotation_read((const uint8_t *)text_str(&frame), frame.len, &b, NULL) != 0)
        abort();
    annotation_write(&b, &twice);
    if (twice.len != frame.len || memcmp(twice.s, frame.s, frame.len) != 0)
        abort();
    annotation_free(&b);
    text_free(&frame);
    text_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const uint8_t header[ANNOTATION_HEADER_BYTES] = {[12] = 0x88, [13] = 0xb5};
    struct annotation a;
    struct error e;
    uint8_t *frame = xmalloc(sizeof header + n);
    memcpy(frame, header, sizeof header);
    if (n > 0)
        memcpy(frame + sizeof header, bytes, n);
    if (annotation_read(frame, sizeof header + n, &a, &e) == 0) {
        if (a.type != ANNOTATION_UNKNOWN)
            check_again(&a);
        annotation_free(&a);
    }
    free(frame);
    return 0;
}
