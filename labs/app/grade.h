/* `tcplab grade`. */
#ifndef LABS_APP_GRADE_H
#define LABS_APP_GRADE_H

#include "labs/app/options.h"

int grade(const struct options *o, char **words, struct error *e);

#endif
