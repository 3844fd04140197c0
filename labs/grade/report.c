#include "labs/grade/report.h"

#include "labs/grade/report_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct report_format report_formats[] = {
    {"text", "for people", report_sheet},
    {"json", "all that is known, one object", report_json},
    {"junit", "JUnit's XML, for CI", report_junit},
    {"tap", "TAP 14, for prove", report_tap},
    {"gradescope", "Gradescope's results.json", report_gradescope},
    {"classroom50", "Classroom 50's result.json", report_classroom50},
    {"autolab", "Autolab's last line", report_autolab},
    {"html", "a page of its own", report_html},
    {NULL, NULL, NULL},
};

const struct report_format *report_find(const char *name)
{
    for (const struct report_format *f = report_formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const char *report_field(const struct sheet *s, const char *key)
{
    size_t n = strlen(key);
    for (char *const *field = s->fields; field && *field; field++)
        if (strncmp(*field, key, n) == 0 && (*field)[n] == '=')
            return *field + n + 1;
    return NULL;
}

const char *report_state(const struct sheet *s)
{
    if (s->runs_done < s->runs)
        return "Not all has been judged yet: this is what is known so far.";
    return s->warning;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int write_all(int fd, const struct text *report)
{
    for (size_t at = 0; at < report->len;) {
        ssize_t n = write(fd, report->s + at, report->len - at);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A file beside it takes its place once it is whole; what is no plain file (a pipe, /dev/stdout) is
 * written to as it is. */
int report_write(const char *path, const struct text *report, struct error *e)
{
    struct text beside = {0};
    struct stat s;
    if (!path || strcmp(path, "-") == 0)
        return fwrite(text_str(report), 1, report->len, stdout) == report->len &&
                       fflush(stdout) == 0
                   ? 0
                   : error_set(e, "Not everything could be written to standard output.");
    bool plain = stat(path, &s) != 0 || S_ISREG(s.st_mode);
    text_format(&beside, "%s%s", path, plain ? ".new" : "");
    int fd = open(text_str(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
    int result = fd >= 0 && write_all(fd, report) == 0 ? 0 : -1;
    int number = errno;
    if (fd >= 0 && close(fd) != 0 && result == 0) {
        result = -1;
        number = errno;
    }
    if (result == 0 && plain && rename(text_str(&beside), path) != 0) {
        result = -1;
        number = errno;
    }
    if (result != 0) {
        error_set(e, "Cannot write the report %.300s: %s.", path, strerror(number));
        if (fd >= 0 && plain)
            unlink(text_str(&beside));
    }
    text_free(&beside);
    return result;
}
