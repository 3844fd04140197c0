/* Markdown as lines of a given width: what a lab says, for a pane of the screen or as plain text.
 */
#ifndef LABS_GUIDE_PROSE_H
#define LABS_GUIDE_PROSE_H

#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* How a byte of a line is meant. */
enum prose_style { PROSE_PLAIN, PROSE_EMPHASIS, PROSE_STRONG, PROSE_CODE, PROSE_HEADING };

/* Fit for a terminal: nothing that stood in the Markdown can do it harm. */
struct prose_line {
    struct text words; /* (owned) UTF-8 */
    struct text style; /* (owned) a byte for each byte of words: enum prose_style */
};

/* All zero is none. */
struct prose {
    struct prose_line *line; /* (owned) */
    size_t count, cap;
};

/* Append the Markdown, in lines of `cols` columns at the most where its words allow that:
 * paragraphs (an empty line between), headings, lists, quotations, code. With `apart` an empty line
 * first, where lines stand there already. Freed by prose_free(). */
void prose_add(struct prose *p, const char *markdown, int cols, bool apart);
void prose_free(struct prose *p);

/* Append it as plain text, each line behind `margin` blanks. */
void prose_text(const struct prose *p, int margin, struct text *out);

#endif
