/* The stories that golden_test.c draws. */
#ifndef TRACER_VIEW_GOLDEN_SCENES_H
#define TRACER_VIEW_GOLDEN_SCENES_H

#include "tracer/session/readable_test.h"
#include "tracer/view/scene.h"
#include "tracer/view/transfer.h"

static void plain_handshake(struct scene *s)
{
    scene_sends(s, 0, SCENE_SYN);
    scene_sends(s, 20030, SCENE_SYN_ACK);
    scene_sends(s, 20060, SCENE_ACK);
}

/* Two clients at once, and a datagram between. */
static void two_flows(struct scene *s)
{
    struct scene_segment other = SCENE_SYN;
    static const uint8_t arp[42] = {[12] = 0x08, [13] = 0x06};
    plain_handshake(s);
    scene_add(s, 25000, arp, sizeof arp);
    other.client_port = 40000;
    other.client = 77;
    scene_sends(s, 30000, other);
    scene_sends(
        s, 31000,
        (struct scene_segment){'C', TCP_PSH | TCP_ACK, 2927179379u, 1181523845u, "hello\n", 0, 0});
}

static void whole_story(struct scene *s)
{
    scene_handshake(s);
    scene_rest(s);
}

/* Both ends close at the same moment: the FINs cross on the wire. */
static void crossing(struct scene *s)
{
    uint32_t c = 2927179379u, k = 1181523845u;
    scene_handshake(s);
    scene_sends(s, 200000, (struct scene_segment){'C', TCP_FIN | TCP_ACK, c, k, NULL, 0, 0});
    scene_sends(s, 201000, (struct scene_segment){'S', TCP_FIN | TCP_ACK, k, c, NULL, 0, 0});
    scene_fate(s, 210000, 'C', 200000, FATE_DELIVERED);
    scene_sends(s, 210050, (struct scene_segment){'S', TCP_ACK, k + 1, c + 1, NULL, 0, 0});
    scene_fate(s, 211000, 'S', 201000, FATE_DELIVERED);
    scene_sends(s, 211050, (struct scene_segment){'C', TCP_ACK, c + 1, k + 1, NULL, 0, 0});
    scene_fate(s, 220050, 'S', 210050, FATE_DELIVERED);
    scene_fate(s, 221050, 'C', 211050, FATE_DELIVERED);
}

/* Ten segments in flight together, and their acknowledgements. */
static void burst(struct scene *s)
{
    uint32_t c = 2927179379u, k = 1181523845u;
    scene_handshake(s);
    for (uint32_t i = 0; i < 8; i++)
        scene_sends(s, 200000 + i * 1000,
                    (struct scene_segment){'C', TCP_ACK, c + i * 16, k, "sixteen bytes...", 0, 0});
    for (uint32_t i = 0; i < 8; i++) {
        scene_fate(s, 210000 + i * 1000, 'C', 200000 + i * 1000, FATE_DELIVERED);
        scene_sends(s, 210040 + i * 1000,
                    (struct scene_segment){'S', TCP_ACK, k, c + 16 + i * 16, NULL, 0, 0});
    }
    for (uint32_t i = 0; i < 8; i++)
        scene_fate(s, 220040 + i * 1000, 'S', 210040 + i * 1000, FATE_DELIVERED);
}

static void scene_rule(struct scene *s, int64_t at_us, int64_t sent_us, int copy, bool corrupted,
                       char *rule)
{
    struct annotation a = {.type = ANNOTATION_FATE};
    a.fate.from = 'C';
    a.fate.sent_ns = s->start_ns + sent_us * 1000;
    a.fate.fate = corrupted ? FATE_DROPPED : FATE_DELIVERED;
    a.fate.copy = copy;
    a.fate.corrupted = corrupted;
    a.fate.reason = rule;
    scene_annotate(s, at_us, &a);
}

/* What rules make of four segments: the first comes twice, the second damaged, the third is
 * overtaken by the fourth. */
static void interference(struct scene *s)
{
    uint32_t c = 2927179379u, k = 1181523845u;
    scene_handshake(s);
    for (uint32_t i = 0; i < 4; i++)
        scene_sends(s, 200000 + i * 1000,
                    (struct scene_segment){'C', TCP_ACK, c + i * 16, k, "sixteen bytes...", 0, 0});
    scene_rule(s, 210000, 200000, 0, false, (char[]){"duplicate C > S data 1"});
    scene_rule(s, 211000, 200000, 1, false, (char[]){"duplicate C > S data 1"});
    scene_rule(s, 212000, 201000, 0, true, (char[]){"corrupt C > S data 2"});
    scene_sends(s, 212500, (struct scene_segment){'S', TCP_ACK, k, c + 16, NULL, 0, 0});
    scene_fate(s, 213000, 'C', 203000, FATE_DELIVERED);
    scene_rule(s, 214000, 202000, 0, false, (char[]){"reorder C > S data 3"});
    scene_fate(s, 222500, 'S', 212500, FATE_DELIVERED);
}

/* The SYN is lost and sent again a second later; nobody listens, so that it is refused. */
static void lost_and_refused(struct scene *s)
{
    uint64_t connect = scene_enters(s, 310, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    scene_sends(s, 351, SCENE_SYN);
    scene_fate(s, 360, 'C', 351, FATE_DROPPED);
    scene_notes(s, 1000, (char[]){"The wire dropped C > S [S], as the rule says."});
    scene_sends(s, 1030000, SCENE_SYN);
    scene_fate(s, 1040000, 'C', 1030000, FATE_DELIVERED);
    scene_crosses(s, 1040020,
                  (struct scene_segment){'S', TCP_RST | TCP_ACK, 0, 2927179379u, NULL, 0, 0});
    scene_returns(s, 1050050, 'C', connect, (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"}, -1,
                  (char[]){"ECONNREFUSED"});
    scene_process(s, 1051000, 'C', PROCESS_KILLED, 9, (char[]){"client"});
}

/* The server's listen() with its socket named, as a lab's tracer does. */
static void listens(struct scene *s)
{
    struct annotation a = {.type = ANNOTATION_CALL, .host = 'S'};
    a.call.phase = CALL_ENTER;
    a.call.pid = a.call.tid = 200;
    a.call.id = ++s->calls;
    a.call.name = (char[]){"listen"};
    a.call.args = (char[]){"3, 5"};
    a.call.fd = 3;
    scene_annotate(s, 200, &a);
    a.call.phase = CALL_EXIT;
    a.call.local = (char[]){"0.0.0.0:9502"};
    scene_annotate(s, 210, &a);
}

static void handshake_from_listen(struct scene *s)
{
    listens(s);
    scene_handshake(s);
}

static void story_from_listen(struct scene *s)
{
    handshake_from_listen(s);
    scene_rest(s);
}

static void crossing_from_listen(struct scene *s)
{
    listens(s);
    crossing(s);
}

/* Still under way: the SYN is on the wire, connect() blocks. */
static void in_flight(struct scene *s)
{
    scene_server(s);
    scene_enters(s, 100310, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    scene_sends(s, 100351, SCENE_SYN);
}

static void nothing(struct scene *s)
{
    (void)s;
}

/* One client's connection, of which the story tells no more than this. */
static struct scene_segment of(uint16_t port, char from, uint16_t flags, uint32_t seq, uint32_t ack,
                               const char *data)
{
    return (struct scene_segment){from, flags, seq, ack, data, port, port == 40000 ? 77u : 9u};
}

static void opens(struct scene *s, int64_t at_us, uint16_t port, int64_t rtt_us)
{
    scene_sends(s, at_us, of(port, 'C', TCP_SYN, 1000, 0, NULL));
    scene_sends(s, at_us + rtt_us - 20, of(port, 'S', TCP_SYN | TCP_ACK, 5000, 1001, NULL));
    scene_sends(s, at_us + rtt_us, of(port, 'C', TCP_ACK, 1001, 5001, NULL));
}

/* Six of them: at work, half closed, closed, refused, without an answer, begun before. */
static void many_flows(struct scene *s)
{
    static char block[1001];
    memset(block, 'x', 1000);
    plain_handshake(s);
    opens(s, 100000, 40000, 350);
    for (uint32_t i = 0; i < 120; i++)
        scene_sends(s, 200000 + i * 900,
                    of(40000, 'S', TCP_ACK, 5001 + 1000 * i - (i > 60 ? 1000 : 0), 1001, block));
    scene_sends(s, 400000, of(40000, 'C', TCP_FIN | TCP_ACK, 1001, 5001, NULL));
    scene_sends(s, 400400, of(40000, 'S', TCP_ACK, 5001, 1002, NULL));
    opens(s, 500000, 51000, 1234000);
    scene_sends(s, 2000000, of(51000, 'C', TCP_PSH | TCP_ACK, 1001, 5001, "hello\n"));
    scene_sends(s, 2200000, of(51000, 'C', TCP_PSH | TCP_ACK, 1001, 5001, "hello\n"));
    scene_sends(s, 2400000, of(51000, 'C', TCP_FIN | TCP_ACK, 1007, 5001, NULL));
    scene_sends(s, 2410000, of(51000, 'S', TCP_FIN | TCP_ACK, 5001, 1008, NULL));
    scene_sends(s, 2420000, of(51000, 'C', TCP_ACK, 1008, 5002, NULL));
    scene_sends(s, 3000000, of(52000, 'C', TCP_SYN, 1000, 0, NULL));
    scene_sends(s, 3000100, of(52000, 'S', TCP_RST | TCP_ACK, 0, 1001, NULL));
    for (int i = 0; i < 4; i++)
        scene_sends(s, 4000000 + ((1 << i) - 1) * 1000000, of(53000, 'C', TCP_SYN, 1000, 0, NULL));
    scene_sends(s, 75000000, of(54000, 'S', TCP_PSH | TCP_ACK, 77000, 88000, "midway"));
}

static struct scene_segment by(uint32_t client, char from, uint16_t flags, uint32_t seq,
                               uint32_t ack, const char *data)
{
    return (struct scene_segment){from, flags, seq, ack, data, (uint16_t)(40000 + client), client};
}

/* Three clients of one server, which has a word with itself besides. */
static void hosts(struct scene *s)
{
    uint16_t push = TCP_PSH | TCP_ACK;
    static const uint8_t arp[42] = {[12] = 0x08, [13] = 0x06};
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t client = (uint32_t[]){1, 77, 9}[i];
        int64_t at = 1000 * i;
        scene_sends(s, at, by(client, 'C', TCP_SYN, 1000, 0, NULL));
        scene_sends(s, at + 211, by(client, 'S', TCP_SYN | TCP_ACK, 5000, 1001, NULL));
        scene_sends(s, at + 240, by(client, 'C', TCP_ACK, 1001, 5001, NULL));
        scene_sends(s, at + 300, by(client, 'C', push, 1001, 5001, "GET / HTTP/1.0\r\n\r\n"));
    }
    scene_add(s, 3000, arp, sizeof arp);
    scene_sends(s, 4000, by(77, 'S', push, 5001, 1019, "HTTP/1.0 200 OK\r\n\r\nhello"));
    scene_sends(s, 4100, by(2, 'C', TCP_SYN, 1000, 0, NULL));
    scene_sends(s, 4110, by(2, 'S', TCP_RST | TCP_ACK, 0, 1001, NULL));
    scene_sends(s, 254300, by(9, 'C', push, 1001, 5001, "GET / HTTP/1.0\r\n\r\n"));
    scene_sends(s, 254500, by(9, 'S', TCP_ACK, 5001, 1019, NULL));
    scene_sends(s, 300000, by(1, 'S', TCP_FIN | TCP_ACK, 5001, 1019, NULL));
}

static void twelve_hosts(struct scene *s)
{
    for (uint32_t client = 11; client < 22; client++) {
        int64_t at = 700 * (client - 11);
        scene_sends(s, at, by(client, 'C', TCP_SYN, 1000, 0, NULL));
        scene_sends(s, at + 220, by(client, 'S', TCP_SYN | TCP_ACK, 5000, 1001, NULL));
        scene_sends(s, at + 240, by(client, 'C', TCP_ACK, 1001, 5001, NULL));
    }
}

static struct scene_segment on(uint32_t connection, char from, uint16_t flags, uint32_t seq,
                               uint32_t ack, const char *data)
{
    return (struct scene_segment){from, flags, seq, ack, data, (uint16_t)(40001 + connection), 1};
}

/* Two connections on a wire that reports fates; a segment of the second is lost. */
static void two_at_once(struct scene *s)
{
    uint16_t push = TCP_PSH | TCP_ACK;
    for (uint32_t i = 0; i < 2; i++) {
        int64_t at = 9500 * i;
        scene_sends(s, at, on(i, 'C', TCP_SYN, 1000, 0, NULL));
        scene_fate(s, at + 3000, 'C', at, FATE_DELIVERED);
        scene_sends(s, at + 3020, on(i, 'S', TCP_SYN | TCP_ACK, 5000, 1001, NULL));
        scene_fate(s, at + 6020, 'S', at + 3020, FATE_DELIVERED);
        scene_sends(s, at + 6060, on(i, 'C', TCP_ACK, 1001, 5001, NULL));
        scene_fate(s, at + 9060, 'C', at + 6060, FATE_DELIVERED);
    }
    scene_calls(s, 19000, 'C', (char[]){"write"}, (char[]){"3, \"hello\\n\", 6"}, 6);
    scene_sends(s, 20000, on(0, 'C', push, 1001, 5001, "hello\n"));
    scene_sends(s, 21000, on(1, 'C', push, 1001, 5001, "hello\n"));
    scene_fate(s, 22500, 'C', 21000, FATE_DROPPED);
    scene_fate(s, 23000, 'C', 20000, FATE_DELIVERED);
    scene_sends(s, 225000, on(1, 'C', push, 1001, 5001, "hello\n"));
    scene_fate(s, 228000, 'C', 225000, FATE_DELIVERED);
    scene_sends(s, 229000, on(1, 'C', TCP_FIN | TCP_ACK, 1007, 5001, NULL));
}

/* Retransmissions: near, of one that was one, of one long before, both ways. */
static void sent_again(struct scene *s)
{
    static const char *const answer = "sixteen bytes...";
    uint16_t push = TCP_PSH | TCP_ACK;
    opens(s, 0, 40000, 350);
    opens(s, 1000, 51000, 400);
    scene_sends(s, 2000, of(40000, 'C', push, 1001, 5001, "a question, "));
    for (uint32_t i = 0; i < 6; i++)
        scene_sends(s, 3000 + 100 * i, of(40000, 'S', push, 5001 + 16 * i, 1001, answer));
    scene_sends(s, 4000, of(40000, 'C', TCP_ACK, 1013, 5033, NULL));
    scene_sends(s, 4040, of(40000, 'C', TCP_ACK, 1013, 5033, NULL));
    scene_sends(s, 4100, of(40000, 'S', push, 5033, 1001, answer));
    scene_sends(s, 4110, of(40000, 'S', push, 5065, 1001, answer));
    scene_sends(s, 204000, of(40000, 'C', push, 1001, 5097, "a question, "));
    scene_sends(s, 614000, of(40000, 'C', push, 1001, 5097, "a question, "));
    scene_sends(s, 614300, of(40000, 'S', TCP_ACK, 5097, 1013, NULL));
    for (uint32_t i = 0; i < 24; i++)
        scene_sends(s, 620000 + 1000 * i, of(40000, 'S', push, 5097 + 16 * i, 1013, answer));
    scene_sends(s, 860000, of(40000, 'S', push, 5097, 1013, answer));
}

/* Everything from outside that a terminal must not be given. */
static void hostile(struct scene *s)
{
    scene_prints(s, 100, 'C', (char[]){"\x1b]52;c;AAAA\a\x1b[2J\xe2\x80\xae evil \xc2\x9b\n"});
    scene_enters(s, 200, 'S', (char[]){"re\x1b[31mad"}, (char[]){"3, \x1b[H\r\n\t\xff"});
    scene_process(s, 300, 'S', PROCESS_STARTED, 0, (char[]){"\x1b[7m\xe6\xb1\x89\xe5\xad\x97"});
    scene_notes(s, 400, (char[]){"note \x1b[1m \xe6\xb1\x89\xe5\xad\x97 end"});
}

/* A stream with everything in it: a gap that is filled and one that is not, an overlap whose second
 * copy differs, text that is foreign, bytes that are none, an end. */
static void stream(struct scene *s)
{
    uint32_t c = 2927179379u, k = 1181523845u;
    uint16_t push = TCP_PSH | TCP_ACK;
    plain_handshake(s);
    scene_sends(
        s, 30000,
        (struct scene_segment){'C', push, c, k, "GET /index.html HTTP/1.1\r\nHost: www.exa", 0, 0});
    scene_sends(s, 31000, (struct scene_segment){'C', push, c + 53, k, "\r\n", 0, 0});
    scene_sends(s, 32000,
                (struct scene_segment){'C', push, c + 36, k, "XXXmple.org\r\nA: b", 0, 0});
    scene_sends(s, 52000,
                (struct scene_segment){'S', push, k, c + 55,
                                       "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                                       "gr\xc3\xbc\xc3\x9f gott \xe6\xb1\x89\xe5\xad\x97 "
                                       "\x1b[31m \xe2\x80\xae \xff\ttab \\ and a line that is "
                                       "longer than any screen of eighty columns\n",
                                       0, 0});
    scene_sends(s, 53000, (struct scene_segment){'S', push, k + 400, c + 55, "the rest\n", 0, 0});
    scene_sends(s, 54000,
                (struct scene_segment){'S', TCP_FIN | TCP_ACK, k + 409, c + 55, NULL, 0, 0});
    scene_sends(s, 74000,
                (struct scene_segment){'C', TCP_RST | TCP_ACK, c + 55, k + 1, NULL, 0, 0});
}

/* A server's six segments, of which the second is lost: duplicate ACKs, sent again fast; the tail
 * again after the RTO, and once more for nothing. Another connection is refused. */
static void lossy(struct scene *s)
{
    static char block[1001];
    memset(block, 'x', 1000);
    uint16_t ack = TCP_ACK, p = 40000;
    opens(s, 0, p, 20000);
    scene_sends(s, 21000, of(p, 'C', TCP_PSH | TCP_ACK, 1001, 5001, "get\n"));
    scene_sends(s, 41000, of(p, 'S', ack, 5001, 1005, block));
    for (uint32_t i = 2; i < 6; i++) {
        scene_sends(s, 41000 + i * 100, of(p, 'S', ack, 5001 + i * 1000, 1005, block));
        scene_sends(s, 41040 + i * 100, of(p, 'C', ack, 1005, 6001, NULL));
    }
    scene_sends(s, 62000, of(p, 'S', ack, 6001, 1005, block));
    scene_sends(s, 62050, of(p, 'C', ack, 1005, 11001, NULL));
    scene_sends(s, 63000, of(p, 'S', TCP_PSH | TCP_ACK, 11001, 1005, "the end\n"));
    scene_sends(s, 280000, of(p, 'S', TCP_PSH | TCP_ACK, 11001, 1005, "the end\n"));
    scene_sends(s, 280020, of(p, 'C', ack, 1005, 11009, NULL));
    scene_sends(s, 281000, of(p, 'S', TCP_PSH | TCP_ACK, 11001, 1005, "the end\n"));
    scene_sends(s, 300000, of(52000, 'C', TCP_SYN, 1000, 0, NULL));
    scene_sends(s, 300100, of(52000, 'S', TCP_RST | TCP_ACK, 0, 1001, NULL));
    scene_sends(s, 75000000, of(p, 'C', ack, 1004, 11009, NULL));
    scene_sends(s, 75020000, of(p, 'S', ack, 11009, 1005, NULL));
    scene_sends(s, 75030000, of(p, 'C', TCP_RST | TCP_ACK, 1005, 11009, NULL));
}

/* Two programs at work: one blocks long, one blocks still, one failed. */
static void calls(struct scene *s)
{
    whole_story(s);
    uint64_t connect =
        scene_enters(s, 1400000, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9503"});
    scene_returns(s, 1420200, 'C', connect, (char[]){"connect"}, (char[]){"3, 10.0.0.2:9503"}, -1,
                  (char[]){"ECONNREFUSED"});
    uint64_t read = scene_enters(s, 1500000, 'S', (char[]){"read"}, (char[]){"4, 1024"});
    scene_returns(s, 1731000, 'S', read, (char[]){"read"}, (char[]){"4, \"\", 1024"}, 0, NULL);
    scene_enters(s, 1800000, 'S', (char[]){"accept"}, (char[]){"3"});
    scene_prints(s, 4100000, 'S', (char[]){"waiting"});
}

static void lossy_session(struct scene *s)
{
    transfer_story(s, true, 2927179378u);
}

static void lossy_with_kernel(struct scene *s)
{
    transfer_story_of(s, true, true, 2927179378u);
}

static void lossy_capture(struct scene *s)
{
    transfer_story(s, false, 2927179378u);
}

static void syn_alone(struct scene *s)
{
    scene_sends(s, 1000, SCENE_SYN);
}

/* The handshake with lines of code and, at the right times, the kernels' words; then C's kernel
 * gives the connection up, of which no segment tells. */
static void code_and_kernels(struct scene *s)
{
    trace_set_sources(s->trace, TEST_SOURCE_DIR "/tracer/view/golden/sources", false);
    scene_process(s, 0, 'S', PROCESS_STARTED, 0, (char[]){"server"});
    s->line = 11;
    uint64_t accept = scene_enters(s, 600, 'S', (char[]){"accept"}, (char[]){"3"});
    scene_process(s, 100000, 'C', PROCESS_STARTED, 0, (char[]){"client"});
    s->line = 13;
    scene_calls(s, 100200, 'C', (char[]){"socket"}, (char[]){"AF_INET, SOCK_STREAM"}, 3);
    s->line = 17;
    uint64_t connect =
        scene_enters(s, 100310, 'C', (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"});
    scene_sends(s, 100351, SCENE_SYN);
    scene_kernel(s, 100380, 'C', (char[]){"SYN-SENT"}, 0, 0);
    scene_fate(s, 110351, 'C', 100351, FATE_DELIVERED);
    scene_sends(s, 110380, SCENE_SYN_ACK);
    scene_kernel(s, 110400, 'S', (char[]){"SYN-RECEIVED"}, 0, 0);
    scene_fate(s, 120391, 'S', 110380, FATE_DELIVERED);
    scene_sends(s, 120410, SCENE_ACK);
    scene_kernel(s, 120420, 'C', (char[]){"ESTABLISHED"}, 10, 0);
    scene_returns(s, 120433, 'C', connect, (char[]){"connect"}, (char[]){"3, 10.0.0.2:9502"}, 0,
                  NULL);
    scene_fate(s, 130425, 'C', 120410, FATE_DELIVERED);
    scene_kernel(s, 130440, 'S', (char[]){"ESTABLISHED"}, 10, 0);
    scene_returns(s, 130480, 'S', accept, (char[]){"accept"}, (char[]){"3, 10.0.0.1:34567"}, 4,
                  NULL);
    s->line = 22;
    scene_calls(s, 200000, 'C', (char[]){"write"}, (char[]){"3, \"hello\\n\", 6"}, 6);
    scene_sends(
        s, 200030,
        (struct scene_segment){'C', TCP_PSH | TCP_ACK, 2927179379u, 1181523845u, "hello\n", 0, 0});
    scene_kernel(s, 200050, 'C', (char[]){"ESTABLISHED"}, 10, 1);
    scene_fate(s, 200060, 'C', 200030, FATE_DROPPED);
    scene_kernel(s, 15200050, 'C', (char[]){"CLOSED"}, 0, 0);
    scene_process(s, 15300000, 'C', PROCESS_EXITED, 0, (char[]){"client"});
}

/* The same where the sources are not. */
static void code_without_sources(struct scene *s)
{
    code_and_kernels(s);
    trace_set_sources(s->trace, TEST_SOURCE_DIR "/tracer/view/golden", false);
}

#endif
