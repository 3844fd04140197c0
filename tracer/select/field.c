#include "tracer/select/field.h"

#include "tracer/base/words.h"
#include "tracer/select/findings.h"
#include "tracer/select/node.h"
#include "tracer/select/track.h"

#include <string.h>

enum { NO_THRESHOLD = 0x7fffffff };

#define GET(name) static bool get_##name(struct moment *m, int64_t *v)

/* A getter of something that every segment has. */
#define GET_OF_SEGMENT(name, expression)                                                           \
    GET(name)                                                                                      \
    {                                                                                              \
        if (m->is_segment)                                                                         \
            *v = (int64_t)(expression);                                                            \
        return m->is_segment;                                                                      \
    }

/* A getter of something that decoding may have found in a packet. */
#define GET_OF_PACKET(name, condition, expression)                                                 \
    GET(name)                                                                                      \
    {                                                                                              \
        const struct packet *p = m->is_packet ? moment_packet(m) : NULL;                           \
        if (!p || !(condition))                                                                    \
            return false;                                                                          \
        *v = (int64_t)(expression);                                                                \
        return true;                                                                               \
    }

/* tcpdump prints the numbers of a segment with SYN as they stand. */
GET_OF_SEGMENT(seq, m->segment.flags &TCP_SYN ? m->segment.seq
                                              : trace_relative_seq(m->trace, &m->segment))
GET_OF_SEGMENT(raw_seq, m->segment.seq)
GET_OF_SEGMENT(win, m->segment.window)
GET_OF_SEGMENT(flags, m->segment.flags)
GET_OF_SEGMENT(frame_of_segment, m->segment.frame)

GET(ack)
{
    if (!m->is_segment || !(m->segment.flags & TCP_ACK))
        return false;
    *v = m->segment.flags & TCP_SYN ? m->segment.ack : trace_relative_ack(m->trace, &m->segment);
    return true;
}

GET(raw_ack)
{
    *v = m->is_segment ? m->segment.ack : 0;
    return m->is_segment && (m->segment.flags & TCP_ACK);
}

GET(window)
{
    int scale = m->is_segment ? track_scale(m->track, m->flow, m->side) : -1;
    if (scale < 0)
        return false;
    *v = (int64_t)m->segment.window << (m->segment.flags & TCP_SYN ? 0 : scale);
    return true;
}

GET(len)
{
    if (m->is_segment) {
        *v = m->segment.len;
        return true;
    }
    const struct packet *p = m->is_packet ? moment_packet(m) : NULL;
    if (!p || p->protocol != PROTO_UDP || p->transport_at == 0 || p->udp_bytes < 8)
        return false;
    *v = p->udp_bytes - 8;
    return true;
}

GET(frame)
{
    if (m->is_segment)
        return get_frame_of_segment(m, v);
    if (m->is_packet)
        *v = (int64_t)trace_other(m->trace, m->index).frame;
    return m->is_packet;
}

GET(conn)
{
    *v = (int64_t)m->flow + 1;
    return m->flow != TRACE_NONE;
}

GET(time)
{
    *v = m->time_ns - trace_time(m->trace, 0);
    return true;
}

GET(dup)
{
    const struct finding *f = select_found(m, FINDING_DUPLICATE_ACK);
    *v = f ? f->count : 0;
    return f != NULL;
}

GET(fd)
{
    *v = m->call ? m->call->fd : -1;
    return *v >= 0;
}

GET(result)
{
    *v = m->call ? m->call->ret : 0;
    return m->kind == TRACE_CALL_EXIT;
}

GET(status)
{
    const struct note *n = m->kind == TRACE_PROCESS ? trace_note(m->trace, m->index) : NULL;
    *v = n ? n->status : 0;
    return n && n->event != PROCESS_STARTED;
}

/* While a connection is opened, and in TIME-WAIT, the kernel has no numbers for it. */
static const struct kernel_word *numbers_of(const struct moment *m)
{
    const struct kernel_word *w = m->kind == TRACE_KERNEL ? trace_kernel(m->trace, m->index) : NULL;
    return w && (w->cwnd > 0 || w->rto_us > 0) ? w : NULL;
}

/* A getter of something that a kernel's word has. */
#define GET_OF_KERNEL(name, condition, expression)                                                 \
    GET(name)                                                                                      \
    {                                                                                              \
        const struct kernel_word *w = numbers_of(m);                                               \
        if (!w || !(condition))                                                                    \
            return false;                                                                          \
        *v = (int64_t)(expression);                                                                \
        return true;                                                                               \
    }

GET_OF_KERNEL(cwnd, true, w->cwnd)
GET_OF_KERNEL(ssthresh, w->ssthresh < NO_THRESHOLD, w->ssthresh)
GET_OF_KERNEL(rtt, w->rtt_us > 0, (int64_t)w->rtt_us * 1000)
GET_OF_KERNEL(rto, true, (int64_t)w->rto_us * 1000)
GET_OF_KERNEL(unacked, true, w->unacked)
GET_OF_KERNEL(backoff, true, w->backoff)
GET_OF_KERNEL(retransmits, true, w->retransmits)

/* How many blocks its SACK option has. */
GET(sack)
{
    struct sack_block blocks[SACK_BLOCKS_MAX];
    struct packet p;
    if (!m->is_segment)
        return false;
    struct frame f = trace_segment_frame(m->trace, m->index);
    packet_decode(&f, &p);
    *v = p.is_tcp ? packet_sack_blocks(&p, blocks) : 0;
    return *v > 0;
}

GET(icmp_byte)
{
    const struct packet *p = m->is_packet && !m->is_segment ? moment_packet(m) : NULL;
    if (!p || p->transport_at == 0 || (p->protocol != PROTO_ICMP && p->protocol != PROTO_ICMPV6))
        return false;
    struct frame f = trace_other_frame(m->trace, m->index);
    struct cursor c;
    cursor_init(&c, f.bytes, f.captured_bytes, f.captured_bytes);
    cursor_skip(&c, p->transport_at + (size_t)*v);
    *v = cursor_u8(&c);
    return cursor_ok(&c);
}

GET(icmp_type)
{
    *v = 0;
    return get_icmp_byte(m, v);
}

GET(icmp_code)
{
    *v = 1;
    return get_icmp_byte(m, v);
}

GET_OF_PACKET(urg, p->is_tcp && (p->tcp.flags & TCP_URG), p->tcp.urgent)
GET_OF_PACKET(mss, p->is_tcp && p->tcp.has_mss, p->tcp.mss)
GET_OF_PACKET(wscale, p->is_tcp && p->tcp.has_window_scale, p->tcp.window_scale)
GET_OF_PACKET(sackok, p->is_tcp && p->tcp.has_sack_permitted, 1)
GET_OF_PACKET(ts_value, p->is_tcp && p->tcp.has_timestamps, p->tcp.ts_value)
GET_OF_PACKET(ts_echo, p->is_tcp && p->tcp.has_timestamps, p->tcp.ts_echo)
GET_OF_PACKET(ttl, p->net == NET_IPV4 || p->net == NET_IPV6, p->hop_limit)
GET_OF_PACKET(size, true, p->frame.wire_bytes)
GET_OF_PACKET(sport, p->is_tcp || (p->protocol == PROTO_UDP && p->transport_at > 0),
              p->is_tcp ? p->tcp.source_port : p->udp_source_port)
GET_OF_PACKET(dport, p->is_tcp || (p->protocol == PROTO_UDP && p->transport_at > 0),
              p->is_tcp ? p->tcp.destination_port : p->udp_destination_port)

#define BITS32  INT64_C(0xffffffff)
#define NO_WORD N_("no kernel tells its numbers here")

static const struct field fields[] = {
    {"seq", N_("its sequence number"), N_("it is no TCP segment"), UNIT_SEQUENCE, BITS32, false,
     false, 0, get_seq, get_raw_seq, false},
    {"ack", N_("its acknowledgement number"), N_("it acknowledges nothing"), UNIT_SEQUENCE, BITS32,
     true, false, 0, get_ack, get_raw_ack, false},
    {"rawseq", N_("its sequence number"), N_("it is no TCP segment"), UNIT_NUMBER, BITS32, false,
     false, 0, get_raw_seq, NULL, false},
    {"rawack", N_("its acknowledgement number"), N_("it acknowledges nothing"), UNIT_NUMBER, BITS32,
     false, false, 0, get_raw_ack, NULL, false},
    {"win", N_("its window (win)"), N_("it is no TCP segment"), UNIT_NUMBER, 65535, false, false, 0,
     get_win, NULL, false},
    {"window", N_("its window in bytes"), N_("its window scale is not known"), UNIT_NUMBER,
     INT64_C(65535) << 14, false, false, NEED_SCALE, get_window, NULL, false},
    {"len", N_("its length (len)"), N_("it is no packet that carries data"), UNIT_NUMBER, BITS32,
     false, false, 0, get_len, NULL, false},
    {"size", N_("the size of its frame"), N_("it is no packet"), UNIT_NUMBER, BITS32, false, false,
     0, get_size, NULL, false},
    {"urg", N_("its urgent pointer"), NULL, UNIT_NUMBER, 65535, true, false, 0, get_urg, NULL,
     false},
    {"mss", N_("its MSS option"), NULL, UNIT_NUMBER, 65535, true, false, 0, get_mss, NULL, false},
    {"wscale", N_("its window scale option"), NULL, UNIT_NUMBER, 255, true, false, 0, get_wscale,
     NULL, false},
    {"sackok", N_("its SACK-permitted option"), NULL, UNIT_NUMBER, 1, true, true, 0, get_sackok,
     NULL, false},
    {"sack", N_("its number of SACK blocks"), NULL, UNIT_NUMBER, SACK_BLOCKS_MAX, true, false, 0,
     get_sack, NULL, false},
    {"ts", N_("its timestamps option"), NULL, UNIT_NUMBER, 1, true, true, 0, get_ts_value, NULL,
     false},
    {"tsval", N_("its timestamp (tsval)"), NULL, UNIT_NUMBER, BITS32, false, false, 0, get_ts_value,
     NULL, false},
    {"tsecr", N_("its echoed timestamp (tsecr)"), NULL, UNIT_NUMBER, BITS32, false, false, 0,
     get_ts_echo, NULL, false},
    {"sport", N_("its source port"), N_("it is no packet with ports"), UNIT_NUMBER, 65535, false,
     false, 0, get_sport, NULL, false},
    {"dport", N_("its destination port"), N_("it is no packet with ports"), UNIT_NUMBER, 65535,
     false, false, 0, get_dport, NULL, false},
    {"ttl", N_("its TTL"), NULL, UNIT_NUMBER, 255, false, false, 0, get_ttl, NULL, false},
    {"conn", N_("its connection"), N_("it belongs to no connection"), UNIT_NUMBER, BITS32, false,
     false, 0, get_conn, NULL, false},
    {"frame", N_("its frame number"), N_("it is no packet"), UNIT_NUMBER, INT64_MAX / 8, false,
     false, 0, get_frame, NULL, false},
    {"time", N_("its time"), NULL, UNIT_TIME, INT64_MAX / 8, false, false, 0, get_time, NULL,
     false},
    {"dup", N_("its count as a duplicate ACK"), N_("it is no duplicate ACK"), UNIT_NUMBER, BITS32,
     true, false, 0, get_dup, NULL, false},
    {"icmp.type", N_("its ICMP type"), N_("it is no ICMP message"), UNIT_NUMBER, 255, false, false,
     0, get_icmp_type, NULL, false},
    {"icmp.code", N_("its ICMP code"), N_("it is no ICMP message"), UNIT_NUMBER, 255, false, false,
     0, get_icmp_code, NULL, false},
    {"fd", N_("its descriptor"), N_("it is no call with a descriptor"), UNIT_NUMBER, INT32_MAX,
     false, false, 0, get_fd, NULL, true},
    {"result", N_("its result"), N_("no call returns here"), UNIT_NUMBER, INT64_MAX / 8, false,
     false, 0, get_result, NULL, true},
    {"status", N_("the status with which it ended"), N_("no program ends here"), UNIT_NUMBER, 255,
     false, false, 0, get_status, NULL, true},
    {"cwnd", N_("its congestion window (cwnd)"), NO_WORD, UNIT_NUMBER, BITS32, false, false, 0,
     get_cwnd, NULL, true},
    {"ssthresh", N_("its slow-start threshold (ssthresh)"), N_("the kernel has no threshold here"),
     UNIT_NUMBER, BITS32, true, false, 0, get_ssthresh, NULL, true},
    {"rtt", N_("its round-trip time (rtt)"), N_("no kernel has measured a round trip here"),
     UNIT_TIME, INT64_MAX / 8, true, false, 0, get_rtt, NULL, true},
    {"rto", N_("its retransmission timeout (rto)"), NO_WORD, UNIT_TIME, INT64_MAX / 8, false, false,
     0, get_rto, NULL, true},
    {"unacked", N_("its count of segments not acknowledged (unacked)"), NO_WORD, UNIT_NUMBER,
     BITS32, false, false, 0, get_unacked, NULL, true},
    {"backoff", N_("its count of timeouts in a row (backoff)"), NO_WORD, UNIT_NUMBER, BITS32, false,
     false, 0, get_backoff, NULL, true},
    {"retransmits", N_("its count of segments sent again (retransmits)"), NO_WORD, UNIT_NUMBER,
     BITS32, false, false, 0, get_retransmits, NULL, true},
    {"flags", N_("its flags"), NULL, UNIT_NUMBER, 0x1ff, false, false, 0, get_flags, NULL, false},
};

const struct field *field_at_index(size_t i)
{
    return i < sizeof fields / sizeof fields[0] ? &fields[i] : NULL;
}

const struct field *field_by_name(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strlen(fields[i].name) == n && strncmp(fields[i].name, name, n) == 0)
            return &fields[i];
    return NULL;
}

void field_value_text(const struct field *f, int64_t v, struct text *out)
{
    if (f->unit != UNIT_TIME) {
        text_i64(out, v);
        return;
    }
    uint64_t ns = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    text_format(out, "%s%llu.%06llu s", v < 0 ? "-" : "", (unsigned long long)(ns / 1000000000),
                (unsigned long long)(ns % 1000000000 / 1000));
}
