/* The names of the constants in socket calls, as the manual pages write them. */
#ifndef LABS_CALLS_NAMES_H
#define LABS_CALLS_NAMES_H

#include "tracer/base/text.h"

#include <stdint.h>

/* errno's name ("ECONNREFUSED"); NULL where the number has none. */
const char *call_error_name(int64_t number);

/* Append a constant's name, or its number where it has none. A type carries its flags with it
 * ("SOCK_STREAM|SOCK_CLOEXEC"). */
void call_add_family(struct text *out, int family);
void call_add_type(struct text *out, int type);
void call_add_protocol(struct text *out, int family, int protocol);
void call_add_how(struct text *out, int how);
void call_add_level(struct text *out, int level);
void call_add_option(struct text *out, int level, int option);

/* Append flags joined by '|'; nothing where none is set. */
void call_add_type_flags(struct text *out, int flags);
void call_add_message_flags(struct text *out, int flags);

#endif
