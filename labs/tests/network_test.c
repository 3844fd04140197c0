/* Two hosts, the wire and real kernel TCP: what the session stream must say of it. As whoever runs
 * the tests and, where that is root, once more as nobody. Skips, with the machine's own sentence,
 * where it refuses the hosts. */
#include "labs/sandbox/sandbox.h"
#include "labs/tests/network_story.h"
#include "labs/wire/wire.h"
#include "tracer/base/clock.h"
#include "tracer/session/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 9502 };

/* ---- the programs on the hosts --------------------------------------------------------------- */

struct lab {
    int connections;
    size_t bytes; /* sent to the server, and back */
    int64_t delay_ns, spacing_ns;
    int out[2], control[2], go[2];
    const char *server; /* its address */
    bool strays;        /* the client sends UDP and ARP too */
    bool tap;           /* a tap on the client's own loopback stands in for the wire */
};

static int run_wire(void *arg)
{
    struct lab *lab = arg;
    struct error e;
    int result;
    if (lab->tap) {
        result = wire_tap("lo", "tcp port 9502", lab->out[1], lab->control[0], &e);
    } else {
        const struct wire_options options = {
            .diag_fds = {-1, -1},
            .interfaces = {sandbox_wire_interfaces[0], sandbox_wire_interfaces[1]},
            .out_fd = lab->out[1],
            .control_fd = lab->control[0],
            .delay_ns = lab->delay_ns,
            .spacing_ns = lab->spacing_ns,
            .mtu_bytes = 1500,
        };
        result = wire_run(&options, &e);
    }
    if (result < 0)
        fprintf(stderr, "%s\n", e.text);
    return result < 0;
}

static bool move_all(int fd, size_t n, bool send_it)
{
    static char bytes[65536];
    while (n > 0) {
        size_t part = n < sizeof bytes ? n : sizeof bytes;
        ssize_t moved = send_it ? send(fd, bytes, part, MSG_NOSIGNAL) : recv(fd, bytes, part, 0);
        if (moved <= 0)
            return false;
        n -= (size_t)moved;
    }
    return true;
}

static struct sockaddr_in address(const char *host)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, host, &a.sin_addr);
    return a;
}

static int run_server(void *arg)
{
    const struct lab *lab = arg;
    struct sockaddr_in at = address("0.0.0.0");
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 5) < 0 ||
        write(lab->go[1], "l", 1) != 1)
        return 1;
    close(lab->go[1]);
    for (int i = 0; i < lab->connections; i++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 || !move_all(fd, lab->bytes, false) || !move_all(fd, lab->bytes, true))
            return 2;
        char byte;
        if (recv(fd, &byte, 1, 0) != 0)
            return 3;
        close(fd);
    }
    return 0;
}

static bool send_strays(void)
{
    struct sockaddr_in to = address("10.0.0.2");
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    bool sent = sendto(udp, "stray", 5, 0, (struct sockaddr *)&to, sizeof to) == 5;
    close(udp);
    int raw = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("eth0")};
    unsigned char arp[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
                             0x0c, 8,    6,    0,    1,    8,    0, 6, 4, 0, 1};
    sent &= sendto(raw, arp, sizeof arp, 0, (struct sockaddr *)&link, sizeof link) == sizeof arp;
    close(raw);
    return sent;
}

static int run_client(void *arg)
{
    const struct lab *lab = arg;
    char byte;
    for (int i = 0; i < 2; i++) /* one word when the wire is ready, one when the server listens */
        if (read(lab->go[0], &byte, 1) != 1)
            return 9;
    if (lab->strays && !send_strays())
        return 8;
    for (int i = 0; i < lab->connections; i++) {
        struct sockaddr_in to = address(lab->server);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 || !move_all(fd, lab->bytes, true) ||
            !move_all(fd, lab->bytes, false))
            return 2;
        shutdown(fd, SHUT_WR);
        if (recv(fd, &byte, 1, 0) != 0)
            return 3;
        close(fd);
    }
    usleep(60000); /* for the last acknowledgement to cross */
    return 0;
}

/* ---- one run ------------------------------------------------------------------------------- */

static int64_t measured_ready_ns;

enum { LAST_OF_ALL_NS = 100000000 };

/* Run the lab until both programs have ended and nothing has been sent for a while; then the wire;
 * until the stream has. */
static void run_lab(enum sandbox_tier tier, struct lab *lab, struct story *story)
{
    assert_true(pipe2(lab->out, O_CLOEXEC) == 0 && pipe2(lab->control, O_CLOEXEC) == 0 &&
                pipe2(lab->go, O_CLOEXEC) == 0);
    *story = (struct story){0};
    const int wire_fds[] = {lab->out[1], lab->control[0]};
    const enum sandbox_place server_place = lab->tap ? PLACE_C : PLACE_S;
    const struct sandbox_process processes[] = {
        {"tcplab-wire", lab->tap ? PLACE_C : PLACE_WIRE, run_wire, lab, wire_fds, 2, false},
        {"tcplab-test-S", server_place, run_server, lab, lab->go + 1, 1, false},
        {"tcplab-test-C", PLACE_C, run_client, lab, lab->go, 1, false},
    };
    struct error e;
    int64_t before_ns = session_now_ns();
    struct sandbox *s = sandbox_start(tier, profile_find("classic"), processes, 3, &e);
    assert_non_null(s);
    close(lab->out[1]);
    close(lab->control[0]);
    struct stream_reader *reader = stream_reader_new(lab->out[0], false);
    fcntl(lab->out[0], F_SETFL, O_NONBLOCK);
    unsigned ended = 0;
    bool gone = false, stopped = false;
    int64_t lively_ns = 0;
    while (!gone) {
        struct pollfd ready[] = {{.fd = sandbox_fd(s), .events = POLLIN},
                                 {.fd = lab->out[0], .events = POLLIN}};
        assert_true(poll(ready, 2, 20000) > 0);
        int filled = stream_fill(reader), wait_status;
        struct stream_record record;
        size_t before = story->count;
        while (stream_take(reader, &record))
            add_record(story, &record);
        gone = filled < 0;
        if (story->marks > 0 && lab->go[1] >= 0) {
            measured_ready_ns = session_now_ns() - before_ns;
            assert_int_equal(write(lab->go[1], "g", 1), 1);
            close(lab->go[1]);
            lab->go[1] = -1;
        }
        size_t index;
        while (sandbox_reap(s, &index, &wait_status) > 0) {
            assert_int_equal(wait_status, 0);
            ended |= 1u << index;
        }
        if (story->count > before || (ended & 6) != 6)
            lively_ns = clock_monotonic_ns();
        if (!stopped && clock_monotonic_ns() - lively_ns >= LAST_OF_ALL_NS) {
            close(lab->control[1]);
            stopped = true;
        }
    }
    assert_false(stream_broken(reader));
    stream_reader_free(reader);
    sandbox_stop(s);
    close(lab->out[0]);
    close(lab->go[0]);
}

/* ---- what must hold of every run ------------------------------------------------------------- */

static uint32_t sum16(const uint8_t *bytes, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
    return sum;
}

static bool checksum_true(const struct record *r)
{
    const struct packet *p = &r->packet;
    uint32_t sum = sum16(r->bytes + p->net_at + 12, 8, p->protocol + p->net_payload_bytes);
    sum = sum16(r->bytes + p->net_at + p->net_header_bytes, p->net_payload_bytes, sum);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

static uint32_t end_of(const struct tcp_header *t)
{
    return t->seq + t->payload_bytes + ((t->flags & TCP_SYN) != 0) + ((t->flags & TCP_FIN) != 0);
}

/* What a segment acknowledges was delivered before it was sent. */
static bool acknowledges_what_came(const struct story *s, size_t i)
{
    const struct tcp_header *t = &s->packets[i].packet.tcp;
    for (size_t j = i; j-- > 0;) {
        const struct record *other = &s->packets[j];
        const struct tcp_header *o = &other->packet.tcp;
        if (other->packet.is_tcp && o->source_port == t->destination_port &&
            o->destination_port == t->source_port && sender(other) != sender(&s->packets[i]) &&
            (int32_t)(end_of(o) - t->ack) >= 0 && other->delivered_ns > 0 &&
            other->delivered_ns <= s->packets[i].time_ns)
            return true;
    }
    return false;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_latency(const struct story *s, int64_t delay_ns)
{
    int64_t *late = xcalloc(s->count + 1, sizeof *late);
    for (size_t i = 0; i < s->count; i++)
        late[i] = s->packets[i].delivered_ns - s->packets[i].time_ns - delay_ns;
    qsort(late, s->count, sizeof *late, by_value);
    printf(
        "%zu frames, over the delay: median %d us, 99%% %d us, most %d us; greatest gap of marks "
        "%d us; ready after %d ms\n",
        s->count, (int)(late[s->count / 2] / 1000), (int)(late[s->count * 99 / 100] / 1000),
        (int)(late[s->count - 1] / 1000), (int)(s->greatest_gap_ns / 1000),
        (int)(measured_ready_ns / 1000000));
    free(late);
}

static void check_story(const struct story *s, const struct lab *lab)
{
    int64_t last_sent[2] = {0}, last_delivered[2] = {0};
    assert_string_equal(s->verdict, "done");
    assert_int_equal(s->dropped, 0);
    assert_false(s->broken_promise);
    for (size_t i = 0; i < s->count; i++) {
        const struct record *r = &s->packets[i];
        int from = sender(r) == 'S';
        assert_in_range(r->length, 42, 1514);
        assert_true(r->time_ns > last_sent[from]);
        assert_int_equal(r->fates, 1);
        assert_true(r->delivered_ns >= r->time_ns + lab->delay_ns);
        assert_true(r->delivered_ns >= last_delivered[from] + lab->spacing_ns);
        last_sent[from] = r->time_ns;
        last_delivered[from] = r->delivered_ns;
        if (lab->strays && !r->packet.is_tcp)
            continue;
        assert_true(r->packet.is_tcp);
        assert_memory_equal(r->packet.source_mac, sandbox_macs[from], 6);
        assert_memory_equal(r->packet.destination_mac, sandbox_macs[!from], 6);
        assert_true(checksum_true(r));
        if (r->packet.tcp.flags & TCP_ACK)
            assert_true(acknowledges_what_came(s, i));
    }
}

static enum sandbox_tier tier = TIER_HOSTS;

static void test_exchange(void **state)
{
    (void)state;
    struct story s;
    struct lab lab = {.connections = 1,
                      .bytes = 7,
                      .delay_ns = 10000000,
                      .spacing_ns = 1000000,
                      .server = "10.0.0.2"};
    run_lab(tier, &lab, &s);
    check_story(&s, &lab);
    static const struct {
        char from;
        uint16_t flags;
        uint32_t payload;
    } expected[] = {
        {'C', TCP_SYN, 0},           {'S', TCP_SYN | TCP_ACK, 0}, {'C', TCP_ACK, 0},
        {'C', TCP_PSH | TCP_ACK, 7}, {'S', TCP_ACK, 0},           {'S', TCP_PSH | TCP_ACK, 7},
        {'C', TCP_ACK, 0},           {'C', TCP_FIN | TCP_ACK, 0}, {'S', TCP_FIN | TCP_ACK, 0},
        {'C', TCP_ACK, 0},
    };
    assert_int_equal(s.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(sender(&s.packets[i]), expected[i].from);
        assert_int_equal(s.packets[i].packet.tcp.flags, expected[i].flags);
        assert_int_equal(s.packets[i].packet.tcp.payload_bytes, expected[i].payload);
    }
    const struct tcp_header *syn = &s.packets[0].packet.tcp;
    assert_int_equal(syn->mss, 1460);
    assert_true(syn->has_timestamps && syn->has_sack_permitted && syn->has_window_scale);
    assert_int_equal(s.packets[0].packet.hop_limit, 64);
    print_latency(&s, lab.delay_ns);
    free_story(&s);
}

static void test_strays(void **state)
{
    (void)state;
    struct story s;
    struct lab lab = {.connections = 1, .bytes = 1, .server = "10.0.0.2", .strays = true};
    int arps = 0, datagrams = 0;
    run_lab(tier, &lab, &s);
    check_story(&s, &lab);
    for (size_t i = 0; i < s.count; i++) {
        arps += s.packets[i].packet.net == NET_ARP;
        datagrams += s.packets[i].packet.protocol == PROTO_UDP;
    }
    assert_int_equal(arps, 1);
    assert_int_equal(datagrams, 1); /* its answer is ICMP */
    free_story(&s);
}

static pid_t burners[2];

static void burn(void)
{
    for (int i = 0; i < 2; i++) {
        burners[i] = fork();
        if (burners[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (volatile unsigned n = 0;; n++) {
            }
        }
    }
}

static void stop_burning(void)
{
    for (int i = 0; i < 2; i++) {
        kill(burners[i], SIGKILL);
        waitpid(burners[i], NULL, 0);
    }
}

static void test_bulk_on_busy_cores(void **state)
{
    (void)state;
    struct story s;
    struct lab lab = {.connections = 1,
                      .bytes = 400000,
                      .delay_ns = 10000000,
                      .spacing_ns = 1000000,
                      .server = "10.0.0.2"};
    burn();
    run_lab(tier, &lab, &s);
    stop_burning();
    check_story(&s, &lab);
    assert_true(s.count > 2 * 400000 / 1448);
    print_latency(&s, lab.delay_ns);
    free_story(&s);
}

static void test_connections_on_busy_cores(void **state)
{
    (void)state;
    struct story s;
    struct lab lab = {.connections = 300, .bytes = 100, .server = "10.0.0.2"};
    burn();
    run_lab(tier, &lab, &s);
    stop_burning();
    check_story(&s, &lab);
    assert_true(s.count >= 300 * 9);
    print_latency(&s, lab.delay_ns);
    free_story(&s);
}

static void test_tap_sees_each_packet_once(void **state)
{
    (void)state;
    struct story s;
    struct lab lab = {.connections = 1, .bytes = 7, .server = "127.0.0.1", .tap = true};
    run_lab(tier, &lab, &s);
    int syns = 0, fins = 0;
    for (size_t i = 0; i < s.count; i++) {
        const struct tcp_header *t = &s.packets[i].packet.tcp;
        assert_true(s.packets[i].packet.is_tcp);
        syns += t->flags == TCP_SYN;
        fins += (t->flags & TCP_FIN) != 0;
    }
    assert_int_equal(syns, 1);
    assert_int_equal(fins, 2);
    assert_string_equal(s.verdict, "done");
    assert_false(s.broken_promise);
    free_story(&s);
}

/* ---- the tools of the trade, from other terminals -------------------------------------------- */

static pid_t join(char host, const char *command)
{
    pid_t child = fork();
    if (child == 0) {
        char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
        struct error e;
        int status = 0, got = sandbox_join(host, argv, &status, &e);
        _exit(got == 1 ? status : 200);
    }
    return child;
}

static int status_of(pid_t child)
{
    int wait_status;
    waitpid(child, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

/* Hosts of other runs of this test, at the same time, must not be taken for ours. */
static char letter(int host)
{
    return (char)('a' + 2 * (getpid() % 13) + host);
}

static int run_pause(void *arg)
{
    (void)arg;
    return pause();
}

static void test_tools(void **state)
{
    (void)state;
    if (status_of(join('?', "true")) != 200 ||
        system("command -v tcpdump nc ss timeout >/dev/null") != 0)
        skip();
    struct lab lab = {0};
    assert_true(pipe2(lab.out, O_CLOEXEC) == 0 && pipe2(lab.control, O_CLOEXEC) == 0);
    const int wire_fds[] = {lab.out[1], lab.control[0]};
    char names[2][16];
    for (int i = 0; i < 2; i++)
        snprintf(names[i], sizeof names[i], "tcplab-test-%c", letter(i));
    const struct sandbox_process processes[] = {
        {"tcplab-wire", PLACE_WIRE, run_wire, &lab, wire_fds, 2, false},
        {names[0], PLACE_C, run_pause, NULL, NULL, 0, false},
        {names[1], PLACE_S, run_pause, NULL, NULL, 0, false},
    };
    struct error e;
    char byte;
    struct sandbox *s = sandbox_start(tier, profile_find("classic"), processes, 3, &e);
    assert_non_null(s);
    assert_int_equal(read(lab.out[0], &byte, 1), 1); /* the wire is ready */
    pid_t dump = join(letter(0), "timeout 10 tcpdump -i eth0 -nn -c 3 tcp port 7000 2>/dev/null | "
                                 "grep -q 'IP 10.0.0.2.7000 > 10.0.0.1.[0-9]*: Flags .S..'");
    pid_t server = join(letter(1), "timeout 10 nc -l 7000 | grep -qx hello");
    assert_int_equal(
        status_of(join(letter(1), "for i in 1 2 3 4 5 6 7 8 9; do ss -tln | grep -q :7000 && "
                                  "exit 0; sleep 0.1; done; exit 1")),
        0);
    sleep(1); /* for tcpdump to open its interface */
    assert_int_equal(status_of(join(letter(0), "echo hello | timeout 10 nc -N 10.0.0.2 7000")), 0);
    assert_int_equal(status_of(server), 0);
    assert_int_equal(status_of(dump), 0);
    sandbox_stop(s);
    for (int i = 0; i < 2; i++) {
        close(lab.out[i]);
        close(lab.control[i]);
    }
}

/* ---- once as ourselves, once as nobody ------------------------------------------------------- */

static int test_as_is(void)
{
    struct error e;
    struct sandbox *s = sandbox_start(tier, profile_find("classic"), NULL, 0, &e);
    if (!s) {
        printf("skipped as user %u: %s\n", geteuid(), e.text);
        return 77;
    }
    sandbox_stop(s);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_strays),
        cmocka_unit_test(test_bulk_on_busy_cores),
        cmocka_unit_test(test_connections_on_busy_cores),
        cmocka_unit_test(test_tap_sees_each_packet_once),
        cmocka_unit_test(test_tools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    int result = test_as_is();
    if (result != 0 || geteuid() != 0)
        return result;
    printf("---- as nobody\n");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
            setresuid(65534, 65534, 65534) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
            _exit(1);
        result = test_as_is();
        fflush(stdout);
        _exit(result);
    }
    int wait_status;
    waitpid(child, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1;
}
