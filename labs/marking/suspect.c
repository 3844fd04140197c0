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
    struct text from = {0}, reason = {0};
    if (!g->is_void)
        return 0;
    text_format(&from, "%s/reference", like->assignment->lesson->folder);
    struct tryout t = {.assignment = like->assignment,
                       .from = text_str(&from),
                       .contained = like->contained,
                       .as_nobody = like->as_nobody,
                       .loopback = like->loopback};
    int result = tryouts_run(&t, 1, 1, room, NULL, NULL, e);
    if (result == 0 && (t.status == EXIT_DONE || t.status == EXIT_VOID)) {
        text_format(&reason, "None of %d runs could be judged. %s %s", TRYOUT_TRIES,
                    g->reason ? g->reason : "", t.status == EXIT_DONE ? by_program : by_machine);
        free(g->reason);
        g->reason = reason.s;
    }
    tryout_free(&t);
    text_free(&from);
    return result;
}
