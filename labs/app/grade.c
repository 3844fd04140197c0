#include "labs/app/grade.h"

#include "labs/cell/cell.h"
#include "labs/cell/group.h"
#include "labs/grade/report.h"
#include "labs/lesson/lesson.h"
#include "labs/lesson/vary.h"
#include "labs/marking/assignment.h"
#include "labs/marking/lesser.h"
#include "labs/marking/suspect.h"
#include "labs/marking/tryout.h"
#include "labs/submission/interrupt.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/session/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One --report: a format, and where it goes. */
struct wanted {
    const struct report_format *format;
    const char *path; /* NULL: standard output */
};

struct grading {
    const struct options *o;
    struct wanted wanted[OPTIONS_MOST];
    size_t wanted_count;
    struct sheet sheet;
    struct grade grade;             /* (owned) of all runs so far */
    struct text said;               /* (owned) */
    char *fields[OPTIONS_MOST + 4]; /* what --about says, whose values the lab had, containment */
    struct text student, values, containment; /* (owned) */
    struct text lesser;                       /* (owned) what could not be judged, and why */
    int64_t began_ns;                         /* monotonic */
    bool contained, as_nobody;                /* the submission is */
    bool failed;                              /* a report could not be written: */
    struct error error;
};

/* ---- reports -------------------------------------------------------------------------------- */

static int take_wanted(struct grading *g, const char *word, struct error *e)
{
    struct text name = {0}, known = {0};
    size_t n = strcspn(word, "=");
    text_bytes(&name, word, n);
    struct wanted *w = &g->wanted[g->wanted_count];
    *w = (struct wanted){report_find(text_str(&name)), word[n] ? word + n + 1 : NULL};
    for (const struct report_format *f = report_formats; f->name; f++)
        text_format(&known, "%s%s", known.len > 0 ? ", " : "", f->name);
    if (!w->format)
        error_exit(e, EXIT_WRONG_USAGE, "There is no report '%.40s': the formats are %s.",
                   text_str(&name), text_str(&known));
    g->wanted_count += w->format != NULL;
    text_free(&name);
    text_free(&known);
    return w->format ? 0 : -1;
}

static int take_reports(struct grading *g, struct error *e)
{
    size_t to_output = 0;
    for (size_t i = 0; g->o->reports[i]; i++)
        if (take_wanted(g, g->o->reports[i], e) != 0)
            return -1;
    if (g->wanted_count == 0 && take_wanted(g, "text", e) != 0)
        return -1;
    for (size_t i = 0; i < g->wanted_count; i++)
        to_output += !g->wanted[i].path;
    return to_output <= 1 ? 0
                          : error_exit(e, EXIT_WRONG_USAGE,
                                       "Only one report can go to standard output: give the others "
                                       "files, as in --report junit=result.xml.");
}

/* Files are written early and again, whatever ends us; standard output once, at the end. */
static void write_reports(struct grading *g, bool last)
{
    g->sheet.grade = &g->grade;
    g->sheet.said = &g->said;
    g->sheet.took_ns = clock_monotonic_ns() - g->began_ns;
    for (size_t i = 0; i < g->wanted_count && !g->failed; i++) {
        const struct wanted *w = &g->wanted[i];
        struct text out = {0};
        if (w->path || last) {
            w->format->write(&g->sheet, &out);
            g->failed = report_write(w->path, &out, &g->error) != 0;
        }
        text_free(&out);
    }
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void take_run(struct tryout *t, void *arg)
{
    struct grading *g = arg;
    bool judged = t->status == EXIT_DONE || t->status == EXIT_VOID;
    if (!judged)
        return; /* the sentence is told at the end */
    if (g->said.len == 0)
        text_add(&g->said, text_str(&t->said));
    grade_worst(&g->grade, &t->grade, g->sheet.runs_done == 0);
    g->sheet.runs_done++;
    if (g->sheet.runs_done < g->sheet.runs)
        write_reports(g, false);
}

/* Where there were no hosts. */
static int judge_less(struct grading *g, const struct tryout *like, const struct room *room,
                      struct error *e)
{
    if (lesser_judge(like, room, &g->grade, &g->lesser, e) != 0)
        return -1;
    if (g->lesser.len > 0 && g->sheet.warning)
        text_format(&g->lesser, " %s", g->sheet.warning);
    if (g->lesser.len > 0)
        g->sheet.warning = text_str(&g->lesser);
    return 0;
}

static int settle(struct grading *g, const struct tryout *tryouts, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        if (tryouts[i].status != EXIT_DONE && tryouts[i].status != EXIT_VOID) {
            *e = tryouts[i].error;
            return tryouts[i].status;
        }
    write_reports(g, true);
    if (g->failed) {
        *e = g->error;
        return e->status;
    }
    return g->grade.is_void ? EXIT_VOID : EXIT_DONE;
}

/* The name of a run's session: FILE, FILE.2, FILE.3 ... */
static char *session_of(const struct options *o, size_t run)
{
    struct text path = {0};
    if (!o->write)
        return NULL;
    text_add(&path, o->write);
    if (run > 0)
        text_format(&path, ".%zu", run + 1);
    return path.s;
}

static bool on_hosts(const struct grading *g)
{
    return g->grade.tier && strcmp(g->grade.tier, "loopback") != 0;
}

static int grade_runs(struct grading *g, struct assignment *a, const struct room *room,
                      struct error *e)
{
    const struct options *o = g->o;
    size_t count = (size_t)(o->runs > 0 ? o->runs : 1);
    struct tryout *tryouts = xcalloc(count, sizeof *tryouts);
    char **sessions = xcalloc(count, sizeof *sessions);
    for (size_t i = 0; i < count; i++) {
        sessions[i] = session_of(o, i);
        tryouts[i] = (struct tryout){
            .assignment = a,
            .from = o->submission,
            .save = sessions[i],
            .contained = g->contained,
            .as_nobody = g->as_nobody,
            .loopback = true,
            .seed = o->seed > 0 ? (uint64_t)o->seed + i : 0,
        };
    }
    g->sheet.runs = count;
    grade_begin(a->lesson, &g->grade);
    write_reports(g, false);
    size_t jobs = o->jobs > 0 ? (size_t)o->jobs : tryouts_jobs();
    int status;
    /* The first by itself: runs on loopback have one port, and take turns. */
    if (tryouts_run(tryouts, 1, 1, room, take_run, g, e) != 0 ||
        tryouts_run(tryouts + 1, count - 1, on_hosts(g) ? jobs : 1, room, take_run, g, e) != 0 ||
        judge_less(g, tryouts, room, e) != 0 || suspect_judge(tryouts, room, &g->grade, e) != 0)
        status = e->status;
    else
        status = settle(g, tryouts, count, e);
    for (size_t i = 0; i < count; i++) {
        tryout_free(&tryouts[i]);
        free(sessions[i]);
    }
    free(tryouts);
    free(sessions);
    return status;
}

static void tell_containment(struct grading *g)
{
    struct error why;
    size_t n = 0;
    while (g->fields[n])
        n++;
    text_add(&g->containment, "containment=");
    if (!g->contained)
        text_add(&g->containment, g->as_nobody ? "an ordinary user" : "none");
    else if (group_allowed(&why) == 0)
        text_add(&g->containment, "cell and control group");
    else
        text_format(&g->containment, "cell alone: %s", why.text);
    g->fields[n] = g->containment.s;
}

/* A stranger's program runs contained, or only where the user insists. */
static int contain(struct grading *g, const struct room *room, struct error *e)
{
    struct text folder = {0};
    text_format(&folder, "%s/cell", room->path);
    bool made = chmod(room->path, 0711) == 0 && mkdir(text_str(&folder), 0711) == 0;
    if (!made)
        error_set(e, "Cannot make a folder in %.300s: %s.", room->path, strerror(errno));
    g->contained = made && cell_allowed(text_str(&folder), e) == 0;
    text_free(&folder);
    if (!made)
        return -1;
    g->as_nobody = !g->contained && cell_may_leave();
    tell_containment(g);
    if (g->contained)
        return 0;
    if (!g->o->unsafe)
        return -1;
    error_tell("tcplab", e->text);
    e->text[0] = '\0';
    g->sheet.warning = g->as_nobody
                           ? "The submission was not contained: it ran as an ordinary user, saw of "
                             "this machine what anyone sees, and could reach its network."
                           : "The submission was not contained: it ran with all the rights of "
                             "whoever graded it, and may have done anything, to this report too.";
    return 0;
}

static int grade_submission(struct grading *g, const struct lesson *l, struct error *e)
{
    struct room room;
    struct assignment a;
    int status = EXIT_FELL_SHORT;
    interrupt_hold();
    if (room_open(&room, e) != 0)
        return e->status;
    if (contain(g, &room, e) == 0 && assignment_open(l, &room, &a, e) == 0) {
        if (g->o->limit_s > 0)
            a.limit_ns = g->o->limit_s * (int64_t)NS_PER_S;
        status = grade_runs(g, &a, &room, e);
        assignment_free(&a);
    } else {
        status = e->status;
    }
    room_close(&room);
    return status;
}

static int grade_evidence(struct grading *g, const struct lesson *l, struct error *e)
{
    if (grade_session(l, g->o->from_session, &g->grade, e) != 0)
        return e->status;
    g->sheet.submission = g->o->from_session;
    g->sheet.warning = "This was judged from a session that was handed in, which is evidence and "
                       "no proof: whoever has the file can have changed it.";
    struct tryout judged = {.status = EXIT_DONE};
    return settle(g, &judged, 1, e);
}

/* What the reports tell besides the grade. */
static void take_fields(struct grading *g, const struct lesson *l)
{
    size_t n = 0;
    bool named = false;
    for (; g->o->about[n]; n++) {
        g->fields[n] = g->o->about[n];
        named |= strncmp(g->o->about[n], "student=", 8) == 0;
    }
    if (g->o->student && !named) {
        text_format(&g->student, "student=%s", g->o->student);
        g->fields[n++] = g->student.s;
    }
    if (l->variable_count > 0) {
        text_add(&g->values, "values=");
        vary_tell(l, &g->values);
        g->fields[n++] = g->values.s;
    }
    g->sheet.fields = g->fields;
}

int grade(const struct options *o, char **words, struct error *e)
{
    struct lesson l;
    struct grading g = {
        .o = o,
        .sheet = {.submission = o->submission, .began_ns = session_now_ns(), .hints = !o->no_hints},
        .began_ns = clock_monotonic_ns(),
    };
    int status = EXIT_WRONG_USAGE;
    if (!o->submission == !o->from_session)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "Say what is to be graded: --submission DIR, or --from-session FILE."),
               EXIT_WRONG_USAGE;
    if (take_reports(&g, e) != 0)
        return e->status;
    if (catalog_find(words[0], &l, e) != 0)
        return e->status;
    take_fields(&g, &l);
    status = o->from_session ? grade_evidence(&g, &l, e) : grade_submission(&g, &l, e);
    grade_free(&g.grade);
    text_free(&g.said);
    text_free(&g.lesser);
    text_free(&g.student);
    text_free(&g.values);
    text_free(&g.containment);
    lesson_free(&l);
    return status;
}
