/* Selectors: one language in which events of a trace are pointed at (docs/expectations.md). A
 * selector is parsed once, never changes, and may be shared. */
#ifndef TRACER_SELECT_SELECTOR_H
#define TRACER_SELECT_SELECTOR_H

#include "tracer/select/fault.h"

#include <stdbool.h>
#include <stdint.h>

struct selector;

/* Parse a whole text: "C > S data 3 again". NULL with the fault set where it is none. Freed by
 * selector_free(). */
struct selector *selector_parse(const char *text, struct select_fault *fault);
void selector_free(struct selector *s);

/* As it was written (borrowed). */
const char *selector_text(const struct selector *s);

/* True where it asks for the last of something: what it selects is settled only when the trace has
 * ended. */
bool selector_needs_end(const struct selector *s);

/* The same for who waits for something to happen: true where an event is known to be selected as
 * soon as it is in the trace. Where not, `why` (or NULL) gets the reason: it may be said behind
 * "This cannot be waited for: ". */
bool selector_is_known_at_once(const struct selector *s, struct text *why);

/* Whether it asks for anything but packets as they are sent (calls, states, fates, what comes
 * later): such a one cannot tell the wire what to do with a packet. `why` then names the term. */
bool selector_is_of_packets(const struct selector *s, struct text *why);

/* Every word that begins a term, the list ending with NULL: for help and completion. */
const char *const *selector_words(void);

/* The calls that may be named, the same way. */
const char *const *selector_calls(void);

#endif
