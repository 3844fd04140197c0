/* The three descriptors that every program expects to be given. */
#ifndef TRACER_BASE_STANDARD_H
#define TRACER_BASE_STANDARD_H

/* To be called first of all: where descriptor 0, 1 or 2 is closed, the next file that is opened
 * would get its number, and be read as input or written over with text. Each that is missing is
 * filled with one that answers every read or write with an error. 0, or -1 where that cannot be
 * done. */
int standard_fill(void);

#endif
