#include "tracer/tcp/finding.h"

#include "tracer/base/words.h"

#include <assert.h>
#include <string.h>

/* One row a kind. The first names are tshark's. */
static const struct {
    const char *name, *title;
    enum finding_severity severity;
} kinds[] = {
    [FINDING_RETRANSMISSION] = {"retransmission", N_("sent again"), FINDING_FAULT},
    [FINDING_FAST_RETRANSMISSION] = {"fast_retransmission", N_("fast retransmission"),
                                     FINDING_FAULT},
    [FINDING_SPURIOUS_RETRANSMISSION] = {"spurious_retransmission", N_("sent again needlessly"),
                                         FINDING_FAULT},
    [FINDING_OUT_OF_ORDER] = {"out_of_order", N_("out of order"), FINDING_FAULT},
    [FINDING_LOST_SEGMENT] = {"lost_segment", N_("segment before it missing"), FINDING_FAULT},
    [FINDING_ACK_LOST_SEGMENT] = {"ack_lost_segment", N_("ACK of a segment not seen"),
                                  FINDING_WORTH_KNOWING},
    [FINDING_DUPLICATE_ACK] = {"duplicate_ack", N_("duplicate ACK"), FINDING_WORTH_KNOWING},
    [FINDING_ZERO_WINDOW] = {"zero_window", N_("zero window"), FINDING_FAULT},
    [FINDING_ZERO_WINDOW_PROBE] = {"zero_window_probe", N_("zero window probe"),
                                   FINDING_WORTH_KNOWING},
    [FINDING_ZERO_WINDOW_PROBE_ACK] = {"zero_window_probe_ack", N_("answer to a window probe"),
                                       FINDING_WORTH_KNOWING},
    [FINDING_WINDOW_UPDATE] = {"window_update", N_("window update"), FINDING_WORTH_KNOWING},
    [FINDING_WINDOW_FULL] = {"window_full", N_("window full"), FINDING_WORTH_KNOWING},
    [FINDING_KEEP_ALIVE] = {"keep_alive", N_("keep-alive"), FINDING_WORTH_KNOWING},
    [FINDING_KEEP_ALIVE_ACK] = {"keep_alive_ack", N_("answer to a keep-alive"),
                                FINDING_WORTH_KNOWING},
    [FINDING_REUSED_PORTS] = {"reused_ports", N_("ports used again"), FINDING_WORTH_KNOWING},
    [FINDING_TIMEOUT] = {"timeout", N_("retransmission timeout"), FINDING_FAULT},
    [FINDING_D_SACK] = {"d_sack", N_("came twice (D-SACK)"), FINDING_WORTH_KNOWING},
    [FINDING_SACK_IGNORED] = {"sack_ignored", N_("sent again despite SACK"), FINDING_FAULT},
    [FINDING_DISPUTED] = {"disputed", N_("tshark says otherwise"), FINDING_WORTH_KNOWING},
    [FINDING_REFUSED] = {"refused", N_("connection refused"), FINDING_FAULT},
    [FINDING_RESET] = {"reset", N_("connection reset"), FINDING_FAULT},
    [FINDING_HALF_OPEN] = {"half_open", N_("half-open connection"), FINDING_FAULT},
    [FINDING_SIMULTANEOUS_OPEN] = {"simultaneous_open", N_("simultaneous open"),
                                   FINDING_WORTH_KNOWING},
    [FINDING_SIMULTANEOUS_CLOSE] = {"simultaneous_close", N_("simultaneous close"),
                                    FINDING_WORTH_KNOWING},
    [FINDING_TIME_WAIT_REUSE] = {"time_wait_reuse", N_("reuse within TIME-WAIT"),
                                 FINDING_WORTH_KNOWING},
    [FINDING_SEQUENCE_WRAP] = {"sequence_wrap", N_("sequence numbers wrap"), FINDING_WORTH_KNOWING},
    [FINDING_MIDSTREAM] = {"midstream", N_("begins in the middle"), FINDING_WORTH_KNOWING},
    [FINDING_ONE_SIDED] = {"one_sided", N_("one direction only"), FINDING_WORTH_KNOWING},
    [FINDING_DELAYED_ACK] = {"delayed_ack", N_("delayed ACK"), FINDING_WORTH_KNOWING},
    [FINDING_NAGLE] = {"nagle", N_("held back (Nagle)"), FINDING_WORTH_KNOWING},
};
static_assert(sizeof kinds / sizeof kinds[0] == FINDING_KIND_COUNT, "a row a kind");
static_assert(FINDING_KIND_COUNT <= 32, "a bit a kind");
static_assert(sizeof(struct finding) == 32, "findings are small");

const char *finding_name(enum finding_kind kind)
{
    return kind < FINDING_KIND_COUNT ? kinds[kind].name : "?";
}

bool finding_by_name(const char *name, enum finding_kind *kind)
{
    for (int i = 0; i < FINDING_KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        *kind = (enum finding_kind)i;
        return true;
    }
    return false;
}

const char *finding_title(enum finding_kind kind)
{
    return kind < FINDING_KIND_COUNT ? _(kinds[kind].title) : "?";
}

enum finding_severity finding_severity(enum finding_kind kind)
{
    return kind < FINDING_KIND_COUNT ? kinds[kind].severity : FINDING_WORTH_KNOWING;
}

const char *finding_severity_name(enum finding_severity severity)
{
    return severity == FINDING_FAULT ? "fault" : "worth knowing";
}
