/* The rows of the table of terms. For the files term*.c only. */
#ifndef TRACER_SELECT_TERM_ROWS_H
#define TRACER_SELECT_TERM_ROWS_H

#include "tracer/select/term.h"

/* ROW(kind, name, weight, sort) */
#define TERM_ROWS(ROW)                                                                             \
    ROW(DIRECTION, direction, 1, PACKET)                                                           \
    ROW(ACTOR, actor, 1, ANY)                                                                      \
    ROW(HOST, host, 1, PACKET)                                                                     \
    ROW(FLAGS, flags, 1, SEGMENT)                                                                  \
    ROW(BITS, bits, 1, SEGMENT)                                                                    \
    ROW(FIELD, field, 1, ANY)                                                                      \
    ROW(PRESENT, present, 1, ANY)                                                                  \
    ROW(SEQ_RANGE, seq_range, 1, SEGMENT)                                                          \
    ROW(DATA, data, 2, SEGMENT)                                                                    \
    ROW(BYTES, bytes, 2, SEGMENT)                                                                  \
    ROW(PROTOCOL, protocol, 2, PACKET)                                                             \
    ROW(UNREACHABLE, unreachable, 1, PACKET)                                                       \
    ROW(PAYLOAD, payload, 1, PACKET)                                                               \
    ROW(AGAIN, again, 1, SEGMENT)                                                                  \
    ROW(FATE, fate, 1, SEGMENT)                                                                    \
    ROW(ANALYSIS, analysis, 1, SEGMENT)                                                            \
    ROW(CALL_NAME, call_name, 2, CALL)                                                             \
    ROW(CALL_PHASE, call_phase, 1, CALL)                                                           \
    ROW(CALL_ARGS, call_args, 1, CALL)                                                             \
    ROW(CALL_ERROR, call_error, 1, CALL)                                                           \
    ROW(DONE, done, 2, ANY)                                                                        \
    ROW(IS, is, 1, ANY)                                                                            \
    ROW(BECOMES, becomes, 2, STATE)                                                                \
    ROW(CONSOLE, console, 2, CONSOLE)                                                              \
    ROW(PROCESS, process, 2, PROCESS)

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
