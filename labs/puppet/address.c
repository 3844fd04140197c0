#include "labs/puppet/puppet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static const struct {
    int family, style;
    const char *any, *self;
} types[] = {
    [TYPE_NONE] = {AF_INET, SOCK_STREAM, "0.0.0.0", "127.0.0.1"},
    [TYPE_TCP] = {AF_INET, SOCK_STREAM, "0.0.0.0", "127.0.0.1"},
    [TYPE_UDP] = {AF_INET, SOCK_DGRAM, "0.0.0.0", "127.0.0.1"},
    [TYPE_TCP6] = {AF_INET6, SOCK_STREAM, "::", "::1"},
    [TYPE_UDP6] = {AF_INET6, SOCK_DGRAM, "::", "::1"},
    [TYPE_UNIX] = {AF_UNIX, SOCK_STREAM, NULL, NULL},
    [TYPE_UNIXGRAM] = {AF_UNIX, SOCK_DGRAM, NULL, NULL},
};

int address_family(enum puppet_type t)
{
    return types[t].family;
}

int address_style(enum puppet_type t)
{
    return types[t].style;
}

/* C6 and S6. */
static bool names_ipv6(const char *address)
{
    return (address[0] == 'C' || address[0] == 'S') && strcmp(address + 1, "6") == 0;
}

enum puppet_type address_type(const struct puppet_call *c, enum puppet_type usual)
{
    if (c->type != TYPE_NONE)
        return c->type;
    if (!strchr(c->address, ':') && !names_ipv6(c->address))
        return usual;
    return usual == TYPE_UDP ? TYPE_UDP6 : TYPE_TCP6;
}

static int read_path(const struct puppet_call *c, struct address_for *to, struct error *e)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&to->a;
    if (c->address[0] == '\0')
        return error_set(e, "A unix socket's address is a file's name: unix door.");
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, c->address, strlen(c->address));
    to->bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(c->address) + 1);
    return 0;
}

static const char *spelled(const struct puppet *p, const struct puppet_call *c,
                           enum puppet_type type)
{
    if (c->address[0] == '\0')
        return types[type].any;
    if (strcmp(c->address, "localhost") == 0)
        return types[type].self;
    bool ipv6 = names_ipv6(c->address);
    if (ipv6 || strcmp(c->address, "C") == 0 || strcmp(c->address, "S") == 0)
        return p->addresses[c->address[0] == 'S'][ipv6 || types[type].family == AF_INET6];
    return c->address;
}

int address_read(const struct puppet *p, const struct puppet_call *c, enum puppet_type type,
                 struct address_for *to, struct error *e)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&to->a;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to->a;
    *to = (struct address_for){0};
    if (types[type].family == AF_UNIX)
        return read_path(c, to, e);
    const char *host = spelled(p, c, type);
    if (!host)
        return error_set(
            e, "There is no host %s here: give an address. IPv6 comes with --set ipv6=on.",
            c->address);
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)c->port);
        to->bytes = sizeof *in;
    } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)c->port);
        to->bytes = sizeof *in6;
    } else {
        return error_set(e, "'%s' is no address of this socket's family.", host);
    }
    return 0;
}

void address_write(const struct sockaddr_storage *a, socklen_t bytes, struct text *out)
{
    char host[INET6_ADDRSTRLEN] = "?";
    const struct sockaddr_in *in = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
    const struct sockaddr_un *un = (const struct sockaddr_un *)a;
    size_t path = offsetof(struct sockaddr_un, sun_path);
    if (bytes < sizeof a->ss_family) {
        text_add(out, "nobody");
    } else if (a->ss_family == AF_INET) {
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        text_format(out, "%s:%u", host, ntohs(in->sin_port));
    } else if (a->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        text_format(out, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else if (a->ss_family == AF_UNIX && bytes > path && un->sun_path[0] != '\0') {
        text_safe(out, un->sun_path, strnlen(un->sun_path, bytes - path));
    } else {
        text_add(out, "a socket without a name");
    }
}
