/* How what was found is told: as a page to read, or as JSON, one object a line. */
#ifndef LABS_DOCTOR_PAGE_H
#define LABS_DOCTOR_PAGE_H

#include "labs/doctor/check.h"

struct page {
    int cols;    /* the width to keep to; commands alone are never broken */
    bool colour; /* the answers are coloured; they are words all the same */
};

/* The page for standard output. */
struct page page_new(void);

/* One check's finding; with `heading` its group's name before it. */
void page_diagnosis(const struct page *p, const struct check *c, const struct diagnosis *d,
                    bool heading, struct text *out);

/* The conclusion. */
void page_end(const struct page *p, const char *sentence, struct text *out);

/* The same as JSON. */
void json_diagnosis(const struct check *c, const struct diagnosis *d, struct text *out);
void json_end(const char *tier, int status, const char *sentence, struct text *out);

#endif
