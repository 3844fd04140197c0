/* The printed lines of the golden captures: against the text that tcpdump once printed of them, and
 * where it is installed, against what it prints now.
 *
 *   line_golden_test                compare
 *   line_golden_test --write DIR    write the captures there, for scripts/record-golden */
#include "tracer/print/line.h"

#include "tracer/print/golden_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SETS = sizeof golden_sets / sizeof golden_sets[0] };

/* Called for each frame of a set, in order. */
typedef void frame_sink(const struct frame *frame, void *to);

static const char *link_of(const struct golden_set *set, const struct golden_frame *g)
{
    const char *plain = g->s.v6 ? ETHERNET_V6 : ETHERNET_V4;
    return g->link ? g->link : set->link ? set->link : plain;
}

static void each_frame(const struct golden_set *set, frame_sink *sink, void *to)
{
    int64_t time_ns = 1700000000000000000;
    for (size_t i = 0; i < set->count; i++) {
        const struct golden_frame *g = &set->frames[i];
        struct test_frame f = {.n = 0};
        if (g->whole) {
            test_put_hex(&f, link_of(set, g));
            test_put_hex(&f, g->whole);
        } else {
            test_put_segment(&f, link_of(set, g), &g->s);
        }
        struct frame frame = test_frame_of(&f, set->linktype);
        for (size_t n = set->every_cut ? 1 : f.n; n <= f.n; n++) {
            /* one in seven goes back in time, and the steps pass seconds, minutes and days */
            time_ns += i % 7 == 6 ? -1500000000 : 40000123456789 >> (i % 3 * 8);
            frame.time_ns = time_ns;
            frame.captured_bytes = (uint32_t)n;
            sink(&frame, to);
        }
    }
}

struct printing {
    struct line_printer *lp;
    struct text *out;
    struct test_guard guard;
};

static void print_frame(const struct frame *frame, void *to)
{
    struct printing *printing = to;
    struct frame guarded = *frame;
    guarded.bytes = test_guard_place(&printing->guard, frame->bytes, frame->captured_bytes);
    struct packet p;
    packet_decode(&guarded, &p);
    line_print(printing->lp, &p, printing->out);
}

static void print_set(const struct golden_set *set, struct text *out)
{
    struct printing printing = {line_printer_new(&set->options), out, test_guard_new()};
    each_frame(set, print_frame, &printing);
    line_printer_free(printing.lp);
    test_guard_free(&printing.guard);
}

static void write_le32(FILE *file, uint32_t v)
{
    for (int i = 0; i < 4; i++, v >>= 8)
        fputc((int)(v & 0xff), file);
}

static void write_frame(const struct frame *frame, void *to)
{
    FILE *file = to;
    write_le32(file, (uint32_t)(frame->time_ns / 1000000000));
    write_le32(file, (uint32_t)(frame->time_ns % 1000000000));
    write_le32(file, frame->captured_bytes);
    write_le32(file, frame->wire_bytes);
    fwrite(frame->bytes, 1, frame->captured_bytes, file);
}

/* A nanosecond pcap file; true where all of it was written. */
static bool write_set(const struct golden_set *set, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    const uint32_t head[] = {0xa1b23c4d, 4u << 16 | 2, 0, 0, 262144, (uint32_t)set->linktype};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        write_le32(file, head[i]);
    each_frame(set, write_frame, file);
    bool failed = ferror(file) != 0;
    return fclose(file) == 0 && !failed;
}

static bool read_all(FILE *file, struct text *out)
{
    char buffer[4096];
    size_t n;
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_bytes(out, buffer, n);
    return !ferror(file);
}

/* tcpdump says of a payload cut short what it says of no header: left out of the comparison. */
static void without_remarks(const struct text *from, struct text *to)
{
    for (const char *line = text_str(from); *line;) {
        const char *end = strchr(line, '\n');
        size_t n = end ? (size_t)(end - line) : strlen(line);
        const char *remark = memmem(line, n, " [remaining caplen(", 19);
        text_bytes(to, line, remark ? (size_t)(remark - line) : n);
        text_char(to, '\n');
        line += n + (end != NULL);
    }
}

static void expect_same(const struct golden_set *set, const char *against,
                        const struct text *theirs)
{
    struct text ours = {0}, expected = {0}, got = {0};
    print_set(set, &ours);
    without_remarks(theirs, &expected);
    without_remarks(&ours, &got);
    if (strcmp(text_str(&expected), text_str(&got)) != 0)
        print_error("golden set %s differs from %s\n", set->name, against);
    assert_string_equal(text_str(&got), text_str(&expected));
    text_free(&ours);
    text_free(&expected);
    text_free(&got);
}

static void test_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < SETS; i++) {
        struct text path = {0}, theirs = {0};
        text_format(&path, "%s/tracer/tests/golden/%s.txt", TEST_SOURCE_DIR, golden_sets[i].name);
        FILE *file = fopen(text_str(&path), "re");
        if (!file)
            fail_msg("%s is not there: scripts/record-golden", text_str(&path));
        assert_true(read_all(file, &theirs));
        fclose(file);
        assert_true(theirs.len > 0);
        expect_same(&golden_sets[i], text_str(&path), &theirs);
        text_free(&path);
        text_free(&theirs);
    }
}

/* The version that the lines are held to; another one words some options otherwise. */
static bool has_reference_tcpdump(void)
{
    struct text said = {0};
    FILE *pipe = popen("tcpdump --version 2>&1", "re");
    bool read = pipe && read_all(pipe, &said);
    if (pipe)
        pclose(pipe);
    bool is_reference = read && strstr(text_str(&said), "tcpdump version 4.99.3");
    text_free(&said);
    return is_reference;
}

static void test_tcpdump_itself(void **state)
{
    (void)state;
    if (!has_reference_tcpdump()) {
        print_message("tcpdump 4.99.3 is not installed: compared with its recorded text alone\n");
        skip();
    }
    char folder[] = "/tmp/tcpladder-golden-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct text path = {0}, command = {0}, theirs = {0};
    text_format(&path, "%s/golden.pcap", folder);
    for (size_t i = 0; i < SETS; i++) {
        assert_true(write_set(&golden_sets[i], text_str(&path)));
        text_clear(&command);
        text_clear(&theirs);
        text_format(&command, "tcpdump -nn %s -r %s 2>/dev/null", golden_sets[i].arguments,
                    text_str(&path));
        FILE *pipe = popen(text_str(&command), "re");
        assert_non_null(pipe);
        assert_true(read_all(pipe, &theirs));
        assert_int_equal(pclose(pipe), 0);
        remove(text_str(&path));
        expect_same(&golden_sets[i], "tcpdump", &theirs);
    }
    remove(folder);
    text_free(&path);
    text_free(&command);
    text_free(&theirs);
}

static int write_all(const char *folder)
{
    for (size_t i = 0; i < SETS; i++) {
        struct text path = {0};
        text_format(&path, "%s/%s.pcap", folder, golden_sets[i].name);
        if (!write_set(&golden_sets[i], text_str(&path))) {
            fprintf(stderr, "cannot write %s\n", text_str(&path));
            return 1;
        }
        printf("%s %s\n", golden_sets[i].name, golden_sets[i].arguments);
        text_free(&path);
    }
    return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_all(argv[2]);
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_tcpdump_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
