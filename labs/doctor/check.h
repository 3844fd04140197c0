/* A check: one row of the table, and what it finds. */
#ifndef LABS_DOCTOR_CHECK_H
#define LABS_DOCTOR_CHECK_H

#include "labs/calls/calls.h"
#include "labs/doctor/trial.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum probe_answer {
    ANSWER_OK,
    ANSWER_LIMITED, /* it works, with something missing */
    ANSWER_NO,
    ANSWER_PASSED_OVER, /* of no concern on this machine: not shown */
    ANSWER_COUNT,
};

struct diagnosis {
    enum probe_answer answer;
    struct text told; /* a sentence */
    struct text mend; /* commands, one a line; empty for none */
};

/* What the checks share. */
struct exam {
    const char *root;             /* where the machine's settings are read: "" for the real ones */
    struct trial trial;           /* of the hosts, made by the first check that asks */
    bool tried;                   /* that is made */
    bool captures;                /* loopback can be captured */
    bool watched;                 /* the trial of ptrace is made, and */
    struct calls_ability ability; /* what it found */
    struct error refusal;         /* "" where ptrace is allowed */
    bool impossible;              /* something is missing that every lab takes */
};

struct check {
    const char *group; /* the heading that it stands under */
    const char *key;   /* its name for scripts: "user-namespaces" */
    const char *name;  /* and for people */
    void (*probe)(struct exam *x, struct diagnosis *d);
    const char *mend; /* for a sentence that leads up to a command (with a colon) and has none */
    bool essential;   /* without it no lab runs */
};

extern const struct check checks[];
extern const size_t check_count;

/* Set the answer and its sentence. */
void diagnosis_tell(struct diagnosis *d, enum probe_answer answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same from an error's sentence and the command that it names. */
void diagnosis_error(struct diagnosis *d, enum probe_answer answer, const struct error *e);

/* Make the trials that the checks want: nothing where they have been made. */
const struct trial *exam_trial(struct exam *x);
void exam_watch(struct exam *x);

/* The tier that labs run in, when all checks have been made; TIER_COUNT where they cannot run. */
enum sandbox_tier exam_tier(const struct exam *x);

/* The probes, by file: hosts.c, */
void check_user_namespaces(struct exam *x, struct diagnosis *d);
void check_apparmor(struct exam *x, struct diagnosis *d);
void check_namespaces(struct exam *x, struct diagnosis *d);
void check_settings(struct exam *x, struct diagnosis *d);
void check_veth(struct exam *x, struct diagnosis *d);
void check_wire(struct exam *x, struct diagnosis *d);
void check_diag(struct exam *x, struct diagnosis *d);
void check_congestion(struct exam *x, struct diagnosis *d);
/* programs.c, */
void check_loopback(struct exam *x, struct diagnosis *d);
void check_ptrace(struct exam *x, struct diagnosis *d);
void check_filter(struct exam *x, struct diagnosis *d);
void check_descriptors(struct exam *x, struct diagnosis *d);
void check_console(struct exam *x, struct diagnosis *d);
void check_proc(struct exam *x, struct diagnosis *d);
/* grading.c, */
void check_containment(struct exam *x, struct diagnosis *d);
/* screen.c, */
void check_terminal(struct exam *x, struct diagnosis *d);
void check_colours(struct exam *x, struct diagnosis *d);
void check_locale(struct exam *x, struct diagnosis *d);
/* build.c */
void check_mnl(struct exam *x, struct diagnosis *d);
void check_jansson(struct exam *x, struct diagnosis *d);
void check_seccomp(struct exam *x, struct diagnosis *d);
void check_dw(struct exam *x, struct diagnosis *d);
void check_words(struct exam *x, struct diagnosis *d);

#endif
