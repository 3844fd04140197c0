/* Expectations as text: heads in the first column, lines below them indented. */
#include "tracer/select/expect_parts.h"

#include "tracer/base/alloc.h"
#include "tracer/base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { EXPECTATIONS_MOST = 1000, TEXT_MOST = 1 << 20, NAME_SHOWN = 60 };

static const char *const stops[] = {"after", "before", "within", NULL};
static const char *const line_words[] = {"next",    "never", "exactly", "at least", "at most",
                                         "between", "any",   "hint",    "needs",    NULL};

const char *const *expectation_words(void)
{
    static const char *const words[] = {
        "next",
        "never",
        "exactly",
        "at least",
        "at most",
        "between",
        "any order {",
        "hint",
        "needs",
        "after",
        "before",
        "within",
        "every connection",
        "across connections",
        "connection",
        NULL,
    };
    return words;
}

struct reader {
    struct lexer l;
    struct expectations *all;
    struct expectation *now; /* the one whose lines are read, or NULL */
    unsigned blocks;
};

/* ---- small parts ---- */

static bool at_line_end(const struct lexer *l)
{
    return l->token.kind == TOKEN_LINE || l->token.kind == TOKEN_END;
}

static bool line_end(struct lexer *l)
{
    if (!at_line_end(l))
        return lexer_expected(l, "the end of the line", NULL);
    if (l->token.kind == TOKEN_LINE)
        lexer_next(l);
    return l->fault->line == 0;
}

static bool take_string(struct lexer *l, const char *what, char **out)
{
    if (l->token.kind != TOKEN_STRING || l->string.len == 0)
        return lexer_expected(l, what, NULL);
    *out = xstrndup(text_str(&l->string), l->string.len);
    lexer_next(l);
    return true;
}

static bool take_number(struct lexer *l, const char *what, int64_t *v)
{
    if (l->token.kind != TOKEN_NUMBER || l->token.number > 1000000000)
        return lexer_expected(l, what, NULL);
    *v = l->token.number;
    lexer_next(l);
    return true;
}

static bool take_needs(struct reader *r)
{
    struct expectation *e = r->now;
    do {
        if (e->need_count == NEEDS_MAX)
            return lexer_fault(&r->l, "An expectation needs %d others at the most.", NEEDS_MAX);
        if (!take_string(&r->l, "the name of another expectation in quotation marks",
                         &e->needs[e->need_count]))
            return false;
        e->need_count++;
    } while (lexer_take(&r->l, ","));
    return true;
}

static bool take_hint(struct reader *r)
{
    if (r->now->hint)
        return lexer_fault(&r->l, "This expectation has a hint already.");
    return take_string(&r->l, "the hint in quotation marks", &r->now->hint);
}

/* ---- variables: each must have a value where it is used ---- */

static bool variable_fault(struct reader *r, const struct token *line, const struct node *n,
                           int variable, const char *why)
{
    struct token where = *line;
    where.at = n->to > 0 ? n->from : line->at;
    return lexer_fault_at(&r->l, &where, "%s %s", r->now->variables.names[variable], why);
}

static bool check_use(struct reader *r, const struct token *line, const struct node *n,
                      int variable, uint32_t bound, bool plain)
{
    if (variable < 0 || (bound >> variable & 1 && plain))
        return true;
    if (bound >> variable & 1)
        return variable_fault(r, line, n, variable,
                              "has got its value in this expectation and may then not stand "
                              "behind not, or, first, last: write it as a term of its own.");
    if (variable <= VARIABLE_K)
        return true; /* the connection's own first sequence numbers */
    return variable_fault(r, line, n, variable,
                          "has no value yet: it gets one where it first stands alone, as in seq "
                          "X.");
}

/* Walk a selector in the order in which it is matched; what it binds is added to `bound`. */
static bool check_node(struct reader *r, const struct token *line, const struct selector *s,
                       uint32_t i, uint32_t *bound, bool plain, bool may_bind)
{
    const struct node *n = &s->nodes[i];
    if (n->kind == NODE_TERM) {
        const struct term *t = &n->term;
        if (t->kind != TERM_FIELD)
            return true;
        bool binds = may_bind && plain && t->compare == COMPARE_EQ && t->low.variable >= 0 &&
                     t->low.number == 0 && !(*bound >> t->low.variable & 1);
        if (binds)
            *bound |= 1u << t->low.variable;
        return check_use(r, line, n, t->low.variable, *bound, plain) &&
               (t->compare != COMPARE_RANGE ||
                check_use(r, line, n, t->high.variable, *bound, plain));
    }
    for (uint32_t child = n->first; child != NODE_NONE; child = s->nodes[child].next)
        if (!check_node(r, line, s, child, bound, plain && n->kind == NODE_AND, may_bind))
            return false;
    return true;
}

static bool check_selector(struct reader *r, const struct token *line, const struct selector *s,
                           uint32_t *bound, bool may_bind)
{
    return !s || check_node(r, line, s, s->root, bound, true, may_bind);
}

/* ---- lines ---- */

static bool parse_selector(struct reader *r, struct selector **out)
{
    struct parse_context context = {stops, line_words, &r->now->variables};
    *out = select_parse_at(&r->l, &context);
    return *out != NULL;
}

/* "after S > C [.] dup 3", "after 200ms" */
static bool parse_bound(struct reader *r, struct selector **selector, int64_t *bound_ns,
                        const char *word)
{
    if (r->l.token.kind == TOKEN_DURATION) {
        if (*bound_ns != TIME_NONE)
            return lexer_fault(&r->l, "This line has a bound of that kind already.");
        *bound_ns = r->l.token.number;
        lexer_next(&r->l);
        return true;
    }
    if (*selector)
        return lexer_fault(&r->l, "This line has one \"%s\" already.", word);
    return parse_selector(r, selector);
}

static bool parse_within(struct reader *r, struct line *line)
{
    int64_t first = 0, second = TIME_NONE;
    const char *what = "a time: within 200ms, within 0.8s..3s";
    if (line->soonest_ns != TIME_NONE || line->latest_ns != TIME_NONE)
        return lexer_fault(&r->l, "This line has bounds in time already.");
    if (r->l.token.kind != TOKEN_DURATION)
        return lexer_expected(&r->l, what, NULL);
    first = r->l.token.number;
    lexer_next(&r->l);
    if (lexer_take(&r->l, "..")) {
        if (r->l.token.kind != TOKEN_DURATION)
            return lexer_expected(&r->l, what, NULL);
        second = r->l.token.number;
        if (second < first)
            return lexer_fault(&r->l, "A range goes from the shorter time to the longer.");
        lexer_next(&r->l);
    }
    line->soonest_ns = second == TIME_NONE ? TIME_NONE : first;
    line->latest_ns = second == TIME_NONE ? first : second;
    return true;
}

static bool parse_bounds(struct reader *r, struct line *line)
{
    while (!at_line_end(&r->l) && !lexer_at(&r->l, "}")) {
        bool good;
        if (lexer_take(&r->l, "after"))
            good = parse_bound(r, &line->after, &line->soonest_ns, "after");
        else if (lexer_take(&r->l, "before"))
            good = parse_bound(r, &line->before, &line->latest_ns, "before");
        else if (lexer_take(&r->l, "within"))
            good = parse_within(r, line);
        else
            good = lexer_expected(&r->l, "after, before, within or the end of the line", stops);
        if (!good)
            return false;
    }
    return true;
}

/* never, exactly 3, at least 2, at most 5, between 2 and 4 */
static bool parse_count(struct reader *r, struct line *line)
{
    struct lexer *l = &r->l;
    const char *what = "how many, as a number: exactly 2";
    line->least = 0;
    line->most = -1;
    if (lexer_take(l, "never")) {
        line->most = 0;
    } else if (lexer_take(l, "exactly")) {
        if (!take_number(l, what, &line->least))
            return false;
        line->most = line->least;
    } else if (lexer_take(l, "between")) {
        if (!take_number(l, what, &line->least))
            return false;
        if (!lexer_take(l, "and"))
            return lexer_expected(l, "\"and\": between 2 and 4", NULL);
        if (!take_number(l, what, &line->most))
            return false;
        if (line->most < line->least)
            return lexer_fault(l, "A range goes from the lower number to the higher.");
    } else if (lexer_take(l, "at")) {
        bool least = lexer_at(l, "least");
        if (!least && !lexer_at(l, "most"))
            return lexer_expected(l, "\"least\" or \"most\"", NULL);
        lexer_next(l);
        if (!take_number(l, what, least ? &line->least : &line->most))
            return false;
    } else {
        return true;
    }
    line->kind = LINE_COUNT;
    return true;
}

static bool at_end_or_bound(const struct lexer *l)
{
    return at_line_end(l) || lexer_at(l, "after") || lexer_at(l, "before") || lexer_at(l, "within");
}

/* What stands in an event line, counts read. */
static bool parse_event(struct reader *r, struct line *line)
{
    uint32_t bound = 0;
    struct token start = r->l.token;
    struct expectation *e = r->now;
    for (size_t i = 0; i < e->line_count; i++)
        if (e->lines[i].kind == LINE_EVENT) {
            struct token none = start;
            check_selector(r, &none, e->lines[i].selector, &bound, true);
        }
    if (at_end_or_bound(&r->l))
        return lexer_expected(&r->l, "what is expected, such as C > S [S]", selector_words());
    if (!parse_selector(r, &line->selector) || !parse_bounds(r, line))
        return false;
    return check_selector(r, &start, line->selector, &bound, line->kind == LINE_EVENT) &&
           check_selector(r, &start, line->after, &bound, false) &&
           check_selector(r, &start, line->before, &bound, false);
}

static struct line *new_line(struct reader *r)
{
    struct expectation *e = r->now;
    if (e->line_count == LINES_MAX) {
        lexer_fault(&r->l, "An expectation has %d lines at the most.", LINES_MAX);
        return NULL;
    }
    struct line *line = &e->lines[e->line_count++];
    *line =
        (struct line){.number = r->l.token.line, .soonest_ns = TIME_NONE, .latest_ns = TIME_NONE};
    return line;
}

static bool parse_event_line(struct reader *r, unsigned block)
{
    size_t from = r->l.token.at;
    struct token start = r->l.token;
    struct line *line = new_line(r);
    if (!line)
        return false;
    line->block = block;
    line->next = lexer_take(&r->l, "next");
    if (!parse_count(r, line))
        return false;
    if (block && (line->next || line->kind == LINE_COUNT))
        return lexer_fault_at(&r->l, &start,
                              "Between the braces of any order stand plain lines: no next, never "
                              "or counts.");
    if (line->next && line->kind == LINE_COUNT)
        return lexer_fault_at(&r->l, &start, "What is counted has no place in the order: no next.");
    if (!parse_event(r, line))
        return false;
    line->text = xstrndup(r->l.s + from, r->l.token.end_before - from);
    return true;
}

/* any order { ... } over several lines. */
static bool parse_block(struct reader *r)
{
    struct token start = r->l.token;
    lexer_next(&r->l);
    if (!lexer_take(&r->l, "order") || !lexer_take(&r->l, "{"))
        return lexer_expected(&r->l, "any order {", NULL);
    unsigned block = ++r->blocks;
    size_t before = r->now->line_count;
    while (!lexer_at(&r->l, "}")) {
        if (r->l.token.kind == TOKEN_END)
            return lexer_fault_at(&r->l, &start, "The brace of this any order is not closed.");
        if (r->l.token.kind == TOKEN_LINE)
            lexer_next(&r->l);
        else if (!parse_event_line(r, block) || (!lexer_at(&r->l, "}") && !line_end(&r->l)))
            return false;
    }
    if (r->now->line_count == before)
        return lexer_fault_at(&r->l, &start, "Nothing stands between these braces.");
    lexer_next(&r->l);
    return true;
}

static bool parse_line(struct reader *r)
{
    bool good;
    if (lexer_take(&r->l, "hint"))
        good = take_hint(r);
    else if (lexer_take(&r->l, "needs"))
        good = take_needs(r);
    else if (lexer_at(&r->l, "any"))
        good = parse_block(r);
    else
        good = parse_event_line(r, 0);
    return good && line_end(&r->l);
}

/* ---- heads ---- */

static bool parse_scope(struct reader *r)
{
    struct lexer *l = &r->l;
    struct expectation *e = r->now;
    if (lexer_take(l, "every")) {
        e->scope = SCOPE_EVERY;
        return lexer_take(l, "connection") || lexer_expected(l, "every connection", NULL);
    }
    if (lexer_take(l, "across")) {
        e->scope = SCOPE_ACROSS;
        return lexer_take(l, "connections") || lexer_expected(l, "across connections", NULL);
    }
    if (!lexer_take(l, "connection"))
        return true;
    if (l->token.kind == TOKEN_NUMBER && l->token.number == 0)
        return lexer_fault(l, "Connections are numbered from 1.");
    return take_number(l, "the number of a connection, from 1", &e->connection);
}

static bool has_name(const struct expectations *all, const char *name, size_t below)
{
    for (size_t i = 0; i < below; i++)
        if (strcmp(all->at[i].name, name) == 0)
            return true;
    return false;
}

/* 4 "three-way handshake" every connection needs "..." */
static bool parse_head(struct reader *r)
{
    struct lexer *l = &r->l;
    struct expectations *all = r->all;
    if (all->count == EXPECTATIONS_MOST)
        return lexer_fault(l, "There are too many expectations: %d at the most.",
                           EXPECTATIONS_MOST);
    xgrow(&all->at, &all->cap, all->count, sizeof *all->at);
    struct expectation *e = r->now = &all->at[all->count++];
    *e = (struct expectation){.points = 1, .number = l->token.line};
    variables_begin(&e->variables);
    r->blocks = 0;
    if (l->token.kind == TOKEN_NUMBER && !take_number(l, "points", &e->points))
        return false;
    struct token where = l->token;
    if (!take_string(l,
                     "an expectation's name in quotation marks, its points before it: "
                     "4 \"three-way handshake\"; its lines are indented",
                     &e->name))
        return false;
    if (has_name(all, e->name, all->count - 1))
        return lexer_fault_at(l, &where, "Another expectation has this name.");
    if (!parse_scope(r) || (lexer_take(l, "needs") && !take_needs(r)))
        return false;
    if (!at_line_end(l))
        return lexer_expected(l,
                              "every connection, across connections, connection 2, needs, or the "
                              "end of the line",
                              expectation_words());
    return line_end(l);
}

/* ---- the whole ---- */

static bool check_done(struct reader *r)
{
    if (!r->now || r->now->line_count > 0)
        return true;
    struct token where = {.line = r->now->number};
    for (int line = 1; line < r->now->number; where.at++)
        line += r->l.s[where.at] == '\n';
    where.line_at = where.at;
    return lexer_fault_at(&r->l, &where,
                          "This expectation has no line: what is expected stands below it, "
                          "indented.");
}

static bool read_all(struct reader *r)
{
    while (r->l.token.kind != TOKEN_END) {
        bool first_column = r->l.token.at == r->l.token.line_at;
        bool good;
        if (r->l.token.kind == TOKEN_LINE) {
            lexer_next(&r->l);
            continue;
        }
        if (first_column || !r->now)
            good = check_done(r) && parse_head(r);
        else
            good = parse_line(r);
        if (!good)
            return false;
    }
    if (r->l.fault->line == 0 && r->all->count == 0)
        return lexer_expected(&r->l, "an expectation: 4 \"three-way handshake\"", NULL);
    return r->l.fault->line == 0 && check_done(r);
}

/* ---- needs ---- */

static bool fault_of(struct reader *r, const struct expectation *e, const char *sentence)
{
    return select_fault_set(r->l.fault, e->number, 1, "%s", sentence);
}

static bool find_need(struct reader *r, struct expectation *e, size_t n)
{
    const struct expectations *all = r->all;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].name, e->needs[n]) == 0) {
            e->need_of[n] = i;
            return true;
        }
    const char **names = xcalloc(all->count + 1, sizeof *names);
    struct text sentence = {0};
    for (size_t i = 0; i < all->count; i++)
        names[i] = all->at[i].name;
    text_add(&sentence, "It needs an expectation that is not there: \"");
    size_t whole = strlen(e->needs[n]),
           shown = whole < NAME_SHOWN ? whole : utf8_whole(e->needs[n], NAME_SHOWN);
    text_safe(&sentence, e->needs[n], shown);
    text_add(&sentence, shown < whole ? "...\"." : "\".");
    struct text nearest = {0};
    select_suggest(e->needs[n], names, &nearest);
    text_safe_str(&sentence, text_str(&nearest));
    fault_of(r, e, sentence.s);
    text_free(&nearest);
    text_free(&sentence);
    free(names);
    return false;
}

/* Whether `from` needs itself by way of others: a walk of as many steps as there are needs. */
static bool in_circle(const struct expectations *all, size_t from, unsigned char *seen)
{
    size_t *stack = xcalloc(all->count * NEEDS_MAX + 1, sizeof *stack), depth = 0;
    bool circle = false;
    memset(seen, 0, all->count);
    stack[depth++] = from;
    while (depth > 0 && !circle) {
        const struct expectation *e = &all->at[stack[--depth]];
        for (size_t i = 0; i < e->need_count; i++) {
            size_t need = e->need_of[i];
            circle |= need == from;
            if (!seen[need])
                stack[depth++] = need;
            seen[need] = 1;
        }
    }
    free(stack);
    return circle;
}

static bool settle_needs(struct reader *r)
{
    struct expectations *all = r->all;
    bool good = true;
    for (size_t i = 0; i < all->count && good; i++)
        for (size_t n = 0; n < all->at[i].need_count && good; n++)
            good = find_need(r, &all->at[i], n);
    unsigned char *seen = xcalloc(all->count + 1, 1);
    for (size_t i = 0; i < all->count && good; i++)
        if (all->at[i].need_count > 0 && in_circle(all, i, seen))
            good = fault_of(r, &all->at[i],
                            "It needs, through others, itself: one of them must stand alone.");
    free(seen);
    return good;
}

/* A place for each selector in the run that gathers what they select. */
static void number_slots(struct expectations *all)
{
    size_t slot = 0;
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->at[i].line_count; k++) {
            struct line *line = &all->at[i].lines[k];
            line->slot = slot++;
            line->after_slot = line->after ? slot++ : 0;
            line->before_slot = line->before ? slot++ : 0;
        }
}

struct expectations *expectations_parse(const char *text, size_t n, struct select_fault *fault)
{
    struct reader r = {.all = xcalloc(1, sizeof *r.all)};
    *fault = (struct select_fault){0};
    if (n > TEXT_MOST || memchr(text, 0, n)) {
        select_fault_set(fault, 1, 1, "This is no text of expectations: it is %s.",
                         n > TEXT_MOST ? "longer than 1 MiB" : "binary");
        free(r.all);
        return NULL;
    }
    lexer_begin(&r.l, text, n, true, fault);
    bool good = read_all(&r) && settle_needs(&r);
    lexer_free(&r.l);
    if (good) {
        number_slots(r.all);
        return r.all;
    }
    expectations_free(r.all);
    return NULL;
}

static void free_expectation(struct expectation *e)
{
    for (size_t i = 0; i < e->line_count; i++) {
        selector_free(e->lines[i].selector);
        selector_free(e->lines[i].after);
        selector_free(e->lines[i].before);
        free(e->lines[i].text);
    }
    for (size_t i = 0; i < NEEDS_MAX; i++)
        free(e->needs[i]);
    free(e->name);
    free(e->hint);
}

void expectations_free(struct expectations *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->count; i++)
        free_expectation(&e->at[i]);
    free(e->at);
    free(e);
}

size_t expectations_count(const struct expectations *e)
{
    return e->count;
}

struct expectation_head expectations_head(const struct expectations *e, size_t i)
{
    const struct expectation *x = &e->at[i];
    return (struct expectation_head){x->name, x->hint, x->points, x->number};
}
