/* Reading a WebSocket: cut anywhere, with bytes missing, bent, and what is none. */
#include "tracer/websocket/websocket.h"

#include "tracer/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REQUEST "GET / HTTP/1.1\r\nUpgrade: h2c, WebSocket\r\n\r\n"
#define ANSWER  "HTTP/1.1 101 Yes\r\nupgrade:websocket\r\n\r\n"

/* RFC 6455's own examples (section 5.7), and a close. */
static const uint8_t from_client[] = REQUEST "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
                                             "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
                                             "\x88\x82\x01\x01\x01\x01\x02\xe9";
static const uint8_t from_server[] = ANSWER "\x81\x05Hello"
                                            "\x01\x03Hel\x80\x02lo"
                                            "\x89\x05Hello"
                                            "\x82\x7e\x01\x00";

static void tell(const struct websocket_side *s, struct text *out)
{
    for (size_t i = 0; i < s->count; i++) {
        text_format(out, "%llu+%llu ", (unsigned long long)s->items[i].from,
                    (unsigned long long)s->items[i].bytes);
        if (s->items[i].is_frame)
            websocket_words(&s->items[i], out);
        text_char(out, '\n');
    }
}

static void take_all(struct websocket *w, int side, const uint8_t *bytes, size_t n, size_t cut)
{
    for (size_t at = 0; at < n; at += cut) {
        size_t now = n - at < cut ? n - at : cut;
        uint8_t *copy = xmalloc(now); /* of this size: reading past it is found */
        memcpy(copy, bytes + at, now);
        websocket_take(w, side, copy, now);
        free(copy);
    }
}

static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 130; cut++) {
        struct websocket w = {0};
        struct text told = {0};
        take_all(&w, 0, from_client, sizeof from_client - 1, cut);
        assert_true(websocket_is(&w));
        take_all(&w, 1, from_server, sizeof from_server - 1, cut);
        assert_true(websocket_is(&w));
        tell(&w.sides[0], &told);
        tell(&w.sides[1], &told);
        assert_string_equal(text_str(&told),
                            "0+16 \n16+25 \n41+2 \n"
                            "43+11 FIN text, mask 37fa213d, length 5\n"
                            "54+11 FIN pong, mask 37fa213d, length 5\n"
                            "65+8 FIN close, mask 01010101, length 2, code 1000 (normal closure)\n"
                            "0+18 \n18+19 \n37+2 \n"
                            "39+7 FIN text, length 5\n"
                            "46+5 text, length 3\n"
                            "51+4 FIN continuation of text, length 2\n"
                            "55+7 FIN ping, length 5\n"
                            "62+260 FIN binary, length 256\n");
        const struct websocket_item *hello = websocket_item_at(&w.sides[0], 49);
        assert_non_null(hello);
        assert_int_equal(websocket_unmasked(hello, 49, from_client[49]), 'H');
        assert_int_equal(websocket_unmasked(hello, 53, from_client[53]), 'o');
        assert_null(websocket_item_at(&w.sides[0], 73));
        text_free(&told);
        websocket_free(&w);
    }
}

static void what_is_missing_within_a_payload_is_passed_over(void **state)
{
    (void)state;
    static const uint8_t start[] = ANSWER "\x82\x7e\x01\x00...", next[] = "\x81\x01x";
    struct websocket w = {0};
    websocket_take(&w, 1, start, sizeof start - 1);
    assert_false(websocket_pass(&w, 1, 254)); /* into the next header */
    assert_true(websocket_pass(&w, 1, 253));
    assert_false(websocket_pass(&w, 1, 1));
    websocket_take(&w, 1, next, sizeof next - 1);
    assert_int_equal(w.sides[1].count, 5);
    assert_int_equal(w.sides[1].items[4].from, sizeof start - 1 + 253);
    assert_int_equal(w.sides[1].at, sizeof start - 1 + 253 + 3);
    websocket_free(&w);
}

static void what_is_none_is_known_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool is, is_not;
    } starts[] = {
        {"", false, false},
        {"GE", false, false},
        {"GET / HTTP/1.1\r\nUpgrade: websocket\r\n", false, false},
        {"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", true, false},
        {"GET / HTTP/1.1\nupgrade: websocket\n\n", true, false},
        {"GET / HTTP/1.1\r\nUpgrade: websockets\r\n\r\n", false, true},
        {"GET / HTTP/1.1\r\nX-Upgrade: websocket\r\n\r\n", false, true},
        {"GET / HTTP/1.1\r\n\r\n", false, true},
        {"GOT", false, true},
        {"\x16\x03\x01", false, true},
        {"HTTP/1.1 200 OK\r\n", false, true},
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct websocket w = {0};
        take_all(&w, 0, (const uint8_t *)starts[i].bytes, strlen(starts[i].bytes), 1);
        assert_int_equal(websocket_is(&w), starts[i].is);
        assert_int_equal(websocket_is_not(&w), starts[i].is_not);
        websocket_free(&w);
    }
    /* asked for, and refused */
    struct websocket w = {0};
    websocket_take(&w, 1, (const uint8_t *)REQUEST, strlen(REQUEST));
    assert_true(websocket_is(&w));
    websocket_take(&w, 0, (const uint8_t *)"HTTP/1.1 403", 12);
    assert_false(websocket_is(&w));
    assert_true(websocket_is_not(&w));
    websocket_free(&w);
    /* a head that does not end */
    take_all(&w, 0, (const uint8_t *)"GET / HTTP/1.1\r\n", 16, 16);
    for (int i = 0; i < 70000 && !websocket_is_not(&w); i++)
        websocket_take(&w, 0, (const uint8_t *)"x", 1);
    assert_true(websocket_is_not(&w));
    websocket_free(&w);
}

/* Of each frame that breaks a rule the rule is told. */
static void faults_are_named(void **state)
{
    (void)state;
    static const struct {
        bool client;
        const char *frame;
        size_t n;
        const char *fault;
    } frames[] = {
#define FRAME(bytes) bytes, sizeof bytes - 1
        {true, FRAME("\x81\x01x"), "A client has to mask"},
        {false,
         FRAME("\x81\x81"
               "1234x"),
         "A server must not mask"},
        {false, FRAME("\x83\x01x"), "An opcode"},
        {false, FRAME("\x8b\x01x"), "An opcode"},
        {false, FRAME("\x09\x01x"), "A control frame cannot be"},
        {false, FRAME("\x89\x7e\x00\x7e"), "A control frame carries"},
        {false, FRAME("\x88\x01x"), "A close carries"},
        {false, FRAME("\x81\x7e\x00\x7d"), "The length is written"},
        {false, FRAME("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), "The length is written"},
        {false, FRAME("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"), "No message"},
        {false, FRAME("\x80\x01x"), "There is no message"},
        {false, FRAME("\x81\x7e\x00\x7e"), NULL},
        {false, FRAME("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), NULL},
        {false, FRAME("\xc1\x01x"), NULL},
        {false, FRAME("\x88\x00"), NULL},
    };
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct websocket w = {0};
        const char *head = frames[i].client ? REQUEST : ANSWER;
        websocket_take(&w, 0, (const uint8_t *)head, strlen(head));
        websocket_take(&w, 0, (const uint8_t *)frames[i].frame, frames[i].n);
        assert_int_equal(w.sides[0].count, 4);
        const char *fault = websocket_fault(&w.sides[0].items[3]);
        if (!frames[i].fault)
            assert_null(fault);
        else
            assert_true(fault && strncmp(fault, frames[i].fault, strlen(frames[i].fault)) == 0);
        websocket_free(&w);
    }
}

/* Whatever comes: items lie one behind the other, and nothing is read that is not there. */
static void any_bytes_are_read(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 3000; round++) {
        struct websocket w = {0};
        uint8_t bytes[400];
        size_t head = strlen(ANSWER), n = head + (size_t)rand() % (sizeof bytes - head);
        memcpy(bytes, ANSWER, head);
        for (size_t i = head; i < n; i++)
            bytes[i] = (uint8_t)(rand() % 3 ? rand() % 12 : rand());
        if (round % 3 == 0)
            bytes[rand() % (int)n] = (uint8_t)rand();
        take_all(&w, 1, bytes, n, (size_t)rand() % 20 + 1);
        const struct websocket_side *s = &w.sides[1];
        assert_int_equal(s->at, n);
        struct text told = {0};
        tell(s, &told);
        for (size_t i = 0; i + 1 < s->count; i++)
            assert_int_equal(s->items[i].from + s->items[i].bytes, s->items[i + 1].from);
        for (size_t at = 0; at < n; at++) {
            const struct websocket_item *i = websocket_item_at(s, at);
            assert_true(!i || (at >= i->from && at < i->from + i->bytes));
        }
        text_free(&told);
        websocket_free(&w);
    }
}

static void the_answer_is_held_to_the_key(void **state)
{
    (void)state;
    static const char request[] = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n"
                                  "sec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ== \r\n\r\n";
    static const struct {
        const char *value;
        enum websocket_proof proof;
    } answers[] = {
        {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WEBSOCKET_PROOF_RIGHT}, /* RFC 6455 section 1.3 */
        {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo", WEBSOCKET_PROOF_WRONG},
        {"dGhlIHNhbXBsZSBub25jZQ==", WEBSOCKET_PROOF_WRONG},
        {"", WEBSOCKET_PROOF_UNKNOWN},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", WEBSOCKET_PROOF_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        for (int client = 0; client < 2; client++) {
            struct websocket w = {0};
            char answer[256];
            int n = snprintf(answer, sizeof answer,
                             "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Accept: %s\r\n\r\n",
                             answers[i].value);
            websocket_take(&w, client, (const uint8_t *)request, strlen(request));
            assert_int_equal(websocket_proof(&w), WEBSOCKET_PROOF_UNKNOWN);
            websocket_take(&w, !client, (const uint8_t *)answer, (size_t)n);
            assert_int_equal(websocket_proof(&w), answers[i].proof);
            websocket_free(&w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(what_is_missing_within_a_payload_is_passed_over),
        cmocka_unit_test(what_is_none_is_known_at_once),
        cmocka_unit_test(the_answer_is_held_to_the_key),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(any_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
