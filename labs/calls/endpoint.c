#include "labs/calls/endpoint.h"

#include "labs/calls/names.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int family_of(const void *address, size_t n)
{
    sa_family_t family = AF_UNSPEC;
    if (n >= sizeof family)
        memcpy(&family, address, sizeof family);
    return family;
}

static void add_v4(struct text *out, const void *bytes, uint16_t port_be)
{
    char host[INET_ADDRSTRLEN];
    if (inet_ntop(AF_INET, bytes, host, sizeof host))
        text_format(out, "%s:%u", host, ntohs(port_be));
}

static void add_v6(struct text *out, const struct sockaddr_in6 *in6)
{
    char host[INET6_ADDRSTRLEN];
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        add_v4(out, in6->sin6_addr.s6_addr + 12, in6->sin6_port);
    else if (inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host))
        text_format(out, "[%s]:%u", host, ntohs(in6->sin6_port));
}

/* An abstract name begins with a NUL, which people write as '@', and may hold further ones. */
static void add_unix(struct text *out, const char *path, size_t n)
{
    struct text name = {0};
    if (n > 0 && path[0] == '\0') {
        text_char(&name, '@');
        text_bytes(&name, path + 1, n - 1);
    } else {
        text_bytes(&name, path, strnlen(path, n));
    }
    endpoint_add_quoted(out, text_str(&name), name.len);
    text_free(&name);
}

void endpoint_add(struct text *out, const void *address, size_t n)
{
    struct sockaddr_storage s = {0};
    memcpy(&s, address, n < sizeof s ? n : sizeof s);
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    switch (family_of(address, n)) {
    case AF_INET:
        memcpy(&in, &s, sizeof in);
        add_v4(out, &in.sin_addr, in.sin_port);
        break;
    case AF_INET6:
        memcpy(&in6, &s, sizeof in6);
        add_v6(out, &in6);
        break;
    case AF_UNIX:
        n = n < sizeof s ? n : sizeof s;
        add_unix(out, (const char *)&s + offsetof(struct sockaddr_un, sun_path),
                 n - offsetof(struct sockaddr_un, sun_path));
        break;
    default: call_add_family(out, family_of(address, n)); break;
    }
}

bool endpoint_is_internet(const void *address, size_t n)
{
    int family = family_of(address, n);
    return (family == AF_INET && n >= sizeof(struct sockaddr_in)) ||
           (family == AF_INET6 && n >= offsetof(struct sockaddr_in6, sin6_scope_id));
}

void endpoint_add_quoted(struct text *out, const void *bytes, size_t n)
{
    const char *at = bytes;
    text_char(out, '"');
    while (n > 0) {
        const char *quote = memchr(at, '"', n);
        size_t part = quote ? (size_t)(quote - at) : n;
        text_safe(out, at, part);
        if (quote) {
            text_add(out, "\\\"");
            part++;
        }
        at += part;
        n -= part;
    }
    text_char(out, '"');
}
