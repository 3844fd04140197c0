/* What the servers of this lab have in common besides what they say. */
#ifndef LISTENER_H
#define LISTENER_H

struct listener {
    int fd;
    unsigned clients; /* so many, and the server ends; 0: never */
};

/* Of the command line, `[-n CLIENTS] [PORT]`: a socket that listens at the port, 8000 unless said;
 * 0 is any that is free. Ends the program where that cannot be. */
struct listener listener_open(int argc, char **argv);

/* A connection. -1: none this time, try again. */
int listener_accept(const struct listener *l);

/* Say what failed, and end with status 1. */
_Noreturn void fail(const char *what);

#endif
