/* The words of the language as a dictionary for libFuzzer, from the tables that the parser reads:
 * words > FILE, then -dict=FILE. */
#include "tracer/select/expect.h"
#include "tracer/select/query.h"
#include "tracer/select/rule.h"
#include "tracer/select/selector.h"
#include "tracer/tcp/state.h"

#include <stdio.h>

static void print_all(const char *const *list, const char *behind)
{
    for (; *list; list++)
        printf("\"%s%s\"\n", *list, behind);
}

int main(void)
{
    static const char *const signs[] = {
        " > ",    " < ",        ">=",           "!=",   "..",     " = ",    "J+1",    "K",
        "X",      "[S]",        "[S.]",         "[.]",  "[P.]",   "[F.]",   "[*]",    "C > S",
        "S > C",  "C ",         "10ms",         "1.5s", "5%",     "3rd ",   "10mbit", ":9502",
        "1..7",   "connect(3)", "\n ",          " and", " seed ", "until ", " for ",  " of ",
        "fails ", " at ",       "ECONNREFUSED", NULL,
    };
    print_all(selector_words(), " ");
    print_all(selector_calls(), "()");
    print_all(expectation_words(), " ");
    print_all(query_words(), " of ");
    for (int i = 0; i < RULE_ACTION_COUNT; i++)
        printf("\"%s \"\n", rule_action_name((enum rule_action)i));
    for (int i = 0; i < STATE_UNKNOWN; i++)
        printf("\"%s\"\n", tcp_state_name((enum tcp_state)i));
    for (size_t i = 0; signs[i]; i++) {
        putchar('"');
        for (const char *s = signs[i]; *s; s++)
            *s == '\n' ? fputs("\\x0a", stdout) : putchar(*s);
        puts("\"");
    }
    return fflush(stdout) != 0;
}
