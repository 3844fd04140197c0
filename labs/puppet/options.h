/* Socket options as the kernel takes and gives them. */
#ifndef LABS_PUPPET_OPTIONS_H
#define LABS_PUPPET_OPTIONS_H

#include "labs/puppet/call.h"

#include <sys/socket.h>

struct option_bytes {
    _Alignas(8) unsigned char bytes[64];
    socklen_t n;
};

/* What a call sets its option to; -1 with the sentence. */
int option_read(const struct puppet_call *c, struct option_bytes *b, struct error *e);

/* Append ": 1", ": off", ": 500 ms", ": reno". */
void option_write(const struct puppet_option *o, const struct option_bytes *b, struct text *out);

#endif
