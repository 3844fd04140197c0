/* A lab made ready for programs to be tried in it: its network, its own programs, its time. */
#ifndef LABS_MARKING_ASSIGNMENT_H
#define LABS_MARKING_ASSIGNMENT_H

#include "labs/lesson/lesson.h"
#include "labs/runner/network.h"
#include "labs/submission/room.h"
#include "labs/submission/submission.h"
#include "tracer/base/error.h"

#include <stdint.h>

struct assignment {
    const struct lesson *lesson; /* (borrowed) */
    struct run_network network;
    int side;              /* whose program is submitted: 0 C, 1 S */
    char **words[2];       /* (owned) the command lines of C and S; NULL where the host runs none */
    char *program;         /* (owned) the submitted one's name: "client" */
    struct submission own; /* the lab's own program of the other host, where it had to be built */
    char *folder;          /* (owned) where the other host's program runs */
    int64_t limit_ns;      /* how long the program of C may take */
    uint16_t server_port;
};

/* Make it ready; what has to be built goes into `room`. 0, or -1 with the sentence:
 * EXIT_WRONG_USAGE where the lab asks for no program. Freed by assignment_free(). */
int assignment_open(const struct lesson *l, const struct room *room, struct assignment *a,
                    struct error *e);
void assignment_free(struct assignment *a);

/* Another port for the server, where the lab's own stands in no rule and no expectation, and
 * another chance on the wire: the same for the same seed. The lesson's rules are changed for it. */
void assignment_vary(struct assignment *a, uint64_t seed);

/* The whole command line of a submission: how it is run, and what the lab gives it. Freed by
 * command_line_free(). */
char **assignment_words(const struct assignment *a, char *const *program);

#endif
