#include "labs/play/parts.h"

#include "tracer/base/words.h"

#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* Between two lines of a script nothing is to happen for so long; what is still asked for or on its
 * way is waited for no longer than that. */
static const int64_t quiet_ns = 150LL * NS_PER_MS;
static const int64_t patience_ns = 3LL * NS_PER_S;

char play_mark(enum play_said s)
{
    static const char marks[PLAY_SAID_COUNT] = {'>', '=', '+', '<', '~', '!', '|'};
    return marks[s];
}

struct play *play_new(const struct play_options *options)
{
    struct play *p = xcalloc(1, sizeof *p);
    p->o = *options;
    p->host = 'C';
    return p;
}

static void free_until(struct play *p)
{
    select_run_free(p->until.run);
    selector_free(p->until.selector);
}

void play_free(struct play *p)
{
    if (!p)
        return;
    for (size_t i = p->fed_at; i < p->fed_count; i++)
        free(p->fed[i].line);
    free(p->fed);
    free_until(p);
    text_free(&p->outgoing);
    text_free(&p->script);
    text_free(&p->heard[0]);
    text_free(&p->heard[1]);
    free(p);
}

struct text *play_outgoing(struct play *p)
{
    return &p->outgoing;
}

bool play_leaving(const struct play *p)
{
    return p->leaving;
}

int play_failures(const struct play *p)
{
    return p->failures;
}

char play_host(const struct play *p)
{
    return p->o.alone ? 0 : p->host;
}

void play_say(struct play *p, enum play_said what, char host, const char *words)
{
    struct text line = {0};
    do {
        size_t n = strcspn(words, "\n");
        struct text one = {0};
        text_bytes(&one, words, n);
        text_clear(&line);
        text_safe_escaped(&line, text_str(&one));
        text_free(&one);
        p->o.say(p->o.to, what, p->o.alone ? 0 : host, text_str(&line));
        what = what == PLAY_REFUSED ? what : PLAY_MORE;
        words += n + (words[n] == '\n');
    } while (*words);
    text_free(&line);
}

void play_fail(struct play *p, const char *sentence)
{
    p->failures++;
    play_say(p, PLAY_REFUSED, 0, sentence);
}

/* ---- one line ------------------------------------------------------------------------------- */

/* A command's word stands first in a line; all else is a call. */
static const char *first_word(const char *line)
{
    return line + strspn(line, " \t");
}

static int check_host(const struct play *p, char host, struct error *e)
{
    if (p->o.alone && host)
        return error_set(e, "There is one program here, and no hosts C and S: leave out the %c.",
                         host);
    return 0;
}

static int check_call(const struct play *p, const char *line, struct error *e)
{
    struct puppet_call c;
    int result = puppet_parse(line, &c, e);
    if (result == 0)
        result = check_host(p, c.host, e);
    if (result == 0)
        result = names_check(&c, p->o.alone, e);
    puppet_call_free(&c);
    return result;
}

static int check_control(const struct play *p, const char *line, struct control *c, struct error *e)
{
    if (control_parse(line, c, e) <= 0)
        return -1;
    int result = 0;
    if (p->o.alone && c->row->owner != CONTROL_OF_RUN)
        result = error_set(e, "There is no wire here: `%s` is for two hosts.", c->row->word);
    else if (c->row->command == CONTROL_TYPE)
        result = error_set(e, "The hosts' programs are typed to by themselves here: write the "
                              "call, C: send \"text\".");
    if (result != 0)
        control_free(c);
    return result;
}

/* The part of a line up to a semicolon, which stands in no quotation marks and has a blank or the
 * end behind it. */
static size_t part_of(const char *line)
{
    bool quoted = false;
    size_t i = 0;
    for (; line[i]; i++) {
        if (line[i] == '\\' && quoted && line[i + 1])
            i++;
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ';' && !quoted && (line[i + 1] == '\0' || line[i + 1] == ' '))
            break;
    }
    return i;
}

static bool is_whole(const char *line)
{
    return *line == '#' || strncmp(line, "note ", 5) == 0;
}

/* A rule of the wire may be written without `rule`: "drop C > S data 3" is no other command. The
 * command that a line is (owned), or NULL where it is a call. */
static char *as_command(const char *line)
{
    struct control c;
    struct error e;
    struct select_fault fault;
    bool is = control_is(line);
    if (puppet_row_find(line, strcspn(line, " \t")))
        return NULL;
    if (is && control_parse(line, &c, &e) > 0) {
        control_free(&c);
        return xstrdup(line);
    }
    struct rules *rules = rules_parse(line, strlen(line), &fault);
    if (!rules)
        return is ? xstrdup(line) : NULL;
    rules_free(rules);
    struct text rule = {0};
    text_format(&rule, "rule %s", line);
    return rule.s;
}

static int check_part(const struct play *p, const char *line, struct error *e)
{
    struct control c;
    if (*line == '\0' || *line == '#' || own_find(line))
        return 0;
    char *command = as_command(line);
    if (!command)
        return check_call(p, line, e);
    int result = check_control(p, command, &c, e);
    if (result == 0)
        control_free(&c);
    free(command);
    return result;
}

/* Do something with each part of a line, up to the first that is wrong. */
static int each_part(struct play *p, const char *line, struct error *e,
                     int (*act)(struct play *p, const char *part, struct error *e))
{
    int result = 0;
    for (line = first_word(line); result == 0 && *line; line = first_word(line)) {
        size_t n = is_whole(line) ? strlen(line) : part_of(line);
        char *part = xstrndup(line, n);
        for (size_t end = n; end > 0 && strchr(" \t\r", part[end - 1]); end--)
            part[end - 1] = '\0';
        result = act(p, part, e);
        free(part);
        line += n + (line[n] == ';');
    }
    return result;
}

static int check_each(struct play *p, const char *part, struct error *e)
{
    return check_part(p, part, e);
}

int play_check(const struct play *p, const char *line, struct error *e)
{
    return each_part((struct play *)(uintptr_t)p, line, e, check_each);
}

/* What of a line stands behind its host and socket. */
static const char *call_of(const char *line, char socket[PUPPET_NAME_BYTES])
{
    char host;
    return first_word(puppet_prefix(line, &host, socket));
}

/* Note a call so that it runs again. */
static void keep_call(struct play *p, const char *socket, const char *call)
{
    const char *colon = socket[0] ? ": " : "";
    if (p->o.alone)
        text_format(&p->script, "%s%s%s", socket, colon, call);
    else
        text_format(&p->script, "%c%s%s: %s", p->host, socket[0] ? " " : "", socket, call);
}

/* Send a call to its host's program. */
static int send_parsed(struct play *p, const struct puppet_call *c, const char *part,
                       struct error *e)
{
    char socket[PUPPET_NAME_BYTES];
    const char *call = call_of(part, socket);
    struct text resolved = {0};
    p->host = c->host ? c->host : p->host;
    if (!c->row)
        return 0;
    if (p->gone[p->host == 'S'])
        return error_set(e, "The program of host %c has ended: no call can be made there.",
                         p->host);
    int result = names_resolve(c, p->o.alone, call, &resolved, e);
    if (result == 0) {
        text_format(&p->outgoing, "%c%s%s%s\n", p->host, socket, socket[0] ? ": " : "",
                    text_str(&resolved));
        keep_call(p, socket, call);
        p->pending++;
        p->sent_ns = p->now_ns;
    }
    text_free(&resolved);
    return result;
}

static int send_call(struct play *p, const char *part, struct error *e)
{
    struct puppet_call c;
    int result = puppet_parse(part, &c, e);
    if (result == 0)
        result = check_host(p, c.host, e);
    if (result == 0)
        result = send_parsed(p, &c, part, e);
    puppet_call_free(&c);
    return result;
}

static int do_command(struct play *p, const char *command, struct error *e)
{
    struct control c;
    if (check_control(p, command, &c, e) != 0)
        return -1;
    if (c.row->command != CONTROL_QUIT)
        text_add(&p->script, command);
    run_command(p, &c);
    return 0;
}

static int do_what_it_is(struct play *p, const char *part, struct error *e)
{
    const struct own_row *own = own_find(part);
    if (own)
        own->run(p, first_word(part + strlen(own->word)));
    else if (*part == '#')
        text_add(&p->script, part);
    if (own || *part == '#')
        return 0;
    char *command = as_command(part);
    int result = command ? do_command(p, command, e) : send_call(p, part, e);
    free(command);
    return result;
}

/* What is to be saved of a part stands behind what is of those before it. */
static int do_part(struct play *p, const char *part, struct error *e)
{
    size_t before = p->script.len;
    if (*part == '\0')
        return 0;
    if (before > 0 && p->script.s[before - 1] != '\n')
        text_add(&p->script, "; ");
    size_t begun = p->script.len;
    int result = do_what_it_is(p, part, e);
    if (p->script.len == begun && begun > 0) {
        p->script.len = before;
        p->script.s[before] = '\0';
    }
    return result;
}

/* A line is checked as a whole, so that half of it is not done. */
static int do_line(struct play *p, const char *line, struct error *e)
{
    size_t before = p->script.len;
    int result = play_check(p, line, e);
    if (result == 0)
        result = each_part(p, line, e, do_part);
    if (p->script.len > before)
        text_char(&p->script, '\n');
    return result;
}

void play_line(struct play *p, const char *line)
{
    struct error e;
    bool others = p->fed_at < p->fed_count && !p->leaving;
    if (strcmp(line, "quit") == 0)
        run_leave(p);
    else if (others || p->until.selector)
        play_feed(p, line, NULL, 0);
    else if (do_line(p, line, &e) != 0)
        play_say(p, PLAY_REFUSED, 0, e.text);
}

/* ---- one after the other -------------------------------------------------------------------- */

void play_feed(struct play *p, const char *line, const char *name, int number)
{
    xgrow(&p->fed, &p->fed_cap, p->fed_count, sizeof *p->fed);
    p->fed[p->fed_count++] = (struct fed){xstrdup(line), name, number};
}

void play_opening(struct play *p, bool stays)
{
    p->opening = p->fed_count;
    p->stays = stays;
}

void play_call_failed(struct play *p)
{
    if (p->fed_at == 0 || p->fed_at > p->opening)
        return;
    size_t until = p->stays ? p->opening : p->fed_count;
    p->failures++;
    p->opening = 0;
    for (; p->fed_at < until; p->fed_at++)
        free(p->fed[p->fed_at].line);
    if (!p->stays)
        run_leave(p);
}

void play_feed_ends(struct play *p)
{
    p->feed_ended = true;
}

static void do_fed(struct play *p)
{
    struct fed *f = &p->fed[p->fed_at++];
    struct error e;
    if (*first_word(f->line))
        play_say(p, PLAY_TYPED, 0, f->line);
    if (do_line(p, f->line, &e) != 0) {
        struct text words = {0};
        if (f->name)
            text_format(&words, _("%s, line %d: "), f->name, f->number);
        text_add(&words, e.text);
        play_fail(p, text_str(&words));
        text_free(&words);
    }
    free(f->line);
    f->line = NULL;
}

/* Whether all that was asked has been answered and nothing is on its way. */
static bool is_settled(const struct play *p)
{
    bool open = p->pending > 0 || p->in_flight > p->held;
    int64_t since_ns = p->lively_ns > p->sent_ns ? p->lively_ns : p->sent_ns;
    return p->now_ns - since_ns >= (open ? patience_ns : quiet_ns);
}

/* What comes next has to wait; a line that does nothing has not. */
static bool may_go_on(struct play *p)
{
    /* What opens a connection comes one after the other, however long it waits. */
    bool opens = p->fed_at < p->opening && p->waiting > 0;
    bool waits = run_waits(p) || opens;
    return !waits && p->now_ns >= p->wait_ns && is_settled(p);
}

int play_update(struct play *p, int64_t now_ns)
{
    enum { LOOK_MS = 10, LEAVING_MS = 100 };
    p->now_ns = now_ns;
    hear_trace(p);
    bool go_on = may_go_on(p);
    while (go_on && p->fed_at < p->fed_count && !p->leaving) {
        int64_t sent_ns = p->sent_ns;
        do_fed(p);
        go_on = p->sent_ns == sent_ns && may_go_on(p);
    }
    bool more = p->fed_at < p->fed_count;
    /* Whoever speaks to a real host hears it out. */
    bool over = !more && p->feed_ended && !(p->o.alone && p->waiting > 0);
    if (go_on && over && !p->leaving)
        run_leave(p);
    bool waits = p->until.selector || more || (p->feed_ended && !p->leaving);
    return waits && !p->leaving ? LOOK_MS : p->leaving ? LEAVING_MS : -1;
}
