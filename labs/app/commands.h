/* tcplab's commands: one table, from which they are run and described. */
#ifndef LABS_APP_COMMANDS_H
#define LABS_APP_COMMANDS_H

#include "labs/app/options.h"
#include "labs/lesson/lesson.h"
#include "labs/runner/network.h"
#include "labs/runner/run.h"

/* Run the command that the words name. The result is the exit status. */
int commands_main(int argc, char **argv);

/* Whether the story is to be told as text. */
bool commands_text(const struct options *o);

/* The network of a lab, or of none: its own profile, settings and rules, then those of the command
 * line. 0, or -1 with the sentence. Freed by run_network_free() after 0. */
int commands_network(const struct options *o, const struct lesson *l, struct run_network *n,
                     struct error *e);

/* Do this run, by the script that the command line names, if it does. As run() otherwise. */
int commands_run(const struct options *o, struct run_spec *spec, struct error *e);

#endif
