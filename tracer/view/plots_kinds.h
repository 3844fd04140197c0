/* The functions of the kinds of plot, for their table. */
#ifndef TRACER_VIEW_PLOTS_KINDS_H
#define TRACER_VIEW_PLOTS_KINDS_H

#include "tracer/view/plots.h"

void plots_measure_stevens(struct plots *v, struct series_extent *values,
                           struct series_extent *window);
void plots_measure_sequence(struct plots *v, struct series_extent *values,
                            struct series_extent *window);
void plots_draw_stevens(struct plots *v);
void plots_draw_tcptrace(struct plots *v);
int64_t plots_value_sequence(const struct plots *v, const struct series_point *p);
void plots_measure_rtt(struct plots *v, struct series_extent *values, struct series_extent *window);
void plots_draw_rtt(struct plots *v);
int64_t plots_value_rtt(const struct plots *v, const struct series_point *p);
void plots_measure_flight(struct plots *v, struct series_extent *values,
                          struct series_extent *window);
void plots_draw_flight(struct plots *v);

/* The congestion window of the sender's kernel beside it, where the session has that. */
void plots_measure_cwnd(const struct plots *v, struct series_extent *values);
void plots_draw_cwnd(struct plots *v);

int64_t plots_value_flight(const struct plots *v, const struct series_point *p);
void plots_measure_rate(struct plots *v, struct series_extent *values,
                        struct series_extent *window);
void plots_draw_rate(struct plots *v);
int64_t plots_value_none(const struct plots *v, const struct series_point *p);

#endif
