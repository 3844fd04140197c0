#include "commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MOST = 3 };

static struct session *session_of(struct server *server, const char *name)
{
    for (int i = 0; i < PLACES; i++)
        if (server->sessions[i] && strcmp(server->sessions[i]->name, name) == 0)
            return server->sessions[i];
    return NULL;
}

/* A whole positive number; 0 for anything else. */
static int64_t number_of(const char *word)
{
    char *end;
    if (!isdigit((unsigned char)word[0]))
        return 0;
    errno = 0;
    long long number = strtoll(word, &end, 10);
    return errno == 0 && *end == '\0' ? number : 0;
}

static bool is_name(struct session *s, const char *word)
{
    if (strlen(word) <= NAME_MOST && word[0])
        return true;
    session_say(s, "Error a name has 1 to %d bytes", NAME_MOST);
    return false;
}

/* ---- the commands ------------------------------------------------------------------------ */

static void check(struct server *server, struct session *s, char **arguments)
{
    const char *name = arguments[0], *charset = arguments[2] ? arguments[2] : "utf-8";
    struct charset wanted;
    if (s->name[0]) {
        session_say(s, "Error you are logged in as %s", s->name);
        return;
    }
    if (!is_name(s, name))
        return;
    if (strlen(arguments[1]) > PASSWORD_MOST || !arguments[1][0]) { /* crypt() has a limit, too */
        session_say(s, "Error a password has 1 to %d bytes", PASSWORD_MOST);
        return;
    }
    if (!charset_open(&wanted, charset)) {
        session_say(s, "Error the character sets are utf-8 and gb2312");
        return;
    }
    charset_close(&s->charset);
    s->charset = wanted;
    if (!store_check(name, arguments[1], &s->last_number)) {
        session_say(s, "Error this is not the password of %s", name);
        return;
    }
    struct session *old = session_of(server, name);
    if (old)
        session_dismiss(old, server->now_ms, "you have logged in elsewhere");
    memcpy(s->name, name, strlen(name) + 1);
    s->awaits = true;
    session_say(s, "OK %s %lld", name, (long long)s->last_number);
}

/* The numbers that a sender gives its messages go up by one. So the last one is all that has to be
 * kept to know a repetition: TCP does the same with the numbers of bytes. */
static void chat(struct server *server, struct session *s, char **arguments)
{
    const char *to = arguments[1], *text = arguments[2];
    int64_t number = number_of(arguments[0]), next = s->last_number + 1;
    if (!is_name(s, to))
        return;
    if (number < 1 || number > next) {
        session_say(s, "Error your next message has the number %lld", (long long)next);
        return;
    }
    if (number == next) {
        s->last_number = number;
        store_add(s->name, number, to, text);
        struct session *receiver = session_of(server, to);
        if (receiver)
            receiver->awaits = true;
    }
    session_say(s, "Stored %lld", (long long)number);
}

static void confirm(struct server *server, struct session *s, char **arguments)
{
    (void)server;
    int64_t id = number_of(arguments[0]);
    if (id < 1 || id > s->sent_id) {
        session_say(s, "Error no message %s was sent to you", arguments[0]);
        return;
    }
    if (store_confirm(s->name, id))
        s->in_flight--;
    /* Also the second time: the first answer may be lost. */
    session_say(s, "Confirmed %lld", (long long)id);
}

static void heartbeat(struct server *server, struct session *s, char **arguments)
{
    (void)server;
    session_say(s, strcmp(arguments[0], "R") == 0 ? "R" : "Error usage: HB R");
}

static const struct command {
    const char *name;
    int least, most; /* arguments; the last of `most` is the rest of the line, with its blanks */
    bool before_login;
    void (*run)(struct server *server, struct session *s, char **arguments);
    const char *usage;
} commands[] = {
    {"Check", 2, 3, true, check, "Check NAME PASSWORD [CHARSET]"},
    {"Chat", 3, 3, false, chat, "Chat NUMBER TO TEXT"},
    {"Confirm", 1, 1, false, confirm, "Confirm ID"},
    {"HB", 1, 1, false, heartbeat, "HB R"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *command_of(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Cut the line at its blanks into `most` arguments at most. How many there are. */
static int cut(char *rest, int most, char **arguments)
{
    int n = 0;
    while (rest && *rest && n < most) {
        arguments[n++] = rest;
        rest = n < most ? strchr(rest, ' ') : NULL;
        if (rest)
            *rest++ = '\0';
    }
    return n;
}

void commands_run(struct server *server, struct session *s, char *line)
{
    char *arguments[ARGUMENTS_MOST] = {NULL}, *rest = strchr(line, ' ');
    if (rest)
        *rest++ = '\0';
    const struct command *command = command_of(line);
    if (!s->name[0] && !(command && command->before_login))
        session_say(s, "Error log in first: Check NAME PASSWORD [CHARSET]");
    else if (!command)
        session_say(s, "Error there is no command %s", line);
    else if (cut(rest, command->most, arguments) < command->least)
        session_say(s, "Error usage: %s", command->usage);
    else
        command->run(server, s, arguments);
}

/* Messages are sent in the order of their ids, each once a session: all that are kept for a name,
 * of which some may have been sent in a session before and not confirmed. The client knows those
 * again. */
void commands_deliver(struct session *s)
{
    struct message m;
    while (s->awaits && s->name[0] && s->in_flight < WINDOW && !session_is_crowded(s)) {
        s->awaits = store_next(s->name, s->sent_id, &m);
        if (!s->awaits)
            break;
        session_say(s, "Message %lld %s %s", (long long)m.id, m.from, m.text);
        s->sent_id = m.id;
        s->in_flight++;
    }
}
