/* Private to the tcpdump line: names of interfaces, and where asked for, of hosts and services.
 * Each is looked up once and remembered: a look-up may take the network's time. */
#ifndef TRACER_PRINT_LINE_NAMES_H
#define TRACER_PRINT_LINE_NAMES_H

#include "tracer/print/line.h"

struct line_interface {
    uint32_t index;
    char name[64];
};

struct line_host {
    bool is_v6; /* stood in an IPv6 header */
    struct address address;
    char *name; /* (owned) fit for a terminal */
};

struct line_service {
    uint16_t port;
    char protocol[4];
    char *name; /* (owned) NULL where the port has none */
};

/* All zero knows no name yet. */
struct line_names {
    struct line_interface *interfaces; /* (owned) in order of index */
    size_t interface_count, interface_capacity;
    struct line_host *hosts; /* (owned) open addressing, a power of two of them */
    size_t host_count, host_capacity;
    struct line_service *services; /* (owned) in order of port and protocol */
    size_t service_count, service_capacity;
};

/* An interface's name, "?" where there is none of that index (borrowed). */
const char *line_interface_name(struct line_names *n, const struct line_options *options,
                                uint32_t index);

/* A host's name, or its address where it has none (borrowed). */
const char *line_host_name(struct line_names *n, const struct address *a, bool is_v6);

/* A service's name, NULL where the port has none (borrowed). `protocol` is "tcp" or "udp". */
const char *line_service_name(struct line_names *n, const char *protocol, uint16_t port);

void line_names_free(struct line_names *n);

#endif
