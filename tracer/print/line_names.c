#include "tracer/print/line_names.h"

#include "tracer/base/alloc.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *own_interface_name(uint32_t index, char *buffer, uint32_t buffer_bytes)
{
    return buffer_bytes >= IF_NAMESIZE ? if_indextoname(index, buffer) : NULL;
}

static struct line_interface *learn_interface(const struct line_options *options, uint32_t index,
                                              struct line_interface *known)
{
    char buffer[sizeof known->name];
    const char *name = options->interface_name
                           ? options->interface_name(index, buffer, sizeof buffer)
                           : own_interface_name(index, buffer, sizeof buffer);
    struct text safe = {0};
    text_safe_str(&safe, name ? name : "?");
    known->index = index;
    snprintf(known->name, sizeof known->name, "%s", text_str(&safe));
    text_free(&safe);
    return known;
}

const char *line_interface_name(struct line_names *n, const struct line_options *options,
                                uint32_t index)
{
    enum { REMEMBERED = 256 };
    for (size_t i = 0; i < n->interface_count; i++)
        if (n->interfaces[i].index == index)
            return n->interfaces[i].name;
    if (n->interface_count == REMEMBERED) /* a hostile capture has four billion of them */
        n->interface_count = 0;
    xgrow(&n->interfaces, &n->interface_capacity, n->interface_count, sizeof *n->interfaces);
    return learn_interface(options, index, &n->interfaces[n->interface_count++])->name;
}

static char *ask_host(const struct address *a, bool is_v6)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v4.sin_addr, a->bytes + 12, 4);
    memcpy(&v6.sin6_addr, a->bytes, 16);
    const struct sockaddr *address = is_v6 ? (const void *)&v6 : (const void *)&v4;
    socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
    char name[NI_MAXHOST];
    struct text out = {0};
    if (getnameinfo(address, length, name, sizeof name, NULL, 0, NI_NAMEREQD) == 0)
        text_safe_str(&out, name);
    else if (is_v6)
        address_text_v6(a, &out);
    else
        address_text(a, &out);
    return out.s;
}

static struct line_host *host_slot(struct line_host *hosts, size_t capacity,
                                   const struct address *a, bool is_v6)
{
    size_t at = is_v6;
    for (size_t i = 0; i < sizeof a->bytes; i++)
        at = at * 131 + a->bytes[i];
    for (at &= capacity - 1; hosts[at].name; at = (at + 1) & (capacity - 1))
        if (hosts[at].is_v6 == is_v6 && address_equal(&hosts[at].address, a))
            break;
    return &hosts[at];
}

const char *line_host_name(struct line_names *n, const struct address *a, bool is_v6)
{
    if (n->host_count * 4 >= n->host_capacity * 3) {
        size_t capacity = n->host_capacity ? n->host_capacity * 2 : 64;
        struct line_host *hosts = xcalloc(capacity, sizeof *hosts);
        for (size_t i = 0; i < n->host_capacity; i++) {
            struct line_host *h = &n->hosts[i];
            if (h->name)
                *host_slot(hosts, capacity, &h->address, h->is_v6) = *h;
        }
        free(n->hosts);
        n->hosts = hosts;
        n->host_capacity = capacity;
    }
    struct line_host *host = host_slot(n->hosts, n->host_capacity, a, is_v6);
    if (!host->name) {
        *host = (struct line_host){is_v6, *a, ask_host(a, is_v6)};
        n->host_count++;
    }
    return host->name;
}

const char *line_service_name(struct line_names *n, const char *protocol, uint16_t port)
{
    size_t low = 0, high = n->service_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct line_service *s = &n->services[middle];
        int order = s->port != port ? (s->port < port ? -1 : 1) : strcmp(s->protocol, protocol);
        if (order == 0)
            return s->name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct servent *entry = getservbyport(htons(port), protocol);
    struct line_service service = {.port = port, .name = entry ? xstrdup(entry->s_name) : NULL};
    snprintf(service.protocol, sizeof service.protocol, "%s", protocol);
    xgrow(&n->services, &n->service_capacity, n->service_count, sizeof *n->services);
    memmove(n->services + low + 1, n->services + low,
            (n->service_count++ - low) * sizeof *n->services);
    n->services[low] = service;
    return service.name;
}

void line_names_free(struct line_names *n)
{
    for (size_t i = 0; i < n->host_capacity; i++)
        free(n->hosts[i].name);
    for (size_t i = 0; i < n->service_count; i++)
        free(n->services[i].name);
    free(n->interfaces);
    free(n->hosts);
    free(n->services);
    *n = (struct line_names){0};
}
