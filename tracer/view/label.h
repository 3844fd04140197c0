/* The words of the ladder: a segment in tcpdump's notation with J and K, a call, a state, a time.
 */
#ifndef TRACER_VIEW_LABEL_H
#define TRACER_VIEW_LABEL_H

#include "tracer/base/text.h"
#include "tracer/trace/trace.h"
#include "tracer/view/grid.h"

/* A segment in words, from the fullest form (0) to the shortest (LABEL_FORMS - 1). A SYN's numbers
 * are named J (the initiator's) and K; later ones are relative to them, as tcpdump prints them. */
enum { LABEL_FORMS = 6 };
void label_segment(const struct trace *t, const struct segment *s, int form, struct text *out);

/* Append what the analysis finds in a segment, in a few words and with ` - ` before them: the first
 * fault, else the first of what is worth knowing. Nothing where there is nothing. */
void label_finding(const struct trace *t, const struct segment *s, struct text *out);

/* How a segment looks, by what it carries. */
enum role label_role(const struct segment *s);

/* A call within `cols` columns: as it is entered, "connect(3, S:9502)"; with its result where it
 * returned at once, "bind(3, S:9502) = 0"; its return alone, "connect() = 0", with the arguments
 * where these say more than at entry and there is room. The hosts' addresses are C and S. */
enum call_form { CALL_ENTERED, CALL_WHOLE, CALL_RETURNED };
void label_call(const struct trace *t, const struct call *c, enum call_form form, int cols,
                struct text *out);

/* Append "held", and behind it how often it was sent where that was more than once ("held ×3"):
 * for a segment that a hand holds on the wire now; false where none does. `out` may be NULL. */
bool label_held(const struct trace *t, const struct segment *s, struct text *out);

/* Why a segment did not arrive, in a word or two: "lost", "damaged", "a repeat" of a held one. */
const char *label_lost(const struct trace *t, const struct segment *s);

/* Where a call was made: "client.c:31 in main"; nothing where that is not known. */
void label_caller(const struct call *c, struct text *out);

/* Text that holds addresses, safe for the screen, the session's two hosts written as C and S. */
void label_hosts(const struct trace *t, const char *foreign, struct text *out);

/* "> hello", "client started", "exited with 0". */
void label_note(const struct note *n, struct text *out);

/* A packet that is not TCP, in a few words. */
void label_other(const struct trace *t, uint32_t other, struct text *out);

/* Durations and times. Since the start "1.002003"; the clock "13:04:05.123456"; a span "1.002 s",
 * "20.1 ms", "35 us". */
enum time_format { TIME_SINCE_START, TIME_CLOCK, TIME_SINCE_LAST, TIME_FORMAT_COUNT };
const char *time_format_name(enum time_format f);
void label_seconds(int64_t ns, struct text *out);
void label_clock(int64_t time_ns, struct text *out);
void label_span(int64_t ns, struct text *out);

/* What became of a segment on the wire, behind when it was sent: ", delivered after 10 ms", and the
 * rule that it met; nothing where no wire told. */
void label_fate(const struct trace *t, const struct segment *s, struct text *out);

/* What a kernel's word says beyond the state, in one line; nothing where it has no more to say: of
 * a connection that is being opened, or in TIME-WAIT, it keeps a small record only. */
void label_kernel(const struct kernel_word *w, struct text *out);

/* The same numbers, each with a comma before it. */
void label_kernel_numbers(const struct kernel_word *w, struct text *out);

#endif
