/* tcplab's commands: one table, from which they are run and described. */
#ifndef LABS_APP_COMMANDS_H
#define LABS_APP_COMMANDS_H

/* Run the command that the words name. The result is the exit status. */
int commands_main(int argc, char **argv);

#endif
