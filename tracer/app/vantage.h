/* --at: of a session, what a capture at one of its hosts would have held. What the host sent stands
 * at the moment of sending, what was sent to it at the moment of its delivery; what was lost on the
 * way, and every annotation, is left out. */
#ifndef TRACER_APP_VANTAGE_H
#define TRACER_APP_VANTAGE_H

#include "tracer/capture/source.h"

struct vantage;

/* `host` is 'C' or 'S'. Freed by vantage_free(). */
struct vantage *vantage_new(char host);
void vantage_free(struct vantage *v);

/* Take a session's frame; true where the host saw one by it, which is then in *frame: its bytes are
 * borrowed until the next call. */
bool vantage_take(struct vantage *v, struct capture_frame *frame);

/* 0, or -1 with the sentence where what was taken was no session. */
int vantage_end(const struct vantage *v, struct error *e);

#endif
