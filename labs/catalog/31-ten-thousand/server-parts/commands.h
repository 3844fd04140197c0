/* What the server is asked, a line each, and its answers:
 *
 *   PING              PONG
 *   ECHO              OK, and from now on everything comes back
 *   SINK BYTES        OK; after so many bytes: TOOK BYTES in MILLISECONDS ms
 *   SOURCE BYTES      OK BYTES, and as many bytes
 *   PUT NAME BYTES    OK; after so many bytes: STORED NAME
 *   GET NAME          OK BYTES, and the file
 *   LIST              OK COUNT, and a line for each connection:
 *                     PLACE ADDRESS:PORT SECONDS-OLD BYTES-IN BYTES-OUT WHAT-IT-DOES, then a line
 * "." BYE               BYE, and the server closes
 *
 * Anything else is answered with a line "Error ...". */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "connection.h"

/* Carry out the line that stands in c->line, `n` bytes of it without its end. */
bool command_do(struct table *t, struct connection *c, size_t n);

/* All that was to be taken has been. False: the connection is gone. */
bool command_taken(struct table *t, struct connection *c);

/* So many lines of the list as are sent at a time. False: the connection is gone. */
bool command_list_on(const struct table *t, struct connection *c);

#endif
