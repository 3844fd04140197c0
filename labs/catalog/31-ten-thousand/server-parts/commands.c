#include "commands.h"

#include "store.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool __attribute__((format(printf, 2, 3))) say(struct connection *c, const char *format, ...)
{
    char line[160];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return connection_say(c, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* From now on it is another thing, that takes or gives so many bytes. */
static void become(const struct table *t, struct connection *c, enum doing doing, uint64_t left)
{
    c->doing =
        left > 0 || doing == ECHOES || doing == LISTS || doing == LEAVES ? (uint8_t)doing : TALKS;
    c->left = left;
    c->offset = 0;
    c->began_ms = t->now_ms;
}

/* ---- the commands ------------------------------------------------------------------------ */

struct request {
    char name[FILE_NAME_MOST + 1];
    uint64_t bytes;
};

static bool do_ping(struct table *t, struct connection *c, const struct request *r)
{
    (void)t, (void)r;
    return say(c, "PONG\n");
}

static bool do_echo(struct table *t, struct connection *c, const struct request *r)
{
    (void)r;
    become(t, c, ECHOES, 0);
    return say(c, "OK\n");
}

static bool do_sink(struct table *t, struct connection *c, const struct request *r)
{
    become(t, c, TAKES, r->bytes);
    return say(c, "OK\n") && (r->bytes > 0 || command_taken(t, c));
}

static bool do_source(struct table *t, struct connection *c, const struct request *r)
{
    become(t, c, GIVES, r->bytes);
    return say(c, "OK %" PRIu64 "\n", r->bytes);
}

static bool do_put(struct table *t, struct connection *c, const struct request *r)
{
    if (r->bytes > FILE_BYTES_MOST)
        return say(c, "Error a file has 64 MiB at most\n");
    c->name = strdup(r->name);
    c->file = c->name ? store_new() : -1;
    if (c->file < 0) {
        free(c->name);
        c->name = NULL;
        return say(c, "Error there is no room for a file\n");
    }
    become(t, c, TAKES, r->bytes);
    return say(c, "OK\n") && (r->bytes > 0 || command_taken(t, c));
}

/* Nobody sees a file under its name before it is whole. */
bool command_taken(struct table *t, struct connection *c)
{
    int64_t took_ms = t->now_ms - c->began_ms;
    c->doing = TALKS;
    if (c->file < 0)
        return say(c, "TOOK all in %" PRId64 " ms\n", took_ms);
    bool kept = store_keep(c->file, c->name);
    bool there = kept ? say(c, "STORED %s\n", c->name)
                      : say(c, "Error there are %d files already\n", FILES_MOST);
    c->file = -1;
    free(c->name);
    c->name = NULL;
    return there;
}

static bool do_get(struct table *t, struct connection *c, const struct request *r)
{
    uint64_t bytes;
    int file = store_open(r->name, &bytes);
    if (file < 0)
        return say(c, "Error there is no file %s, or too many are being read\n", r->name);
    become(t, c, GIVES, bytes);
    if (bytes > 0)
        c->file = file;
    else
        store_return(file);
    return say(c, "OK %" PRIu64 "\n", bytes);
}

static bool do_list(struct table *t, struct connection *c, const struct request *r)
{
    (void)r;
    become(t, c, LISTS, 0);
    return say(c, "OK %" PRIu32 "\n", t->count);
}

/* The table may change between two pieces: the list is of whoever stands there when his place is
 * come to. */
bool command_list_on(const struct table *t, struct connection *c)
{
    static const char *const names[DOING_COUNT] = {"talks", "echoes", "takes",
                                                   "gives", "lists",  "leaves"};
    char lines[4096];
    size_t n = 0;
    for (; c->left < t->most && n < sizeof lines - 128; c->left++) {
        const struct connection *other = t->places[c->left];
        if (!other)
            continue;
        char address[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &other->address, address, sizeof address);
        n += (size_t)snprintf(lines + n, sizeof lines - n,
                              "%" PRIu32 " %s:%d %" PRId64 " %" PRIu64 " %" PRIu64 " %s\n",
                              other->place, address, ntohs(other->port),
                              (t->now_ms - other->since_ms) / 1000, other->in, other->out,
                              names[other->doing]);
    }
    if (c->left == t->most) {
        lines[n++] = '.';
        lines[n++] = '\n';
        c->doing = TALKS;
    }
    return connection_say(c, lines, n);
}

static bool do_bye(struct table *t, struct connection *c, const struct request *r)
{
    (void)r;
    become(t, c, LEAVES, 0);
    return say(c, "BYE\n");
}

/* ---- lines ------------------------------------------------------------------------------- */

static const struct command {
    const char *verb;
    bool named, sized; /* what stands behind it */
    bool (*act)(struct table *t, struct connection *c, const struct request *r);
} commands[] = {
    {"PING", false, false, do_ping}, {"ECHO", false, false, do_echo},
    {"SINK", false, true, do_sink},  {"SOURCE", false, true, do_source},
    {"PUT", true, true, do_put},     {"GET", true, false, do_get},
    {"LIST", false, false, do_list}, {"BYE", false, false, do_bye},
};

static bool read_name(const char *word, struct request *r)
{
    static const char may_stand[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (!word || strlen(word) > FILE_NAME_MOST || word[strspn(word, may_stand)] != '\0')
        return false;
    strcpy(r->name, word);
    return true;
}

static bool read_bytes(const char *word, struct request *r)
{
    if (!word || strlen(word) > 15 || word[strspn(word, "0123456789")] != '\0')
        return false;
    r->bytes = strtoull(word, NULL, 10);
    return true;
}

bool command_do(struct table *t, struct connection *c, size_t n)
{
    char line[LINE_MOST + 1], *rest;
    struct request r = {.bytes = 0};
    if (n == LINE_MOST) {
        become(t, c, LEAVES, 0);
        return say(c, "Error a line has %d bytes at most\n", LINE_MOST);
    }
    memcpy(line, c->line, n);
    line[n] = '\0'; /* whatever stands behind a zero byte is not read: such a line is no command */
    const char *verb = strtok_r(line, " \r", &rest);
    for (size_t i = 0; verb && i < sizeof commands / sizeof commands[0]; i++) {
        const struct command *command = &commands[i];
        if (strcmp(command->verb, verb) != 0)
            continue;
        if ((command->named && !read_name(strtok_r(NULL, " \r", &rest), &r)) ||
            (command->sized && !read_bytes(strtok_r(NULL, " \r", &rest), &r)) ||
            strtok_r(NULL, " \r", &rest))
            return say(c, "Error %s is followed by%s%s\n", verb, command->named ? " NAME" : "",
                       command->sized   ? " BYTES"
                       : command->named ? ""
                                        : " nothing");
        return command->act(t, c, &r);
    }
    return say(c, "Error there is no such command\n");
}
