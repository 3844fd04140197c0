#include "tracer/view/label.h"

#include "tracer/base/cursor.h"
#include "tracer/base/words.h"

#include <signal.h>
#include <string.h>
#include <time.h>

static void add_console(const struct note *n, struct text *out)
{
    size_t len = strlen(n->text);
    while (len > 0 && (n->text[len - 1] == '\n' || n->text[len - 1] == '\r'))
        len--;
    text_add(out, n->typed ? "< " : "> ");
    text_safe(out, n->text, len);
}

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
        {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"},
        {SIGSEGV, "SIGSEGV"}, {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
        {SIGSYS, "SIGSYS"},   {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

static void add_killed(int signal_number, struct text *out)
{
    const char *name = signal_name(signal_number);
    if (name)
        text_format(out, _("killed by %s"), name);
    else
        text_format(out, _("killed by signal %d"), signal_number);
}

static void add_process(const struct note *n, struct text *out)
{
    struct text name = {0};
    switch (n->event) {
    case PROCESS_STARTED:
        text_safe_str(&name, n->text && *n->text ? n->text : _("program"));
        text_format(out, _("%s started"), text_str(&name));
        text_free(&name);
        break;
    case PROCESS_EXITED: text_format(out, _("exited with %d"), n->status); break;
    case PROCESS_KILLED: add_killed(n->status, out); break;
    case PROCESS_EVENT_COUNT: break;
    }
}

/* A sentence of the runner's, or what a command came to. */
static void add_remark(const char *english, struct text *out)
{
    struct text words = {0};
    words_again(english, &words);
    text_safe_str(out, text_str(&words));
    text_free(&words);
}

void label_note(const struct note *n, struct text *out)
{
    if (n->kind == TRACE_CONSOLE && n->text)
        add_console(n, out);
    else if (n->kind == TRACE_PROCESS)
        add_process(n, out);
    else if (n->text)
        add_remark(n->text, out);
}

static const char *protocol_name(const struct packet *p)
{
    switch (p->protocol) {
    case PROTO_ICMP: return "ICMP";
    case PROTO_ICMPV6: return "ICMPv6";
    case PROTO_UDP: return "UDP";
    case PROTO_TCP: return p->is_fragment ? "TCP fragment" : "TCP, not whole";
    default: return NULL;
    }
}

static void add_endpoint(const struct address *a, uint16_t port, bool has_port, struct text *out)
{
    struct endpoint e = {.address = *a, .port = port};
    if (has_port)
        endpoint_text(&e, out);
    else
        address_text(a, out);
}

static void add_ip(const struct packet *p, struct text *out)
{
    bool ports = p->protocol == PROTO_UDP && p->transport_at > 0;
    const char *name = protocol_name(p);
    if (name)
        text_add(out, name);
    else
        text_format(out, "IP protocol %u", p->protocol);
    text_char(out, ' ');
    add_endpoint(&p->source, p->udp_source_port, ports, out);
    text_add(out, " > ");
    add_endpoint(&p->destination, p->udp_destination_port, ports, out);
    text_add(out, ", ");
    text_u64(out, p->net_payload_bytes);
    text_add(out, " bytes");
}

/* What an ICMP message says; of what has no words its numbers. */
static void add_icmp(const struct packet *p, const struct frame *frame, struct text *out)
{
    static const struct {
        uint8_t type, code;
        const char *says;
    } messages[] = {
        {3, 0, "net unreachable"},  {3, 1, "host unreachable"}, {3, 2, "protocol unreachable"},
        {3, 3, "port unreachable"}, {3, 4, "too big"},          {8, 0, "echo request"},
        {0, 0, "echo reply"},       {11, 0, "time exceeded"},
    };
    struct cursor c;
    cursor_init(&c, frame->bytes, frame->captured_bytes, frame->captured_bytes);
    cursor_skip(&c, p->transport_at);
    uint8_t type = cursor_u8(&c), code = cursor_u8(&c);
    text_add(out, "ICMP");
    if (!cursor_ok(&c))
        return;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (messages[i].type == type && messages[i].code == code) {
            text_format(out, ", %s", messages[i].says);
            return;
        }
    text_format(out, ", type %u code %u", type, code);
}

/* Between a session's hosts, which have letters: "C:6001 > S:6000  UDP, len 5". */
static bool add_between_hosts(const struct trace *t, const struct packet *p,
                              const struct frame *frame, struct text *out)
{
    struct endpoint ends[] = {{p->source, p->udp_source_port},
                              {p->destination, p->udp_destination_port}};
    char from = trace_host_at(t, &ends[0]), to = trace_host_at(t, &ends[1]);
    bool udp = p->protocol == PROTO_UDP && p->udp_bytes >= 8;
    if (!from || !to || p->transport_at == 0 || !(udp || p->protocol == PROTO_ICMP))
        return false;
    if (udp) {
        text_format(out, "%c:%u > %c:%u  UDP, len %u", from, p->udp_source_port, to,
                    p->udp_destination_port, p->udp_bytes - 8u);
    } else {
        text_format(out, "%c > %c  ", from, to);
        add_icmp(p, frame, out);
    }
    return true;
}

void label_other(const struct trace *t, uint32_t other, struct text *out)
{
    struct frame frame = trace_other_frame(t, other);
    struct packet p;
    packet_decode(&frame, &p);
    bool ip = p.net == NET_IPV4 || p.net == NET_IPV6;
    if (ip && !add_between_hosts(t, &p, &frame, out))
        add_ip(&p, out);
    else if (p.net == NET_ARP)
        text_add(out, "ARP");
    else if (!ip && p.ethertype != 0)
        text_format(out, "EtherType 0x%04x, %u bytes", p.ethertype, frame.wire_bytes);
    else if (!ip)
        text_format(out, "a packet of link type %d, %u bytes", frame.linktype, frame.wire_bytes);
    if (p.verdict == VERDICT_MALFORMED)
        text_add(out, " (malformed)");
    else if (p.verdict == VERDICT_TRUNCATED)
        text_add(out, " (cut short)");
}

const char *time_format_name(enum time_format f)
{
    static const char *const names[TIME_FORMAT_COUNT] = {N_("since start"), N_("clock"),
                                                         N_("since last")};
    return f < TIME_FORMAT_COUNT ? names[f] : "";
}

void label_seconds(int64_t ns, struct text *out)
{
    uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
    if (ns < 0)
        text_char(out, '-');
    text_u64(out, us / 1000000);
    text_char(out, '.');
    text_u64_padded(out, us % 1000000, 6);
}

void label_clock(int64_t time_ns, struct text *out)
{
    int64_t seconds = time_ns / 1000000000, rest = time_ns % 1000000000;
    if (rest < 0)
        seconds--, rest += 1000000000;
    time_t when = (time_t)seconds;
    struct tm tm;
    if (!localtime_r(&when, &tm)) {
        text_i64(out, seconds);
    } else {
        text_format(out, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
    }
    text_char(out, '.');
    text_u64_padded(out, (uint64_t)rest / 1000, 6);
}

void label_span(int64_t ns, struct text *out)
{
    if (ns < 0) {
        text_char(out, '-');
        ns = ns == INT64_MIN ? INT64_MAX : -ns;
    }
    if (ns < 1000000)
        text_format(out, "%lld us", (long long)(ns / 1000));
    else if (ns < 1000000000)
        text_format(out, "%lld.%03lld ms", (long long)(ns / 1000000),
                    (long long)(ns / 1000 % 1000));
    else
        text_format(out, "%lld.%03lld s", (long long)(ns / 1000000000),
                    (long long)(ns / 1000000 % 1000));
}

static void add_microseconds(uint32_t us, struct text *out)
{
    text_format(out, "%u.%u ms", us / 1000, us / 100 % 10);
}

void label_kernel_numbers(const struct kernel_word *w, struct text *out)
{
    static const uint32_t no_ssthresh =
        0x7fffffff; /* as the kernel writes that there is none yet */
    if (w->cwnd == 0)
        return;
    text_format(out, ", cwnd %u", w->cwnd);
    if (w->ssthresh < no_ssthresh)
        text_format(out, ", ssthresh %u", w->ssthresh);
    if (w->rtt_us > 0) {
        text_add(out, ", RTT ");
        add_microseconds(w->rtt_us, out);
    }
    text_add(out, ", RTO ");
    add_microseconds(w->rto_us, out);
    text_format(out, _(", %u unacknowledged"), w->unacked);
    if (w->retransmits > 0)
        text_format(out, _(", %u sent again"), w->retransmits);
}

void label_kernel(const struct kernel_word *w, struct text *out)
{
    struct text numbers = {0};
    label_kernel_numbers(w, &numbers);
    if (numbers.len > 0 && w->host)
        text_format(out, "%c's kernel: ", w->host);
    if (numbers.len > 2) /* without the first comma */
        text_add(out, text_str(&numbers) + 2);
    text_free(&numbers);
}
