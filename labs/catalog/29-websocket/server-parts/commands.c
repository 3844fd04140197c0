#include "commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MOST = 3 };
static const char everyone[] = "*";

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

/* ---- who is here ------------------------------------------------------------------------- */

/* Notices are for those who are here. Nobody needs to be told later who came and went. */
static void notice(struct session *from, const char *verb)
{
    for (int i = 0; i < PLACES; i++) {
        struct session *s = from->server->sessions[i];
        if (s && s != from && s->name[0])
            session_say(s, "%s %s", verb, from->name);
    }
}

static void tell_who_is_here(struct session *s)
{
    char names[SESSIONS_MOST * (NAME_MOST + 1) + 1];
    size_t n = 0;
    names[0] = '\0';
    for (int i = 0; i < PLACES && n + NAME_MOST + 2 < sizeof names; i++)
        if (s->server->sessions[i] && s->server->sessions[i]->name[0])
            n += (size_t)sprintf(names + n, " %s", s->server->sessions[i]->name);
    session_say(s, "Here%s", names);
}

void commands_left(struct session *s)
{
    if (s->name[0])
        notice(s, "Left");
    s->name[0] = '\0';
}

/* ---- the commands ------------------------------------------------------------------------ */

static void check(struct session *s, char **arguments)
{
    const char *name = arguments[0], *password = arguments[1];
    if (s->name[0]) {
        session_say(s, "Error you are logged in as %s", s->name);
        return;
    }
    if (!name[0] || strlen(name) > NAME_MOST || strcmp(name, everyone) == 0) {
        session_say(s, "Error a name has 1 to %d bytes, and is not *", NAME_MOST);
        return;
    }
    if (!password[0] || strlen(password) > PASSWORD_MOST) { /* crypt() has a limit, too */
        session_say(s, "Error a password has 1 to %d bytes", PASSWORD_MOST);
        return;
    }
    if (!store_check(name, password, &s->last_number)) {
        session_say(s, "Error this is not the password of %s", name);
        return;
    }
    struct session *old = session_of(s->server, name);
    if (old) { /* he has not left: he is here */
        old->name[0] = '\0';
        session_dismiss(old, CODE_ELSEWHERE, "you have logged in elsewhere");
    }
    memcpy(s->name, name, strlen(name) + 1);
    s->awaits = true;
    session_say(s, "OK %s %lld", name, (long long)s->last_number);
    tell_who_is_here(s);
    if (!old)
        notice(s, "Joined");
}

/* What is kept of a message is "TO TEXT": a receiver should see what was said to everyone. */
static void keep(struct session *s, int64_t number, const char *to, const char *text)
{
    char kept[TEXT_MOST + 1];
    snprintf(kept, sizeof kept, "%s %s", to, text);
    bool all = strcmp(to, everyone) == 0;
    if (all)
        store_add_for_all(s->name, number, kept);
    else
        store_add(s->name, number, to, kept);
    for (int i = 0; i < PLACES; i++) {
        struct session *other = s->server->sessions[i];
        if (other && (all || strcmp(other->name, to) == 0))
            other->awaits = true;
    }
}

/* The numbers that a sender gives its messages go up by one. So the last one is all that has to be
 * kept to know a repetition: TCP does the same with the numbers of bytes. */
static void chat(struct session *s, char **arguments)
{
    const char *to = arguments[1], *text = arguments[2];
    int64_t number = number_of(arguments[0]), next = s->last_number + 1;
    if (!to[0] || strlen(to) > NAME_MOST) {
        session_say(s, "Error a name has 1 to %d bytes", NAME_MOST);
        return;
    }
    if (strlen(to) + 1 + strlen(text) > TEXT_MOST) {
        session_say(s, "Error a text has at most %d bytes", TEXT_MOST - NAME_MOST - 1);
        return;
    }
    if (number < 1 || number > next) {
        session_say(s, "Error your next message has the number %lld", (long long)next);
        return;
    }
    if (number == next) {
        s->last_number = number;
        keep(s, number, to, text);
    }
    session_say(s, "Stored %lld", (long long)number);
}

static void confirm(struct session *s, char **arguments)
{
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

static const struct command {
    const char *name;
    int arguments; /* the last is the rest of the message, with its blanks */
    bool before_login;
    void (*run)(struct session *s, char **arguments);
    const char *usage;
} commands[] = {
    {"Check", 2, true, check, "Check NAME PASSWORD"},
    {"Chat", 3, false, chat, "Chat NUMBER TO TEXT"},
    {"Confirm", 1, false, confirm, "Confirm ID"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *command_of(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Cut at blanks into `most` arguments at most. How many there are. */
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

void commands_run(struct session *s, char *text)
{
    char *arguments[ARGUMENTS_MOST] = {NULL}, *rest = strchr(text, ' ');
    if (rest)
        *rest++ = '\0';
    const struct command *command = command_of(text);
    if (!s->name[0] && !(command && command->before_login))
        session_say(s, "Error log in first: Check NAME PASSWORD");
    else if (!command)
        session_say(s, "Error there is no command %.100s", text);
    else if (cut(rest, command->arguments, arguments) < command->arguments)
        session_say(s, "Error usage: %s", command->usage);
    else
        command->run(s, arguments);
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
