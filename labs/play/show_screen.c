#include "labs/play/show.h"

int play_screen(struct source *source, const struct play_show *o, struct error *e)
{
    return play_text(source, o, e);
}
