#include "labs/app/options.h"

#include "tracer/base/alloc.h"
#include "tracer/base/completion.h"
#include "tracer/base/words.h"

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int take_text(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->text = true;
    return 0;
}

static int take_ascii(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->ascii = true;
    return 0;
}

static int take_json(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->json = true;
    return 0;
}

static int take_help(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->help = true;
    return 0;
}

static int take_write(struct options *o, const char *value, struct error *e)
{
    if (strcmp(value, "-") == 0)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "A session (-w -) and what is shown of it cannot both go to standard "
                          "output: give -w a file.");
    o->write = value;
    return 0;
}

static int take_server(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->server = value;
    return 0;
}

static int take_command(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->command = value;
    return 0;
}

static int take_script(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->script = value;
    return 0;
}

static int take_hold(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->hold = value;
    return 0;
}

static int take_connect(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->connect = value;
    return 0;
}

static int take_listen(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->listen = true;
    return 0;
}

static int take_port(struct options *o, const char *value, struct error *e)
{
    char *end;
    long port = strtol(value, &end, 10);
    if (end == value || *end != '\0' || port < 1 || port > 65535)
        return error_exit(e, EXIT_WRONG_USAGE, "'%.40s' is no port: give a number from 1 to 65535.",
                          value);
    o->port = (int)port;
    return 0;
}

static int take_number(const char *name, const char *value, int least, int most, int *out,
                       struct error *e)
{
    char *end;
    long n = strtol(value, &end, 10);
    if (end == value || *end != '\0' || n < least || n > most)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "%s takes a whole number from %d to %d, not '%.40s'.", name, least, most,
                          value);
    *out = (int)n;
    return 0;
}

static int take_limit(struct options *o, const char *value, struct error *e)
{
    return take_number("--limit", value, 1, 3600, &o->limit_s, e);
}

static int take_watch(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->watch = true;
    return 0;
}

static int take_runs(struct options *o, const char *value, struct error *e)
{
    return take_number("--runs", value, 0, 1000, &o->runs, e);
}

static int take_jobs(struct options *o, const char *value, struct error *e)
{
    return take_number("--jobs", value, 1, 256, &o->jobs, e);
}

static int take_profile(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->profile = value;
    return 0;
}

static int take_profiles(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->profiles = true;
    return 0;
}

static int take_replay(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->replay = true;
    return 0;
}

static int take_ladder(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->ladder = true;
    return 0;
}

static int take_anew(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->anew = true;
    return 0;
}

static int take_language(struct options *o, const char *value, struct error *e)
{
    (void)o;
    if (strlen(value) < 2 || strspn(value, "abcdefghijklmnopqrstuvwxyz") < 2)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "'%.20s' is no language: give two letters, such as en or zh.", value);
    words_speak(value);
    return 0;
}

static int add_to(char **list, const char *name, const char *value, struct error *e)
{
    size_t n = 0;
    while (list[n])
        n++;
    if (n == OPTIONS_MOST)
        return error_exit(e, EXIT_WRONG_USAGE, "%s can be given %d times at the most.", name,
                          OPTIONS_MOST);
    list[n] = (char *)(uintptr_t)value;
    return 0;
}

static int take_set(struct options *o, const char *value, struct error *e)
{
    return add_to(o->set, "--set", value, e);
}

static int take_wire(struct options *o, const char *value, struct error *e)
{
    return add_to(o->wire, "--wire", value, e);
}

static int take_submission(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->submission = value;
    return 0;
}

static int take_from_session(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->from_session = value;
    return 0;
}

static int take_report(struct options *o, const char *value, struct error *e)
{
    return add_to(o->reports, "--report", value, e);
}

static int take_about(struct options *o, const char *value, struct error *e)
{
    if (!strchr(value, '='))
        return error_exit(e, EXIT_WRONG_USAGE, "--about takes KEY=VALUE, not '%.40s'.", value);
    return add_to(o->about, "--about", value, e);
}

static int take_seed(struct options *o, const char *value, struct error *e)
{
    return take_number("--seed", value, 1, 2000000000, &o->seed, e);
}

static int take_student(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->student = value;
    return 0;
}

static int take_student_from(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->student_from = value;
    return 0;
}

static int take_secret(struct options *o, const char *value, struct error *e)
{
    (void)e;
    o->secret = value;
    return 0;
}

static int take_no_hints(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->no_hints = true;
    return 0;
}

static int take_unsafe(struct options *o, const char *value, struct error *e)
{
    (void)value, (void)e;
    o->unsafe = true;
    return 0;
}

static const struct {
    unsigned bit; /* 0: every command has it */
    char letter;
    const char *name;
    const char *argument; /* NULL for none */
    const char *help;
    int (*take)(struct options *o, const char *value, struct error *e);
} table[] = {
    {OPTION_TEXT, 't', "text", NULL, N_("tell the story as text, on a terminal too"), take_text},
    {OPTION_WRITE, 'w', "write", "FILE", N_("keep the session in FILE; tcpladder -r FILE shows it"),
     take_write},
    {OPTION_SERVER, 's', "server", "CMD",
     N_("run CMD on host S; the program starts when it listens"), take_server},
    {OPTION_PORT, 'p', "port", "N", N_("the server's port, where both hosts are this one (9502)"),
     take_port},
    {OPTION_COMMAND, 'c', "command", "CMD", N_("run CMD in the shell and end"), take_command},
    {OPTION_SCRIPT, 'f', "script", "FILE",
     N_("carry out the commands in FILE (-: as they come on standard input), print their answers "
        "and "
        "nothing else; docs/stepping.md lists them"),
     take_script},
    {OPTION_SCRIPT, 'H', "hold", "WHAT",
     N_("begin with this held: wire, programs, C, S, or a selector such as 'C > S [S]'"),
     take_hold},
    {OPTION_ASCII, 'a', "ascii", NULL, N_("nothing but ASCII on the screen"), take_ascii},
    {OPTION_JSON, 'j', "json", NULL, N_("one object a line, for scripts"), take_json},
    {OPTION_WIRE, 'W', "wire", "RULE",
     N_("a rule of the wire, such as 'drop C > S data 3'; may be given again"), take_wire},
    {OPTION_PROFILE, 'n', "profile", "NAME", N_("the network: `tcplab list --profiles` names them"),
     take_profile},
    {OPTION_PROFILE, 'S', "set", "KEY=VALUE",
     N_("set one thing of the network otherwise, such as delay=50ms; may be given again"),
     take_set},
    {OPTION_PROFILES, 'n', "profiles", NULL, N_("the networks that labs can run on"),
     take_profiles},
    {OPTION_REPLAY, 'r', "replay", NULL,
     N_("the lab as it was recorded elsewhere: needs nothing of this machine"), take_replay},
    {OPTION_REPLAY, 'l', "ladder", NULL,
     N_("the ladder alone, live, without the lab's words and questions"), take_ladder},
    {OPTION_ANEW, 'A', "anew", NULL,
     N_("begin at the beginning, though you left the lab in the middle"), take_anew},
    {OPTION_LINES, 'f', "script", "FILE",
     N_("do the lines of FILE first; without a terminal, no others"), take_script},
    {OPTION_REAL, 'C', "connect", "HOST:PORT",
     N_("no lab: connect to a real host, and show what comes"), take_connect},
    {OPTION_REAL, 'l', "listen", NULL,
     N_("no lab: listen at PORT, or at a free one, and take a connection"), take_listen},
    {OPTION_LANGUAGE, 'L', "lang", "XX", N_("the language of the labs: en, zh"), take_language},
    {OPTION_LIMIT, 'T', "limit", "SECONDS",
     N_("how long the program on host C may take; else three times what the lesson's own took, and "
        "10 "
        "s at least"),
     take_limit},
    {OPTION_WATCH, 'o', "watch", NULL,
     N_("check again whenever something is saved; Ctrl-C ends it"), take_watch},
    {OPTION_RUNS, 'N', "runs", "N",
     N_("run each program N times (1); 0: hold the lab against its "
        "recorded session alone"),
     take_runs},
    {OPTION_RUNS, 'j', "jobs", "N", N_("so many runs at a time (4 a core)"), take_jobs},
    {OPTION_GRADE, 'i', "submission", "DIR", N_("what is graded: a folder, or one source"),
     take_submission},
    {OPTION_GRADE, 'r', "report", "FORMAT[=FILE]",
     N_("text, json, junit, tap, gradescope, classroom50, autolab or html; may be given again, "
        "each "
        "but "
        "one with a file, which is written early and again"),
     take_report},
    {OPTION_GRADE, 'N', "runs", "N", N_("run it N times (1); what it does worst, counts"),
     take_runs},
    {OPTION_GRADE, 'j', "jobs", "N", N_("so many runs at a time (4 a core)"), take_jobs},
    {OPTION_GRADE, 'S', "seed", "N",
     N_("vary the server's port and the wire's chance by N, by N + 1 in the second run, and so on"),
     take_seed},
    {OPTION_STUDENT, 'd', "student", "ID",
     N_("the lab as this student has it: what varies in it is picked by ID, a name or a key"),
     take_student},
    {OPTION_GRADE, 'm', "student-from", "FILE",
     N_("the same for the student whom Gradescope's submission_metadata.json names, by e-mail"),
     take_student_from},
    {OPTION_STUDENT, 'k', "secret", "FILE",
     N_("for teachers: ID is a name, and the key is made of it and of what is in FILE"),
     take_secret},
    {OPTION_GRADE, 'b', "about", "KEY=VALUE",
     N_("more for the report: student=, commit=, classroom= ...; may be given again"), take_about},
    {OPTION_GRADE, 'q', "no-hints", NULL, N_("leave the author's hints out of the report"),
     take_no_hints},
    {OPTION_GRADE, 'e', "from-session", "FILE",
     N_("judge a session that was handed in: needs nothing of this machine, and proves nothing"),
     take_from_session},
    {OPTION_GRADE, 'u', "unsafe", NULL,
     N_("run the submission uncontained, with your rights, where it cannot be contained"),
     take_unsafe},
    {0, 'h', "help", NULL, N_("this help"), take_help},
};
enum { OPTION_ROWS = sizeof table / sizeof table[0] };

static bool belongs(size_t row, unsigned set)
{
    return table[row].bit == 0 || (table[row].bit & set);
}

static int parse(int argc, char **argv, unsigned set, struct options *o, struct error *e)
{
    struct option longs[OPTION_ROWS + 1] = {0};
    char shorts[2 * OPTION_ROWS + 3] = "";
    size_t length = 0;
    size_t count = 0;
    if (set & (OPTIONS_FIRST | OPTIONS_AROUND))
        shorts[length++] = '+';
    shorts[length++] = ':';
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (!belongs(i, set))
            continue;
        bool argument = table[i].argument != NULL;
        longs[count++] = (struct option){table[i].name, argument, NULL, table[i].letter};
        shorts[length++] = table[i].letter;
        if (argument)
            shorts[length++] = ':';
    }
    optind = 0;
    opterr = 0;
    int letter;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        size_t row = 0;
        while (row < OPTION_ROWS && !(table[row].letter == letter && belongs(row, set)))
            row++;
        if (letter == ':')
            return error_exit(e, EXIT_WRONG_USAGE,
                              "%.60s needs an argument. See `tcplab %s --help`.", argv[optind - 1],
                              argv[0]);
        if (row == OPTION_ROWS)
            return error_exit(e, EXIT_WRONG_USAGE,
                              "`tcplab %s` has no option %.60s. See `tcplab %s --help`.", argv[0],
                              argv[optind - 1], argv[0]);
        if (table[row].take(o, optarg, e) != 0)
            return -1;
    }
    return optind;
}

/* `tcplab check LAB -w FILE PROGRAM`: options stand before and behind the lab's name. */
static int parse_around(int argc, char **argv, unsigned set, struct options *o, struct error *e)
{
    int first = parse(argc, argv, set, o, e);
    if (first < 0 || first >= argc || !(set & OPTIONS_AROUND))
        return first;
    char *name = argv[first], *command = argv[0];
    argv[first] = command; /* whose options are those behind */
    int more = parse(argc - first, argv + first, set, o, e);
    if (more < 0)
        return -1;
    argv[first + more - 1] = name;
    return first + more - 1;
}

int options_parse(int argc, char **argv, unsigned set, struct options *o, struct error *e)
{
    *o = (struct options){.port = 9502, .runs = 1};
    return parse_around(argc, argv, set, o, e);
}

struct completion_option *options_completion(unsigned set)
{
    struct completion_option *list = xcalloc(OPTION_ROWS + 1, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (belongs(i, set))
            list[count++] =
                (struct completion_option){table[i].letter, table[i].name, table[i].argument};
    return list;
}

void options_help(unsigned set, struct text *out)
{
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (!belongs(i, set))
            continue;
        struct text words = {0};
        text_format(&words, "-%c, --%s%s%s", table[i].letter, table[i].name,
                    table[i].argument ? " " : "", table[i].argument ? table[i].argument : "");
        text_format(out, "  %-20s %s\n", text_str(&words), _(table[i].help));
        text_free(&words);
    }
}
