#include "labs/marking/suspect.h"

#include <stdlib.h>

static const char by_program[] =
    "The lab's own reference, run right behind it, could be judged: it may be this program that "
    "keeps its runs from being judged. Have somebody look at what it does before it is graded "
    "again "
    "or given a mark.";
static const char by_machine[] =
    "Nor could the lab's own reference, run right behind it: it is this machine, and not the "
    "program. Grade it again where there is less to do.";

int suspect_judge(const struct tryout *like, const struct room *room, struct grade *g,
                  struct error *e)
{
    struct text reason = {0};
    struct tryout t;
    if (!g->is_void)
        return 0;
    int result = tryout_reference(like, like->loopback, room, &t, e);
    if (result == 0 && (t.status == EXIT_DONE || t.status == EXIT_VOID)) {
        text_format(&reason, "None of %d runs could be judged. %s %s", TRYOUT_TRIES,
                    g->reason ? g->reason : "", t.status == EXIT_DONE ? by_program : by_machine);
        free(g->reason);
        g->reason = reason.s;
    }
    tryout_free(&t);
    return result;
}
