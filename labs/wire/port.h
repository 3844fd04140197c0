/* The rings that a wire reads, one a direction, and the waiting on them: what the wire and the
 * loopback tap share. */
#ifndef LABS_WIRE_PORT_H
#define LABS_WIRE_PORT_H

#include "labs/wire/recorder.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"

struct ports {
    struct source *sources[WIRE_DIRECTION_COUNT]; /* (owned) */
    const char *names[WIRE_DIRECTION_COUNT];      /* (borrowed) of their interfaces */
    int count;
    struct recorder *recorder; /* (owned) */
    int out_fd, control_fd;    /* (borrowed) */
    bool stopped;              /* control_fd has ended */
    struct text orders;        /* (owned) what has come on control_fd and was not taken */
    int64_t marked_ns;         /* monotonic time of the last mark */
    int64_t missed_ns;         /* by how much marks were late since the last frame */
    bool spoken;               /* a frame has come */
    int64_t clock_offset_ns;   /* the session's clock less the monotonic one */
    bool clock_stepped;
    int64_t late_ns;     /* by how much the wire was behind its schedule at the most */
    int64_t lateness_ns; /* and by how much it may be; 0: by any time */
    int64_t decided_ns;  /* the lateness that decided what a host sent; 0: none did */
};

/* What a reader of the ports does with each frame; `name_ns` is the stamp it was recorded by. */
struct port_handler {
    void (*frame)(void *arg, enum wire_direction d, const struct capture_frame *frame,
                  int64_t name_ns);
    void *arg;
};

/* Open one more source. 0, or -1 with the sentence. */
int ports_open(struct ports *p, const struct source_options *options, struct error *e);
void ports_close(struct ports *p);

/* Read what the rings hold (a fair share of it, where they hold much), record it and hand it to
 * the handler (NULL for none); mark where it is time. 1 where there may be more, 0 where the rings
 * are empty, -1 with the sentence. */
int ports_read(struct ports *p, const struct port_handler *handler, struct error *e);

/* Wait for a frame, for an order, for room in the stream, for the end of control_fd, or until
 * `until_ns` of the monotonic clock; never longer than until the next mark. 0, or -1 with the
 * sentence. */
int ports_wait(struct ports *p, int64_t until_ns, struct error *e);

/* Take the next whole line that has come on control_fd, without its end; false where there is none.
 */
bool ports_order(struct ports *p, struct text *line);

/* Write the END annotation: the rings' drops, and whether the run can be judged, in a sentence.
 * `failure` is NULL, or what ended it. */
void ports_end(struct ports *p, const struct error *failure);

#endif
