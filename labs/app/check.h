/* `tcplab check`, and what `tcplab lint` runs. */
#ifndef LABS_APP_CHECK_H
#define LABS_APP_CHECK_H

#include "labs/app/options.h"

int check(const struct options *o, char **words, struct error *e);
int lint(const struct options *o, char **words, struct error *e);

#endif
