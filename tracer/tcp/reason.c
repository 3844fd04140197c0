/* The sentence that gives a finding's reason, one function a kind.
 *
 * A capture may have a sentence for every other segment, so that they are put together without
 * printf: in braces stand the finding's values, in any order that a language has them in. */
#include "tracer/tcp/finding.h"

#include "tracer/base/words.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* "45 us", "213 ms", "1.25 s", "2 min 5 s": three digits are enough for a sentence. */
static void add_span(struct text *out, int64_t ns)
{
    int64_t us = ns / 1000, ms = us / 1000, s = ms / 1000;
    int64_t first = us < 10000 ? us : ms < 1000 ? ms : s < 60 ? s : s < 7200 ? s / 60 : s / 3600;
    text_i64(out, first);
    if (us < 10000) {
        text_add(out, " us");
    } else if (ms < 1000) {
        text_add(out, " ms");
    } else if (s < 60) {
        text_char(out, '.');
        text_u64_padded(out, (uint64_t)(ms / 10 % 100), 2);
        text_add(out, " s");
    } else {
        text_add(out, s < 7200 ? " min " : " h ");
        text_i64(out, s < 7200 ? s % 60 : s / 60 % 60);
        text_add(out, s < 7200 ? " s" : " min");
    }
}

static void add_wait(const struct finding *f, struct text *out)
{
    add_span(out, f->wait_ns);
}

static void add_rto(const struct finding *f, struct text *out)
{
    add_span(out, (int64_t)f->rto_us * 1000);
}

static void add_seq(const struct finding *f, struct text *out)
{
    text_u64(out, f->seq);
}

static void add_number(const struct finding *f, struct text *out)
{
    text_u64(out, f->bytes);
}

static void add_bytes(const struct finding *f, struct text *out)
{
    text_u64(out, f->bytes);
    text_char(out, ' ');
    text_add(out, f->bytes == 1 ? _("byte") : _("bytes"));
}

static void add_count(const struct finding *f, struct text *out)
{
    text_u64(out, f->count);
}

static void add_nth(const struct finding *f, struct text *out)
{
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    unsigned ten = f->count % 100, last = ten >= 11 && ten <= 13 ? 0 : ten % 10;
    text_u64(out, f->count);
    text_add(out, ends[last <= 3 ? last : 0]);
}

/* What may stand in braces. */
static const struct {
    const char *name;
    void (*add)(const struct finding *f, struct text *out);
} values[] = {
    {"wait", add_wait},     /* since what it is about happened last */
    {"rto", add_rto},       /* the retransmission timeout, or the path's round trip */
    {"seq", add_seq},       /* a sequence number */
    {"bytes", add_bytes},   /* "1 byte", "5 bytes" */
    {"number", add_number}, /* the same without the word: it may be a sequence number, too */
    {"count", add_count},   /* how many there were */
    {"nth", add_nth},       /* the same as "1st", "2nd": English has need of it */
};

static void say(const char *words, const struct finding *f, struct text *out)
{
    for (const char *p = words; *p;) {
        size_t n = strcspn(p, "{");
        text_bytes(out, p, n);
        p += n;
        if (*p != '{')
            continue;
        n = strcspn(++p, "}");
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
            if (strncmp(values[i].name, p, n) == 0 && values[i].name[n] == '\0')
                values[i].add(f, out);
        p += n + (p[n] == '}');
    }
}

/* What tells of a time that is known. */
static void say_timed(const char *words, const struct finding *f, struct text *out)
{
    if (f->wait_ns >= 0)
        say(words, f, out);
}

/* ---- sent again ---- */

static void say_duplicates(const struct finding *f, struct text *out)
{
    if (f->count == 0)
        say(_("; SACK had told that bytes after it came"), f, out);
    else if (f->count == 1) /* the number may ask for another segment than this */
        say(_("; 1 duplicate ACK for {number} had come"), f, out);
    else
        say(_("; {count} duplicate ACKs for {number} had come"), f, out);
}

static void say_why(const struct finding *f, struct text *out)
{
    switch ((enum finding_why)f->why) {
    case WHY_RTO: say(_("; the RTO was over ({rto})"), f, out); break;
    case WHY_NO_ANSWER: say(_("; nothing had answered it"), f, out); break;
    case WHY_DUPLICATES:
        say_duplicates(f, out);
        say(_("; RTO not reached ({rto})"), f, out);
        break;
    case WHY_FEW:
        say_duplicates(f, out);
        say(_(", fewer than the three of RFC 5681; RTO not reached ({rto})"), f, out);
        break;
    case WHY_PROBE:
        say(_("; nothing had told of a loss; RTO not reached ({rto}): a probe of the tail (RFC "
              "8985), or an early timer"),
            f, out);
        break;
    default: break;
    }
}

static void say_again(const struct finding *f, struct text *out)
{
    if (f->why == WHY_LATE) {
        say(_("bytes from {seq} come late: none of them was seen before, so the first copy was "
              "lost before this point, or overtaken"),
            f, out);
        if (f->count > 0)
            say_duplicates(f, out);
        return;
    }
    say(f->wait_ns < 0 ? _("bytes from {seq} were sent before; when was not seen")
                       : _("sent again {wait} later"),
        f, out);
    say_why(f, out);
}

static void say_spurious(const struct finding *f, struct text *out)
{
    say(_("every byte was acknowledged before it came: the ACK for {seq} had passed here"), f, out);
    say_timed(_("; sent {wait} after the last time"), f, out);
}

static void say_out_of_order(const struct finding *f, struct text *out)
{
    say(_("bytes from {seq} come after higher ones, too soon to have been asked for again"), f,
        out);
}

static void say_timeout(const struct finding *f, struct text *out)
{
    say(_("no ACK came within the RTO ({rto})"), f, out);
    say_timed(_("; sent again after {wait}"), f, out);
    if (f->count > 1)
        say(_(", {count} times before"), f, out);
    say(_(". The sender starts again from one segment"), f, out);
}

static void say_sack_ignored(const struct finding *f, struct text *out)
{
    say(_("{bytes} from {seq} sent again although SACK had told of their arrival"), f, out);
}

static void say_disputed(const struct finding *f, struct text *out)
{
    if (f->why != WHY_FEW)
        say(f->wait_ns < 0
                ? _("not out of order: the same bytes were seen before, so they are sent again")
                : _("not out of order: the same bytes were seen {wait} before, so they are sent "
                    "again"),
            f, out);
    else if (f->count == 1)
        say(_("tshark calls this fast after 1 duplicate ACK; RFC 5681 waits for three"), f, out);
    else
        say(_("tshark calls this fast after {count} duplicate ACKs; RFC 5681 waits for three"), f,
            out);
}

static void say_d_sack(const struct finding *f, struct text *out)
{
    say(_("{bytes} from {seq} came twice: the copy sent again was not needed"), f, out);
}

/* ---- gaps and acknowledgements ---- */

static void say_lost(const struct finding *f, struct text *out)
{
    say(_("{bytes} from {seq} were not seen before this: lost, overtaken, or not captured"), f,
        out);
}

static void say_ack_lost(const struct finding *f, struct text *out)
{
    say(_("acknowledges up to {seq}, {bytes} more than was seen: the capture misses segments"), f,
        out);
}

static void say_duplicate(const struct finding *f, struct text *out)
{
    say(_("the {nth} ACK more for {seq}"), f, out);
    say_timed(_(", {wait} after the last"), f, out);
    if (f->bytes > 0)
        say(_("; SACK tells of {bytes} beyond"), f, out);
    if (f->count == 3)
        say(_("; with the third the sender sends {seq} again"), f, out);
}

static void say_delayed_ack(const struct finding *f, struct text *out)
{
    say(f->wait_ns < 0
            ? _("the ACK of {bytes}, where the path takes {rto}: the receiver waited for "
                "more to acknowledge")
            : _("the ACK of {bytes} came after {wait}, where the path takes {rto}: the "
                "receiver waited for more to acknowledge"),
        f, out);
}

static void say_nagle(const struct finding *f, struct text *out)
{
    say(f->bytes == 1
            ? _("{bytes} was held back {wait}, until the ACK of the small segment before "
                "was there")
            : _("{bytes} were held back {wait}, until the ACK of the small segment before "
                "was there"),
        f, out);
}

/* ---- windows and silence ---- */

static void say_zero_window(const struct finding *f, struct text *out)
{
    say(_("its receive buffer is full: the other end must stop sending"), f, out);
    say_timed(_("; for {wait} now"), f, out);
}

static void say_probe(const struct finding *f, struct text *out)
{
    say(_("one byte, to ask whether the window has opened"), f, out);
    say_timed(_("; it has been 0 for {wait}"), f, out);
}

static void say_probe_ack(const struct finding *f, struct text *out)
{
    say(_("the window is still 0"), f, out);
    say_timed(_(", for {wait} now"), f, out);
}

static void say_window_update(const struct finding *f, struct text *out)
{
    say(f->wait_ns >= 0
            ? _("the window is now {number} bytes, after {wait} at 0: the other end may "
                "send again")
            : _("the window is now {number} bytes, after {seq}"),
        f, out);
}

static void say_window_full(const struct finding *f, struct text *out)
{
    say(_("it fills the receiver's window of {number} bytes: the sender must wait for an ACK"), f,
        out);
}

static void say_keep_alive(const struct finding *f, struct text *out)
{
    say_timed(_("after {wait} of silence, "), f, out);
    say(f->why == WHY_PROBE
            ? _("to ask whether the window is still 0: the way in which Linux probes it")
            : _("to ask whether the other end is still there"),
        f, out);
}

static void say_keep_alive_ack(const struct finding *f, struct text *out)
{
    say(_("the other end is still there"), f, out);
    say_timed(_(", and says so after {wait}"), f, out);
}

/* ---- beginnings and ends ---- */

static void say_reused(const struct finding *f, struct text *out)
{
    say(f->wait_ns < 0
            ? _("a SYN-ACK with another initial sequence number than the one before")
            : _("a new connection on the ports of one before, {wait} after its last segment"),
        f, out);
}

static void say_time_wait(const struct finding *f, struct text *out)
{
    say(_("the connection before on these ports closed {wait} ago: one end of it may still be in "
          "TIME-WAIT (60 s)"),
        f, out);
}

static void say_refused(const struct finding *f, struct text *out)
{
    say(f->wait_ns < 0 ? _("a RST answers the SYN: nobody listens on that port, or a firewall says "
                           "so")
                       : _("a RST answers the SYN after {wait}: nobody listens on that port, or a "
                           "firewall says so"),
        f, out);
}

static void say_reset(const struct finding *f, struct text *out)
{
    say(f->why == WHY_LATE
            ? _("something came after this end had closed, and nobody is there to read it")
            : _("this end gives the connection up at once, without FIN"),
        f, out);
    if (f->bytes > 0)
        say(_("; {bytes} of its own were not acknowledged"), f, out);
}

static void say_half_open(const struct finding *f, struct text *out)
{
    say(f->why == WHY_NO_ANSWER
            ? _("the SYN is answered with an ACK for {seq}, not {number}: this end still holds a "
                "connection from before")
            : _("this end knows no such connection: it has restarted, or given it up"),
        f, out);
}

static void say_simultaneous_open(const struct finding *f, struct text *out)
{
    say(_("both ends sent a SYN"), f, out);
    say_timed(_(", {wait} apart"), f, out);
    say(_(": one connection comes of it (RFC 9293, section 3.5)"), f, out);
}

static void say_simultaneous_close(const struct finding *f, struct text *out)
{
    say(_("this FIN and the other end's crossed"), f, out);
    say_timed(_(", {wait} apart"), f, out);
    say(_(": both go through CLOSING to TIME-WAIT"), f, out);
}

static void say_wrap(const struct finding *f, struct text *out)
{
    say(_("the sequence numbers pass 2^32 in this segment, which starts at {number}, and go on "
          "from "
          "0"),
        f, out);
}

static void say_midstream(const struct finding *f, struct text *out)
{
    say(_("no SYN was seen: window scales and initial sequence numbers are not known"), f, out);
}

static void say_one_sided(const struct finding *f, struct text *out)
{
    say(_("the other direction is acknowledged, and nothing of it was captured"), f, out);
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
