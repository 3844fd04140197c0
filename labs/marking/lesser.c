#include "labs/marking/lesser.h"

#include <string.h>

static bool ran_on_loopback(const struct grade *g)
{
    return g->tier && strcmp(g->tier, "loopback") == 0;
}

int lesser_judge(const struct tryout *like, const struct room *room, struct grade *g,
                 struct text *said, struct error *e)
{
    static const char why[] = "It cannot be judged on this machine, which gives a lab no hosts of "
                              "its own: the lab's reference does not reach it here either.";
    struct tryout t;
    if (g->is_void || !ran_on_loopback(g))
        return 0;
    int result = tryout_reference(like, true, room, &t, e);
    if (result == 0 && t.status != EXIT_DONE) {
        *e = t.error;
        result = -1;
    }
    size_t lost = result == 0 ? grade_only(g, &t.grade, why) : 0;
    if (result == 0)
        text_format(said,
                    "This ran on the machine's own loopback, without hosts and a wire between "
                    "them: %zu of %zu expectations could be judged.",
                    g->count - lost, g->count);
    tryout_free(&t);
    return result;
}
