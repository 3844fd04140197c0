/* One plain sentence on what a segment means. */
#ifndef TRACER_PRINT_SENTENCE_H
#define TRACER_PRINT_SENTENCE_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"

/* What the sentences remember of a connection. All zero at its start. */
struct story {
    bool crossed;  /* the responder has sent a SYN of its own, not an answer */
    bool answered; /* a SYN-ACK was seen */
    bool opened;   /* and the ACK that completes the handshake */
    bool fin_sent[SIDE_COUNT];
    uint32_t fin_ack[SIDE_COUNT]; /* the acknowledgement number that covers this side's FIN */
    bool fin_acked[SIDE_COUNT];
    bool ack_seen[SIDE_COUNT];
    uint32_t last_ack[SIDE_COUNT];
};

/* Append the sentence on segment `s`, whose sender and receiver are called `from` and `to`, and
 * move the story on. Segments are to be told in the order in which they were sent. */
void sentence_add(struct story *story, const struct trace *t, const struct segment *s,
                  const char *from, const char *to, struct text *out);

#endif
