/* The doctor: what this machine allows, found out by doing it, and what mends the rest. */
#ifndef LABS_DOCTOR_DOCTOR_H
#define LABS_DOCTOR_DOCTOR_H

#include <stdbool.h>

/* Make every check and print what it found on standard output: a page to read, or with `json` one
 * object a line. The result is the exit status: EXIT_DONE where labs run on two hosts,
 * EXIT_FELL_SHORT where only on a lesser tier, EXIT_MACHINE where they cannot run. */
int doctor_run(bool json);

/* A library that a build may lack, and what is then off. */
struct doctor_library {
    const char *name;
    const char *package; /* of Debian and Ubuntu, with its headers */
    bool here;
    const char *serves;  /* where it is there */
    const char *missing; /* where it is not: a sentence */
};
extern const struct doctor_library doctor_libraries[];
extern const unsigned doctor_library_count;

#endif
