#include "tracer/select/rule.h"

#include "tracer/base/alloc.h"
#include "tracer/select/parse.h"

#include <stdlib.h>
#include <string.h>

enum {
    RULES_MOST = 200,
    ALWAYS_PPM = 1000000,
    COUNT_MOST = 1000,
    QUEUE_USUAL = 100,
    TEXT_MOST = 1 << 20,
};

static const char *const names[] = {"drop",    "delay", "jitter", "duplicate", "reorder",
                                    "corrupt", "rate",  "hold",   NULL};

const char *rule_action_name(enum rule_action a)
{
    return names[a];
}

static bool take_action(struct lexer *l, struct rule *r)
{
    for (int i = 0; i < RULE_ACTION_COUNT; i++)
        if (lexer_take(l, names[i])) {
            r->action = (enum rule_action)i;
            return true;
        }
    return lexer_expected(
        l, "a rule: drop, delay, jitter, duplicate, reorder, corrupt, rate or hold", names);
}

static bool take_count(struct lexer *l, struct rule *r)
{
    if (l->token.number < 1 || l->token.number > COUNT_MOST)
        return lexer_fault(l, "This number goes from 1 to %d.", COUNT_MOST);
    r->count = l->token.number;
    lexer_next(l);
    return true;
}

static bool take_delay(struct lexer *l, struct rule *r)
{
    if (l->token.kind != TOKEN_DURATION)
        return lexer_expected(l, "how long: delay 200ms C > S data 3, jitter 5ms S > C", NULL);
    r->delay_ns = l->token.number;
    lexer_next(l);
    return true;
}

static bool take_some(struct lexer *l, struct rule *r)
{
    r->count = 1;
    return l->token.kind != TOKEN_NUMBER || take_count(l, r);
}

static bool take_rate(struct lexer *l, struct rule *r)
{
    if (l->token.kind != TOKEN_RATE || l->token.number < 1)
        return lexer_expected(l, "how fast: rate 10mbit C > S", NULL);
    r->bits_per_s = l->token.number;
    r->count = QUEUE_USUAL;
    lexer_next(l);
    if (!lexer_take(l, "queue"))
        return true;
    if (l->token.kind != TOKEN_NUMBER)
        return lexer_expected(l, "how many packets may wait: rate 10mbit queue 20 C > S", NULL);
    return take_count(l, r);
}

/* What stands between the action and the selector: a time, a number, a rate. */
static bool take_measure(struct lexer *l, struct rule *r)
{
    static bool (*const takers[RULE_ACTION_COUNT])(struct lexer *, struct rule *) = {
        [RULE_DELAY] = take_delay,  [RULE_JITTER] = take_delay, [RULE_DUPLICATE] = take_some,
        [RULE_REORDER] = take_some, [RULE_CORRUPT] = take_some, [RULE_RATE] = take_rate,
    };
    return !takers[r->action] || takers[r->action](l, r);
}

/* A rule that names bytes means their first sending, or what is sent again would meet it again and
 * again: `every` and `again` say otherwise. */
static bool names_bytes(const struct selector *s)
{
    bool data = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct term *t = &s->nodes[i].term;
        if (s->nodes[i].kind != NODE_TERM)
            continue;
        if (t->kind == TERM_AGAIN)
            return false;
        data |= (t->kind == TERM_DATA && t->low.number > 0) || t->kind == TERM_BYTES;
    }
    return data;
}

static struct selector *take_selector(struct lexer *l)
{
    static const char *const stops[] = {"probability", "seed", "until", "for", NULL};
    struct parse_context context = {.stops = stops};
    struct token where = l->token;
    struct text why = {0};
    struct selector *s = select_parse_at(l, &context);
    if (s && !selector_is_of_packets(s, &why)) {
        lexer_fault_at(l, &where, "The wire sees packets as they are sent, and this asks for %s.",
                       text_str(&why));
        selector_free(s);
        s = NULL;
    }
    text_free(&why);
    return s;
}

static bool take_hold(struct lexer *l, struct rule *r)
{
    if (lexer_take(l, "until"))
        return (r->until = take_selector(l)) != NULL;
    if (!lexer_take(l, "for"))
        return lexer_expected(l, "until or for, and when it is let go", NULL);
    if (l->token.kind != TOKEN_DURATION)
        return lexer_expected(l, "how long: for 3s", NULL);
    r->delay_ns = l->token.number;
    lexer_next(l);
    return true;
}

static bool take_chance(struct lexer *l, struct rule *r)
{
    r->probability_ppm = ALWAYS_PPM;
    if (!lexer_take(l, "probability"))
        return true;
    if (l->token.kind != TOKEN_PERCENT || l->token.number > ALWAYS_PPM)
        return lexer_expected(l, "a percentage up to 100%: probability 5% seed 7", NULL);
    r->probability_ppm = (uint32_t)l->token.number;
    lexer_next(l);
    if (!lexer_take(l, "seed"))
        return true;
    if (l->token.kind != TOKEN_NUMBER)
        return lexer_expected(l, "a number: seed 7", NULL);
    r->seed = (uint64_t)l->token.number;
    lexer_next(l);
    return true;
}

static bool take_rule(struct lexer *l, struct rules *all)
{
    if (all->count == RULES_MOST)
        return lexer_fault(l, "There are too many rules: %d at the most.", RULES_MOST);
    xgrow(&all->at, &all->cap, all->count, sizeof *all->at);
    struct rule *r = &all->at[all->count++];
    *r = (struct rule){.line = l->token.line};
    size_t at = l->token.at;
    if (!take_action(l, r) || !take_measure(l, r))
        return false;
    bool every = lexer_take(l, "every");
    r->selector = take_selector(l);
    if (!r->selector || (r->action == RULE_HOLD && !take_hold(l, r)) || !take_chance(l, r))
        return false;
    r->first_sending = !every && names_bytes(r->selector);
    if (l->token.kind != TOKEN_LINE && l->token.kind != TOKEN_END)
        return lexer_expected(l, "probability or the end of the line",
                              (const char *const[]){"probability", "seed", NULL});
    r->text = xstrndup(l->s + at, l->token.end_before - at);
    return l->fault->line == 0;
}

struct rules *rules_parse(const char *text, size_t n, struct select_fault *fault)
{
    struct lexer l;
    struct rules *all = xcalloc(1, sizeof *all);
    if (n > TEXT_MOST) {
        *fault = (struct select_fault){0};
        select_fault_set(fault, 1, 1, "These rules are longer than 1 MiB.");
        free(all);
        return NULL;
    }
    lexer_begin(&l, text, n, true, fault);
    bool good = true;
    while (good && l.token.kind != TOKEN_END) {
        if (l.token.kind == TOKEN_LINE)
            lexer_next(&l);
        else
            good = take_rule(&l, all);
    }
    good = good && fault->line == 0;
    if (good && all->count == 0)
        good = lexer_expected(&l, "a rule: drop C > S data 3", NULL);
    lexer_free(&l);
    if (good)
        return all;
    rules_free(all);
    return NULL;
}

void rules_free(struct rules *r)
{
    for (size_t i = 0; r && i < r->count; i++) {
        selector_free(r->at[i].selector);
        selector_free(r->at[i].until);
        free(r->at[i].text);
    }
    if (r)
        free(r->at);
    free(r);
}
