#include "labs/guide/prose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void markdown_as_text(void **state)
{
    (void)state;
    static const struct {
        int cols;
        const char *markdown, *text;
    } rows[] = {
        {40, "", ""},
        {40, "One line\nand one more.\n", "One line and one more.\n"},
        {12, "One line and one more.\n", "One line and\none more.\n"},
        {40, "# Head\n\nA *b* **c** `d e`.\n\nTwo.\n", "Head\n\nA b c d e.\n\nTwo.\n"},
        {16, "- one two three four\n- five\n\nEnd.\n", "- one two three\n  four\n- five\n\nEnd.\n"},
        {20, "9. nine\n10. ten\n", "9. nine\n10. ten\n"},
        {20, "- a\n  - b c\n- d\n", "- a\n  - b c\n- d\n"},
        {20, "> quoted words that are wrapped\n", "  quoted words that\n  are wrapped\n"},
        {20, "```c\nint x;\n\nlong_line_of_code(that, is, not, wrapped);\n```\nEnd.\n",
         "    int x;\n\n    long_line_of_code(that, is, not, wrapped);\n\nEnd.\n"},
        {12, "unbreakablewordlongerthan it\n", "unbreakablewordlongerthan\nit\n"},
        {10, "三次握手之后，连接建立。\n", "三次握手之\n后，连接建\n立。\n"},
        {20, "客户端调用\n`connect()` 等待\n", "客户端调用connect()\n等待\n"},
        {40, "esc \x1b[31m and \xe2\x80\xae back\n", "esc \\x1b[31m and \\u{202e} back\n"},
        {40, "`a\\r\\n` and <b>html</b>\n", "a\\r\\n and <b>html</b>\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct prose p = {0};
        struct text out = {0};
        prose_add(&p, rows[i].markdown, rows[i].cols, true);
        prose_text(&p, 0, &out);
        assert_string_equal(text_str(&out), rows[i].text);
        for (size_t l = 0; l < p.count; l++)
            assert_int_equal(p.line[l].words.len, p.line[l].style.len);
        text_free(&out);
        prose_free(&p);
    }
}

static void styles_stand_beside_their_bytes(void **state)
{
    (void)state;
    struct prose p = {0};
    prose_add(&p, "a *b* **c *d*** `e`\n", 40, true);
    assert_int_equal(p.count, 1);
    assert_string_equal(text_str(&p.line[0].words), "a b c d e");
    const char styles[] = {PROSE_PLAIN,  PROSE_PLAIN,    PROSE_EMPHASIS, PROSE_PLAIN, PROSE_STRONG,
                           PROSE_STRONG, PROSE_EMPHASIS, PROSE_PLAIN,    PROSE_CODE};
    assert_memory_equal(p.line[0].style.s, styles, sizeof styles);
    prose_free(&p);
}

static void any_cut_and_depth(void **state)
{
    (void)state;
    static const char paper[] =
        "# H\n- a\n  1. b\n     > c **d `e` f** g\n\n```\nx\n```\n中文，好\n";
    for (size_t n = 0; n <= strlen(paper); n++)
        for (int cols = 0; cols < 12; cols++) {
            char cut[sizeof paper];
            struct prose p = {0};
            memcpy(cut, paper, n);
            cut[n] = '\0';
            prose_add(&p, cut, cols, true);
            prose_free(&p);
        }
    struct prose p = {0};
    prose_add(&p, "> > > > > > > > > > > > deep\n\n***a **b ***c **d ***e **f ***g **h***\n", 20,
              true);
    prose_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_as_text),
        cmocka_unit_test(styles_stand_beside_their_bytes),
        cmocka_unit_test(any_cut_and_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
