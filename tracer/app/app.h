/* tcpladder, the program: options to a source, a file to keep, and a way of showing. */
#ifndef TRACER_APP_APP_H
#define TRACER_APP_APP_H

/* Run the whole program; the exit status. */
int app_main(int argc, char **argv);

#endif
