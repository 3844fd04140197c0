/* The sentence that gives a finding's reason, one function a kind. */
#include "tracer/tcp/finding.h"

#include <assert.h>
#include <stddef.h>

/* A capture may have a sentence for every other segment: numbers are put without printf. */
static void add_number(struct text *out, const char *before, int64_t n, const char *after)
{
    text_add(out, before);
    text_i64(out, n);
    text_add(out, after);
}

/* "45 us", "213 ms", "1.25 s", "2 min 5 s": three digits are enough for a sentence. */
static void add_span(struct text *out, int64_t ns)
{
    int64_t us = ns / 1000, ms = us / 1000, s = ms / 1000;
    if (us < 10000) {
        add_number(out, "", us, " us");
    } else if (ms < 1000) {
        add_number(out, "", ms, " ms");
    } else if (s < 60) {
        add_number(out, "", s, ".");
        text_u64_padded(out, (uint64_t)(ms / 10 % 100), 2);
        text_add(out, " s");
    } else if (s < 7200) {
        add_number(out, "", s / 60, " min ");
        add_number(out, "", s % 60, " s");
    } else {
        add_number(out, "", s / 3600, " h ");
        add_number(out, "", s / 60 % 60, " min");
    }
}

static void add_after(struct text *out, const char *before, const struct finding *f,
                      const char *after)
{
    if (f->wait_ns < 0)
        return;
    text_add(out, before);
    add_span(out, f->wait_ns);
    text_add(out, after);
}

static void add_count(struct text *out, uint32_t n, const char *one, const char *more)
{
    text_u64(out, n);
    text_char(out, ' ');
    text_add(out, n == 1 ? one : more);
}

static void add_bytes(struct text *out, uint32_t n)
{
    add_count(out, n, "byte", "bytes");
}

static void add_rto(struct text *out, const struct finding *f, const char *verdict)
{
    text_add(out, verdict);
    text_add(out, " (");
    add_span(out, (int64_t)f->rto_us * 1000);
    text_char(out, ')');
}

/* ---- sent again ---- */

static void say_duplicates(const struct finding *f, struct text *out)
{
    text_add(out, "; ");
    if (f->count == 0) {
        text_add(out, "SACK had told that bytes after it came");
        return;
    }
    add_count(out, f->count, "duplicate ACK for ", "duplicate ACKs for ");
    text_u64(out, f->bytes); /* which may ask for another segment than this */
    text_add(out, " had come");
}

static void say_why(const struct finding *f, struct text *out)
{
    switch ((enum finding_why)f->why) {
    case WHY_RTO: add_rto(out, f, "; the RTO was over"); break;
    case WHY_NO_ANSWER: text_add(out, "; nothing had answered it"); break;
    case WHY_DUPLICATES:
        say_duplicates(f, out);
        add_rto(out, f, "; RTO not reached");
        break;
    case WHY_FEW:
        say_duplicates(f, out);
        add_rto(out, f, ", fewer than the three of RFC 5681; RTO not reached");
        break;
    case WHY_PROBE:
        add_rto(out, f, "; nothing had told of a loss; RTO not reached");
        text_add(out, ": a probe of the tail (RFC 8985), or an early timer");
        break;
    default: break;
    }
}

static void say_again(const struct finding *f, struct text *out)
{
    if (f->why == WHY_LATE) {
        add_number(out, "bytes from ", f->seq,
                   " come late: none of them was seen before, so the first copy was lost before "
                   "this point, or overtaken");
        if (f->count > 0)
            say_duplicates(f, out);
        return;
    }
    if (f->wait_ns < 0)
        add_number(out, "bytes from ", f->seq, " were sent before; when was not seen");
    else
        add_after(out, "sent again ", f, " later");
    say_why(f, out);
}

static void say_spurious(const struct finding *f, struct text *out)
{
    add_number(out, "every byte was acknowledged before it came: the ACK for ", f->seq,
               " had passed here");
    add_after(out, "; sent ", f, " after the last time");
}

static void say_out_of_order(const struct finding *f, struct text *out)
{
    add_number(out, "bytes from ", f->seq,
               " come after higher ones, too soon to have been asked for again");
}

static void say_timeout(const struct finding *f, struct text *out)
{
    add_rto(out, f, "no ACK came within the RTO");
    add_after(out, "; sent again after ", f, "");
    if (f->count > 1)
        add_number(out, ", ", f->count, " times before");
    text_add(out, ". The sender starts again from one segment");
}

static void say_sack_ignored(const struct finding *f, struct text *out)
{
    add_bytes(out, f->bytes);
    add_number(out, " from ", f->seq, " sent again although SACK had told of their arrival");
}

static void say_disputed(const struct finding *f, struct text *out)
{
    if (f->why == WHY_FEW) {
        text_add(out, "tshark calls this fast after ");
        add_count(out, f->count, "duplicate ACK", "duplicate ACKs");
        text_add(out, "; RFC 5681 waits for three");
        return;
    }
    text_add(out, "not out of order: the same bytes were seen ");
    add_after(out, "", f, " before, so they are sent again");
}

static void say_d_sack(const struct finding *f, struct text *out)
{
    add_bytes(out, f->bytes);
    add_number(out, " from ", f->seq, " came twice: the copy sent again was not needed");
}

/* ---- gaps and acknowledgements ---- */

static void say_lost(const struct finding *f, struct text *out)
{
    add_bytes(out, f->bytes);
    add_number(out, " from ", f->seq,
               " were not seen before this: lost, overtaken, or not captured");
}

static void say_ack_lost(const struct finding *f, struct text *out)
{
    add_number(out, "acknowledges up to ", f->seq, ", ");
    add_bytes(out, f->bytes);
    text_add(out, " more than was seen: the capture misses segments");
}

static void say_duplicate(const struct finding *f, struct text *out)
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    unsigned ten = f->count % 100, last = ten >= 11 && ten <= 13 ? 0 : ten % 10;
    add_number(out, "the ", f->count, ends[last <= 3 ? last : 0]);
    add_number(out, " ACK more for ", f->seq, "");
    add_after(out, ", ", f, " after the last");
    if (f->bytes > 0) {
        text_add(out, "; SACK tells of ");
        add_bytes(out, f->bytes);
        text_add(out, " beyond");
    }
    if (f->count == 3)
        add_number(out, "; with the third the sender sends ", f->seq, " again");
}

static void say_delayed_ack(const struct finding *f, struct text *out)
{
    text_add(out, "the ACK of ");
    add_bytes(out, f->bytes);
    add_after(out, " came after ", f, "");
    text_add(out, ", where the path takes ");
    add_span(out, (int64_t)f->rto_us * 1000);
    text_add(out, ": the receiver waited for more to acknowledge");
}

static void say_nagle(const struct finding *f, struct text *out)
{
    add_bytes(out, f->bytes);
    add_after(out, f->bytes == 1 ? " was held back " : " were held back ", f, "");
    text_add(out, ", until the ACK of the small segment before was there");
}

/* ---- windows and silence ---- */

static void say_zero_window(const struct finding *f, struct text *out)
{
    text_add(out, "its receive buffer is full: the other end must stop sending");
    add_after(out, "; for ", f, " now");
}

static void say_probe(const struct finding *f, struct text *out)
{
    text_add(out, "one byte, to ask whether the window has opened");
    add_after(out, "; it has been 0 for ", f, "");
}

static void say_probe_ack(const struct finding *f, struct text *out)
{
    text_add(out, "the window is still 0");
    add_after(out, ", for ", f, " now");
}

static void say_window_update(const struct finding *f, struct text *out)
{
    add_number(out, "the window is now ", f->bytes, " bytes");
    if (f->wait_ns >= 0)
        add_after(out, ", after ", f, " at 0: the other end may send again");
    else
        add_number(out, ", after ", f->seq, "");
}

static void say_window_full(const struct finding *f, struct text *out)
{
    add_number(out, "it fills the receiver's window of ", f->bytes,
               " bytes: the sender must wait for an ACK");
}

static void say_keep_alive(const struct finding *f, struct text *out)
{
    add_after(out, "after ", f, " of silence, ");
    if (f->why == WHY_PROBE)
        text_add(out, "to ask whether the window is still 0: the way in which Linux probes it");
    else
        text_add(out, "to ask whether the other end is still there");
}

static void say_keep_alive_ack(const struct finding *f, struct text *out)
{
    text_add(out, "the other end is still there");
    add_after(out, ", and says so after ", f, "");
}

/* ---- beginnings and ends ---- */

static void say_reused(const struct finding *f, struct text *out)
{
    if (f->wait_ns < 0)
        text_add(out, "a SYN-ACK with another initial sequence number than the one before");
    else
        text_add(out, "a new connection on the ports of one before");
    add_after(out, ", ", f, " after its last segment");
}

static void say_time_wait(const struct finding *f, struct text *out)
{
    add_after(out, "the connection before on these ports closed ", f, " ago");
    text_add(out, ": one end of it may still be in TIME-WAIT (60 s)");
}

static void say_refused(const struct finding *f, struct text *out)
{
    text_add(out, "a RST answers the SYN");
    add_after(out, " after ", f, "");
    text_add(out, ": nobody listens on that port, or a firewall says so");
}

static void say_reset(const struct finding *f, struct text *out)
{
    if (f->why == WHY_LATE)
        text_add(out, "something came after this end had closed, and nobody is there to read it");
    else
        text_add(out, "this end gives the connection up at once, without FIN");
    if (f->bytes > 0) {
        text_add(out, "; ");
        add_bytes(out, f->bytes);
        text_add(out, " of its own were not acknowledged");
    }
}

static void say_half_open(const struct finding *f, struct text *out)
{
    if (f->why == WHY_NO_ANSWER)
        text_format(out,
                    "the SYN is answered with an ACK for %u, not %u: this end still holds a "
                    "connection from before",
                    f->seq, f->bytes);
    else
        text_add(out, "this end knows no such connection: it has restarted, or given it up");
}

static void say_simultaneous_open(const struct finding *f, struct text *out)
{
    text_add(out, "both ends sent a SYN");
    add_after(out, ", ", f, " apart");
    text_add(out, ": one connection comes of it (RFC 9293, section 3.5)");
}

static void say_simultaneous_close(const struct finding *f, struct text *out)
{
    text_add(out, "this FIN and the other end's crossed");
    add_after(out, ", ", f, " apart");
    text_add(out, ": both go through CLOSING to TIME-WAIT");
}

static void say_wrap(const struct finding *f, struct text *out)
{
    add_number(out, "the sequence numbers pass 2^32 in this segment, which starts at ", f->bytes,
               ", and go on from 0");
}

static void say_midstream(const struct finding *f, struct text *out)
{
    (void)f;
    text_add(out, "no SYN was seen: window scales and initial sequence numbers are not known");
}

static void say_one_sided(const struct finding *f, struct text *out)
{
    (void)f;
    text_add(out, "the other direction is acknowledged, and nothing of it was captured");
}

static void (*const sayings[])(const struct finding *, struct text *) = {
    [FINDING_RETRANSMISSION] = say_again,
    [FINDING_FAST_RETRANSMISSION] = say_again,
    [FINDING_SPURIOUS_RETRANSMISSION] = say_spurious,
    [FINDING_OUT_OF_ORDER] = say_out_of_order,
    [FINDING_LOST_SEGMENT] = say_lost,
    [FINDING_ACK_LOST_SEGMENT] = say_ack_lost,
    [FINDING_DUPLICATE_ACK] = say_duplicate,
    [FINDING_ZERO_WINDOW] = say_zero_window,
    [FINDING_ZERO_WINDOW_PROBE] = say_probe,
    [FINDING_ZERO_WINDOW_PROBE_ACK] = say_probe_ack,
    [FINDING_WINDOW_UPDATE] = say_window_update,
    [FINDING_WINDOW_FULL] = say_window_full,
    [FINDING_KEEP_ALIVE] = say_keep_alive,
    [FINDING_KEEP_ALIVE_ACK] = say_keep_alive_ack,
    [FINDING_REUSED_PORTS] = say_reused,
    [FINDING_TIMEOUT] = say_timeout,
    [FINDING_D_SACK] = say_d_sack,
    [FINDING_SACK_IGNORED] = say_sack_ignored,
    [FINDING_DISPUTED] = say_disputed,
    [FINDING_REFUSED] = say_refused,
    [FINDING_RESET] = say_reset,
    [FINDING_HALF_OPEN] = say_half_open,
    [FINDING_SIMULTANEOUS_OPEN] = say_simultaneous_open,
    [FINDING_SIMULTANEOUS_CLOSE] = say_simultaneous_close,
    [FINDING_TIME_WAIT_REUSE] = say_time_wait,
    [FINDING_SEQUENCE_WRAP] = say_wrap,
    [FINDING_MIDSTREAM] = say_midstream,
    [FINDING_ONE_SIDED] = say_one_sided,
    [FINDING_DELAYED_ACK] = say_delayed_ack,
    [FINDING_NAGLE] = say_nagle,
};
static_assert(sizeof sayings / sizeof sayings[0] == FINDING_KIND_COUNT, "a sentence a kind");

void finding_reason(const struct finding *f, struct text *out)
{
    if (f->kind < FINDING_KIND_COUNT)
        sayings[f->kind](f, out);
}
