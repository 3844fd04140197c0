/* The arguments of the commands, by what they are: the functions of the table's rows. Inside
 * labs/control only. */
#ifndef LABS_CONTROL_TAKE_H
#define LABS_CONTROL_TAKE_H

#include "labs/control/control.h"

int take_nothing(const char *arguments, size_t at, struct control *c, struct error *e);
int take_number(const char *arguments, size_t at, struct control *c, struct error *e);
int take_time(const char *arguments, size_t at, struct control *c, struct error *e);
int take_time_and_number(const char *arguments, size_t at, struct control *c, struct error *e);
int take_host(const char *arguments, size_t at, struct control *c, struct error *e);
int take_hosts_or_not(const char *arguments, size_t at, struct control *c, struct error *e);
int take_hold(const char *arguments, size_t at, struct control *c, struct error *e);
int take_rule(const char *arguments, size_t at, struct control *c, struct error *e);
int take_event(const char *arguments, size_t at, struct control *c, struct error *e);
int take_typing(const char *arguments, size_t at, struct control *c, struct error *e);
int take_expectation(const char *arguments, size_t at, struct control *c, struct error *e);
int take_note(const char *arguments, size_t at, struct control *c, struct error *e);

#endif
