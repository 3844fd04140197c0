/* A grade in the formats that people, graders and course systems read (docs/grading.md): one table
 * of formats, each made from the same sheet. */
#ifndef LABS_GRADE_REPORT_H
#define LABS_GRADE_REPORT_H

#include "labs/grade/grade.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A grade, and what came about it. All is borrowed. */
struct sheet {
    const struct grade *grade;
    const char *submission;  /* its path; NULL: not known */
    const struct text *said; /* what the compiler said (foreign text); NULL: nothing */
    const char *warning; /* a sentence on what this grade is not to be trusted for; NULL: none */
    char *const *fields; /* more to be told, "key=value"; NULL, or ends with NULL */
    int64_t began_ns;    /* since the epoch */
    int64_t took_ns;
    size_t runs, runs_done;
    bool hints;
};

struct report_format {
    const char *name;
    const char *help;
    void (*write)(const struct sheet *s, struct text *out);
};

/* The formats, the list ending with one without a name; the one of that name, NULL where there is
 * none. */
extern const struct report_format report_formats[];
const struct report_format *report_find(const char *name);

/* Append the report for people: a line an expectation, each miss with its reason, the ladder around
 * it and the hint, how the program ended, and the sum of points. */
void report_text(const struct grade *g, bool hints, struct text *out);

/* Append what the compiler said (foreign text), where it said something. */
void report_said(const struct text *said, struct text *out);

/* Append all that there is to say of one mark that is no pass: lines, fit for a terminal. */
void report_miss(const struct mark *m, bool hints, struct text *out);

/* The value of a field of the sheet, NULL where it has none. */
const char *report_field(const struct sheet *s, const char *key);

/* Write a report to a file, so that it is at any time what it was or what it is to be; to standard
 * output where `path` is NULL or "-". 0, or -1 with the sentence. */
int report_write(const char *path, const struct text *report, struct error *e);

#endif
