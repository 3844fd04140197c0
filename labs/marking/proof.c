#include "labs/marking/proof.h"

#include "labs/lesson/command_line.h"
#include "labs/lesson/vary.h"
#include "labs/marking/assignment.h"
#include "labs/marking/tryout.h"
#include "tracer/base/alloc.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where a lab varies, it is proved as it is for these as well. NULL is for nobody: its own values.
 */
static const char *const students[] = {NULL, "1", "2", "3"};
enum { STUDENTS = sizeof students / sizeof students[0] };

enum part_of_lab { STARTER, REFERENCE, BROKEN, IDLE };

/* One program of a lab's folder. */
struct candidate {
    struct assignment *assignment; /* (borrowed) */
    enum part_of_lab part;
    const char *student; /* NULL: nobody */
    char *name;          /* (owned) "reference", "broken/no-close" */
    char *misses;        /* (owned) BROKEN: the expectation that it misses */
    char *from;          /* (owned) NULL: it is `words` */
    char **words;        /* (owned) */
    size_t bad;          /* of its runs */
    struct text why;     /* of the first that was */
};

struct proving {
    struct proof *proof;
    struct text *out;
    struct room room;
    struct lesson *lessons; /* (owned) in English, which `fails` is written in */
    struct assignment *assignments;
    size_t lesson_count, assignment_count;
    struct candidate *candidates;
    size_t count, cap;
};

static void fault(struct proving *p, const char *folder, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void fault(struct proving *p, const char *folder, const char *name, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    text_safe_str(p->out, folder);
    text_char(p->out, '/');
    text_safe_str(p->out, name);
    text_add(p->out, ": ");
    text_safe_escaped(p->out, sentence);
    text_char(p->out, '\n');
    p->proof->faults++;
}

/* ---- what is to be proved ------------------------------------------------------------------- */

static bool is_folder(const char *folder, const char *name)
{
    struct text path = {0};
    struct stat s;
    text_format(&path, "%s/%s", folder, name);
    bool found = stat(text_str(&path), &s) == 0 && S_ISDIR(s.st_mode);
    text_free(&path);
    return found;
}

/* The first line of broken/NAME/fails, which has to be the name of an expectation. */
static char *read_fails(struct proving *p, const struct lesson *l, const char *name)
{
    struct text path = {0}, line = {0};
    struct grade g;
    char bytes[512] = "";
    text_format(&path, "%s/%s/fails", l->folder, name);
    FILE *f = fopen(text_str(&path), "re");
    if (f && fgets(bytes, sizeof bytes, f))
        text_bytes(&line, bytes, strcspn(bytes, "\r\n"));
    if (f)
        fclose(f);
    text_free(&path);
    grade_begin(l, &g);
    bool known = line.len > 0 && grade_find(&g, line.s);
    grade_free(&g);
    if (known)
        return line.s;
    if (line.len == 0)
        fault(p, l->folder, name,
              "its file `fails` is missing: the first line names the "
              "expectation that this program misses.");
    else
        fault(p, l->folder, name,
              "its file `fails` names \"%s\", which is no expectation of the "
              "lab.",
              line.s);
    text_free(&line);
    return NULL;
}

static void add_candidate(struct proving *p, struct assignment *a, const char *student,
                          enum part_of_lab part, const char *name)
{
    struct candidate c = {.assignment = a, .student = student, .part = part, .name = xstrdup(name)};
    struct text from = {0};
    if (part == BROKEN)
        c.misses = read_fails(p, a->lesson, name);
    text_format(&from, "%s/%s", a->lesson->folder, name);
    c.from = from.s;
    xgrow(&p->candidates, &p->cap, p->count, sizeof *p->candidates);
    p->candidates[p->count++] = c;
}

/* A program that does nothing at all has earned nothing. */
static void add_idle(struct proving *p, struct assignment *a)
{
    char *const words[] = {(char *)(uintptr_t) "true", NULL};
    struct candidate c = {.assignment = a, .part = IDLE, .name = xstrdup(a->lesson->paper)};
    c.words = assignment_words(a, words);
    xgrow(&p->candidates, &p->cap, p->count, sizeof *p->candidates);
    p->candidates[p->count++] = c;
}

static void add_broken(struct proving *p, struct assignment *a, const char *student)
{
    const char *lab = a->lesson->folder;
    struct text folder = {0};
    struct dirent **names = NULL;
    size_t found = 0;
    text_format(&folder, "%s/broken", lab);
    int n = scandir(text_str(&folder), &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct text name = {0};
        text_format(&name, "broken/%s", names[i]->d_name);
        if (names[i]->d_name[0] != '.' && is_folder(lab, text_str(&name))) {
            add_candidate(p, a, student, BROKEN, text_str(&name));
            found++;
        }
        text_free(&name);
        free(names[i]);
    }
    free(names);
    text_free(&folder);
    if (found == 0 && !student)
        fault(p, lab, "broken",
              "there is no broken variant: none shows that the expectations can "
              "be missed.");
}

static void add_lesson(struct proving *p, const struct lesson *l, const char *student)
{
    struct error e;
    struct assignment *a = &p->assignments[p->assignment_count];
    static const char *const parts[] = {[STARTER] = "starter", [REFERENCE] = "reference"};
    if (!l->submit) {
        if (is_folder(l->folder, "reference"))
            fault(p, l->folder, "lab.md",
                  "there is a reference, and no `submit: C` or `submit: S` "
                  "that says whose program it is.");
        return;
    }
    if (assignment_open(l, &p->room, a, &e) != 0) {
        fault(p, l->folder, l->paper, "%s", e.text);
        return;
    }
    p->assignment_count++;
    for (size_t i = student ? REFERENCE : STARTER; i <= REFERENCE; i++) {
        if (is_folder(l->folder, parts[i]))
            add_candidate(p, a, student, (enum part_of_lab)i, parts[i]);
        else if (!student)
            fault(p, l->folder, parts[i], "the folder is missing.");
    }
    add_broken(p, a, student);
    if (!student)
        add_idle(p, a);
}

/* ---- whether it holds ----------------------------------------------------------------------- */

/* What speaks against one run of a candidate: nothing where it is as it should be. */
static void doubt(const struct candidate *c, const struct grade *g, struct text *why)
{
    bool full = grade_is_full(g);
    if (c->part == STARTER && full)
        text_add(why, "it meets every expectation: nothing is left for the student to do.");
    for (size_t i = 0; i < g->count && c->part == IDLE; i++)
        if (g->marks[i].verdict == OUTCOME_PASS)
            text_format(why,
                        "a program that does nothing passes \"%s\": let it need another "
                        "expectation. ",
                        g->marks[i].name);
    for (size_t i = 0; i < g->count && (c->part == REFERENCE || c->part == BROKEN); i++) {
        const struct mark *m = &g->marks[i];
        bool wanted = c->misses && strcmp(c->misses, m->name) == 0;
        if (wanted && m->verdict != OUTCOME_FAIL)
            text_format(why, "it does not miss \"%s\": %s. ", m->name, outcome_name(m->verdict));
        else if (!wanted && (m->verdict == OUTCOME_FAIL ||
                             (m->verdict == OUTCOME_NOT_JUDGED && c->part == REFERENCE)))
            text_format(why, "it misses \"%s\": %s ", m->name, m->why ? m->why : "");
    }
    if (why->len > 0 && c->part != STARTER && c->part != IDLE && g->ended)
        text_format(why, " The program: %s", g->ended);
}

static void count_run(struct tryout *t, void *arg)
{
    struct proving *p = arg;
    struct candidate *c = t->owner;
    struct text why = {0};
    p->proof->runs++;
    if (t->unbuilt)
        text_format(&why, "%s\n%s", t->error.text, text_str(&t->said));
    else if (t->status == EXIT_DONE)
        doubt(c, &t->grade, &why);
    else
        text_add(&why, t->error.text);
    if (why.len > 0 && c->bad++ == 0)
        text_add(&c->why, text_str(&why));
    text_free(&why);
    tryout_free(t);
}

static int try_all(struct proving *p, size_t runs, size_t jobs, struct error *e)
{
    struct tryout *tryouts = xcalloc(p->count * runs + 1, sizeof *tryouts);
    size_t n = 0;
    for (size_t r = 0; r < runs; r++)
        for (size_t i = 0; i < p->count; i++)
            tryouts[n++] = (struct tryout){
                .assignment = p->candidates[i].assignment,
                .from = p->candidates[i].from,
                .words = p->candidates[i].words,
                .owner = &p->candidates[i],
            };
    int result = tryouts_run(tryouts, n, jobs, &p->room, count_run, p, e);
    for (size_t i = 0; i < n && result == 0; i++) /* what this machine refuses, it refuses all */
        if (tryouts[i].status == EXIT_MACHINE) {
            *e = tryouts[i].error;
            result = -1;
        }
    free(tryouts);
    for (size_t i = 0; i < p->count && result == 0; i++) {
        const struct candidate *c = &p->candidates[i];
        const char *folder = c->assignment->lesson->folder;
        struct text times = {0};
        if (c->student)
            text_format(&times, "as student %s has it: ", c->student);
        if (runs > 1)
            text_format(&times, "%zu of %zu runs: ", c->bad, runs);
        if (c->bad > 0)
            fault(p, folder, c->name, "%s%s", text_str(&times), text_str(&c->why));
        text_free(&times);
    }
    return result;
}

static void end(struct proving *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct candidate *c = &p->candidates[i];
        free(c->name);
        free(c->misses);
        command_line_free(c->words);
        free(c->from);
        text_free(&c->why);
    }
    free(p->candidates);
    for (size_t i = 0; i < p->assignment_count; i++)
        assignment_free(&p->assignments[i]);
    free(p->assignments);
    for (size_t i = 0; i < p->lesson_count; i++)
        lesson_free(&p->lessons[i]);
    free(p->lessons);
    room_close(&p->room);
}

/* The lab as it is for nobody and, where it varies, for each of the students. */
static int add_variants(struct proving *p, const char *folder, struct error *e)
{
    int result = 0;
    for (size_t i = 0; i < STUDENTS && result == 0; i++) {
        struct lesson *l = &p->lessons[p->lesson_count];
        if (i > 0 && l[-1].variable_count == 0)
            break;
        vary_for(students[i]);
        result = lesson_read_in(folder, "en", l, e);
        p->lesson_count += result == 0;
        if (result == 0)
            add_lesson(p, l, students[i]);
    }
    vary_for(NULL);
    return result;
}

int proof_run(const struct lesson *lessons, size_t count, size_t runs, size_t jobs,
              struct proof *proof, struct text *out, struct error *e)
{
    struct proving p = {.proof = proof, .out = out};
    *proof = (struct proof){0};
    if (room_open(&p.room, e) != 0)
        return -1;
    p.lessons = xcalloc(count * STUDENTS + 1, sizeof *p.lessons);
    p.assignments = xcalloc(count * STUDENTS + 1, sizeof *p.assignments);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_variants(&p, lessons[i].folder, e);
    proof->programs = p.count;
    if (result == 0)
        result = try_all(&p, runs, jobs, e);
    end(&p);
    return result;
}
