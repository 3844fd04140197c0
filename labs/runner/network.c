#include "labs/runner/network.h"

#include <string.h>

int run_network_begin(struct run_network *n, const char *profile, struct error *e)
{
    *n = (struct run_network){0};
    if (profile_read(profile, &n->profile, e) != 0)
        return -1;
    if (n->profile.rules.len > 0 &&
        run_network_rule(n, text_str(&n->profile.rules), profile, e) != 0) {
        run_network_free(n);
        return -1;
    }
    return 0;
}

void run_network_free(struct run_network *n)
{
    profile_free(&n->profile);
    for (size_t i = 0; i < n->own_count; i++)
        rules_free(n->own[i]);
    text_free(&n->wire);
    *n = (struct run_network){0};
}

int run_network_set(struct run_network *n, char *const *words, const char *name, struct error *e)
{
    struct error why;
    for (; words && *words; words++) {
        size_t before = n->profile.rules.len;
        if (profile_set(&n->profile, *words, &why) != 0)
            return error_exit(e, EXIT_WRONG_USAGE, "%.100s: %.600s", name, why.text);
        if (n->profile.rules.len > before &&
            run_network_rule(n, text_str(&n->profile.rules) + before, name, e) != 0)
            return -1;
    }
    return 0;
}

void run_network_add(struct run_network *n, const struct rules *rules)
{
    if (!rules)
        return;
    n->rules[n->rules_count++] = rules;
    for (size_t i = 0; i < rules->count; i++)
        text_format(&n->wire, "%s%s", n->wire.len > 0 ? "\n" : "", rules->at[i].text);
}

int run_network_rule(struct run_network *n, const char *text, const char *name, struct error *e)
{
    struct select_fault fault;
    if (n->own_count == RUN_RULES_MOST)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "%s: there are too many rules, %d at the most. Several can stand in one "
                          "lab's wire block.",
                          name, RUN_RULES_MOST);
    struct rules *rules = rules_parse(text, strlen(text), &fault);
    if (!rules)
        return select_fault_error(&fault, name, e), e->status = EXIT_WRONG_USAGE, -1;
    n->own[n->own_count++] = rules;
    run_network_add(n, rules);
    return 0;
}

int run_network_check(const struct run_network *n, struct error *e)
{
    return profile_check(&n->profile, e);
}

bool run_network_rules(const struct run_network *n)
{
    return n->rules_count > 0;
}

int64_t run_network_late_ns(const struct run_network *n)
{
    int64_t late_ns = 0;
    for (size_t i = 0; i < n->rules_count; i++)
        for (size_t r = 0; r < n->rules[i]->count; r++)
            if (n->rules[i]->at[r].delay_ns > late_ns)
                late_ns = n->rules[i]->at[r].delay_ns;
    return late_ns;
}
