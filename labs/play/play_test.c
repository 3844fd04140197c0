#include "labs/play/play.h"
#include "labs/puppet/call.h"
#include "tracer/base/clock.h"
#include "tracer/session/annotation.h"

#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A prompt, its session as this test makes it up, and what was said. */
struct stage {
    struct trace *trace;
    struct play *play;
    struct text said;
    int64_t now_ns;
};

static void say(void *to, enum play_said what, char host, const char *line)
{
    struct stage *s = to;
    if (host)
        text_char(&s->said, host);
    text_format(&s->said, "%c %s\n", play_mark(what), line);
}

static void open_stage(struct stage *s, bool alone)
{
    *s = (struct stage){.trace = trace_new(), .now_ns = NS_PER_S};
    struct play_options o = {.trace = s->trace, .alone = alone, .say = say, .to = s};
    s->play = play_new(&o);
    play_update(s->play, s->now_ns);
}

static void close_stage(struct stage *s)
{
    play_free(s->play);
    trace_free(s->trace);
    text_free(&s->said);
}

/* Something comes by the session. */
static void comes(struct stage *s, const struct annotation *a)
{
    struct text bytes = {0};
    annotation_write(a, &bytes);
    struct capture_frame f = {
        .time_ns = s->now_ns,
        .linktype = 1,
        .bytes = (const uint8_t *)bytes.s,
        .captured_bytes = (uint32_t)bytes.len,
        .wire_bytes = (uint32_t)bytes.len,
    };
    play_frame(s->play, &f);
    trace_add(s->trace, &f);
    play_update(s->play, s->now_ns);
    text_free(&bytes);
}

static void answers(struct stage *s, char host, const char *text)
{
    struct annotation a = {.type = ANNOTATION_PROMPT, .host = host};
    a.prompt.text = (char *)(uintptr_t)text;
    comes(s, &a);
}

static void passes(struct stage *s, int ms)
{
    s->now_ns += (int64_t)ms * NS_PER_MS;
    play_update(s->play, s->now_ns);
}

static void sends(struct stage *s, const char *bytes)
{
    assert_string_equal(text_str(play_outgoing(s->play)), bytes);
    text_clear(play_outgoing(s->play));
}

static void says(struct stage *s, const char *lines)
{
    assert_string_equal(text_str(&s->said), lines);
    text_clear(&s->said);
}

static void lines_go_where_they_belong(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, false);
    assert_int_equal(play_host(s.play), 'C');
    play_line(s.play, "S: listen 9502");
    sends(&s, "Slisten 9502\n");
    assert_int_equal(play_host(s.play), 'S');
    play_line(s.play, " accept as a ");
    sends(&s, "Saccept as a\n");
    play_line(s.play, "C b : \"x; y\" ; close");
    sends(&s, "Cb: \"x; y\"\nCclose\n");
    play_line(s.play, "S:");
    assert_int_equal(play_host(s.play), 'S');
    play_line(s.play, "rule drop C > S data 3");
    play_line(s.play, "drop C > S data 3");
    play_line(s.play, "corrupt S > C data 1");
    play_line(s.play, "drop 3");
    sends(&s, ":rule drop C > S data 3\n:rule drop C > S data 3\n"
              ":rule corrupt S > C data 1\n:drop 3\n");
    says(&s, "");
    close_stage(&s);
}

/* Names are looked up where there is a network to ask in; what is kept is what was typed. */
static void names_of_real_hosts_are_looked_up(void **state)
{
    (void)state;
    struct stage s;
    char name[128], line[400];
    struct addrinfo hints = {.ai_family = AF_INET}, *found = NULL;
    open_stage(&s, false);
    play_line(s.play, "S: listen localhost 9502; connect C:80; sendto localhost 5 \"x\"");
    sends(&s, "Slisten localhost 9502\nSconnect C:80\nSsendto localhost 5 \"x\"\n");
    play_line(s.play, "C: connect unix example.org");
    sends(&s, "Cconnect unix example.org\n");
    play_line(s.play, "C: connect example.org 80");
    sends(&s, "");
    assert_non_null(strstr(text_str(&s.said), "There is no host 'example.org' here: there are C"));
    close_stage(&s);
    open_stage(&s, true);
    play_line(s.play, "connect a..b 80");
    sends(&s, "");
    assert_non_null(strstr(text_str(&s.said), "The host 'a..b' is not found: "));
    assert_int_equal(gethostname(name, sizeof name), 0);
    if (puppet_is_name(name) && getaddrinfo(name, NULL, &hints, &found) == 0) {
        unsigned digits[4], port;
        freeaddrinfo(found);
        snprintf(line, sizeof line, "b: sendto udp %s:80 \"%s\"", name, name);
        play_line(s.play, line);
        const char *sent = text_str(play_outgoing(s.play));
        assert_int_equal(sscanf(sent, "Cb: sendto udp %u.%u.%u.%u %u", digits, digits + 1,
                                digits + 2, digits + 3, &port),
                         5);
        assert_int_equal(port, 80);
        snprintf(line, sizeof line, " 80 \"%s\"\n", name); /* what is sent is left alone */
        assert_non_null(strstr(sent, line));
    }
    close_stage(&s);
}

static void what_is_wrong_is_said_and_nothing_done(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, false);
    play_line(s.play, "S: listen 9502; conect S 9502");
    sends(&s, "");
    assert_non_null(strstr(text_str(&s.said), "! There is no call 'conect'"));
    text_clear(&s.said);
    play_line(s.play, "hold C >");
    sends(&s, "");
    assert_memory_equal(text_str(&s.said), "! ", 2);
    text_clear(&s.said);
    play_line(s.play, "type C \"x\"");
    assert_memory_equal(text_str(&s.said), "! ", 2);
    close_stage(&s);
}

static void commands_go_to_the_run(void **state)
{
    (void)state;
    struct stage s;
    struct annotation a = {.type = ANNOTATION_COMMAND};
    open_stage(&s, false);
    play_line(s.play, "hold C > S");
    sends(&s, ":hold C > S\n");
    a.command.text = (char[]){"hold C > S"};
    a.command.answer = (char[]){"It is held.\nMore."};
    comes(&s, &a);
    says(&s, "= It is held.\n| More.\n");
    a.command.failed = true;
    comes(&s, &a);
    says(&s, "! It is held.\n! More.\n");
    assert_int_equal(play_failures(s.play), 1);
    play_line(s.play, "quit");
    sends(&s, ":go\n:go programs\nCexit\nSexit\n");
    assert_true(play_leaving(s.play));
    close_stage(&s);
}

static void answers_are_told(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, false);
    answers(&s, 'C', "=connect(3) = 0\n~rec");
    answers(&s, 'S', "+accept(3) = 4\n");
    answers(&s, 'C', "v() waits\n!No.\n|and \x1b[2J more\n?unknown\n");
    says(&s, "C= connect(3) = 0\nS+ accept(3) = 4\nC~ recv() waits\nC! No.\n"
             "C| and \\x1b[2J more\n");
    close_stage(&s);
}

/* The second line waits until the first was answered and nothing has happened for a while. */
static void lines_wait_for_their_turn(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, false);
    play_feed(s.play, "S: listen 1", "f", 1);
    play_feed(s.play, "C: connect S 1", "f", 2);
    play_feed(s.play, "S: nonsense", "f", 3);
    play_feed_ends(s.play);
    passes(&s, 200);
    sends(&s, "Slisten 1\n");
    passes(&s, 500);
    sends(&s, "");
    answers(&s, 'S', "=listen(3) = 0\n");
    sends(&s, "");
    passes(&s, 100);
    sends(&s, "");
    passes(&s, 100);
    sends(&s, "Cconnect S 1\n");
    passes(&s, 2000);
    sends(&s, "");
    passes(&s, 2000); /* nobody answers: it goes on all the same, with what is wrong */
    sends(&s, "Cexit\nSexit\n");
    assert_non_null(strstr(text_str(&s.said), "! f, line 3: There is no call 'nonsense'"));
    assert_int_equal(play_failures(s.play), 1);
    close_stage(&s);
}

static void until_and_wait(void **state)
{
    (void)state;
    struct stage s;
    struct annotation call = {.type = ANNOTATION_CALL, .host = 'C'};
    open_stage(&s, false);
    play_feed(s.play, "until C enters listen()", NULL, 0);
    play_feed(s.play, "wait 2s", NULL, 0);
    play_feed(s.play, "C: close", NULL, 0);
    passes(&s, 5000);
    sends(&s, "");
    call.call.phase = CALL_ENTER;
    call.call.id = 1;
    call.call.fd = 3;
    call.call.name = (char[]){"listen"};
    call.call.args = (char[]){"3, 5"};
    comes(&s, &call);
    passes(&s, 200);
    assert_non_null(strstr(text_str(&s.said), "= it has happened\n> wait 2s\n"));
    passes(&s, 1500);
    sends(&s, "");
    passes(&s, 600);
    sends(&s, "Cclose\n");
    close_stage(&s);
}

static void until_ends_in_vain(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, false);
    play_line(s.play, "until C connected");
    passes(&s, 59000);
    says(&s, "");
    passes(&s, 2000);
    says(&s, "! It has not happened within a minute.\n");
    assert_int_equal(play_failures(s.play), 1);
    close_stage(&s);
}

static void one_program_alone(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, true);
    play_line(s.play, "connect 10.1.1.1 80");
    sends(&s, "Cconnect 10.1.1.1 80\n");
    answers(&s, 'C', "=connect(3) = 0\n");
    says(&s, "= connect(3) = 0\n");
    play_line(s.play, "hold");
    play_line(s.play, "S: close");
    sends(&s, "");
    assert_non_null(strstr(text_str(&s.said), "no wire here"));
    assert_non_null(strstr(text_str(&s.said), "no hosts C and S"));
    close_stage(&s);
}

static void what_does_not_open_is_given_up(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, true);
    play_feed(s.play, "connect 10.1.1.1 80", NULL, 0);
    play_feed(s.play, "receive", NULL, 0);
    play_opening(s.play, false);
    play_feed(s.play, "\"text\"", NULL, 0);
    passes(&s, 200);
    answers(&s, 'C', "=connect(3) = -1 ECONNREFUSED: refused\n");
    passes(&s, 500);
    sends(&s, "Cconnect 10.1.1.1 80\nCexit\n");
    assert_int_equal(play_failures(s.play), 1);
    close_stage(&s);
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    char *all = calloc(1, 1 << 20);
    if (all)
        all[fread(all, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    return all;
}

static void what_was_typed_is_saved(void **state)
{
    (void)state;
    struct stage s;
    char folder[] = "/tmp/play-test.XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct text path = {0}, line = {0};
    text_format(&path, "%s/a", folder);
    text_format(&line, "save %s", text_str(&path));
    open_stage(&s, false);
    play_line(s.play, "# a remark");
    play_line(s.play, "S: listen 9502");
    play_line(s.play, "nonsense");
    play_line(s.play, "a: accept; C:; connect S 9502");
    play_line(s.play, "hold");
    play_line(s.play, "help");
    play_line(s.play, text_str(&line));
    char *saved = read_file(text_str(&path));
    assert_non_null(saved);
    assert_string_equal(saved,
                        "# a remark\nS: listen 9502\nS a: accept; C: connect S 9502\nhold\n");
    free(saved);
    text_clear(&s.said);
    play_line(s.play, text_str(&line));
    assert_non_null(strstr(text_str(&s.said), "is there already"));
    remove(text_str(&path));
    remove(folder);
    text_free(&path);
    text_free(&line);
    close_stage(&s);
}

static void collect(void *to, const char *word, const char *help)
{
    (void)help;
    text_format(to, "%s ", word);
}

static void completion(void **state)
{
    (void)state;
    struct text words = {0};
    assert_int_equal(play_complete("f", collect, &words), 0);
    assert_non_null(strstr(text_str(&words), "flight "));
    assert_non_null(strstr(text_str(&words), "C: "));
    assert_non_null(strstr(text_str(&words), "save "));
    text_clear(&words);
    assert_int_equal(play_complete("C: s", collect, &words), 3);
    assert_null(strstr(text_str(&words), "flight"));
    assert_non_null(strstr(text_str(&words), "send "));
    text_free(&words);
}

/* The paper has the table as it is. */
static void the_paper_holds(void **state)
{
    (void)state;
    struct text rows = {0};
    char *paper = read_file(TEST_SOURCE_DIR "/docs/play.md");
    assert_non_null(paper);
    play_paper(&rows);
    if (!strstr(paper, text_str(&rows)))
        fail_msg("docs/play.md does not have these rows:\n%s", text_str(&rows));
    free(paper);
    text_free(&rows);
}

int main(void)
{
    struct error e;
    if (annotation_readable(&e) != 0)
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_where_they_belong),
        cmocka_unit_test(names_of_real_hosts_are_looked_up),
        cmocka_unit_test(what_is_wrong_is_said_and_nothing_done),
        cmocka_unit_test(commands_go_to_the_run),
        cmocka_unit_test(answers_are_told),
        cmocka_unit_test(lines_wait_for_their_turn),
        cmocka_unit_test(until_and_wait),
        cmocka_unit_test(until_ends_in_vain),
        cmocka_unit_test(one_program_alone),
        cmocka_unit_test(what_does_not_open_is_given_up),
        cmocka_unit_test(what_was_typed_is_saved),
        cmocka_unit_test(completion),
        cmocka_unit_test(the_paper_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
