/* Where there is no wire to sit on: what passes on an interface, recorded and left alone. On
 * loopback libpcap hands over a packet once, as it arrives, not as it leaves. */
#include "labs/wire/wire.h"

#include "labs/wire/port.h"

enum { RING_BYTES = 64 << 20, SNAPLEN_BYTES = 65536 + 64 /* loopback's MTU, and its header */ };

int wire_tap(const char *interface, const char *filter, int out_fd, int control_fd, struct error *e)
{
    struct error own;
    e = e ? e : &own;
    struct ports ports = {
        .out_fd = out_fd, .control_fd = control_fd, .recorder = recorder_new(out_fd)};
    const struct source_options source = {
        .interface = interface,
        .fd = -1,
        .filter = filter,
        .snaplen = SNAPLEN_BYTES,
        .buffer_bytes = RING_BYTES,
        .immediate = true,
        .no_promiscuous = true,
        .inbound_only = true,
    };
    int result = ports_open(&ports, &source, e);
    while (result == 0 && !ports.stopped) {
        int more = ports_read(&ports, NULL, e);
        result = more < 0 ? -1 : ports_wait(&ports, more ? 0 : INT64_MAX, e);
    }
    int more = result == 0;
    while (more > 0)
        more = result = ports_read(&ports, NULL, e);
    ports_end(&ports, result < 0 ? e : NULL);
    ports_close(&ports);
    return result;
}
