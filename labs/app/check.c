#include "labs/app/check.h"

#include "labs/grade/report.h"
#include "labs/lesson/command_line.h"
#include "labs/lesson/lesson.h"
#include "labs/lesson/vary.h"
#include "labs/marking/assignment.h"
#include "labs/marking/lesser.h"
#include "labs/marking/tryout.h"
#include "labs/marking/watch.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_kind(const char *path)
{
    static const char *const kinds[] = {".c", ".cpp", ".py", ".sh"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(dot, kinds[i]) == 0)
            return true;
    return false;
}

/* What is built: a folder, or one source; without any, what lies in the present folder, else the
 * lab's starter, whose path goes into `starter`. NULL: what is given is a command. */
static const char *source_of(const struct assignment *a, char **given, struct text *starter)
{
    struct stat s;
    if (!given[0] && submission_is_there(".", a->program))
        return ".";
    if (!given[0]) {
        text_format(starter, "%s/starter", a->lesson->folder);
        return text_str(starter);
    }
    if (given[1] || stat(given[0], &s) != 0)
        return NULL;
    return S_ISDIR(s.st_mode) || (S_ISREG(s.st_mode) && has_kind(given[0])) ? given[0] : NULL;
}

/* The whole of a command; where the lab's words are not given, they stand behind it. */
static char **command_of(const struct assignment *a, char **given)
{
    size_t n = 0;
    if (!given[0] || !given[1])
        return assignment_words(a, given);
    while (given[n])
        n++;
    char **words = xcalloc(n + 1, sizeof *words);
    for (size_t i = 0; i < n; i++)
        words[i] = xstrdup(given[i]);
    return words;
}

/* What is run, against what. */
static void tell_what(const struct assignment *a, const struct tryout *t, bool starter)
{
    struct text out = {0}, values = {0};
    struct text lab = {0};
    if (t->from)
        text_safe_str(&out, strcmp(t->from, ".") == 0 ? _("what is here") : t->from);
    for (char *const *word = t->words; word && *word; word++) {
        text_add(&out, word == t->words ? "" : " ");
        text_safe_str(&out, *word);
    }
    text_safe_str(&lab, a->lesson->name);
    vary_tell(a->lesson, &values);
    if (values.len > 0)
        text_format(&lab, ": %s", values.s);
    if (starter)
        printf(_("Checking the lab's own starter/, since nothing that it asks for is here, against "
                 "the lab %s\n"),
               text_str(&lab));
    else
        printf(_("Checking %s against the lab %s\n"), text_str(&out), text_str(&lab));
    fflush(stdout);
    text_free(&values);
    text_free(&out);
    text_free(&lab);
}

static int tell_grade(const struct tryout *t, const struct text *lesser)
{
    struct text out = {0};
    if (lesser->len > 0)
        text_format(&out, "%s\n", lesser->s);
    report_said(&t->said, &out);
    report_text(&t->grade, true, &out);
    fputs(text_str(&out), stdout);
    text_free(&out);
    if (t->status == EXIT_VOID)
        return EXIT_VOID;
    return grade_is_full(&t->grade) ? EXIT_DONE : EXIT_FELL_SHORT;
}

static int check_once(const struct options *o, struct assignment *a, char **given,
                      const struct room *room, struct error *e)
{
    struct text starter = {0}, said = {0};
    struct tryout t = {.assignment = a, .save = o->write, .loopback = true};
    int status = EXIT_FELL_SHORT;
    t.from = source_of(a, given, &starter);
    char **words = t.from ? NULL : command_of(a, given);
    t.words = words;
    tell_what(a, &t, starter.len > 0);
    if (tryouts_run(&t, 1, 1, room, NULL, NULL, e) != 0) {
        status = e->status;
    } else if (t.status != EXIT_DONE && t.status != EXIT_VOID) {
        *e = t.error;
        status = t.status;
    } else if (lesser_judge(&t, room, &t.grade, &said, e) != 0) {
        status = e->status;
    } else {
        status = tell_grade(&t, &said);
    }
    text_free(&said);
    tryout_free(&t);
    command_line_free(words);
    text_free(&starter);
    return status;
}

/* Again and again, as often as something is saved, until a signal ends it. */
static int check_watching(const struct options *o, struct assignment *a, char **given,
                          const struct room *room, struct error *e)
{
    struct watch watch;
    int status = EXIT_DONE;
    if (watch_open(given[0] ? given[0] : ".", o->write, &watch, e) != 0)
        return EXIT_FELL_SHORT;
    do {
        status = check_once(o, a, given, room, e);
        if (status != EXIT_DONE && e->text[0] != '\0')
            error_tell("tcplab", e->text);
        e->text[0] = '\0';
        puts(_("\nWaiting for the next save; Ctrl-C ends it."));
        fflush(stdout);
    } while (watch_wait(&watch));
    watch_close(&watch);
    return status;
}

int check(const struct options *o, char **words, struct error *e)
{
    struct lesson l;
    struct room room;
    struct assignment a;
    int status = EXIT_FELL_SHORT;
    if (catalog_find(words[0], &l, e) != 0)
        return e->status;
    interrupt_hold();
    if (room_open(&room, e) == 0) {
        if (assignment_open(&l, &room, &a, e) == 0) {
            if (o->limit_s > 0)
                a.limit_ns = o->limit_s * (int64_t)NS_PER_S;
            status = (o->watch ? check_watching : check_once)(o, &a, words + 1, &room, e);
            assignment_free(&a);
        } else {
            status = e->status;
        }
        room_close(&room);
    }
    lesson_free(&l);
    return status;
}
