#include "tracer/session/annotation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One of each type, every member given. */
static const struct annotation samples[] = {
    {.type = ANNOTATION_SESSION,
     .session = {.version = 1,
                 .writer = "tcplab 0.1.0",
                 .lab = "handshake",
                 .profile = "classic",
                 .settings = "delay=50ms",
                 .wire = "drop C > S\nhold [S] for 3s",
                 .kernel = "6.1.0",
                 .tier = "hosts",
                 .addresses = {"10.0.0.1", "10.0.0.2"},
                 .server_port = 9502}},
    {.type = ANNOTATION_CALL,
     .host = 'C',
     .call = {.phase = CALL_EXIT,
              .pid = 41,
              .tid = 42,
              .id = UINT64_MAX,
              .name = "connect",
              .args = "3, 10.0.0.2:9502",
              .fd = 3,
              .ret = INT64_MIN,
              .error = "ECONNREFUSED",
              .local = "10.0.0.1:34567",
              .remote = "10.0.0.2:9502",
              .file = "src/\xe6\xb1\x89 client.c",
              .line = 2147483647,
              .function = "main"}},
    {.type = ANNOTATION_FATE,
     .fate = {.sent_ns = 1700000000123456789, .from = 'S', .fate = FATE_DROPPED, .reason = "rule"}},
    {.type = ANNOTATION_FATE,
     .fate = {.sent_ns = 1, .from = 'C', .fate = FATE_DELIVERED, .reason = "rule", .copy = 3}},
    {.type = ANNOTATION_FATE,
     .fate = {.sent_ns = 1, .from = 'C', .fate = FATE_DROPPED, .corrupted = true}},
    {.type = ANNOTATION_CONSOLE, .host = 'S', .console = {.typed = true, .text = "hello\n"}},
    {.type = ANNOTATION_PROCESS,
     .host = 'S',
     .process = {.event = PROCESS_KILLED, .pid = 9, .status = 15, .program = "./server"}},
    {.type = ANNOTATION_HELD,
     .held = {.sent_ns = 1700000000123456789,
              .from = 'C',
              .number = UINT64_MAX,
              .repeats = 2,
              .over = true}},
    {.type = ANNOTATION_HELD, .held = {.sent_ns = 1, .from = 'S', .number = 1}},
    {.type = ANNOTATION_WAITS,
     .host = 'S',
     .waits = {.at = WAITS_RETURN,
               .pid = 41,
               .tid = 42,
               .id = UINT64_MAX,
               .name = "accept",
               .args = "3",
               .over = true}},
    {.type = ANNOTATION_COMMAND,
     .command = {.text = "let 9", .answer = "There is none.\nNone.", .failed = true}},
    {.type = ANNOTATION_NOTE, .note = {.text = "Namespaces are refused here."}},
    {.type = ANNOTATION_MARK},
    {.type = ANNOTATION_END,
     .end = {.verdict = "void", .reason = "frames were lost", .dropped_frames = 1ull << 63}},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static void read_back(const struct annotation *a, struct annotation *b)
{
    struct text frame = {0};
    struct error e = {0};
    annotation_write(a, &frame);
    assert_true(annotation_is((uint8_t *)frame.s, frame.len));
    if (annotation_read((uint8_t *)frame.s, frame.len, b, &e) < 0)
        fail_msg("%s", e.text);
    text_free(&frame);
    assert_int_equal(a->type, b->type);
}

static void assert_same_string(const char *a, const char *b)
{
    if (!a || !b)
        assert_ptr_equal(a, b);
    else
        assert_string_equal(a, b);
}

static void assert_same_frame(const struct annotation *a, const struct annotation *b)
{
    struct text one = {0}, two = {0};
    annotation_write(a, &one);
    annotation_write(b, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.s, two.s, one.len);
    text_free(&one);
    text_free(&two);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct annotation b;
        read_back(&samples[i], &b);
        assert_int_equal(samples[i].host, b.host);
        assert_same_frame(&samples[i], &b);
        annotation_free(&b);
    }
}

static void members_come_back(void **state)
{
    (void)state;
    struct annotation b;
    read_back(&samples[0], &b);
    assert_int_equal(b.session.version, 1);
    assert_same_string(b.session.addresses[1], "10.0.0.2");
    assert_int_equal(b.session.server_port, 9502);
    annotation_free(&b);
    read_back(&samples[1], &b);
    assert_int_equal(b.call.phase, CALL_EXIT);
    assert_true(b.call.id == UINT64_MAX);
    assert_true(b.call.ret == INT64_MIN);
    assert_same_string(b.call.error, "ECONNREFUSED");
    annotation_free(&b);
    read_back(&samples[2], &b);
    assert_true(b.fate.sent_ns == 1700000000123456789);
    assert_int_equal(b.fate.from, 'S');
    assert_int_equal(b.fate.fate, FATE_DROPPED);
    annotation_free(&b);
    read_back(&samples[3], &b);
    assert_int_equal(b.fate.copy, 3);
    assert_false(b.fate.corrupted);
    annotation_free(&b);
    read_back(&samples[4], &b);
    assert_true(b.fate.corrupted);
    annotation_free(&b);
    read_back(&samples[SAMPLES - 1], &b);
    assert_true(b.end.dropped_frames == 1ull << 63);
    annotation_free(&b);
}

static void absent_members_stay_absent(void **state)
{
    (void)state;
    struct annotation a = {.type = ANNOTATION_CALL, .call = {.name = "close", .fd = -1}}, b;
    read_back(&a, &b);
    assert_int_equal(b.host, 0);
    assert_null(b.call.args);
    assert_null(b.call.error);
    assert_int_equal(b.call.fd, -1);
    assert_null(b.call.file);
    assert_int_equal(b.call.line, 0);
    assert_null(b.call.function);
    annotation_free(&b);
}

/* A frame around `json`, read: 0 or -1. */
static int read_json(const char *json, size_t n, struct annotation *a, struct error *e)
{
    struct text frame = {0};
    text_repeat(&frame, '\0', 12);
    text_bytes(&frame, "\x88\xb5", 2);
    text_bytes(&frame, json, n);
    /* An exact copy, so that AddressSanitizer sees a read past its end. */
    uint8_t *exact = malloc(frame.len);
    assert_non_null(exact);
    memcpy(exact, frame.s, frame.len);
    e->text[0] = '\0';
    int result = annotation_read(exact, frame.len, a, e);
    free(exact);
    text_free(&frame);
    return result;
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct text frame = {0};
        annotation_write(&samples[i], &frame);
        for (size_t n = 0; n < frame.len; n++) {
            struct annotation b;
            struct error e = {0};
            uint8_t *exact = malloc(n ? n : 1);
            assert_non_null(exact);
            memcpy(exact, frame.s, n);
            assert_int_equal(annotation_read(exact, n, &b, &e), -1);
            assert_true(strlen(e.text) > 20);
            free(exact);
        }
        text_free(&frame);
    }
}

static void garbage_is_refused(void **state)
{
    (void)state;
    static const char *const garbage[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"note\"}",
        "{\"type\":\"note\",\"text\":7}",
        "{\"type\":\"note\",\"text\":\"a\"} trailing",
        "{\"type\":\"note\",\"text\":\"a\",\"text\":\"b\"}",
        "{\"type\":\"note\",\"text\":\"a\\u0000b\"}",
        "{\"type\":\"note\",\"text\":\"\xff\"}",
        "{\"type\":\"note\",\"host\":\"X\",\"text\":\"a\"}",
        "{\"type\":\"note\",\"host\":\"CS\",\"text\":\"a\"}",
        "{\"type\":\"session\",\"version\":\"1\"}",
        "{\"type\":\"session\",\"version\":4294967296}",
        "{\"type\":\"session\",\"version\":1,\"server_port\":65536}",
        "{\"type\":\"session\",\"version\":1,\"server_port\":-1}",
        "{\"type\":\"console\",\"typed\":1,\"text\":\"a\"}",
        "{\"type\":\"call\",\"phase\":\"during\",\"pid\":1,\"id\":\"1\",\"name\":\"x\"}",
        "{\"type\":\"call\",\"phase\":\"exit\",\"pid\":1,\"id\":1,\"name\":\"x\"}",
        "{\"type\":\"call\",\"phase\":\"exit\",\"pid\":1,\"id\":\"\",\"name\":\"x\"}",
        "{\"type\":\"call\",\"phase\":\"exit\",\"pid\":1,\"id\":\"-1\",\"name\":\"x\"}",
        "{\"type\":\"call\",\"phase\":\"exit\",\"pid\":1,\"id\":\"1 \",\"name\":\"x\"}",
        "{\"type\":\"end\",\"verdict\":\"x\",\"dropped_frames\":\"18446744073709551616\"}",
        "{\"type\":\"call\",\"phase\":\"exit\",\"pid\":1.5,\"id\":\"1\",\"name\":\"x\"}",
        "{\"type\":\"fate\",\"sent\":\"9223372036854775808\",\"from\":\"C\",\"fate\":\"dropped\"}",
        "{\"type\":\"fate\",\"sent\":\"1\",\"fate\":\"dropped\"}",
        "{\"type\":\"fate\",\"sent\":\"1\",\"from\":\"C\",\"fate\":\"none\"}",
    };
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct annotation a;
        struct error e = {0};
        if (read_json(garbage[i], strlen(garbage[i]), &a, &e) == 0)
            fail_msg("accepted: %s", garbage[i]);
        assert_true(strlen(e.text) > 20);
    }
    struct annotation a;
    struct error e = {0};
    assert_int_equal(read_json("{\"type\":\"note\",\"text\":\"a\0\"}", 26, &a, &e), -1);
}

static void deep_nesting_is_survived(void **state)
{
    (void)state;
    struct text json = {0};
    text_add(&json, "{\"type\":\"note\",\"text\":\"a\",\"x\":");
    text_repeat(&json, '[', 60000);
    struct annotation a;
    struct error e = {0};
    assert_int_equal(read_json(json.s, json.len, &a, &e), -1);
    text_free(&json);
}

static void later_versions_can_be_read(void **state)
{
    (void)state;
    struct annotation a;
    struct error e = {0};
    const char *novel = "{\"type\":\"weather\",\"sky\":[1,2]}";
    assert_int_equal(read_json(novel, strlen(novel), &a, &e), 0);
    assert_int_equal(a.type, ANNOTATION_UNKNOWN);
    annotation_free(&a);
    const char *more = "{\"type\":\"note\",\"colour\":\"red\",\"text\":\"a\",\"host\":null}";
    assert_int_equal(read_json(more, strlen(more), &a, &e), 0);
    assert_string_equal(a.note.text, "a");
    annotation_free(&a);
}

static void oversize_text_is_cut(void **state)
{
    (void)state;
    static const char *const fillers[] = {
        "x", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xff", "\xf3\xa0\x80\x81"};
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
        struct text big = {0};
        while (big.len < 3 * ANNOTATION_MAX_BYTES / 2)
            text_add(&big, fillers[i]);
        struct annotation a = {.type = ANNOTATION_CONSOLE, .host = 'C', .console.text = big.s};
        struct text frame = {0};
        annotation_write(&a, &frame);
        assert_true(frame.len <= ANNOTATION_HEADER_BYTES + (size_t)ANNOTATION_MAX_BYTES);
        assert_true(frame.len > ANNOTATION_MAX_BYTES * 9 / 10); /* and no shorter than it must be */
        struct annotation b;
        read_back(&a, &b);
        size_t n = strlen(b.console.text);
        assert_string_equal(b.console.text + n - 3, "...");
        if (fillers[i][0] != '\xff')
            assert_memory_equal(b.console.text, big.s, n - 3);
        annotation_free(&b);
        text_free(&frame);
        text_free(&big);
    }
}

static void several_long_strings_are_cut(void **state)
{
    (void)state;
    struct text big = {0};
    text_repeat(&big, '"', 80000);
    struct annotation a = {.type = ANNOTATION_CALL,
                           .call = {.name = big.s,
                                    .args = big.s,
                                    .error = big.s,
                                    .local = big.s,
                                    .remote = big.s}},
                      b;
    struct text frame = {0};
    annotation_write(&a, &frame);
    assert_true(frame.len <= ANNOTATION_HEADER_BYTES + (size_t)ANNOTATION_MAX_BYTES);
    read_back(&a, &b);
    assert_string_equal(b.call.remote + strlen(b.call.remote) - 3, "...");
    annotation_free(&b);
    text_free(&frame);
    text_free(&big);
}

static void controls_are_escaped_and_come_back(void **state)
{
    (void)state;
    char text[] = "\x1b]52;c;AAAA\x07\x1b[2J\xc2\x9b"
                  "31m \xe2\x80\xae \x7f \\ \" \t\r\n";
    struct annotation a = {.type = ANNOTATION_CONSOLE, .console.text = text}, b;
    struct text frame = {0};
    annotation_write(&a, &frame);
    for (size_t i = ANNOTATION_HEADER_BYTES; i < frame.len; i++)
        assert_true((uint8_t)frame.s[i] >= 0x20 && (uint8_t)frame.s[i] < 0x7f);
    text_free(&frame);
    read_back(&a, &b);
    assert_string_equal(b.console.text, text);
    annotation_free(&b);
}

static void only_its_ethertype_is_an_annotation(void **state)
{
    (void)state;
    uint8_t frame[14] = {[12] = 0x88, [13] = 0xb5};
    assert_true(annotation_is(frame, sizeof frame));
    assert_false(annotation_is(frame, sizeof frame - 1));
    frame[12] = 0x08;
    assert_false(annotation_is(frame, sizeof frame));
    struct annotation a;
    struct error e = {0};
    assert_int_equal(annotation_read(frame, sizeof frame, &a, &e), -1);
}

static void frames_say_who_they_concern(void **state)
{
    (void)state;
    struct text frame = {0};
    annotation_write(&samples[1], &frame);
    /* Locally administered and not a group: no host takes such a frame for its own. */
    assert_int_equal((uint8_t)frame.s[0] & 3, 2);
    assert_int_equal((uint8_t)frame.s[6] & 3, 2);
    assert_int_equal(frame.s[11], 'C');
    text_free(&frame);
}

static void the_type_is_told_at_a_glance(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct text t = {0};
        annotation_write(&samples[i], &t);
        assert_int_equal(annotation_peek((const uint8_t *)t.s, t.len), samples[i].type);
        for (size_t n = 0; n < ANNOTATION_HEADER_BYTES + sizeof "{\"type\":\"" - 1; n++)
            assert_int_equal(annotation_peek((const uint8_t *)t.s, n), ANNOTATION_UNKNOWN);
        t.s[ANNOTATION_HEADER_BYTES + 1] = ' ';
        assert_int_equal(annotation_peek((const uint8_t *)t.s, t.len), ANNOTATION_UNKNOWN);
        text_free(&t);
    }
}

/* What the quick reader takes, the parser of JSON takes alike: it gets the same with a blank in it.
 */
static void a_delivery_reads_the_same_in_any_spelling(void **state)
{
    (void)state;
    static const char *const stamps[] = {
        "1700000000123456789",  "0", "007", "9223372036854775807", "9223372036854775808",
        "99999999999999999999", "",  "-5"};
    static const char turns[] = "\"\\{}, 0C:S-x";
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        char text[160];
        int n = snprintf(
            text, sizeof text,
            "{\"type\":\"fate\",\"sent\":\"%s\",\"from\":\"S\",\"fate\":\"delivered\"}", stamps[i]);
        for (int at = 0; at < n; at++) {
            for (const char *turn = turns; *turn; turn++) {
                char was = text[at];
                uint8_t quick[200] = {[12] = 0x88, 0xb5}, slow[200] = {[12] = 0x88, 0xb5};
                struct annotation a, b;
                struct error e;
                text[at] = *turn;
                memcpy(quick + ANNOTATION_HEADER_BYTES, text, (size_t)n);
                slow[ANNOTATION_HEADER_BYTES] = ' ';
                memcpy(slow + ANNOTATION_HEADER_BYTES + 1, text, (size_t)n);
                int one = annotation_read(quick, ANNOTATION_HEADER_BYTES + (size_t)n, &a, &e);
                int other = annotation_read(slow, ANNOTATION_HEADER_BYTES + 1 + (size_t)n, &b, &e);
                assert_int_equal(one, other);
                if (one == 0) {
                    assert_int_equal(a.type, b.type);
                    assert_int_equal(a.fate.sent_ns, b.fate.sent_ns);
                    assert_int_equal(a.fate.from, b.fate.from);
                    assert_int_equal(a.fate.fate, b.fate.fate);
                    assert_int_equal(a.fate.copy, b.fate.copy);
                    annotation_free(&a);
                    annotation_free(&b);
                }
                text[at] = was;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(members_come_back),
        cmocka_unit_test(absent_members_stay_absent),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(deep_nesting_is_survived),
        cmocka_unit_test(later_versions_can_be_read),
        cmocka_unit_test(oversize_text_is_cut),
        cmocka_unit_test(several_long_strings_are_cut),
        cmocka_unit_test(controls_are_escaped_and_come_back),
        cmocka_unit_test(only_its_ethertype_is_an_annotation),
        cmocka_unit_test(frames_say_who_they_concern),
        cmocka_unit_test(the_type_is_told_at_a_glance),
        cmocka_unit_test(a_delivery_reads_the_same_in_any_spelling),
    };
#ifdef HAVE_JANSSON
    return cmocka_run_group_tests(tests, NULL, NULL);
#else
    struct annotation a;
    struct error e = {0};
    struct text frame = {0};
    annotation_write(&samples[5], &frame);
    int refused = annotation_read((uint8_t *)frame.s, frame.len, &a, &e);
    text_free(&frame);
    (void)tests;
    printf("SKIP: %s\n", e.text);
    return refused == -1 && strstr(e.text, "without jansson") ? 77 : 1;
#endif
}
