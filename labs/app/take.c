#include "labs/app/take.h"

#include "labs/app/commands.h"
#include "labs/guide/place.h"
#include "labs/guide/prose.h"
#include "labs/lesson/command_line.h"
#include "labs/runner/run.h"
#include "tracer/base/state_file.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- the session's file --------------------------------------------------------------------- */

/* Append the path of the file that a lab's session is kept in where no other is named: the last one
 * of this lab. Nothing where there is no place for it. */
static void kept_path(const struct lesson *l, struct text *path)
{
    struct text name = {0};
    place_file_name(l, "", ".pcap", &name);
    state_file_path(text_str(&name), path);
    text_free(&name);
}

/* Append the same, where this run is kept there. A run that goes on meanwhile keeps writing to the
 * file that it has. */
static void make_kept(const struct options *o, const struct lesson *l, struct text *path)
{
    struct text name = {0};
    struct error unused;
    if (o->write || o->replay || o->ladder || o->hold || o->script)
        return;
    kept_path(l, path);
    place_file_name(l, "", ".pcap", &name);
    if (path->len > 0)
        unlink(text_str(path));
    if (path->len > 0 && state_file_write(text_str(&name), &(struct text){0}, &unused) != 0)
        text_clear(path);
    text_free(&name);
}

/* ---- where it was left ---------------------------------------------------------------------- */

/* What is piped in, or read from a pipe, is no student at work. */
static bool by_a_student(const struct options *o)
{
    return !o->ladder && !o->hold && !o->script && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* Whether the lab can be gone on with in the session in which it was left, if that is there:
 * another network, another file, and a student's own values take a run of their own. */
static bool same_session_will_do(const struct options *o)
{
    return !o->write && !o->student && !o->profile && !o->set[0] && !o->wire[0];
}

/* The first letter of the line that is typed: '\n' where it has none, '\0' where the terminal is
 * gone. */
static char read_letter(void)
{
    char c = '\0', letter = '\n';
    ssize_t n;
    while ((n = read(STDIN_FILENO, &c, 1)) > 0 ? c != '\n' : n < 0 && errno == EINTR)
        if (n > 0 && letter == '\n' && c != ' ' && c != '\t')
            letter = c;
    return n > 0 ? letter : '\0';
}

enum choice { CHOICE_ON, CHOICE_ANEW, CHOICE_LEAVE };

/* What it will be gone on in. */
enum going_on { IN_ITS_SESSION, IN_A_NEW_RUN, IN_THE_RECORDED_ONE };

static void tell_where(const struct lesson *l, const struct place *p, enum going_on how)
{
    static const char *const sentences[] = {
        [IN_ITS_SESSION] = N_("You go on in the same session, with the same numbers."),
        [IN_A_NEW_RUN] = N_("Its programs run anew: what you have seen and answered is shown once "
                            "more, with the numbers of the new run."),
        [IN_THE_RECORDED_ONE] = N_("What you have seen and answered is shown once more, with the "
                                   "numbers of the recorded session."),
    };
    struct prose prose = {0};
    struct text words = {0}, out = {0};
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    text_safe_escaped(&out, l->title);
    text_char(&out, '\n');
    place_sentence(p, &words);
    text_format(&words, "\n\n%s\n\n%s", _(sentences[how]),
                _("Enter: go on there. `a`: begin anew. `q`: leave."));
    prose_add(&prose, text_str(&words), known ? size.ws_col : 80, false);
    prose_text(&prose, 0, &out);
    fputs(text_str(&out), stdout);
    prose_free(&prose);
    text_free(&words);
    text_free(&out);
}

/* Go on where the lab was left, or not? */
static enum choice ask_where(void)
{
    for (;;) {
        fputs("> ", stdout);
        fflush(stdout);
        switch (read_letter()) {
        case '\n': return CHOICE_ON;
        case 'a':
        case 'A': return CHOICE_ANEW;
        case '\0':
        case 'q':
        case 'Q': return CHOICE_LEAVE;
        default: puts(_("Type a or q, or nothing, and press Enter.")); break;
        }
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int run_it(const struct options *o, const struct lesson *l, struct run_spec *spec,
                  const char *same_session, struct error *e)
{
    struct text kept = {0};
    int status;
    if (same_session) {
        status = run_kept(spec, same_session, e);
    } else if (o->replay) {
        status = run_recorded(spec, e);
    } else {
        make_kept(o, l, &kept);
        spec->save = kept.len > 0 ? text_str(&kept) : o->write;
        status = commands_run(o, spec, e);
    }
    text_free(&kept);
    return status;
}

/* What was recorded has the lab's own values. */
static bool has_recording(const struct options *o, const struct lesson *l, struct text *path)
{
    text_format(path, "%s/recorded.pcap", l->folder);
    return (!o->student || l->variable_count == 0) && access(text_str(path), R_OK) == 0;
}

static int run_lesson(const struct options *o, const struct lesson *l, const char *next,
                      const struct place *place, const char *same_session, struct error *e)
{
    char **words[2];
    struct text recorded = {0};
    struct run_network network;
    int status = EXIT_FELL_SHORT;
    if (commands_network(o, l, &network, e) != 0)
        return EXIT_WRONG_USAGE;
    if (command_line_cut(l->programs[0], &words[0], e) != 0) {
        run_network_free(&network);
        return status;
    }
    if (command_line_cut(l->programs[1], &words[1], e) == 0) {
        struct run_spec spec = {
            .lab = l->name,
            .title = l->title,
            .lesson = o->ladder || o->hold ? NULL : l, /* what is held goes its own way */
            .place = place,
            .folder = l->folder,
            .programs = {words[0], words[1]},
            .network = &network,
            .server_port = command_line_port(words[1]),
            .steps = l,
            .next = next,
            .recorded = has_recording(o, l, &recorded) ? text_str(&recorded) : NULL,
            .text = commands_text(o),
            .ascii = o->ascii,
        };
        status = run_it(o, l, &spec, same_session, e);
        command_line_free(words[1]);
    }
    command_line_free(words[0]);
    run_network_free(&network);
    text_free(&recorded);
    return status;
}

/* Who leaves in the middle is told how to come back. */
static void tell_way_back(const struct lesson *l)
{
    struct place p;
    struct error unused;
    if (place_read(l, &p, &unused) != 0)
        return;
    if (place_in_the_middle(&p))
        printf(_("To go on with this lab: tcplab run %s"), l->name), putchar('\n');
    place_free(&p);
}

/* From the place that was left, or from the beginning. */
static int take_from(const struct options *o, const struct lesson *l, const char *next,
                     struct place *place, struct error *e)
{
    struct text kept = {0};
    enum choice choice = CHOICE_ANEW;
    if (o->replay)
        text_format(&kept, "%s/recorded.pcap", l->folder);
    else
        kept_path(l, &kept);
    bool same_session =
        (o->replay || same_session_will_do(o)) && place_session_is_whole(place, text_str(&kept));
    if (place_in_the_middle(place) && !o->anew) {
        tell_where(l, place,
                   same_session ? IN_ITS_SESSION
                   : o->replay  ? IN_THE_RECORDED_ONE
                                : IN_A_NEW_RUN);
        choice = ask_where();
    }
    if (choice == CHOICE_ANEW || o->replay) /* which shows its session in any case */
        same_session = false;
    if (choice == CHOICE_ANEW) {
        place_free(place);
        place_begin(l, place);
    }
    int status = EXIT_DONE;
    if (choice != CHOICE_LEAVE) {
        status = run_lesson(o, l, next, place, same_session ? text_str(&kept) : NULL, e);
        tell_way_back(l);
    }
    text_free(&kept);
    return status;
}

int take_lab(const struct options *o, const struct lesson *l, const char *next, struct error *e)
{
    struct place place;
    if (o->replay && o->student && l->variable_count > 0)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "What was recorded has the lab's own values, and not a student's: leave "
                          "out --student, or --replay."),
               EXIT_WRONG_USAGE;
    if (!by_a_student(o))
        return run_lesson(o, l, next, NULL, NULL, e);
    if (place_read(l, &place, e) != 0)
        return e->status;
    int status = take_from(o, l, next, &place, e);
    place_free(&place);
    return status;
}
