/* A lab on the screen: its prose and questions, beside the ladder that its story is drawn in. */
#ifndef LABS_GUIDE_SCREEN_H
#define LABS_GUIDE_SCREEN_H

#include "labs/guide/guide.h"
#include "labs/lesson/lesson.h"
#include "tracer/view/companion.h"

struct guide_screen;

/* A lab that begins, or is gone on with (guide_new()). The lesson is borrowed, and so is what its
 * end says; `preface` is said before all else (NULL: nothing). Freed by guide_screen_free(). */
struct guide_screen *guide_screen_new(const struct lesson *lesson, const struct place *place,
                                      const char *preface, const struct guide_end *end);
void guide_screen_free(struct guide_screen *s);

/* What the viewer has beside it (borrowed from the screen). */
const struct companion *guide_screen_companion(struct guide_screen *s);

#endif
