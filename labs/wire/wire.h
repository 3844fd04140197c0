/* The wire process: carries frames between two interfaces and tells the session what it carried. */
#ifndef LABS_WIRE_WIRE_H
#define LABS_WIRE_WIRE_H

#include "tracer/base/error.h"

#include "tracer/select/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_options {
    const char *interfaces[2]; /* towards host C, towards host S */
    int out_fd;     /* the session stream: no file header; packets, fates, marks, an end */
    int control_fd; /* commands (labs/control), a line each; at end-of-file the wire stops */
    bool remembers; /* rules that come by a command count from the first frame on */
    int64_t delay_ns;
    int64_t spacing_ns;
    int64_t lateness_ns; /* by which it may fall behind its schedule; more, and the run is void */
    uint32_t mtu_bytes;
    int64_t bits_per_s;               /* of each direction; 0: no limit */
    size_t queue_frames;              /* that may wait for it */
    const struct rules *const *rules; /* (borrowed) ends with NULL; NULL for none */
    const char *addresses[2];         /* of host C and host S, which the rules call so */
    const char *addresses6[2];        /* and those of IPv6; NULL for none */
    int diag_fds[2];                  /* sock_diag sockets on host C and on host S; -1 for none */
};

/* Carry frames until control_fd ends. Each command is answered by a COMMAND annotation. The first
 * MARK on out_fd says that the wire is ready; a MARK follows at least every 10 ms, and promises
 * that nothing stamped before it comes later. Each frame is recorded with its stamp as sent; its
 * fate is stamped before it is injected. At the end, the END annotation says how many frames the
 * rings dropped. 0, or -1 with the sentence. */
int wire_run(const struct wire_options *options, struct error *e);

/* The loopback tier's stand-in: record what matches `filter` on `interface`, carry nothing. */
int wire_tap(const char *interface, const char *filter, int out_fd, int control_fd,
             struct error *e);

#endif
