#include "labs/app/commands.h"

#include "labs/app/check.h"
#include "labs/app/grade.h"
#include "labs/app/options.h"
#include "labs/control/control.h"
#include "labs/app/new.h"
#include "labs/app/play.h"
#include "labs/app/start.h"
#include "labs/app/take.h"
#include "labs/app/vary.h"
#include "labs/doctor/doctor.h"
#include "labs/grade/report.h"
#include "labs/lesson/lesson.h"
#include "labs/play/play.h"
#include "labs/runner/run.h"
#include "labs/runner/script.h"
#include "labs/sandbox/profile.h"
#include "tracer/base/alloc.h"
#include "tracer/base/completion.h"
#include "tracer/base/error.h"
#include "tracer/base/locale.h"
#include "tracer/base/standard.h"
#include "tracer/base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command {
    const char *name;
    const char *words; /* what follows the options */
    const char *help;
    unsigned options;
    int least, most; /* how many words; most < 0 is any number */
    int (*run)(const struct options *o, char **words, struct error *e);
};

/* ---- what a run needs -------------------------------------------------------------------------
 */

bool commands_text(const struct options *o)
{
    return o->text || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO);
}

/* The network of a lab, or of none: its own profile, settings and rules, then those of the command
 * line, which have the last word. */
int commands_network(const struct options *o, const struct lesson *l, struct run_network *n,
                     struct error *e)
{
    const char *profile = o->profile ? o->profile : l ? l->profile : "classic";
    struct text place = {0};
    int result = run_network_begin(n, profile, e);
    if (result != 0)
        return -1;
    text_format(&place, "%s/lab.md", l ? l->folder : "");
    if (l)
        result = run_network_set(n, l->set, text_str(&place), e);
    if (result == 0)
        result = run_network_set(n, o->set, "--set", e);
    run_network_add(n, l ? l->wire : NULL);
    for (size_t i = 0; result == 0 && o->wire[i]; i++)
        result = run_network_rule(n, o->wire[i], "--wire", e);
    if (result == 0)
        result = run_network_check(n, e);
    text_free(&place);
    if (result != 0)
        run_network_free(n);
    return result;
}

/* What is held has to be let go by someone. */
static int check_hold(const struct options *o, struct error *e)
{
    struct control c;
    struct text line = {0};
    struct error why;
    if (!o->hold)
        return 0;
    if (!o->script && commands_text(o))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--hold is for the screen or a --script: nobody could let go here.");
    text_format(&line, "hold %s", strcmp(o->hold, "wire") == 0 ? "" : o->hold);
    int parsed = control_parse(text_str(&line), &c, &why);
    text_free(&line);
    if (parsed < 0)
        return error_exit(e, EXIT_WRONG_USAGE, "--hold: %.700s", why.text);
    control_free(&c);
    return 0;
}

int commands_run(const struct options *o, struct run_spec *spec, struct error *e)
{
    struct script script;
    if (check_hold(o, e) != 0)
        return e->status;
    spec->hold = o->hold;
    if (!o->script)
        return run(spec, e);
    if (script_open(o->script, &script, e) != 0)
        return e->status;
    spec->script = &script;
    spec->lesson = NULL; /* the script says what happens */
    spec->text = true;
    spec->pass_input = false;
    int status = run(spec, e);
    script_free(&script);
    return status;
}

/* ---- the commands -----------------------------------------------------------------------------
 */

/* Each profile, and what it has that classic has not; of classic, all. */
static int list_profiles(struct error *e)
{
    struct text classic = {0};
    for (size_t i = 0; profile_name(i); i++) {
        struct run_network n;
        struct text all = {0};
        if (run_network_begin(&n, profile_name(i), e) != 0) {
            text_free(&classic);
            return e->status;
        }
        printf("%-10s %s\n", n.profile.name, n.profile.title ? n.profile.title : "");
        profile_tell(&n.profile, &all);
        for (char *line = all.s, *rest; line && *line; line = rest) {
            rest = line + strcspn(line, "\n") + 1;
            rest[-1] = '\0';
            struct text found = {0};
            text_format(&found, "%s\n", line);
            if (!strstr(text_str(&classic), text_str(&found)))
                printf("           %s\n", line);
            text_free(&found);
        }
        if (i == 0)
            profile_tell(&n.profile, &classic);
        text_free(&all);
        run_network_free(&n);
    }
    text_free(&classic);
    puts("\nRun a lab on one with: tcplab run LAB --profile NAME --set KEY=VALUE");
    return EXIT_DONE;
}

static int list(const struct options *o, char **words, struct error *e)
{
    (void)words;
    return o->profiles ? list_profiles(e) : start_list(e);
}

static int run_lab(const struct options *o, char **words, struct error *e)
{
    return start_one(o, words[0], e);
}

static int start(const struct options *o, char **words, struct error *e)
{
    (void)words;
    return commands_text(o) ? start_list(e) : start_labs(o, e);
}

static int trace(const struct options *o, char **words, struct error *e)
{
    char *const server[] = {"/bin/sh", "-c", (char *)(uintptr_t)o->server, NULL};
    struct run_network network;
    if (commands_network(o, NULL, &network, e) != 0)
        return e->status;
    struct text title = {0};
    text_add(&title, words[0]);
    struct run_spec spec = {
        .lab = "trace",
        .title = text_str(&title),
        .programs = {words, o->server ? server : NULL},
        .network = &network,
        .server_port = (uint16_t)o->port,
        .save = o->write,
        .text = commands_text(o),
        .ascii = o->ascii,
        .server_outlives = true,
        .pass_input = commands_text(o),
    };
    int status = commands_run(o, &spec, e);
    text_free(&title);
    run_network_free(&network);
    return status;
}

static int shell(const struct options *o, char **words, struct error *e)
{
    bool failed = false;
    if (strcmp(words[0], "C") != 0 && strcmp(words[0], "S") != 0)
        return error_exit(e, EXIT_WRONG_USAGE, "The hosts are C and S: there is no host '%.40s'.",
                          words[0]),
               EXIT_WRONG_USAGE;
    struct run_network network;
    if (commands_network(o, NULL, &network, e) != 0)
        return e->status;
    int status = run_shell(words[0][0], o->command, o->write, &network, &failed, e);
    /* The status is the shell's own, and it has said what there was to say. At once, since this
     * process may stand in the host's namespaces, where LeakSanitizer's look around never ends. */
    if (!failed)
        _exit(status);
    run_network_free(&network);
    return status;
}

static int doctor(const struct options *o, char **words, struct error *e)
{
    (void)words, (void)e;
    return doctor_run(o->json); /* what there is to say stands on its page */
}

static const struct command table[] = {
    {"start", "", N_("choose a lab, see how far you have come; `tcplab` alone does the same"),
     OPTION_TEXT | OPTION_ASCII | OPTION_LANGUAGE, 0, 0, start},
    {"list", "", N_("the labs, or the networks that they can run on"),
     OPTION_PROFILES | OPTION_LANGUAGE, 0, 0, list},
    {"run", "[LAB]",
     N_("take a lab, beside its ladder on a terminal and as text otherwise; one that was left in "
        "the "
        "middle goes on there; without a name, that one, else the next that you have not gone "
        "through"),
     OPTION_TEXT | OPTION_WRITE | OPTION_ASCII | OPTION_WIRE | OPTION_PROFILE | OPTION_REPLAY |
         OPTION_SCRIPT | OPTION_LANGUAGE | OPTION_ANEW | OPTION_STUDENT,
     0, 1, run_lab},
    {"trace", "-- PROGRAM ARGS",
     N_("run a program of yours on host C, 10.0.0.1, and see its calls beside its segments; a word "
        "that is just S is host S's address, 10.0.0.2"),
     OPTION_TEXT | OPTION_WRITE | OPTION_SERVER | OPTION_PORT | OPTION_ASCII | OPTION_WIRE |
         OPTION_PROFILE | OPTION_SCRIPT | OPTIONS_FIRST,
     1, -1, trace},
    {"shell", "C|S",
     N_("a shell on a lab host, beside its wire: run tcpdump, ss, nc there yourself"),
     OPTION_WRITE | OPTION_COMMAND | OPTION_WIRE | OPTION_PROFILE, 1, 1, shell},
    {"play", "[PORT]",
     N_("two hosts and a prompt: type socket calls, hold and drop segments, and watch; with "
        "--connect "
        "and --listen the prompt speaks to real hosts"),
     OPTION_TEXT | OPTION_WRITE | OPTION_ASCII | OPTION_WIRE | OPTION_PROFILE | OPTION_LINES |
         OPTION_REAL,
     0, 1, play},
    {"check", "LAB [PROGRAM ARGS]",
     N_("check your program against what the lab expects, with the reason for each miss; PROGRAM "
        "is a "
        "folder, a source, or a command of any language, and without one what lies in this folder, "
        "else the lab's starter"),
     OPTION_WRITE | OPTION_LANGUAGE | OPTION_LIMIT | OPTION_WATCH | OPTION_STUDENT | OPTIONS_AROUND,
     1, -1, check},
    {"grade", "LAB",
     N_("grade a submission, contained, for a course: its exit status is 0 whatever the mark, 4 "
        "where "
        "no run could be judged"),
     OPTION_WRITE | OPTION_LANGUAGE | OPTION_LIMIT | OPTION_GRADE | OPTION_STUDENT, 1, 1, grade},
    {"vary", "[LAB]",
     N_("a student's key, and the values that the labs have for them: for teachers"),
     OPTION_STUDENT, 0, 1, vary},
    {"new", "FOLDER", N_("make a lab of your own to begin with: for authors"), 0, 1, 1, new_lab},
    {"lint", "[LAB]",
     N_("hold a lab, or all of them, against its recorded session, and run its reference and its "
        "broken variants: for authors"),
     OPTION_RUNS | OPTION_LANGUAGE, 0, 1, lint},
    {"doctor", "",
     N_("what this machine allows, each thing tried, and the command that mends a denial; its exit "
        "status is 0 where labs run on two hosts, 1 where on less, 3 where not at all"),
     OPTION_JSON, 0, 0, doctor},
};
enum { COMMAND_ROWS = sizeof table / sizeof table[0] };

static void help_all(FILE *to)
{
    fputs(_("tcplab: labs on real TCP. Usage: tcplab COMMAND [OPTIONS] ...\n\n"), to);
    for (size_t i = 0; i < COMMAND_ROWS; i++)
        fprintf(to, "  %-6s %-16s %s\n", table[i].name, table[i].words, _(table[i].help));
    fputs(_("\n`tcplab COMMAND --help` tells its options.\n"
            "Exit status: 0 done, 1 it fell short, 2 wrong usage, 3 this machine lacks what it "
            "takes,\n"
            "4 the run cannot be judged: run it again.\n"),
          to);
}

static int help_one(const struct command *command)
{
    struct text options = {0};
    options_help(command->options, &options);
    printf("tcplab %s [OPTIONS] %s\n", command->name, command->words);
    printf(_("%s.\n\n"), _(command->help));
    fputs(text_str(&options), stdout);
    text_free(&options);
    return EXIT_DONE;
}

/* And what this build leaves out. */
static int version(void)
{
    puts("tcplab " TCPLADDER_VERSION);
    for (unsigned i = 0; i < doctor_library_count; i++)
        if (!doctor_libraries[i].here)
            printf("Built without %s: %s\n", doctor_libraries[i].name, doctor_libraries[i].missing);
    return EXIT_DONE;
}

/* A part of the manual page that is made from a table (scripts/make-manual). */
static int manual(const char *part)
{
    struct text out = {0};
    if (strcmp(part, "calls") == 0)
        play_manual(&out);
    else if (strcmp(part, "steps") == 0)
        control_manual(&out);
    else
        return EXIT_WRONG_USAGE;
    fputs(text_str(&out), stdout);
    text_free(&out);
    return EXIT_DONE;
}

static int complain(const struct error *e, int status)
{
    if (e->text[0] != '\0')
        error_tell("tcplab", e->text);
    return status;
}

/* `tcplab --completion bash`. The labs' names are asked for when they are completed. */
static int completion(const char *shell)
{
    struct text out = {0}, profiles = {0}, formats = {0};
    struct completion_command commands[COMMAND_ROWS + 1] = {0};
    if (strcmp(shell, "bash") != 0)
        return complain(&(struct error){.text = "--completion is there for bash alone."},
                        EXIT_WRONG_USAGE);
    for (size_t i = 0; profile_name(i); i++)
        text_format(&profiles, "%s ", profile_name(i));
    for (const struct report_format *f = report_formats; f->name; f++)
        text_format(&formats, "%s ", f->name);
    const struct completion_value values[] = {
        {"FILE", NULL},
        {"DIR", NULL},
        {"FOLDER", NULL},
        {"CMD", NULL},
        {"PROGRAM", NULL},
        {"LAB", "$(\"$1\" list 2>/dev/null | sed -n '2,/^$/s/ .*//p')"},
        {"NAME", text_str(&profiles)},
        {"FORMAT[=FILE]", text_str(&formats)},
        {"XX", "en zh"},
        {"WHAT", "wire programs C S"},
        {"C|S", "C S"},
        {NULL, NULL},
    };
    for (size_t i = 0; i < COMMAND_ROWS; i++)
        commands[i] = (struct completion_command){table[i].name, table[i].words,
                                                  options_completion(table[i].options)};
    completion_bash(&(struct completion){"tcplab", values, commands}, &out);
    fputs(text_str(&out), stdout);
    for (size_t i = 0; i < COMMAND_ROWS; i++)
        free((void *)(uintptr_t)commands[i].options);
    text_free(&out);
    text_free(&profiles);
    text_free(&formats);
    return EXIT_DONE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct options o;
    struct error e = {0};
    int first = options_parse(argc, argv, command->options, &o, &e);
    words_open(); /* in the language that the options may have named */
    if (first < 0)
        return complain(&e, e.status);
    if (o.help)
        return help_one(command);
    int words = argc - first;
    if (words < command->least || (command->most >= 0 && words > command->most)) {
        error_set(&e, "`tcplab %s` is used so: tcplab %s [OPTIONS] %s", command->name,
                  command->name, command->words);
        return complain(&e, EXIT_WRONG_USAGE);
    }
    if (vary_open(&o, &e) != 0)
        return complain(&e, e.status);
    int status = command->run(&o, argv + first, &e);
    if ((fflush(stdout) != 0 || ferror(stdout)) && e.text[0] == '\0') {
        error_set(&e, "Not everything could be written to standard output.");
        status = EXIT_FELL_SHORT;
    }
    return status == EXIT_DONE ? EXIT_DONE : complain(&e, status);
}

/* Without a command, but perhaps with options: the first command of the table. */
static int start_alone(int argc, char **argv)
{
    char **words = xcalloc((size_t)argc + 2, sizeof *words);
    words[0] = (char *)(uintptr_t)table[0].name;
    for (int i = 1; i < argc; i++)
        words[i] = argv[i];
    int status = run_command(&table[0], argc > 0 ? argc : 1, words);
    free(words);
    return status;
}

int commands_main(int argc, char **argv)
{
    if (standard_fill() != 0)
        return EXIT_MACHINE; /* and there may be nowhere to say so */
    locale_take();
    const char *name = argc > 1 ? argv[1] : "-";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        words_open();
        help_all(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0)
        return version();
    if (strcmp(name, "--man") == 0)
        return manual(argc > 2 ? argv[2] : "");
    if (strcmp(name, "--completion") == 0)
        return completion(argc > 2 ? argv[2] : "");
    if (name[0] == '-')
        return start_alone(argc, argv);
    for (size_t i = 0; i < COMMAND_ROWS; i++)
        if (strcmp(table[i].name, name) == 0)
            return run_command(&table[i], argc - 1, argv + 1);
    struct error e;
    struct text safe = {0};
    text_safe_str(&safe, name);
    error_set(&e, "There is no command '%.40s'. `tcplab --help` lists them.", text_str(&safe));
    text_free(&safe);
    return complain(&e, EXIT_WRONG_USAGE);
}
