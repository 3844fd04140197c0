/* `tcplab play`. */
#ifndef LABS_APP_PLAY_H
#define LABS_APP_PLAY_H

#include "labs/app/options.h"

int play(const struct options *o, char **words, struct error *e);

#endif
