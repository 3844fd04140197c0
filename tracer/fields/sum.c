/* What a checksum's verdict means, for a reader. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"
#include "tracer/fields/checksum.h"

#include <assert.h>

static const struct {
    const char *word, *sentence;
    enum field_verdict verdict;
} tellings[] = {
    [SUM_NONE] = {"", "", FIELD_PLAIN},
    [SUM_CORRECT] = {N_(" (correct)"),
                     N_("The bytes add up to it: nothing was changed on the way."), FIELD_PLAIN},
    [SUM_WRONG] = {N_(", wrong"),
                   N_("The bytes do not add up to it: they were changed on the way, or the sender "
                      "miscounted; a receiver drops such a packet without a word."),
                   FIELD_SUSPICIOUS},
    [SUM_PARTIAL] = {N_(" (not filled in yet)"),
                     N_("Not an error: captured on the sending machine, before its network card "
                        "computes the sum (checksum offload; on loopback nobody does)."),
                     FIELD_PLAIN},
    [SUM_EMPTY] =
        {N_(" (not filled in)"),
         N_("Most likely not an error: captured on the sending machine, before its network "
            "card computes the sum (checksum offload)."),
         FIELD_PLAIN},
    [SUM_UNUSED] = {N_(" (none)"),
                    N_("The sender has computed none, which UDP over IPv4 allows (RFC 768)."),
                    FIELD_PLAIN},
    [SUM_CUT] =
        {N_(" (cannot be judged)"),
         N_("It covers bytes that the capture left out, so nobody can say whether it is right."),
         FIELD_PLAIN},
    [SUM_FRAGMENT] = {N_(" (cannot be judged)"),
                      N_("It covers the datagram's other fragments too, so this one alone does not "
                         "tell."),
                      FIELD_PLAIN},
};
static_assert(sizeof tellings / sizeof tellings[0] == SUM_COUNT, "a row for each verdict");

void tell_sum(struct writer *w, const struct reading *r, bool transport, const char *covers)
{
    tell_hex(w, r);
    if (w->quoted) {
        write_verdict(w, FIELD_PLAIN, N_("It is not judged here: a quotation is seldom whole."));
        write_verdict(w, FIELD_PLAIN, covers);
        return;
    }
    struct sum s = transport ? sum_transport(w->p) : sum_ipv4_header(w->p);
    text_add(&w->value, _(tellings[s.verdict].word));
    if (s.verdict == SUM_WRONG)
        text_format(&w->value, _(": 0x%04x is due"), s.expected);
    write_verdict(w, tellings[s.verdict].verdict, tellings[s.verdict].sentence);
    write_verdict(w, FIELD_PLAIN, covers);
}
