#include "tracer/print/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef HAVE_JANSSON
#include <jansson.h>

/* A trace and its JSON, fed frame by frame; the last lines, parsed. */
struct fixture {
    struct trace *trace;
    struct json *json;
    struct text out;
    int64_t now_ns;
    json_t *lines; /* array of the objects that the last frame made */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->trace = trace_new();
    f->json = json_new(f->trace);
    f->now_ns = 1700000000123456789;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    json_decref(f->lines);
    json_free(f->json);
    trace_free(f->trace);
    text_free(&f->out);
    free(f);
    return 0;
}

static void feed(struct fixture *f, const void *bytes, size_t n, int linktype)
{
    struct capture_frame frame = {.time_ns = f->now_ns++,
                                  .linktype = linktype,
                                  .bytes = bytes,
                                  .captured_bytes = (uint32_t)n,
                                  .wire_bytes = (uint32_t)n};
    text_clear(&f->out);
    trace_add(f->trace, &frame);
    json_more(f->json, &f->out);
    json_decref(f->lines);
    f->lines = json_array();
    const char *line = text_str(&f->out);
    while (*line) {
        const char *end = strchr(line, '\n');
        assert_non_null(end); /* every line is whole */
        for (const char *c = line; c < end; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
        json_error_t e;
        json_t *object = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, &e);
        if (!object)
            fail_msg("%s in %s", e.text, line);
        json_array_append_new(f->lines, object);
        line = end + 1;
    }
}

static void annotate(struct fixture *f, const struct annotation *a)
{
    struct text frame = {0};
    annotation_write(a, &frame);
    feed(f, frame.s, frame.len, 1);
    text_free(&frame);
}

/* The first object of a type that the last frame made. */
static json_t *object_of(const struct fixture *f, const char *type)
{
    size_t i;
    json_t *object;
    json_array_foreach(f->lines, i, object)
    {
        if (strcmp(json_string_value(json_object_get(object, "type")), type) == 0)
            return object;
    }
    fail_msg("no %s in: %s", type, text_str(&f->out));
    return NULL;
}

static void is_string(json_t *object, const char *key, const char *value)
{
    json_t *v = json_object_get(object, key);
    if (!value)
        assert_true(json_is_null(v));
    else if (!json_is_string(v) || strcmp(json_string_value(v), value) != 0)
        fail_msg("%s is %s, not %s", key, json_string_value(v), value);
}

static void is_number(json_t *object, const char *key, int64_t value)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    assert_int_equal(json_integer_value(json_object_get(object, key)), value);
}

/* A raw IPv4 SYN from 10.0.0.1:1 to 10.0.0.2:9502 with options. */
static const uint8_t syn[] = {
    0x45, 0, 0,  60,   0, 0,    0,    0,    64, 6, 0, 0, 10,   0,    0, 1, 10,   0,    0, 2,
    0,    1, 37, 0x1e, 0, 0,    0x10, 0,    0,  0, 0, 0, 0xa0, 0x02, 4, 0, 0,    0,    0, 0,
    2,    4, 5,  0xb4, 4, 0x02, 0x08, 0x0a, 0,  0, 0, 7, 0,    0,    0, 0, 0x01, 0x03, 3, 7,
};

static void a_segment(void **state)
{
    struct fixture *f = *state;
    feed(f, syn, sizeof syn, 101);
    json_t *s = object_of(f, "segment");
    is_string(s, "time", "1700000000123456789");
    is_number(s, "frame", 1);
    is_number(s, "flow", 0);
    is_string(s, "host", NULL);
    is_string(s, "src", "10.0.0.1:1");
    is_string(s, "dst", "10.0.0.2:9502");
    is_string(s, "flags", "S");
    is_number(s, "seq", 0x1000);
    is_number(s, "ack", 0);
    is_number(s, "win", 1024);
    is_number(s, "len", 0);
    json_t *options = json_object_get(s, "options");
    assert_int_equal(json_array_size(options), 5);
    assert_string_equal(json_string_value(json_array_get(options, 0)), "mss 1460");
    assert_string_equal(json_string_value(json_array_get(options, 2)), "TS val 7 ecr 0");
    assert_true(json_is_array(json_object_get(s, "analysis")));
    json_t *change = object_of(f, "state");
    is_string(change, "end", "10.0.0.1:1");
    is_string(change, "from", "CLOSED");
    is_string(change, "to", "SYN-SENT");
    is_string(change, "cause", "sent");
}

static void a_call_enters_and_returns(void **state)
{
    struct fixture *f = *state;
    struct annotation a = {.type = ANNOTATION_CALL,
                           .host = 'C',
                           .call = {.phase = CALL_ENTER,
                                    .pid = 41,
                                    .tid = 42,
                                    .id = 7,
                                    .name = "connect",
                                    .args = "3, 10.0.0.2:9502",
                                    .fd = 3,
                                    .file = "client.c",
                                    .line = 28}};
    annotate(f, &a);
    json_t *c = object_of(f, "call");
    is_string(c, "file", "client.c");
    is_number(c, "line", 28);
    is_string(c, "function", NULL);
    is_string(c, "host", "C");
    is_number(c, "pid", 41);
    is_string(c, "name", "connect");
    is_string(c, "phase", "enter");
    is_string(c, "args", "3, 10.0.0.2:9502");
    is_string(c, "errno", NULL);
    assert_true(json_is_null(json_object_get(c, "ret")));
    a.call.phase = CALL_EXIT;
    a.call.ret = -1;
    a.call.error = "ECONNREFUSED";
    annotate(f, &a);
    c = object_of(f, "call");
    is_string(c, "phase", "exit");
    is_string(c, "time", "1700000000123456790");
    is_number(c, "ret", -1);
    is_string(c, "errno", "ECONNREFUSED");
}

static void foreign_text_is_escaped(void **state)
{
    struct fixture *f = *state;
    char nasty[] = "a\"b\\c\x1b]52;c;x\x07\xc2\x9b\xe2\x80\xae\t\rend";
    annotate(
        f, &(struct annotation){.type = ANNOTATION_CONSOLE, .host = 'S', .console = {true, nasty}});
    json_t *c = object_of(f, "console");
    is_string(c, "text", nasty);
    assert_true(json_is_true(json_object_get(c, "typed")));
    annotate(f,
             &(struct annotation){
                 .type = ANNOTATION_PROCESS,
                 .host = 'S',

                 .process = {.event = PROCESS_KILLED, .pid = 9, .status = 15, .program = nasty}});
    is_string(object_of(f, "process"), "program", nasty);
    is_string(object_of(f, "process"), "event", "killed");
    is_number(object_of(f, "process"), "status", 15);
    annotate(f, &(struct annotation){.type = ANNOTATION_NOTE, .note = {nasty}});
    is_string(object_of(f, "note"), "text", nasty);
    is_string(object_of(f, "note"), "host", NULL);
}

static void what_is_not_tcp_is_a_packet(void **state)
{
    struct fixture *f = *state;
    uint8_t udp[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17,   0,    0, 10,
                       0,    0, 1, 10, 0, 0, 2, 0, 53, 0x12, 0x34, 0, 8};
    feed(f, udp, sizeof udp, 101);
    json_t *p = object_of(f, "packet");
    is_string(p, "src", "10.0.0.1");
    is_string(p, "dst", "10.0.0.2");
    is_number(p, "linktype", 101);
    assert_non_null(strstr(json_string_value(json_object_get(p, "line")), "UDP"));
    feed(f, "", 0, 9999);
    is_string(object_of(f, "packet"), "src", NULL);
    is_number(object_of(f, "packet"), "frame", 2);
}

static void any_bytes_make_whole_lines(void **state)
{
    struct fixture *f = *state;
    static const int linktypes[] = {0, 1, 101, 108, 113, 228, 229, 276, 12345};
    for (size_t n = 0; n <= sizeof syn; n++) /* every cut of a segment, then noise */
        feed(f, syn, n, 101);
    srand(1);
    for (int i = 0; i < 5000; i++) {
        uint8_t noise[120];
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (uint8_t)rand();
        memcpy(noise, syn, (size_t)(rand() % 60)); /* likely a header, with options of chance */
        feed(f, noise, (size_t)rand() % sizeof noise,
             linktypes[(size_t)rand() % (sizeof linktypes / sizeof linktypes[0])]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_segment, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_enters_and_returns, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_text_is_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_tcp_is_a_packet, setup, teardown),
        cmocka_unit_test_setup_teardown(any_bytes_make_whole_lines, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include <stdio.h>

int main(void)
{
    puts("SKIP: built without jansson, which judges the lines");
    return 77;
}
#endif
