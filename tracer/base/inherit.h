/* What a forked process takes over from its parent and should not keep: signals as the parent set
 * them, and descriptors that are none of its business. */
#ifndef TRACER_BASE_INHERIT_H
#define TRACER_BASE_INHERIT_H

#include <stddef.h>

/* Every signal as a fresh program finds it: its default action, none blocked. An ignored signal and
 * a blocked one would pass through exec. */
void inherit_no_signals(void);

/* Close every descriptor but standard error and those in `keep` (in any order; -1 is passed over).
 */
void inherit_only(const int *keep, size_t count);

/* Mark every descriptor from `first` on close-on-exec. */
void inherit_close_on_exec(int first);

#endif
