/* The table of the kinds of plot, and their inks. */
#include "tracer/view/plots_kinds.h"

#include "tracer/base/words.h"
#include "tracer/view/glyph.h"

const struct canvas_ink plot_inks[INK_COUNT] = {
    [INK_JOIN] = {ROLE_DIM, '.', '.', '.', true},
    [INK_WINDOW] = {ROLE_WINDOW, '=', '=', ':', true},
    [INK_CWND] = {ROLE_STATE, '~', '~', ';', true},
    [INK_SACK] = {ROLE_SACK, '%', '%', '%', false},
    [INK_ACK] = {ROLE_ACK_LINE, '-', '-', '!', false},
    [INK_POINT_BACK] = {ROLE_ACK_LINE, '*', '*', '*', false},
    [INK_POINT] = {ROLE_DATA, '*', '*', '*', false},
    [INK_GOOD] = {ROLE_ACK_LINE, '#', '#', '#', false},
    [INK_DATA] = {ROLE_DATA, '+', '-', '|', false},
    [INK_REPEAT] = {ROLE_ACK_LINE, 'o', 'o', 'o', false},
    [INK_EDGE] = {ROLE_SYN, '+', '-', '|', false},
    [INK_ZERO] = {ROLE_RST, '0', '0', '0', false},
    [INK_AGAIN] = {ROLE_AGAIN, '+', '-', '|', false},
    [INK_RST] = {ROLE_RST, '+', '-', '|', false},
    [INK_LOST] = {ROLE_LOST, '+', '-', '|', false},
};

enum {
    BRAILLE_DOT = 0x2802,
    BRAILLE_BAR = 0x2847,
    BRAILLE_LINE = 0x2824,
    BRAILLE_DOTS = 0x2804,
    BRAILLE_FULL = 0x28ff,
};

#define LEGEND_MARKS                                                                               \
    {INK_AGAIN, 'R', 'R', N_("again")}, {INK_LOST, GLYPH_LOST, 'x', N_("lost")},                   \
        {INK_EDGE, 'S', 'S', N_("SYN, F FIN")},                                                    \
    {                                                                                              \
        INK_RST, '!', '!', N_("reset")                                                             \
    }

const struct plot_type plot_types[PLOT_KIND_COUNT] = {
    [PLOT_STEVENS] = {"Stevens",
                      "sequence numbers",
                      AXIS_BYTES,
                      {{INK_POINT, BRAILLE_DOT, '*', N_("segment sent")}, LEGEND_MARKS},
                      plots_measure_stevens,
                      plots_draw_stevens,
                      plots_value_sequence},
    [PLOT_TCPTRACE] = {"tcptrace",
                       "sequence numbers, ACKs and window",
                       AXIS_BYTES,
                       {{INK_DATA, BRAILLE_BAR, '|', N_("segment")},
                        {INK_ACK, BRAILLE_LINE, '-', "ACK"},
                        {INK_WINDOW, BRAILLE_DOTS, '=', N_("window")},
                        {INK_REPEAT, 'o', 'o', N_("duplicate")},
                        {INK_SACK, 'v', 'v', "SACK"},
                        {INK_ZERO, 'Z', 'Z', N_("window 0")},
                        LEGEND_MARKS},
                       plots_measure_sequence,
                       plots_draw_tcptrace,
                       plots_value_sequence},
    [PLOT_RTT] = {"RTT",
                  "round-trip times",
                  AXIS_NANOSECONDS,
                  {{INK_POINT_BACK, BRAILLE_DOT, '*',
                    N_("from a segment to its ACK; none where it was sent twice")}},
                  plots_measure_rtt,
                  plots_draw_rtt,
                  plots_value_rtt},
    [PLOT_FLIGHT] = {N_("flight"),
                     "bytes in flight",
                     AXIS_BYTES,
                     {{INK_DATA, BRAILLE_LINE, '-', N_("in flight")},
                      {INK_WINDOW, BRAILLE_DOTS, '=', N_("window")},
                      {INK_CWND, 'c', 'c', N_("cwnd (kernel)")},
                      {INK_ZERO, 'Z', 'Z', N_("window 0")},
                      LEGEND_MARKS},
                     plots_measure_flight,
                     plots_draw_flight,
                     plots_value_flight},
    [PLOT_RATE] = {N_("rate"),
                   "throughput",
                   AXIS_BYTES_PER_SECOND,
                   {{INK_DATA, BRAILLE_LINE, '-', N_("sent")},
                    {INK_GOOD, BRAILLE_FULL, '#', N_("acknowledged (goodput)")}},
                   plots_measure_rate,
                   plots_draw_rate,
                   plots_value_none},
};
