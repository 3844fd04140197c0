#include "tracer/capture/interfaces.h"
#include "tracer/capture/source.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

static int find_all(pcap_if_t **devices, struct error *e)
{
    char why[PCAP_ERRBUF_SIZE];
    if (pcap_findalldevs(devices, why) < 0)
        return error_exit(e, EXIT_MACHINE, "The interfaces could not be listed: %s.", why);
    return 0;
}

static const char *link_status(bpf_u_int32 flags)
{
    bool wireless = flags & PCAP_IF_WIRELESS;
    switch (flags & PCAP_IF_CONNECTION_STATUS) {
    case PCAP_IF_CONNECTION_STATUS_CONNECTED: return wireless ? ", Associated" : ", Connected";
    case PCAP_IF_CONNECTION_STATUS_DISCONNECTED:
        return wireless ? ", Not associated" : ", Disconnected";
    default: return "";
    }
}

static void add_flags(const pcap_if_t *device, struct text *out)
{
    static const struct {
        bpf_u_int32 flag;
        const char *name;
    } flags[] = {{PCAP_IF_UP, "Up"},
                 {PCAP_IF_RUNNING, "Running"},
                 {PCAP_IF_LOOPBACK, "Loopback"},
                 {PCAP_IF_WIRELESS, "Wireless"}};
    if (device->flags == 0)
        return;
    text_add(out, " [");
    size_t before = out->len;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!(device->flags & flags[i].flag))
            continue;
        text_add(out, out->len > before ? ", " : "");
        text_add(out, flags[i].name);
    }
    if (out->len == before)
        text_add(out, "none");
    text_add(out, link_status(device->flags));
    text_char(out, ']');
}

int source_list_interfaces(struct text *out, struct error *e)
{
    pcap_if_t *devices;
    if (find_all(&devices, e) < 0)
        return -1;
    unsigned number = 1;
    for (const pcap_if_t *d = devices; d; d = d->next, number++) {
        text_u64(out, number);
        text_char(out, '.');
        text_safe_str(out, d->name);
        if (d->description) {
            text_add(out, " (");
            text_safe_str(out, d->description);
            text_char(out, ')');
        }
        add_flags(d, out);
        text_char(out, '\n');
    }
    pcap_freealldevs(devices);
    return 0;
}

const char *source_interface_name(uint32_t index, char *buffer, uint32_t buffer_bytes)
{
    char name[IF_NAMESIZE];
    if (!if_indextoname(index, name) || strlen(name) >= buffer_bytes)
        return NULL;
    return strcpy(buffer, name);
}

/* The device that `wanted` means: by name, else by its number in the list; NULL: the first one. */
static const pcap_if_t *device_of(const pcap_if_t *devices, const char *wanted)
{
    if (!wanted)
        return devices;
    for (const pcap_if_t *d = devices; d; d = d->next)
        if (strcmp(d->name, wanted) == 0)
            return d;
    char *end;
    unsigned long number = strtoul(wanted, &end, 10);
    if (wanted[0] < '0' || wanted[0] > '9' || *end || number == 0)
        return NULL;
    const pcap_if_t *d = devices;
    while (d && --number > 0)
        d = d->next;
    return d;
}

char *interface_name(const char *wanted, struct error *e)
{
    if (wanted && (strcmp(wanted, "any") == 0 || if_nametoindex(wanted) > 0))
        return xstrdup(wanted);
    pcap_if_t *devices;
    if (find_all(&devices, e) < 0)
        return NULL;
    const pcap_if_t *device = device_of(devices, wanted);
    char *name = device ? xstrdup(device->name) : NULL;
    pcap_freealldevs(devices);
    if (!name && wanted) {
        struct text safe = {0};
        text_safe_str(&safe, wanted);
        error_set(e, "There is no interface \"%.200s\". `tcpladder -D` lists those there are.",
                  text_str(&safe));
        text_free(&safe);
    } else if (!name) {
        error_exit(e, EXIT_MACHINE,
                   "This machine has no interface to capture on. A capture file "
                   "can be read with -r.");
    }
    return name;
}
