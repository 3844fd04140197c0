#include "labs/app/check.h"

#include "labs/grade/report.h"
#include "labs/lesson/command_line.h"
#include "labs/lesson/lesson.h"
#include "labs/marking/assignment.h"
#include "labs/marking/tryout.h"
#include "labs/marking/watch.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is checked: how it is run, and where. */
struct work {
    char **words;       /* (owned) its whole command line */
    const char *folder; /* (borrowed) NULL: here */
    struct submission built;
    const char *from;    /* (borrowed) what it was built from; NULL: it is run as it was given */
    struct text starter; /* the lab's own starter, where nothing else is there */
};

static void work_free(struct work *w)
{
    command_line_free(w->words);
    submission_free(&w->built);
    text_free(&w->starter);
}

static bool has_kind(const char *path)
{
    static const char *const kinds[] = {".c", ".cpp", ".py", ".sh"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(dot, kinds[i]) == 0)
            return true;
    return false;
}

/* A folder, or one source, is built. Without any: what lies in the present folder, else the lab's
 * starter. NULL: it is a command to be run as it is. */
static const char *source_of(const struct assignment *a, char **given, struct work *w)
{
    struct stat s;
    if (!given[0] && submission_is_there(".", a->program))
        return ".";
    if (!given[0]) {
        text_format(&w->starter, "%s/starter", a->lesson->folder);
        return text_str(&w->starter);
    }
    if (given[1] || stat(given[0], &s) != 0)
        return NULL;
    return S_ISDIR(s.st_mode) || (S_ISREG(s.st_mode) && has_kind(given[0])) ? given[0] : NULL;
}

static void tell_said(const struct text *said)
{
    for (const char *s = text_str(said); *s; s += *s == '\n') {
        size_t n = strcspn(s, "\n");
        struct text line = {0};
        text_add(&line, "    ");
        text_safe(&line, s, n);
        fprintf(stderr, "%s\n", text_str(&line));
        text_free(&line);
        s += n;
    }
}

static int prepare(const struct assignment *a, char **given, const struct room *room,
                   struct work *w, struct error *e)
{
    struct text to = {0};
    w->from = source_of(a, given, w);
    if (!w->from) {
        /* What the lab gives it stands behind, where it was given nothing. */
        w->words = given[1] ? NULL : assignment_words(a, given);
        for (size_t n = 0; given[1] && (n == 0 || given[n - 1]); n++) {
            w->words = xreallocarray(w->words, n + 1, sizeof *w->words);
            w->words[n] = given[n] ? xstrdup(given[n]) : NULL;
        }
        return 0;
    }
    text_format(&to, "%s/work", room->path);
    room_remove(text_str(&to)); /* of the time before */
    struct submission_options o = {.from = w->from, .program = a->program, .to = text_str(&to)};
    int result = submission_build(&o, &w->built, e);
    if (w->built.said.len > 0 && result == 0)
        fprintf(stderr, "The compiler said:\n");
    if (w->built.said.len > 0 && result != 0) {
        error_tell("tcplab", e->text);
        e->text[0] = '\0';
    }
    tell_said(&w->built.said);
    if (result == 0)
        w->words = assignment_words(a, w->built.argv);
    w->folder = w->built.folder;
    text_free(&to);
    return result;
}

/* What is run, against what. */
static void tell_what(const struct assignment *a, const struct work *w)
{
    struct text out = {0};
    text_add(&out, "Checking ");
    if (w->starter.len > 0)
        text_add(&out, "the lab's own starter/, since nothing is here that it asks for");
    else
        for (char **word = w->words; !w->from && *word; word++) {
            text_add(&out, word == w->words ? "" : " ");
            text_safe_str(&out, *word);
        }
    if (w->from && w->starter.len == 0) {
        text_safe_str(&out, strcmp(w->from, ".") == 0 ? "what is here" : w->from);
        text_add(&out, " (");
        text_safe_str(&out, w->built.recipe);
        text_add(&out, ")");
    }
    text_add(&out, " against the lab ");
    text_safe_str(&out, a->lesson->name);
    puts(text_str(&out));
    fflush(stdout);
    text_free(&out);
}

static int check_once(const struct options *o, const struct assignment *a, char **given,
                      const struct room *room, struct error *e)
{
    struct work w = {0};
    struct text out = {0};
    struct tryout tryout = {.assignment = a, .save = o->write};
    int status = EXIT_FELL_SHORT;
    if (prepare(a, given, room, &w, e) != 0) {
        work_free(&w);
        return e->status;
    }
    tell_what(a, &w);
    tryout.words = w.words;
    tryout.folder = w.folder;
    if (tryouts_run(&tryout, 1, 1, room, NULL, NULL, e) != 0) {
        status = e->status;
    } else if (tryout.status != EXIT_DONE && tryout.status != EXIT_VOID) {
        *e = tryout.error;
        status = tryout.status;
    } else {
        report_text(&tryout.grade, true, &out);
        fputs(text_str(&out), stdout);
        status = tryout.status == EXIT_VOID     ? EXIT_VOID
                 : grade_is_full(&tryout.grade) ? EXIT_DONE
                                                : EXIT_FELL_SHORT;
    }
    text_free(&out);
    tryout_free(&tryout);
    work_free(&w);
    return status;
}

/* Again and again, as often as something is saved, until a signal ends it. */
static int check_watching(const struct options *o, const struct assignment *a, char **given,
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
        puts("\nWaiting for the next save; Ctrl-C ends it.");
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
