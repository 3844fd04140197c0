/* The rows of the table of terms. For the files term*.c only. */
#ifndef TRACER_SELECT_TERM_ROWS_H
#define TRACER_SELECT_TERM_ROWS_H

#include "tracer/select/term.h"

/* ROW(kind, name, weight, sort) */
#define TERM_ROWS(ROW)                                                                             \
    ROW(DIRECTION, direction, 10, PACKET)                                                          \
    ROW(ACTOR, actor, 10, ANY)                                                                     \
    ROW(HOST, host, 10, PACKET)                                                                    \
    ROW(FLAGS, flags, 20, SEGMENT)                                                                 \
    ROW(BITS, bits, 10, SEGMENT)                                                                   \
    ROW(FIELD, field, 10, ANY)                                                                     \
    ROW(PRESENT, present, 10, ANY)                                                                 \
    ROW(SEQ_RANGE, seq_range, 10, SEGMENT)                                                         \
    ROW(DATA, data, 15, SEGMENT)                                                                   \
    ROW(BYTES, bytes, 15, SEGMENT)                                                                 \
    ROW(PROTOCOL, protocol, 20, PACKET)                                                            \
    ROW(UNREACHABLE, unreachable, 10, PACKET)                                                      \
    ROW(PAYLOAD, payload, 10, PACKET)                                                              \
    ROW(AGAIN, again, 10, SEGMENT)                                                                 \
    ROW(FATE, fate, 10, SEGMENT)                                                                   \
    ROW(WIRE, wire, 10, SEGMENT)                                                                   \
    ROW(ANALYSIS, analysis, 10, SEGMENT)                                                           \
    ROW(CALL_NAME, call_name, 20, CALL)                                                            \
    ROW(CALL_PHASE, call_phase, 10, CALL)                                                          \
    ROW(CALL_ARGS, call_args, 10, CALL)                                                            \
    ROW(CALL_ERROR, call_error, 10, CALL)                                                          \
    ROW(DONE, done, 20, ANY)                                                                       \
    ROW(IS, is, 10, ANY)                                                                           \
    ROW(BECOMES, becomes, 20, STATE)                                                               \
    ROW(CONSOLE, console, 20, CONSOLE)                                                             \
    ROW(PROCESS, process, 20, PROCESS)                                                             \
    ROW(KERNEL, kernel, 20, KERNEL)

#define MATCH(name) bool term_match_##name(const struct term *t, struct moment *m)
#define EXPLAIN(name)                                                                              \
    void term_explain_##name(const struct term *t, struct moment *m, struct text *out)

#define DECLARE(kind, name, weight, sort)                                                          \
    MATCH(name);                                                                                   \
    EXPLAIN(name);
TERM_ROWS(DECLARE)
#undef DECLARE

/* Append bytes from outside in quotation marks, the first forty of them. */
void term_add_quoted(const void *bytes, size_t n, struct text *out);

/* Say that it is no segment, where it is none. */
bool term_no_segment(const struct moment *m, struct text *out);

#endif
