/* What a checksum's verdict means, for a reader. */
#include "tracer/fields/fields_parts.h"

#include "tracer/fields/checksum.h"

#include <assert.h>

static const struct {
    const char *word, *sentence;
    enum field_verdict verdict;
} tellings[] = {
    [SUM_NONE] = {"", "", FIELD_PLAIN},
    [SUM_CORRECT] = {" (correct)", "The bytes add up to it: nothing was changed on the way.",
                     FIELD_PLAIN},
    [SUM_WRONG] = {", wrong",
                   "The bytes do not add up to it: they were changed on the way, or the "
                   "sender counted wrong; a receiver drops such a packet without a word.",
                   FIELD_SUSPICIOUS},
    [SUM_PARTIAL] = {" (not filled in yet)",
                     "This packet was captured on the sending machine, before the network card "
                     "computes the checksum (offload; on loopback nobody does): the field holds "
                     "the pseudo-header's sum meanwhile, and that is not an error.",
                     FIELD_PLAIN},
    [SUM_EMPTY] = {" (not filled in)",
                   "0 stands where another sum is due: most likely the packet was captured on the "
                   "sending machine, before the network card computes it (checksum offload), which "
                   "is not an error.",
                   FIELD_PLAIN},
    [SUM_UNUSED] = {" (none)",
                    "The sender has computed none, which UDP over IPv4 allows (RFC 768).",
                    FIELD_PLAIN},
    [SUM_CUT] =
        {" (cannot be judged)",
         "It covers bytes that the capture left out, so nobody can say whether it is right.",
         FIELD_PLAIN},
    [SUM_FRAGMENT] = {" (cannot be judged)",
                      "It covers the datagram's other fragments too, so this one alone does not "
                      "tell.",
                      FIELD_PLAIN},
};
static_assert(sizeof tellings / sizeof tellings[0] == SUM_COUNT, "a row for each verdict");

void tell_sum(struct writer *w, const struct reading *r, bool transport)
{
    tell_hex(w, r);
    if (w->quoted) {
        write_verdict(w, FIELD_PLAIN, "It is not judged here: a quotation is seldom whole.");
        return;
    }
    struct sum s = transport ? sum_transport(w->p) : sum_ipv4_header(w->p);
    text_add(&w->value, tellings[s.verdict].word);
    if (s.verdict == SUM_WRONG)
        text_format(&w->value, ": 0x%04x is due", s.expected);
    write_verdict(w, tellings[s.verdict].verdict, tellings[s.verdict].sentence);
}
