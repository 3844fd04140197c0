/* What a host does: calls, states, what its program prints; and the numbers of all terms. */
#include "tracer/select/parse.h"

#include "tracer/select/field.h"

#include <ctype.h>
#include <string.h>

/* ---- numbers ---- */

static bool is_variable(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isupper((unsigned char)s[i]) && !(i > 0 && isdigit((unsigned char)s[i])))
            return false;
    return n > 0 && n < sizeof((struct variables *)0)->names[0] &&
           !(n == 1 && (s[0] == 'C' || s[0] == 'S'));
}

static bool parse_variable(struct parser *p, struct operand *o)
{
    struct variables standard, *v = p->context->variables;
    const char *s = p->l->s + p->l->token.at;
    size_t n = p->l->token.len;
    variables_begin(&standard);
    if (!v)
        v = &standard;
    for (unsigned i = 0; i < v->count; i++)
        if (strlen(v->names[i]) == n && strncmp(v->names[i], s, n) == 0)
            o->variable = (int)i;
    if (o->variable < 0 && v == &standard)
        return lexer_fault(p->l, "Only J and K have values here, the first sequence numbers of "
                                 "both ends.");
    if (o->variable < 0) {
        if (v->count == VARIABLES_MAX)
            return lexer_fault(p->l, "There are too many variables: %d at the most.",
                               VARIABLES_MAX);
        memcpy(v->names[v->count], s, n);
        v->names[v->count][n] = '\0';
        o->variable = (int)v->count++;
    }
    lexer_next(p->l);
    return true;
}

bool parse_operand(struct parser *p, struct operand *o)
{
    struct lexer *l = p->l;
    *o = (struct operand){.variable = -1};
    int sign = lexer_take(l, "-") ? -1 : 1;
    if (l->token.kind == TOKEN_NUMBER || l->token.kind == TOKEN_DURATION) {
        o->number = sign * l->token.number;
        lexer_next(l);
        return true;
    }
    if (sign < 0 || l->token.kind != TOKEN_WORD || !is_variable(l->s + l->token.at, l->token.len))
        return lexer_expected(l, "a number or a variable such as J", NULL);
    if (!parse_variable(p, o))
        return false;
    if (!lexer_at(l, "+") && !lexer_at(l, "-"))
        return true;
    sign = lexer_at(l, "-") ? -1 : 1;
    lexer_next(l);
    if (l->token.kind != TOKEN_NUMBER || l->token.number > INT64_C(0xffffffff))
        return lexer_expected(l, "the number that is added or taken away", NULL);
    o->number = sign * l->token.number;
    lexer_next(l);
    return true;
}

/* A plain number of a time is seconds. */
static bool check_operand(struct parser *p, const struct token *where, struct operand *o,
                          int64_t most, bool is_time)
{
    if (where->kind == TOKEN_DURATION && !is_time)
        return lexer_fault_at(p->l, where, "This is a time, and a plain number was expected.");
    if (o->variable >= 0)
        return true;
    if (is_time && where->kind == TOKEN_NUMBER)
        o->number = o->number > most / 1000000000 ? most + 1 : o->number * 1000000000;
    if (o->number > most || o->number < -most)
        return lexer_fault_at(p->l, where, "This number is out of range: %lld at the most.",
                              (long long)most);
    return true;
}

static bool take_compare(struct parser *p, enum compare *compare)
{
    static const struct {
        const char *sign;
        enum compare compare;
    } signs[] = {
        {"=", COMPARE_EQ},  {"==", COMPARE_EQ}, {"!=", COMPARE_NE}, {"<", COMPARE_LT},
        {"<=", COMPARE_LE}, {">", COMPARE_GT},  {">=", COMPARE_GE},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (lexer_take(p->l, signs[i].sign)) {
            *compare = signs[i].compare;
            return true;
        }
    return false;
}

bool parse_comparison(struct parser *p, struct term *t, int64_t most, bool is_time)
{
    t->compare = COMPARE_EQ;
    t->high.variable = -1;
    take_compare(p, &t->compare);
    struct token where = p->l->token;
    if (!parse_operand(p, &t->low) || !check_operand(p, &where, &t->low, most, is_time))
        return false;
    if (t->compare != COMPARE_EQ || !lexer_take(p->l, ".."))
        return true;
    t->compare = COMPARE_RANGE;
    where = p->l->token;
    if (!parse_operand(p, &t->high) || !check_operand(p, &where, &t->high, most, is_time))
        return false;
    if (t->low.variable < 0 && t->high.variable < 0 && t->high.number < t->low.number)
        return lexer_fault_at(p->l, &where, "A range goes from the lower number to the higher.");
    return true;
}

/* ---- calls ---- */

/* Calls that a session may tell of, and no other: a name that never comes is a slip. */
static const char *const call_names[] = {
    "socket",   "socketpair",  "bind",        "listen",       "accept",     "accept4",  "connect",
    "send",     "sendto",      "sendmsg",     "sendmmsg",     "recv",       "recvfrom", "recvmsg",
    "recvmmsg", "read",        "write",       "readv",        "writev",     "sendfile", "shutdown",
    "close",    "getsockname", "getpeername", "setsockopt",   "getsockopt", "select",   "pselect",
    "poll",     "ppoll",       "epoll_wait",  "epoll_create", "epoll_ctl",  "fcntl",    "ioctl",
    "dup",      "dup2",        "fork",        "splice",       "execve",     NULL,
};

const char *const *selector_calls(void)
{
    return call_names;
}

static uint32_t add_actor(struct parser *p, const struct end_pattern *actor)
{
    struct term t = {.kind = TERM_ACTOR, .a = *actor};
    return actor->letter || actor->has_address || actor->port ? parse_add_term(p, &t) : NODE_NONE;
}

static uint32_t and_term(struct parser *p, uint32_t before, const struct term *t)
{
    return parse_join(p, NODE_AND, before, parse_add_term(p, t));
}

static bool is_known_call(const char *s, size_t n)
{
    for (size_t i = 0; call_names[i]; i++)
        if (strlen(call_names[i]) == n && strncmp(call_names[i], s, n) == 0)
            return true;
    return false;
}

/* "= 0", "= ECONNREFUSED", "fails", "fails EAGAIN"; whether there is one. */
static bool parse_outcome(struct parser *p, uint32_t *all)
{
    struct term t = {.kind = TERM_CALL_ERROR};
    bool fails = lexer_take(p->l, "fails");
    bool equals = !fails && (lexer_take(p->l, "=") || lexer_take(p->l, "=="));
    const struct token *k = &p->l->token;
    if ((fails || equals) && k->kind == TOKEN_WORD && p->l->s[k->at] == 'E' && k->len > 2) {
        term_keep(&t, p->l->s + k->at, k->len);
        lexer_next(p->l);
        *all = and_term(p, *all, &t);
        return true;
    }
    if (fails) {
        *all = and_term(p, *all, &t);
        return true;
    }
    t = (struct term){.kind = TERM_FIELD, .field = field_by_name("result", 6)};
    static const char *const signs[] = {"!=", "<", "<=", ">", ">=", NULL};
    for (size_t i = 0; !equals && signs[i]; i++)
        equals = lexer_at(p->l, signs[i]);
    if (!equals && k->kind == TOKEN_WORD && p->l->s[k->at] == 'E' && k->len > 2) {
        *all = NODE_NONE;
        return lexer_expected(p->l, "fails before the error: connect() fails ECONNREFUSED", NULL);
    }
    if (!equals)
        return false;
    if (!parse_comparison(p, &t, INT64_MAX / 8, false))
        *all = NODE_NONE;
    else
        *all = and_term(p, *all, &t);
    return true;
}

/* connect(3, S:9502) = 0; `phase` CALL_PHASE_COUNT: by what follows. */
static uint32_t parse_call(struct parser *p, uint32_t all, enum call_phase phase)
{
    struct lexer *l = p->l;
    if (l->token.kind != TOKEN_CALL) {
        lexer_expected(l, "a call with its parentheses, such as connect()", call_names);
        return NODE_NONE;
    }
    const char *s = l->s + l->token.at;
    size_t n = strcspn(s, "("), whole = l->token.len;
    if (!is_known_call(s, n)) {
        lexer_expected(l, "the name of a socket call", call_names);
        return NODE_NONE;
    }
    struct term name = {.kind = TERM_CALL_NAME}, args = {.kind = TERM_CALL_ARGS};
    struct term when = {.kind = TERM_CALL_PHASE, .number = phase};
    term_keep(&name, s, n);
    all = and_term(p, all, &name);
    if (strspn(s + n + 1, " \t") < whole - n - 2) {
        term_keep(&args, s + n + 1, whole - n - 2);
        all = and_term(p, all, &args);
    }
    lexer_next(l);
    if (phase == CALL_ENTER && (lexer_at(l, "=") || lexer_at(l, "==") || lexer_at(l, "fails"))) {
        lexer_fault(l, "A call has its result where it returns: C returns connect() = 0.");
        return NODE_NONE;
    }
    bool result = phase != CALL_ENTER && parse_outcome(p, &all);
    if (phase == CALL_PHASE_COUNT)
        when.number = result ? CALL_EXIT : CALL_ENTER;
    return all == NODE_NONE ? NODE_NONE : and_term(p, all, &when);
}

/* ---- states, consoles, programs ---- */

static bool same_state(const char *name, const char *s, size_t n)
{
    if (strlen(name) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (name[i] != (s[i] == '_' ? '-' : (char)toupper((unsigned char)s[i])))
            return false;
    return true;
}

/* Move past the name of a state; false where none stands here. */
static bool take_state(struct parser *p, enum tcp_state *state)
{
    for (int i = 0; i < STATE_UNKNOWN && p->l->token.kind == TOKEN_WORD; i++)
        if (same_state(tcp_state_name((enum tcp_state)i), p->l->s + p->l->token.at,
                       p->l->token.len)) {
            *state = (enum tcp_state)i;
            lexer_next(p->l);
            return true;
        }
    return false;
}

static uint32_t parse_state(struct parser *p, uint32_t all, const struct end_pattern *actor,
                            enum term_kind kind)
{
    static const char *names[TCP_STATE_COUNT + 1];
    struct term t = {.kind = kind, .a = *actor};
    if (take_state(p, &t.state))
        return and_term(p, all, &t);
    for (int i = 0; i < STATE_UNKNOWN; i++)
        names[i] = tcp_state_name((enum tcp_state)i);
    lexer_expected(p->l, "a state, as RFC 9293 writes it: ESTABLISHED, FIN-WAIT-1", names);
    return NODE_NONE;
}

/* C kernel ESTABLISHED; without a state, whatever it says. */
static uint32_t parse_kernel(struct parser *p, uint32_t all)
{
    struct term t = {.kind = TERM_KERNEL, .state = STATE_UNKNOWN};
    take_state(p, &t.state);
    return and_term(p, all, &t);
}

static uint32_t parse_console(struct parser *p, uint32_t all, bool typed)
{
    struct term t = {.kind = TERM_CONSOLE, .number = typed};
    if (p->l->token.kind == TOKEN_STRING) {
        term_keep(&t, text_str(&p->l->string), p->l->string.len);
        lexer_next(p->l);
    }
    return and_term(p, all, &t);
}

static uint32_t parse_process(struct parser *p, uint32_t all, enum process_event event)
{
    struct term t = {.kind = TERM_PROCESS, .number = event}, status = {.kind = TERM_FIELD};
    all = and_term(p, all, &t);
    if (event != PROCESS_STARTED && p->l->token.kind == TOKEN_NUMBER) {
        lexer_expected(p->l, "\"=\" before the status: C exits = 1", NULL);
        return NODE_NONE;
    }
    if (event == PROCESS_STARTED || !lexer_at(p->l, "="))
        return all;
    status.field = field_by_name("status", 6);
    if (!parse_comparison(p, &status, 255, false))
        return NODE_NONE;
    return and_term(p, all, &status);
}

/* ---- verbs ---- */

enum verb_kind {
    VERB_PHASE,
    VERB_DONE,
    VERB_IS,
    VERB_BECOMES,
    VERB_CONSOLE,
    VERB_PROCESS,
    VERB_KERNEL
};

static const struct verb {
    const char *name;
    enum verb_kind kind;
    int value;
} verbs[] = {
    {"enters", VERB_PHASE, CALL_ENTER},
    {"calls", VERB_PHASE, CALL_ENTER},
    {"returns", VERB_PHASE, CALL_EXIT},
    {"connected", VERB_DONE, DONE_CONNECTED},
    {"accepted", VERB_DONE, DONE_ACCEPTED},
    {"closed", VERB_DONE, DONE_CLOSED},
    {"is", VERB_IS, 0},
    {"becomes", VERB_BECOMES, 0},
    {"prints", VERB_CONSOLE, false},
    {"types", VERB_CONSOLE, true},
    {"starts", VERB_PROCESS, PROCESS_STARTED},
    {"exits", VERB_PROCESS, PROCESS_EXITED},
    {"killed", VERB_PROCESS, PROCESS_KILLED},
    {"kernel", VERB_KERNEL, 0},
};

static const struct verb *verb_here(const struct parser *p)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (lexer_at(p->l, verbs[i].name))
            return &verbs[i];
    return NULL;
}

bool parse_at_verb(const struct parser *p)
{
    return p->l->token.kind == TOKEN_CALL || verb_here(p);
}

uint32_t parse_verb(struct parser *p, const struct end_pattern *actor)
{
    const struct verb *v = verb_here(p);
    if (v && v->kind == VERB_IS && !actor->letter && !actor->has_address) {
        lexer_fault(p->l, "Whose state? Write C is ESTABLISHED, or S is LISTEN.");
        return NODE_NONE;
    }
    if (v)
        lexer_next(p->l);
    if (v && v->kind == VERB_IS) /* of the end of that host, whoever acts */
        return parse_state(p, NODE_NONE, actor, TERM_IS);
    uint32_t all = add_actor(p, actor);
    struct term done = {.kind = TERM_DONE, .number = v ? v->value : 0};
    if (!v)
        return parse_call(p, all, CALL_PHASE_COUNT);
    switch (v->kind) {
    case VERB_PHASE: return parse_call(p, all, (enum call_phase)v->value);
    case VERB_DONE: return and_term(p, all, &done);
    case VERB_BECOMES: return parse_state(p, all, actor, TERM_BECOMES);
    case VERB_CONSOLE: return parse_console(p, all, v->value);
    case VERB_PROCESS: return parse_process(p, all, (enum process_event)v->value);
    case VERB_KERNEL: return parse_kernel(p, all);
    case VERB_IS: break;
    }
    return NODE_NONE;
}
