#include "tracer/app/options.h"

#include "tracer/app/manual.h"
#include "tracer/base/completion.h"
#include "tracer/base/words.h"
#include "tracer/view/theme.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_LEAST_BYTES = 1 << 16 };

/* A whole number from `least` to `most`. */
static int number(const char *value, const char *what, uint64_t least, uint64_t most, uint64_t *v,
                  struct error *e)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno != 0 || n < least || n > most) {
        struct text safe = {0};
        text_safe_str(&safe, value);
        error_exit(e, EXIT_WRONG_USAGE,
                   "\"%.60s\" is no %s: give a whole number from %llu to %llu.", text_str(&safe),
                   _(what), (unsigned long long)least, (unsigned long long)most);
        text_free(&safe);
        return -1;
    }
    *v = n;
    return 0;
}

#define TAKE(name) static int name(struct options *o, const char *value, struct error *e)

/* An option that only sets something: `...` says what. */
#define TAKE_SETS(name, ...)                                                                       \
    TAKE(name)                                                                                     \
    {                                                                                              \
        (void)value;                                                                               \
        (void)e;                                                                                   \
        __VA_ARGS__;                                                                               \
        return 0;                                                                                  \
    }

TAKE_SETS(take_interface, o->interface = value)
TAKE_SETS(take_read, o->read_file = value)
TAKE_SETS(take_write, o->write_file = value)
TAKE_SETS(take_select, o->select = value; o->lines_wanted = true)
TAKE_SETS(take_expect, o->expect_file = value; o->mode = MODE_EXPECT)
TAKE_SETS(take_list, o->mode = MODE_LIST)
TAKE_SETS(take_print, o->mode = MODE_PRINT)
TAKE_SETS(take_json, o->mode = MODE_JSON)
TAKE_SETS(take_walk, o->mode = MODE_WALK)
TAKE_SETS(take_summary, o->mode = MODE_SUMMARY)
TAKE_SETS(take_verbose, o->verbose = true)
TAKE_SETS(take_analysis, o->analysis = true; o->lines_wanted = true)
TAKE_SETS(take_help, o->mode = MODE_HELP)
TAKE_SETS(take_version, o->mode = MODE_VERSION)
TAKE_SETS(take_numeric, o->line.names = false)
TAKE_SETS(take_names, o->line.names = true)
TAKE_SETS(take_absolute, o->line.absolute_seq = true)
TAKE_SETS(take_nano, o->line.nanoseconds = true; o->lines_wanted = true)
TAKE_SETS(take_no_promiscuous, o->no_promiscuous = true)
TAKE_SETS(take_packet_buffered, o->packet_buffered = true)
TAKE_SETS(take_line_buffered, (void)o)
TAKE_SETS(take_ascii, o->ascii = true)

TAKE(take_theme)
{
    struct text names = {0};
    o->theme = value;
    if (theme_of_name(value))
        return 0;
    for (int i = 0; i < THEME_COUNT; i++)
        text_format(&names, "%s%s",
                    i == 0                ? ""
                    : i + 1 < THEME_COUNT ? ", "
                                          : " or ",
                    themes[i].name);
    error_exit(e, EXIT_WRONG_USAGE, "There is no such theme: --theme takes %s.", text_str(&names));
    text_free(&names);
    return -1;
}

TAKE(take_manual)
{
    struct text part = {0};
    bool there = manual_part(value, &part);
    text_free(&part);
    o->mode = MODE_MANUAL;
    o->manual_part = value;
    return there ? 0
                 : error_exit(e, EXIT_WRONG_USAGE,
                              "The manual has no such part: --man takes options or commands.");
}

TAKE(take_completion)
{
    o->mode = MODE_COMPLETION;
    return strcmp(value, "bash") == 0
               ? 0
               : error_exit(e, EXIT_WRONG_USAGE, "--completion is there for bash alone.");
}

TAKE(take_count)
{
    o->lines_wanted = true;
    return number(value, N_("count of packets"), 1, UINT64_MAX, &o->count, e);
}

TAKE(take_snaplen)
{
    uint64_t v;
    if (number(value, N_("number of bytes a packet"), 0, 262144, &v, e) < 0)
        return -1;
    o->snaplen = (uint32_t)v;
    return 0;
}

TAKE(take_buffer)
{
    uint64_t v;
    if (number(value, N_("buffer size in KiB"), 1, 2097151, &v, e) < 0)
        return -1;
    o->buffer_bytes = (uint32_t)v * 1024;
    return 0;
}

/* A number of bytes, by itself or in k, M or G. */
TAKE(take_limit)
{
    static const char units[] = "kMG";
    char *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    const char *unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    int shift = unit ? (int)(unit - units + 1) * 10 : 0;
    bool whole = value[0] >= '0' && value[0] <= '9' && errno == 0 && end[unit ? 1 : 0] == '\0';
    if (!whole || n > (UINT64_C(1) << 43) >> shift || n << shift < LIMIT_LEAST_BYTES) {
        struct text safe = {0};
        text_safe_str(&safe, value);
        error_exit(e, EXIT_WRONG_USAGE,
                   "\"%.60s\" is no limit: give a size of 64k or more, as 500M or 2G.",
                   text_str(&safe));
        text_free(&safe);
        return -1;
    }
    o->limit_bytes = (uint64_t)n << shift;
    return 0;
}

TAKE(take_at)
{
    if (strcmp(value, "C") != 0 && strcmp(value, "S") != 0)
        return error_exit(e, EXIT_WRONG_USAGE, "--at takes C or S, a session's client or server.");
    o->at = value[0];
    return 0;
}

TAKE(take_time)
{
    (void)value;
    o->lines_wanted = true;
    if (o->line.time + 1 == LINE_TIME_COUNT)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "-t may be given up to %d times. `tcpladder --help` "
                          "says what each means.",
                          LINE_TIME_COUNT - 1);
    o->line.time++;
    return 0;
}

/* Given twice, a dump begins at the link header. -X goes before -x, and -x before -A. */
static int take_dump(struct options *o, enum line_dump dump)
{
    static const int rank[LINE_DUMP_COUNT] = {
        [LINE_DUMP_ASCII] = 1, [LINE_DUMP_HEX] = 2, [LINE_DUMP_HEX_AND_ASCII] = 3};
    o->lines_wanted = true;
    if (o->line.dump == dump)
        o->line.dump_link = true;
    if (rank[dump] > rank[o->line.dump]) {
        o->line.dump = dump;
        o->line.dump_link = false;
    }
    return 0;
}

TAKE_SETS(take_dump_ascii, return take_dump(o, LINE_DUMP_ASCII))
TAKE_SETS(take_dump_hex, return take_dump(o, LINE_DUMP_HEX))
TAKE_SETS(take_dump_both, return take_dump(o, LINE_DUMP_HEX_AND_ASCII))

/* One row an option: its letter (0: none), long name, argument, help and what it does. */
static const struct row {
    char letter;
    const char *name;
    const char *argument;
    const char *help;
    int (*take)(struct options *o, const char *value, struct error *e);
} table[] = {
    {'i', "interface", "IFACE", N_("capture on IFACE, a name or -D's number, or \"any\""),
     take_interface},
    {'r', "read", "FILE", N_("read a capture or a session; - is standard input"), take_read},
    {'w', "write", "FILE", N_("keep the packets in FILE; - is standard output"), take_write},
    {'c', "count", "N", N_("end after N packets"), take_count},
    {'D', "list-interfaces", NULL, N_("list the interfaces"), take_list},
    {0, "print", NULL, N_("print tcpdump's lines"), take_print},
    {0, "analysis", NULL, N_("after each line what the analysis finds in it, and why"),
     take_analysis},
    {0, "json", NULL, N_("print one JSON object a line"), take_json},
    {0, "walk", NULL, N_("tell the story: calls, segments and states in order"), take_walk},
    {0, "summary", NULL, N_("a row for each connection, and the totals"), take_summary},
    {'v', "verbose", NULL, N_("with --summary, all figures of each side"), take_verbose},
    {0, "select", "SELECTOR", N_("only what SELECTOR selects: 'C > S data 3 again'"), take_select},
    {0, "expect", "FILE", N_("check the capture against the expectations in FILE"), take_expect},
    {0, "at", "HOST", N_("of a session, what a capture at host C or S would hold"), take_at},
    {'n', "numeric", NULL, N_("addresses and ports as numbers: the default"), take_numeric},
    {0, "names", NULL, N_("hosts and services by name, where they have one"), take_names},
    {'S', "absolute-tcp-sequence-numbers", NULL, N_("sequence numbers as they stand"),
     take_absolute},
    {'t', "time", NULL,
     N_("-t no time, -tt seconds since 1970,\n"
        "-ttt since the line before, -tttt with the date,\n"
        "-ttttt since the first line"),
     take_time},
    {0, "nano", NULL, N_("nine digits after the second"), take_nano},
    {'A', "ascii-dump", NULL, N_("each packet's bytes as text; -AA with the link header"),
     take_dump_ascii},
    {'x', "hex-dump", NULL, N_("each packet's bytes in hex; -xx with the link header"),
     take_dump_hex},
    {'X', "hex-ascii-dump", NULL, N_("the same in hex and text; -XX with the link header"),
     take_dump_both},
    {'s', "snapshot-length", "BYTES", N_("capture at most BYTES of a packet (262144)"),
     take_snaplen},
    {'B', "buffer-size", "KIB", N_("size of the kernel's capture buffer"), take_buffer},
    {0, "limit", "SIZE", N_("the viewer keeps at most SIZE of a live capture (1G)"), take_limit},
    {'p', "no-promiscuous-mode", NULL, N_("see only what this machine would see"),
     take_no_promiscuous},
    {'U', "packet-buffered", NULL, N_("with -w, write each packet at once"), take_packet_buffered},
    {'l', NULL, NULL, N_("accepted: output is never held back"), take_line_buffered},
    {0, "ascii", NULL, N_("nothing but ASCII on the screen"), take_ascii},
    {0, "theme", "NAME", N_("the screen's colours: dark, light or mono"), take_theme},
    {0, "completion", "SHELL", N_("what a shell completes, for `source`: bash"), take_completion},
    {0, "man", "PART", N_("the manual's options or commands, for scdoc"), take_manual},
    {'V', "version", NULL, N_("the version"), take_version},
    {'h', "help", NULL, N_("this help"), take_help},
};
enum { ROWS = sizeof table / sizeof table[0], LONG_ONLY = 256 };

/* getopt's own tables, made from ours. An option without a letter answers with its row. */
static void make_getopt(struct option longs[ROWS + 1], char shorts[2 * ROWS + 2])
{
    size_t count = 0, at = 0;
    shorts[at++] = ':';
    for (int i = 0; i < ROWS; i++) {
        const struct row *r = &table[i];
        if (r->letter) {
            shorts[at++] = r->letter;
            if (r->argument)
                shorts[at++] = ':';
        }
        if (r->name)
            longs[count++] = (struct option){r->name, r->argument != NULL, NULL, LONG_ONLY + i};
    }
    shorts[at] = '\0';
    longs[count] = (struct option){0};
}

static const struct row *row_of(int answer)
{
    if (answer >= LONG_ONLY)
        return &table[answer - LONG_ONLY];
    for (int i = 0; i < ROWS; i++)
        if (table[i].letter && table[i].letter == answer)
            return &table[i];
    return NULL;
}

static int refuse(char **argv, int answer, struct error *e)
{
    struct text option = {0};
    if (optopt > 0 && optopt < LONG_ONLY) {
        char letter = (char)optopt;
        text_char(&option, '-');
        text_safe(&option, &letter, 1);
    } else {
        text_safe_str(&option, argv[optind - 1]);
    }
    if (answer == ':')
        error_exit(e, EXIT_WRONG_USAGE, "%.60s needs an argument. `tcpladder --help` says which.",
                   text_str(&option));
    else
        error_exit(e, EXIT_WRONG_USAGE,
                   "There is no option %.60s, or not in this form. `tcpladder --help` lists all.",
                   text_str(&option));
    text_free(&option);
    return -1;
}

static int check(const struct options *o, struct error *e)
{
    if (o->read_file && o->interface)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "-r reads a file and -i captures live: give one of the two.");
    if (o->verbose && o->mode != MODE_SUMMARY)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "-v goes with --summary, which then has all figures of each side.");
    if (o->select && (o->mode == MODE_WALK || o->mode == MODE_SUMMARY || o->expect_file))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--select goes with --print, --json or -w: the other ways need the "
                          "whole capture.");
    if (o->expect_file && (o->mode != MODE_EXPECT || o->write_file))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "--expect gives a report and nothing else: leave the other way of "
                          "showing, or -w, out.");
    bool shows = o->mode == MODE_PRINT || o->mode == MODE_JSON || o->mode == MODE_WALK ||
                 o->mode == MODE_SUMMARY;
    if (shows && o->write_file && strcmp(o->write_file, "-") == 0)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "Packets (-w -) and text cannot both go to standard "
                          "output: give -w a file.");
    return 0;
}

int options_parse(int argc, char **argv, struct options *o, struct error *e)
{
    struct option longs[ROWS + 1];
    char shorts[2 * ROWS + 2];
    int answer;
    make_getopt(longs, shorts);
    *o = (struct options){0};
    optind = 0; /* begin anew */
    opterr = 0;
    while ((answer = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct row *row = row_of(answer);
        if (!row || answer == ':' || answer == '?')
            return refuse(argv, answer, e);
        if (row->take(o, optarg, e) < 0)
            return -1;
    }
    for (int i = optind; i < argc; i++) {
        if (o->filter.len > 0)
            text_char(&o->filter, ' ');
        text_add(&o->filter, argv[i]);
    }
    return check(o, e);
}

void options_free(struct options *o)
{
    text_free(&o->filter);
}

void options_settle(struct options *o, bool stdout_is_terminal)
{
    if (o->mode != MODE_DEFAULT)
        return;
    if (o->write_file)
        o->mode = MODE_SAVE;
    else
        o->mode = stdout_is_terminal && !o->lines_wanted ? MODE_VIEW : MODE_PRINT;
}

static void help_row(const struct row *r, struct text *out)
{
    struct text words = {0};
    if (r->letter)
        text_format(&words, "-%c%s", r->letter, r->name ? ", " : "");
    else
        text_add(&words, "    ");
    if (r->name)
        text_format(&words, "--%s", r->name);
    if (r->argument)
        text_format(&words, " %s", r->argument);
    text_format(out, "  %-24s", text_str(&words));
    if (words.len > 24)
        text_format(out, "\n%26s", "");
    for (const char *s = _(r->help); *s; s++) {
        text_char(out, *s);
        if (*s == '\n')
            text_repeat(out, ' ', 26);
    }
    text_char(out, '\n');
    text_free(&words);
}

/* "*-r*, *--read* FILE", and what it does. */
static void manual_row(const struct row *r, struct text *out)
{
    if (r->letter)
        text_format(out, "*-%c*%s", r->letter, r->name ? ", " : "");
    if (r->name) {
        text_add(out, "*--");
        manual_words(r->name, out);
        text_char(out, '*');
    }
    if (r->argument) {
        text_add(out, " _");
        manual_words(r->argument, out);
        text_char(out, '_');
    }
    text_add(out, "\n\t");
    for (const char *s = r->help; *s; s++) {
        char one[2] = {*s == '\n' ? ' ' : *s, '\0'};
        manual_words(one, out);
    }
    text_add(out, "\n\n");
}

void options_manual(struct text *out)
{
    for (int i = 0; i < ROWS; i++)
        manual_row(&table[i], out);
}

void options_completion(struct text *out)
{
    struct text names = {0};
    struct completion_option options[ROWS + 1] = {0};
    for (int i = 0; i < THEME_COUNT; i++)
        text_format(&names, "%s%s", i > 0 ? " " : "", themes[i].name);
    const struct completion_value values[] = {
        {"FILE", NULL},
        {"HOST", "C S"},
        {"NAME", text_str(&names)},
        {"PART", "options commands"},
        {"SHELL", "bash"},
        {"IFACE", "any $(\"$1\" -D 2>/dev/null | sed 's/^[0-9]*\\.//; s/ .*//')"},
        {NULL, NULL},
    };
    const struct completion_command commands[] = {{NULL, "[FILTER]", options}, {0}};
    for (int i = 0; i < ROWS; i++)
        options[i] = (struct completion_option){table[i].letter, table[i].name, table[i].argument};
    completion_bash(&(struct completion){"tcpladder", values, commands}, out);
    text_free(&names);
}

void options_help(struct text *out)
{
    text_add(out,
             _("tcpladder shows TCP connections as they happen, on an interface or in a capture.\n"
               "\n"
               "  tcpladder [OPTIONS] [FILTER]       the first interface, or the one of -i\n"
               "  tcpladder -r FILE [FILTER]         a capture file, or a session of tcplab's\n"
               "\n"
               "On a terminal it opens the viewer. Without one, or with an option that is about\n"
               "lines (-c -t -x -X -A), it prints tcpdump's lines. -w alone shows nothing.\n"
               "FILTER is in the language of `man pcap-filter`: tcp port 9502\n"
               "\n"));
    for (int i = 0; i < ROWS; i++)
        help_row(&table[i], out);
    text_add(
        out,
        _("\nSelectors and expectations are described in docs/expectations.md.\n"
          "\nExit status: 0 done, 1 not done or not as expected, 2 wrong usage, 3 the machine\n"
          "does not allow it.\n"));
}
