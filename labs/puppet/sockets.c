#include "labs/puppet/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const struct puppet_socket *s, const char *name)
{
    char number[PUPPET_NAME_BYTES];
    snprintf(number, sizeof number, "%d", s->fd);
    return strcmp(s->name, name) == 0 || strcmp(number, name) == 0;
}

static struct puppet_socket *named(struct sockets *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (is_named(&s->at[i], name))
            return &s->at[i];
    return NULL;
}

struct puppet_socket *sockets_of(struct sockets *s, int fd)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i].fd == fd)
            return &s->at[i];
    return NULL;
}

/* accept() means the newest that listens; any other call the newest that does not, where there is
 * one. */
static struct puppet_socket *usual(struct sockets *s, bool listens)
{
    struct puppet_socket *found = NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct puppet_socket *one = &s->at[i];
        bool fits = (one->stage == STAGE_LISTENS) == listens;
        bool had = found && (found->stage == STAGE_LISTENS) == listens;
        if (!found || (fits && !had) || (fits == had && one->number > found->number))
            found = one;
    }
    return found;
}

struct puppet_socket *sockets_find(struct sockets *s, const struct puppet_call *c, struct error *e)
{
    struct puppet_socket *found =
        c->socket[0] ? named(s, c->socket) : usual(s, c->row->call == PUPPET_ACCEPT);
    if (found)
        return found;
    if (c->socket[0])
        error_set(e, "There is no socket '%s' here. `sockets` lists them.", c->socket);
    else
        error_set(e, "There is no socket here yet: socket, listen and connect make one.");
    return NULL;
}

struct puppet_socket *sockets_fresh(struct sockets *s, const struct puppet_call *c)
{
    struct puppet_socket *found = c->socket[0] ? named(s, c->socket) : usual(s, false);
    if (!found || c->socket[0])
        return found;
    bool fits = found->stage == STAGE_NEW && (c->type == TYPE_NONE || c->type == found->type);
    return fits ? found : NULL;
}

int sockets_check(struct sockets *s, const char *name, struct error *e)
{
    if (s->count == SOCKETS_MOST)
        return error_set(e, "This host has %d sockets already: close some first.", SOCKETS_MOST);
    if (name[0] && named(s, name))
        return error_set(e, "There is a socket '%s' already: close it, or take another name.",
                         name);
    return 0;
}

struct puppet_socket *sockets_add(struct sockets *s, int fd, enum puppet_type type,
                                  const char *name)
{
    struct puppet_socket *one = &s->at[s->count++];
    *one = (struct puppet_socket){.fd = fd, .type = type, .wake = -1, .number = ++s->made};
    snprintf(one->name, sizeof one->name, "%s", name);
    return one;
}

void sockets_remove(struct sockets *s, int fd)
{
    struct puppet_socket *one = sockets_of(s, fd);
    if (one)
        *one = s->at[--s->count];
}
