#include "labs/doctor/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static const char command[] =
    "sudo sysctl -w a.setting.with.a.name.too.long.for.a.narrow.terminal=1";
static const struct check check = {.group = "Hosts", .key = "a-check", .name = "something"};

static struct diagnosis denial(void)
{
    struct diagnosis d = {0};
    struct error e;
    error_exit(&e, EXIT_MACHINE,
               "The lab's two hosts could not be made: this machine refuses something that they "
               "need, for a reason that takes more than one line to tell. To allow it:");
    error_mend(&e, command);
    diagnosis_error(&d, ANSWER_NO, &e);
    return d;
}

static void drop(struct diagnosis *d, struct text *out)
{
    text_free(&d->told);
    text_free(&d->mend);
    text_free(out);
}

static void an_error_is_taken_apart(void **state)
{
    (void)state;
    struct diagnosis d = denial();
    struct text out = {0};
    assert_string_equal(text_str(&d.told),
                        "This machine refuses something that they need, for a reason that takes "
                        "more than one line to tell. To allow it:");
    assert_string_equal(text_str(&d.mend), command);
    drop(&d, &out);
}

/* Words keep to the width, and the command stands whole on a line of its own. */
static void lines_keep_to_the_width(void **state)
{
    (void)state;
    for (int cols = 30; cols <= 100; cols++) {
        struct page page = {.cols = cols};
        struct diagnosis d = denial();
        struct text out = {0};
        page_diagnosis(&page, &check, &d, true, &out);
        int whole = 0;
        char *rest = out.s;
        for (char *line; (line = strtok_r(rest, "\n", &rest));) {
            if (strstr(line, "sysctl") && strcmp(line + strspn(line, " "), command) == 0)
                whole++;
            else
                assert_true(strlen(line) <= (size_t)cols);
        }
        assert_int_equal(whole, 1);
        drop(&d, &out);
    }
}

static void a_page_is_as_it_is_to_be(void **state)
{
    (void)state;
    struct page page = {.cols = 80, .colour = true};
    struct diagnosis d = denial();
    struct text out = {0};
    page_diagnosis(&page, &check, &d, true, &out);
    diagnosis_tell(&d, ANSWER_OK, "It was done.");
    text_clear(&d.mend);
    page_diagnosis(&page, &check, &d, false, &out);
    assert_string_equal(
        text_str(&out),
        "Hosts\n"
        "  \033[1;31mno\033[0m       something        "
        "This machine refuses something that they need, for a\n"
        "                            reason that takes more than one line to tell. To\n"
        "                            allow it:\n"
        "    sudo sysctl -w a.setting.with.a.name.too.long.for.a.narrow.terminal=1\n"
        "  \033[32mok\033[0m       something        It was done.\n");
    drop(&d, &out);
}

/* TERM and paths come from outside. */
static void nothing_raw_gets_out(void **state)
{
    (void)state;
    struct page page = {.cols = 80};
    struct diagnosis d = {0};
    struct text out = {0};
    diagnosis_tell(&d, ANSWER_NO, "TERM is \x1b]0;x\x07.");
    text_add(&d.mend, "export TERM=\x1b[2J");
    page_diagnosis(&page, &check, &d, false, &out);
    json_diagnosis(&check, &d, &out);
    json_end("none", 3, "a \"\x1b\"", &out);
    assert_null(strchr(text_str(&out), '\x1b'));
    assert_null(strchr(text_str(&out), '\x07'));
    drop(&d, &out);
}

static void json_is_an_object_a_line(void **state)
{
    (void)state;
    struct diagnosis d = {0};
    struct text out = {0};
    diagnosis_tell(&d, ANSWER_LIMITED, "Say \"ah\".");
    text_add(&d.mend, "one\ntwo");
    json_diagnosis(&check, &d, &out);
    json_end("calls", 1, "Well.", &out);
    assert_string_equal(
        text_str(&out),
        "{\"check\":\"a-check\",\"answer\":\"limited\",\"told\":\"Say \\\"ah\\\".\","
        "\"mend\":\"one\\ntwo\"}\n"
        "{\"tier\":\"calls\",\"status\":1,\"told\":\"Well.\"}\n");
    drop(&d, &out);
}

/* Every check has a key of its own, and those of a group stand together. */
static void the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < check_count; i++)
        for (size_t k = i + 1; k < check_count; k++) {
            assert_string_not_equal(checks[i].key, checks[k].key);
            if (strcmp(checks[i].group, checks[k].group) == 0)
                assert_string_equal(checks[k - 1].group, checks[k].group);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_taken_apart),  cmocka_unit_test(lines_keep_to_the_width),
        cmocka_unit_test(a_page_is_as_it_is_to_be), cmocka_unit_test(nothing_raw_gets_out),
        cmocka_unit_test(json_is_an_object_a_line), cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
