/* The formats, one function each: inside labs/grade only. */
#ifndef LABS_GRADE_REPORT_PARTS_H
#define LABS_GRADE_REPORT_PARTS_H

#include "labs/grade/report.h"

void report_sheet(const struct sheet *s, struct text *out);
void report_json(const struct sheet *s, struct text *out);
void report_junit(const struct sheet *s, struct text *out);
void report_tap(const struct sheet *s, struct text *out);
void report_gradescope(const struct sheet *s, struct text *out);
void report_classroom50(const struct sheet *s, struct text *out);
void report_autolab(const struct sheet *s, struct text *out);
void report_html(const struct sheet *s, struct text *out);

/* What is to be said of the sheet as a whole: that it is not finished, what it is not to be trusted
 * for; NULL: nothing. */
const char *report_state(const struct sheet *s);

/* Append text for XML and HTML; what no document may hold has been escaped before. */
void report_xml(const char *s, struct text *out);

/* The same for foreign text, which may hold anything. */
void report_xml_safe(const char *s, struct text *out);

#endif
