#include "tracer/app/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Parse words that are separated by single spaces. */
static int parse(const char *words, struct options *o, struct error *e)
{
    static char line[512];
    char *argv[32] = {"tcpladder"};
    int argc = 1;
    snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    return options_parse(argc, argv, o, e);
}

static void letters_can_be_combined(void **state)
{
    (void)state;
    struct options o;
    struct error e = {0};
    assert_int_equal(parse("-nnSttXXr F tcp port 80", &o, &e), 0);
    assert_string_equal(o.read_file, "F");
    assert_true(o.line.absolute_seq);
    assert_int_equal(o.line.time, LINE_TIME_EPOCH);
    assert_int_equal(o.line.dump, LINE_DUMP_HEX_AND_ASCII);
    assert_true(o.line.dump_link);
    assert_string_equal(o.filter.s, "tcp port 80");
    options_free(&o);
}

static void values_are_taken(void **state)
{
    (void)state;
    struct options o;
    struct error e = {0};
    assert_int_equal(parse("-i lo -c 7 -s 0 -B 64 -p -U --json -w F", &o, &e), 0);
    assert_string_equal(o.interface, "lo");
    assert_string_equal(o.write_file, "F");
    assert_int_equal(o.count, 7);
    assert_int_equal(o.snaplen, 0);
    assert_int_equal(o.buffer_bytes, 65536);
    assert_true(o.no_promiscuous && o.packet_buffered);
    assert_int_equal(o.mode, MODE_JSON);
    assert_int_equal(o.filter.len, 0);
    options_free(&o);
}

static void limits_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        uint64_t bytes; /* 0: refused */
    } rows[] = {
        {"--limit 65536", 65536},
        {"--limit 64k", 65536},
        {"--limit 64K", 65536},
        {"--limit 500M", UINT64_C(500) << 20},
        {"--limit 8192G", UINT64_C(1) << 43},
        {"--limit 8193G", 0},
        {"--limit 18446744073709551615G", 0},
        {"--limit 99999999999999999999999", 0},
        {"--limit 0", 0},
        {"--limit 63k", 0},
        {"--limit -1G", 0},
        {"--limit G", 0},
        {"--limit 1T", 0},
        {"--limit 1GB", 0},
        {"--limit 1.5G", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct error e = {0};
        int result = parse(rows[i].words, &o, &e);
        if (result != (rows[i].bytes > 0 ? 0 : -1) || o.limit_bytes != rows[i].bytes)
            fail_msg("%s: %llu", rows[i].words, (unsigned long long)o.limit_bytes);
        if (result != 0) {
            assert_non_null(strstr(e.text, "is no limit: give a size"));
            assert_int_equal(e.status, EXIT_WRONG_USAGE);
        }
        options_free(&o);
    }
}

static void dumps_rank_as_in_tcpdump(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        enum line_dump dump;
        bool link;
    } rows[] = {
        {"-A", LINE_DUMP_ASCII, false},         {"-AA", LINE_DUMP_ASCII, true},
        {"-x", LINE_DUMP_HEX, false},           {"-xx", LINE_DUMP_HEX, true},
        {"-X", LINE_DUMP_HEX_AND_ASCII, false}, {"-XX", LINE_DUMP_HEX_AND_ASCII, true},
        {"-xA", LINE_DUMP_HEX, false},          {"-AX", LINE_DUMP_HEX_AND_ASCII, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct error e = {0};
        assert_int_equal(parse(rows[i].words, &o, &e), 0);
        assert_int_equal(o.line.dump, rows[i].dump);
        assert_int_equal(o.line.dump_link, rows[i].link);
        options_free(&o);
    }
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
    } rows[] = {
        {"-Z", "no option -Z"},
        {"--nonsense", "no option --nonsense"},
        {"-c", "-c needs an argument"},
        {"--count", "--count needs an argument"},
        {"--json=1", "not in this form"},
        {"-c 0", "\"0\" is no count"},
        {"-c -1", "\"-1\" is no count"},
        {"-c 99999999999999999999", "is no count"},
        {"-c 1x", "\"1x\""},
        {"-s 262145", "number of bytes"},
        {"-B 0", "buffer size"},
        {"-tttttt", "up to 5 times"},
        {"-r F -i lo", "one of the two"},
        {"--print -w -", "cannot both go"},
        {"--walk --select [S]", "goes with --print"},
        {"--expect E --json", "a report and nothing else"},
        {"--expect E -w F", "a report and nothing else"},
        {"-\x1b", "\\x1b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct error e = {0};
        assert_int_equal(parse(rows[i].words, &o, &e), -1);
        assert_int_equal(e.status, EXIT_WRONG_USAGE);
        if (!strstr(e.text, rows[i].says))
            fail_msg("%s: %s", rows[i].words, e.text);
        options_free(&o);
    }
}

static void the_mode_follows_from_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        bool terminal;
        enum mode mode;
    } rows[] = {
        {"-r F", true, MODE_VIEW},
        {"-r F", false, MODE_PRINT},
        {"-nn", true, MODE_VIEW},
        {"-c 1", true, MODE_PRINT},
        {"-X", true, MODE_PRINT},
        {"-w F", true, MODE_SAVE},
        {"-w F", false, MODE_SAVE},
        {"-w F --print", true, MODE_PRINT},
        {"--walk -r F", true, MODE_WALK},
        {"-D", true, MODE_LIST},
        {"--select [S] -r F", true, MODE_PRINT},
        {"--select [S] -r F -w G", true, MODE_SAVE},
        {"--select [S] -r F --json", true, MODE_JSON},
        {"--expect E -r F", true, MODE_EXPECT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct error e = {0};
        assert_int_equal(parse(rows[i].words, &o, &e), 0);
        options_settle(&o, rows[i].terminal);
        assert_int_equal(o.mode, rows[i].mode);
        options_free(&o);
    }
}

static void help_names_every_option(void **state)
{
    (void)state;
    struct text t = {0};
    options_help(&t);
    static const char *const words[] = {"-i, --interface IFACE", "--json", "-w, --write FILE",
                                        "-l ", "Exit status"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_non_null(strstr(t.s, words[i]));
    size_t column = 0; /* 80 columns hold it */
    for (const char *s = t.s; *s; s++) {
        column = *s == '\n' ? 0 : column + 1;
        assert_true(column <= 80);
    }
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_can_be_combined), cmocka_unit_test(values_are_taken),
        cmocka_unit_test(limits_have_units),       cmocka_unit_test(dumps_rank_as_in_tcpdump),
        cmocka_unit_test(wrong_usage_is_told),     cmocka_unit_test(the_mode_follows_from_the_rest),
        cmocka_unit_test(help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
