#include "labs/puppet/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

/* A line, and how it is written again. */
static const struct {
    const char *line, *again;
} good[] = {
    {"S: listen 9502", "S: listen * 9502"},
    {"C: connect S 9502", "C: connect S 9502"},
    {"C:connect S:9502", "C: connect S 9502"},
    {"connect S:9502", "connect S 9502"},
    {"C: connect fd00::2 80", "C: connect fd00::2 80"},
    {"C: connect [fd00::2]:80", "C: connect fd00::2 80"},
    {"connect [::1] 80", "connect ::1 80"},
    {"connect S6:80", "connect S6 80"},
    {"  C   b :  connect 10.0.0.2:9502  ", "C b: connect 10.0.0.2 9502"},
    {"C 4: close", "C 4: close"},
    {"door: accept as first", "door: accept as first"},
    {"accept", "accept"},
    {"S: accept as A", "S: accept as A"},
    {"C: send \"hello\\r\\n\"", "C: send \"hello\\r\\n\""},
    {"C: \"hello\\r\\n\"", "C: send \"hello\\r\\n\""},
    {"\"a: b\"", "send \"a: b\""},
    {"hex 6869 0A", "send hex 68 69 0a"},
    {"send hex 68 65 oob", "send hex 68 65 oob"},
    {"send \"\\x41\\x00\\\"\\\\\\t\"", "send \"A\\x00\\\"\\\\\\t\""},
    {"send \"\"", "send \"\""},
    {"send hello", "send \"hello\""},
    {"send 5000 bytes more dontwait", "send 5000 bytes dontwait more"},
    {"send 6", "send \"6\""},
    {"recv", "recv"},
    {"recv 6 peek waitall hex", "recv 6 peek waitall hex"},
    {"recv hex", "recv hex"},
    {"shutdown wr", "shutdown wr"},
    {"setsockopt nodelay", "setsockopt nodelay"},
    {"setsockopt linger 0", "setsockopt linger 0"},
    {"setsockopt congestion reno", "setsockopt congestion reno"},
    {"getsockopt error", "getsockopt error"},
    {"sendto S 53 \"query\"", "sendto S 53 \"query\""},
    {"sendto udp6 [fd00::2]:53 hex 00", "sendto udp6 fd00::2 53 hex 00"},
    {"bind unix door", "bind unix door"},
    {"connect unix ./a:b", "connect unix ./a:b"},
    {"sendto unixgram door \"x\"", "sendto unixgram door \"x\""},
    {"listen", "listen"},
    {"listen backlog 1", "listen backlog 1"},
    {"listen tcp6 :: 9502 backlog 1", "listen tcp6 :: 9502 backlog 1"},
    {"listen * 9502", "listen * 9502"},
    {"listen 0", "listen * 0"},
    {"nonblocking", "nonblocking"},
    {"nonblocking off", "nonblocking off"},
    {"poll in 2s", "poll in 2000ms"},
    {"poll 500ms", "poll 500ms"},
    {"socket udp as u", "socket udp as u"},
    {"connect example.com:80", "connect example.com 80"},
    {"sendto udp6 some-host 53 hex 00", "sendto udp6 some-host 53 hex 00"},
    {"S:", "S:"},
    {"S a:", "S a:"},
    {"", ""},
    {"   ", ""},
};

static void lines_are_read_and_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct puppet_call c;
        struct error e = {0};
        struct text again = {0}, third = {0};
        if (puppet_parse(good[i].line, &c, &e) != 0)
            fail_msg("%s: %s", good[i].line, e.text);
        puppet_write(&c, &again);
        assert_string_equal(text_str(&again), good[i].again);
        puppet_call_free(&c);
        assert_int_equal(puppet_parse(text_str(&again), &c, &e), 0);
        puppet_write(&c, &third);
        assert_string_equal(text_str(&third), text_str(&again));
        puppet_call_free(&c);
        text_free(&again);
        text_free(&third);
    }
}

/* A line that is none, and words of the sentence on it. */
static const struct {
    const char *line, *says;
} bad[] = {
    {"C: conect S 9502", "no call 'conect'"},
    {"connect", "connect [TYPE] HOST PORT"},
    {"connect S", "needs a port"},
    {"connect S 65536", "needs a port"},
    {"connect 9502", "is no address"},
    {"connect example_com! 80", "is no address"},
    {"connect example.com", "needs a port"},
    {"connect 1.2.3 80", "is no address"},
    {"connect S 9502 now", "What 'now' is to mean"},
    {"send", "send DATA"},
    {"send \"abc", "closing quotation mark"},
    {"send \"abc\"d", "What 'd' is to mean"},
    {"send \"\\q\"", "backslash"},
    {"send \"\\x4\"", "backslash"},
    {"send hex", "pairs"},
    {"send hex 6", "pairs"},
    {"send 10000001 bytes", "What 'bytes' is to mean"},
    {"shutdown", "shutdown rd|wr|both"},
    {"shutdown it", "shutdown rd|wr|both"},
    {"setsockopt nodlay", "no option 'nodlay'"},
    {"setsockopt", "setsockopt OPTION"},
    {"setsockopt nodelay $x", "no value"},
    {"accept as C", "no name"},
    {"accept as 4", "no name"},
    {"accept as", "no name"},
    {"accept as abcdefghijklmnop", "no name"},
    {"listen backlog x", "backlog takes a number"},
    {"poll 5h", "no time"},
    {"poll 999999999s", "no time"},
    {"C send: \"x\"", "no socket but a call"},
    {"connect S: 9502", "needs a port"},
    {"send \"a\x1b[2J\"", "control character"},
    {"close\x04", "control character"},
};

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct puppet_call c;
        struct error e = {0};
        if (puppet_parse(bad[i].line, &c, &e) == 0)
            fail_msg("%s was taken", bad[i].line);
        if (!strstr(e.text, bad[i].says))
            fail_msg("%s: %s", bad[i].line, e.text);
        puppet_call_free(&c);
    }
}

static void a_line_has_its_limits(void **state)
{
    (void)state;
    struct puppet_call c;
    struct error e;
    char line[PUPPET_LINE_MOST + 2];
    memset(line, 'a', sizeof line);
    memcpy(line, "send ", 5);
    line[PUPPET_LINE_MOST] = '\0';
    assert_int_equal(puppet_parse(line, &c, &e), 0);
    puppet_call_free(&c);
    line[PUPPET_LINE_MOST] = 'a';
    line[PUPPET_LINE_MOST + 1] = '\0';
    assert_int_equal(puppet_parse(line, &c, &e), -1);
    assert_non_null(strstr(e.text, "too long"));
    puppet_call_free(&c);
}

static void values(void **state)
{
    (void)state;
    struct puppet_call c;
    struct error e;
    assert_int_equal(puppet_parse("C a: send hex 00 ff oob", &c, &e), 0);
    assert_int_equal(c.host, 'C');
    assert_string_equal(c.socket, "a");
    assert_int_equal(c.data.len, 2);
    assert_int_equal((unsigned char)c.data.s[1], 0xff);
    assert_int_equal(c.flags, MSG_OOB);
    puppet_call_free(&c);
    assert_int_equal(puppet_parse("shutdown rd", &c, &e), 0);
    assert_int_equal(c.how, SHUT_RD);
    puppet_call_free(&c);
    assert_int_equal(puppet_parse("poll out 3s", &c, &e), 0);
    assert_int_equal(c.wait_ms, 3000);
    puppet_call_free(&c);
}

/* What was offered, with blanks between. */
static void collect(void *to, const char *word, const char *help)
{
    (void)help;
    text_format(to, "%s ", word);
}

static void completion(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t from;
        const char *offers;
    } cases[] = {
        {"C: con", 3, "connect "},           {"co", 0, "connect "},
        {"C: shutdown ", 12, "rd wr both "}, {"setsockopt no", 11, "nodelay "},
        {"connect u", 8, "udp6 "},           {"S: accept a", 10, "as "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text offered = {0};
        assert_int_equal(puppet_complete(cases[i].line, collect, &offered), cases[i].from);
        assert_non_null(strstr(text_str(&offered), cases[i].offers));
        text_free(&offered);
    }
}

/* The table holds for itself: rows in the order of their words, a sentence each. */
static void the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < PUPPET_WORD_COUNT; i++) {
        const char *help = puppet_rows[i].help;
        assert_int_equal(puppet_rows[i].call, i);
        assert_int_equal(help[strlen(help) - 1], '.');
        assert_ptr_equal(puppet_row_find(puppet_rows[i].word, strlen(puppet_rows[i].word)),
                         &puppet_rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_and_written_again),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_line_has_its_limits),
        cmocka_unit_test(values),
        cmocka_unit_test(completion),
        cmocka_unit_test(the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
