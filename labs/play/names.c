/* Names of hosts. They are looked up here, not by the host's program, whose calls are the picture.
 */
#include "labs/play/parts.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool has_name(const struct puppet_call *c)
{
    bool file = c->type == TYPE_UNIX || c->type == TYPE_UNIXGRAM;
    return c->has_address && !file && puppet_is_name(c->address);
}

int names_check(const struct puppet_call *c, bool alone, struct error *e)
{
    if (alone || !has_name(c))
        return 0;
    return error_set(e,
                     "There is no host '%s' here: there are C and S (C6 and S6, where the network "
                     "has IPv6), and localhost is the host itself.",
                     c->address);
}

/* The first address that fits the socket, in digits. */
static int look_up(const struct puppet_call *c, char address[NI_MAXHOST], struct error *e)
{
    bool v6 = c->type == TYPE_TCP6 || c->type == TYPE_UDP6;
    struct addrinfo hints = {.ai_family = c->type == TYPE_NONE ? AF_UNSPEC
                                          : v6                 ? AF_INET6
                                                               : AF_INET,
                             .ai_socktype = SOCK_STREAM}; /* each address once */
    struct addrinfo *found;
    int result = getaddrinfo(c->address, NULL, &hints, &found);
    if (result != 0)
        return error_set(e, "The host '%s' is not found: %s.", c->address, gai_strerror(result));
    result = getnameinfo(found->ai_addr, found->ai_addrlen, address, NI_MAXHOST, NULL, 0,
                         NI_NUMERICHOST);
    freeaddrinfo(found);
    if (result != 0)
        return error_set(e, "The host '%s' has no address that can be told.", c->address);
    return 0;
}

/* The address's word: behind the call's own, and behind the type's where one is said. */
static const char *find_name(const struct puppet_call *c, const char *words)
{
    for (int before = 1 + (c->type != TYPE_NONE); before > 0; before--) {
        words += strcspn(words, " \t");
        words += strspn(words, " \t");
    }
    return words;
}

int names_resolve(const struct puppet_call *c, bool alone, const char *words, struct text *out,
                  struct error *e)
{
    char address[NI_MAXHOST];
    if (!has_name(c)) {
        text_add(out, words);
        return 0;
    }
    if (names_check(c, alone, e) != 0 || look_up(c, address, e) != 0)
        return -1;
    const char *name = find_name(c, words);
    const char *port = name + strcspn(name, " \t:");
    text_bytes(out, words, (size_t)(name - words));
    text_format(out, "%s %s", address, port + strspn(port, " \t:"));
    return 0;
}
