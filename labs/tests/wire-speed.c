/* What the wire carries, and how late it makes a segment: two hosts with the profile lan, and
 * between them the wire, or nothing but a veth pair.
 *
 *   wire-speed bulk MIB wire|veth     so much from C to S over one connection; prints the Mbit/s of
 *                                     payload, the frames lost, and the wire's own processor time
 *                                     for each frame in nanoseconds
 *   wire-speed rest PINGS wire|veth   a byte there and back every 5 ms; prints half of the median
 *                                     round trip in nanoseconds, and the frames lost; no processor
 *                                     sleeps meanwhile
 *
 * The wire's stream is read as fast as it comes and thrown away. */
#include "labs/sandbox/sandbox.h"
#include "labs/wire/wire.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/session/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT = 9502,
    CHUNK_BYTES = 1 << 20,
    LOW_WATER_BYTES = 1 << 16,
    PIPE_BYTES = 1 << 20,
    MIB_BYTES = 1 << 20,
    REST_US = 5000
};

struct trial {
    bool bulk, through_wire;
    long amount; /* MiB, or pings */
    const struct profile *profile;
    int out[2], control[2];
    int go[2];      /* "w": the wire is there; "l": the server listens */
    int results[2]; /* struct result */
};

enum who { WIRE, SERVER, CLIENT };
struct result {
    enum who who;
    int64_t ns;
};

static char chunk[CHUNK_BYTES];

static int fail(const char *what)
{
    perror(what);
    return 1;
}

static int tell(const struct trial *t, enum who who, int64_t ns)
{
    struct result r = {.who = who, .ns = ns};
    return write(t->results[1], &r, sizeof r) == (ssize_t)sizeof r ? 0 : fail("result");
}

static struct sockaddr_in address(uint32_t host)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(host)};
}

/* ---- the processes -----------------------------------------------------------------------------
 */

static int64_t own_time_ns(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static int be_wire(void *arg)
{
    const struct trial *t = arg;
    struct error e;
    const struct wire_options options = {
        .interfaces = {sandbox_wire_interfaces[0], sandbox_wire_interfaces[1]},
        .out_fd = t->out[1],
        .control_fd = t->control[0],
        .delay_ns = t->profile->delay_ns,
        .spacing_ns = t->profile->spacing_ns,
        .mtu_bytes = t->profile->mtu_bytes,
        .diag_fds = {sandbox_diag(0), sandbox_diag(1)},
    };
    if (wire_run(&options, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    return tell(t, WIRE, own_time_ns());
}

/* Without the wire: its end of C's veth pair becomes host S. */
static int take_the_place_of_s(void)
{
    struct ifreq request = {0};
    struct sockaddr_in own = address(0x0a000002), peer = address(0x0a000001);
    struct arpreq neighbour = {.arp_flags = ATF_COM | ATF_PERM};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", sandbox_wire_interfaces[0]);
    snprintf(neighbour.arp_dev, sizeof neighbour.arp_dev, "%s", sandbox_wire_interfaces[0]);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(request.ifr_hwaddr.sa_data, sandbox_macs[1], 6);
    if (ioctl(fd, SIOCSIFHWADDR, &request) != 0)
        return fail("SIOCSIFHWADDR");
    own.sin_port = peer.sin_port = 0;
    memcpy(&request.ifr_addr, &own, sizeof own);
    memcpy(&neighbour.arp_pa, &peer, sizeof peer);
    memcpy(neighbour.arp_ha.sa_data, sandbox_macs[0], 6);
    if (ioctl(fd, SIOCSIFADDR, &request) != 0 || ioctl(fd, SIOCSARP, &neighbour) != 0)
        return fail("SIOCSIFADDR");
    close(fd);
    return 0;
}

static int take_bulk(const struct trial *t, int fd)
{
    int64_t began_ns = clock_monotonic_ns(), bytes = 0;
    int enough = LOW_WATER_BYTES; /* not to be woken for each segment */
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof enough);
    for (ssize_t n; (n = recv(fd, chunk, sizeof chunk, 0)) > 0; bytes += n)
        continue;
    if (bytes != (int64_t)t->amount * MIB_BYTES)
        return 1;
    return tell(t, SERVER, clock_monotonic_ns() - began_ns);
}

static int echo(int fd)
{
    for (ssize_t n; (n = recv(fd, chunk, sizeof chunk, 0)) > 0;)
        if (send(fd, chunk, (size_t)n, 0) != n)
            return 1;
    return 0;
}

static int be_server(void *arg)
{
    const struct trial *t = arg;
    struct sockaddr_in any = address(INADDR_ANY);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!t->through_wire && take_the_place_of_s() != 0)
        return 1;
    if (bind(listener, (struct sockaddr *)&any, sizeof any) != 0 || listen(listener, 1) != 0 ||
        write(t->go[1], "l", 1) != 1)
        return fail("listen");
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return fail("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int result = t->bulk ? take_bulk(t, fd) : echo(fd);
    close(fd);
    return result;
}

static int send_bulk(int fd, long mib)
{
    for (long i = 0; i < mib; i++)
        for (size_t sent = 0; sent < MIB_BYTES;) {
            ssize_t n = send(fd, chunk, MIB_BYTES - sent, MSG_NOSIGNAL);
            if (n < 0)
                return fail("send");
            sent += (size_t)n;
        }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int ping(const struct trial *t, int fd)
{
    int64_t *trips_ns = xcalloc((size_t)t->amount, sizeof *trips_ns);
    for (long i = 0; i < t->amount; i++) {
        usleep(REST_US);
        int64_t began_ns = clock_monotonic_ns();
        if (send(fd, chunk, 1, MSG_NOSIGNAL) != 1 || recv(fd, chunk, 1, 0) != 1)
            return fail("ping");
        trips_ns[i] = clock_monotonic_ns() - began_ns;
    }
    qsort(trips_ns, (size_t)t->amount, sizeof *trips_ns, by_value);
    int64_t median_ns = trips_ns[t->amount / 2] / 2;
    free(trips_ns);
    return tell(t, CLIENT, median_ns);
}

static int be_client(void *arg)
{
    const struct trial *t = arg;
    struct sockaddr_in server = address(0x0a000002);
    char word;
    for (int i = 0; i < 1 + t->through_wire; i++)
        if (read(t->go[0], &word, 1) != 1)
            return fail("go");
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
        return fail("connect");
    int result = t->bulk ? send_bulk(fd, t->amount) : ping(t, fd);
    shutdown(fd, SHUT_WR);
    while (result == 0 && recv(fd, chunk, sizeof chunk, 0) > 0)
        continue;
    return result;
}

/* ---- what came of it
 * ----------------------------------------------------------------------------- */

struct outcome {
    uint64_t frames, lost;
    bool ready, void_run;
    int64_t ns[CLIENT + 1];
};

static void take_records(struct stream_reader *reader, struct outcome *o)
{
    struct stream_record r;
    struct annotation a;
    struct error e;
    while (stream_take(reader, &r)) {
        enum annotation_type type = annotation_peek(r.bytes, r.captured_bytes);
        o->ready |= type == ANNOTATION_MARK;
        if (!annotation_is(r.bytes, r.captured_bytes)) {
            o->frames++;
        } else if ((type == ANNOTATION_FATE || type == ANNOTATION_END) &&
                   annotation_read(r.bytes, r.captured_bytes, &a, &e) == 0) {
            if (a.type == ANNOTATION_END) {
                o->lost = a.end.dropped_frames;
                o->void_run = strcmp(a.end.verdict, "done") != 0;
            } else if (a.type == ANNOTATION_FATE && a.fate.fate != FATE_DELIVERED) {
                o->lost++;
            }
            annotation_free(&a);
        }
    }
}

/* Read the stream until both programs, and with them the wire, have ended. */
static int watch(struct trial *t, struct sandbox *s, struct outcome *o)
{
    struct stream_reader *reader = stream_reader_new(t->out[0], false);
    size_t running = t->through_wire ? 3 : 2, index;
    bool told = !t->through_wire, open = t->through_wire;
    int failed = 0, status, alive = 0;
    while (alive >= 0 && running > 0) {
        struct pollfd ready[] = {{.fd = sandbox_fd(s), .events = POLLIN},
                                 {.fd = open ? t->out[0] : -1, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return fail("poll");
        for (int got = 1; open && got > 0;) {
            got = stream_fill(reader);
            take_records(reader, o);
            open = got >= 0;
        }
        if (o->ready && !told)
            told = write(t->go[1], "w", 1) == 1;
        while ((alive = sandbox_reap(s, &index, &status)) > 0) {
            failed |= status;
            if (--running == 1 && t->through_wire)
                close(t->control[1]);
        }
    }
    stream_reader_free(reader);
    struct result r;
    while (read(t->results[0], &r, sizeof r) == (ssize_t)sizeof r)
        o->ns[r.who] = r.ns;
    return failed || o->void_run;
}

static void print(const struct trial *t, const struct outcome *o)
{
    unsigned long long lost = o->lost;
    double bits = (double)t->amount * MIB_BYTES * 8;
    if (t->bulk)
        printf("%.1f %llu %.0f\n", bits * 1e3 / (double)o->ns[SERVER], lost,
               o->frames ? (double)o->ns[WIRE] / (double)o->frames : 0);
    else
        printf("%lld %llu\n", (long long)o->ns[CLIENT], lost);
}

/* To wake a processor that has gone to sleep costs a virtual machine more than what is measured at
 * rest: each gets something idle to do, which gives way to all else and ends with us. */
static void keep_awake(void)
{
    const pid_t parent = getpid();
    for (long n = sysconf(_SC_NPROCESSORS_ONLN); n > 0; n--) {
        if (fork() != 0)
            continue;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
            sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}) != 0 ||
            close_range(3, ~0U, 0) != 0) /* the wire waits for the end of one of them */
            _exit(1);
        for (volatile bool forever = true; forever;)
            continue;
    }
}

static int run(struct trial *t)
{
    struct error e;
    struct outcome o = {0};
    if (pipe2(t->out, O_CLOEXEC) != 0 || pipe2(t->control, O_CLOEXEC) != 0 ||
        pipe2(t->go, O_CLOEXEC) != 0 || pipe2(t->results, O_CLOEXEC | O_NONBLOCK) != 0)
        return fail("pipe");
    (void)fcntl(t->out[1], F_SETPIPE_SZ, PIPE_BYTES);
    const int wire_fds[] = {t->out[1], t->control[0], t->results[1]};
    const int server_fds[] = {t->go[1], t->results[1]};
    const int client_fds[] = {t->go[0], t->results[1]};
    const struct sandbox_process processes[] = {
        {"wire-speed-S", t->through_wire ? PLACE_S : PLACE_WIRE, be_server, t, server_fds, 2,
         false},
        {"wire-speed-C", PLACE_C, be_client, t, client_fds, 2, false},
        {"tcplab-wire", PLACE_WIRE, be_wire, t, wire_fds, 3, true},
    };
    t->profile = profile_find("lan");
    if (!t->bulk)
        keep_awake();
    struct sandbox *s =
        sandbox_start(TIER_HOSTS, t->profile, processes, t->through_wire ? 3 : 2, &e);
    if (!s) {
        fprintf(stderr, "%s\n", e.text);
        return e.status;
    }
    close(t->out[1]);
    close(t->control[0]);
    fcntl(t->out[0], F_SETFL, O_NONBLOCK);
    int result = watch(t, s, &o);
    sandbox_stop(s);
    if (result == 0)
        print(t, &o);
    return result != 0;
}

int main(int argc, char **argv)
{
    struct trial t = {0};
    if (argc == 4) {
        t.bulk = strcmp(argv[1], "bulk") == 0;
        t.amount = atol(argv[2]);
        t.through_wire = strcmp(argv[3], "wire") == 0;
        if (t.amount > 0 && (t.bulk || strcmp(argv[1], "rest") == 0) &&
            (t.through_wire || strcmp(argv[3], "veth") == 0))
            return run(&t);
    }
    fputs("usage: wire-speed bulk MIB wire|veth | rest PINGS wire|veth\n", stderr);
    return 2;
}
