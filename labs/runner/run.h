/* One run: two hosts, the wire, a program on each, everything recorded and shown as it happens. */
#ifndef LABS_RUNNER_RUN_H
#define LABS_RUNNER_RUN_H

#include "labs/guide/place.h"
#include "labs/lesson/lesson.h"
#include "labs/play/script.h"
#include "labs/runner/network.h"
#include "labs/sandbox/sandbox.h"
#include "tracer/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct run_play;

/* What the programs may use up before they are ended; 0: as much as they like. A program that is
 * ended is judged by what it did until then. */
struct run_limits {
    int64_t time_ns;         /* the program of C: since both were started */
    unsigned processes;      /* of a host, at one time */
    uint64_t memory_bytes;   /* of all processes of the run together */
    uint64_t printed_bytes;  /* by a host's programs: more is not kept */
    uint64_t recorded_bytes; /* of the whole session */
};

struct run_spec {
    const char *lab;             /* the lab's name; "trace" for a program of the user's own */
    const char *title;           /* one line for the screen */
    const struct lesson *lesson; /* (borrowed) to be guided through; NULL for none */
    const struct lesson *steps;  /* (borrowed) whose run blocks are followed; NULL for none */
    const struct place *place;   /* (borrowed) where to go on in it; NULL: nothing is remembered */
    const char *next;            /* the lab that comes after it; NULL for none */
    const char *folder;          /* where the programs run; NULL for the present one */
    const char *own_folders[2];  /* where the program of C, of S runs instead; NULL: in `folder` */
    char *const *programs[2]; /* argument vectors of host C and host S; NULL for none. A word that
                                 is just "C", "S", "C6" or "S6" becomes that host's address */
    const struct run_network *network;
    uint16_t server_port;  /* tells C from S where both have one address */
    struct script *script; /* (borrowed) carried out instead of showing the run; NULL for none */
    const char *hold; /* before the programs start: what the command `hold` takes, "wire" for all;
                         NULL for nothing */
    const char *save; /* keep the session in this file; NULL for not */
    const char *recorded; /* a recorded session to show where the machine allows no capture */
    bool text;            /* the walk-through even on a terminal */
    bool ascii;           /* nothing but ASCII on the screen */
    struct run_limits limits;
    int (*prepare[2])(struct error *e); /* called in the process of C's, of S's program before its
                                           exec, with all rights that it has on its host; NULL */
    int (*become[2])(struct error *e);  /* called in the process that traces C's, S's programs,
                                           before  it starts them: with another's rights than their
                                           own it is  refused to look into them; NULL */
    bool server_outlives; /* the server ends with the client, or is ended: not a lab's own server */
    const struct run_play *play; /* the programs are made to call by a prompt; NULL: they are not */
    bool untraced;               /* the programs' calls are not watched */
    bool pass_input;             /* standard input is typed to host C's program */
};

/* What is special where a person makes the programs call (labs/play). */
struct run_play {
    const struct play_script *script; /* as in struct play_show */
    bool ends;
    bool alone; /* host C's program alone, in this machine's own network */
};

/* Do it. The result is the exit status (tracer/base/error.h); where it is not EXIT_DONE the
 * sentence is set. */
int run(const struct run_spec *spec, struct error *e);

/* Do it with nobody to watch: the session is all there is to see of it. It runs in no tier below
 * `least`, and standard error is told nothing: the session tells in which, and why. As run()
 * otherwise. */
int run_unseen(const struct run_spec *spec, enum sandbox_tier least, struct error *e);

/* Show the lab as it was recorded instead: nothing is run. As run() otherwise. */
int run_recorded(const struct run_spec *spec, struct error *e);

/* The same with a session of this user's own, which was kept in that file. */
int run_kept(const struct run_spec *spec, const char *file, struct error *e);

/* A shell, or `command` through it, on a host: of the lab that this user is running now, else of
 * two hosts made for it, on that network. Returns the shell's own exit status, or an exit status
 * with the sentence set
 * (*failed is true then). */
int run_shell(char host, const char *command, const char *save, const struct run_network *network,
              bool *failed, struct error *e);

#endif
