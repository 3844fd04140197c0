/* usage: flood INTERFACE RATE FILE -- COMMAND [ARGUMENT...]
 *
 * Put the frames of a pcap file on an interface, RATE of them a second, while COMMAND captures at
 * its other end; then interrupt COMMAND and print what both did:
 *
 *   frames sent, nanoseconds that took, nanoseconds of processor time that COMMAND took (user and
 *   system, by the kernel's count)
 *
 * COMMAND's output is thrown away; what it says of frames captured and dropped is its own, on
 * standard error. It runs on the last processor that we may use and we on the first, so that a
 * capture has one for itself; both go before all others where we may ask for that. It is taken to
 * be capturing when the kernel knows of another packet socket, and to have caught up when it has
 * rested for a moment. Where we are too late to keep to RATE, we do not make up for more than a few
 * milliseconds: a burst would be another test. */
#include "tracer/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, ARREARS_NS = 5000000, PATIENCE_MS = 10000, REST_MS = 300, STEP_MS = 10 };
enum { FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16, FRAME_MOST_BYTES = 1514 };

static int failed(const char *what)
{
    fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
    return 1;
}

static void sleep_ms(int ms)
{
    struct timespec t = {.tv_nsec = (long)ms * 1000000};
    nanosleep(&t, NULL);
}

/* Keep to the first (or the last) of the processors that we may use. */
static int pin(bool last)
{
    cpu_set_t may, one;
    int chosen = -1;
    if (sched_getaffinity(0, sizeof may, &may) < 0)
        return -1;
    for (int cpu = 0; cpu < CPU_SETSIZE && (last || chosen < 0); cpu++)
        if (CPU_ISSET((size_t)cpu, &may))
            chosen = cpu;
    CPU_ZERO(&one);
    CPU_SET((size_t)chosen, &one);
    return sched_setaffinity(0, sizeof one, &one);
}

/* Before whatever else the machine has to do, for as long as this takes; without the right to it,
 * among the others. */
static void go_first(void)
{
    struct sched_param least = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    (void)sched_setscheduler(0, SCHED_FIFO, &least);
}

/* How many packet sockets there are in this network namespace. */
static int packet_sockets(void)
{
    FILE *f = fopen("/proc/net/packet", "re");
    int lines = 0;
    if (!f)
        return -1;
    for (int c; (c = getc(f)) != EOF;)
        lines += c == '\n';
    fclose(f);
    return lines;
}

static void run(char **command)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (pin(true) < 0 || nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
        setenv("TZ", "UTC", 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(failed("the command's surroundings could not be made"));
    execvp(command[0], command);
    _exit(failed(command[0]));
}

/* Start the capture; its process, once it is capturing. */
static pid_t start(char **command)
{
    int before = packet_sockets();
    pid_t child = fork();
    if (child == 0)
        run(command);
    for (int waited = 0; child > 0 && packet_sockets() <= before; waited += STEP_MS) {
        if (waited >= PATIENCE_MS || waitpid(child, NULL, WNOHANG) == child)
            return -1;
        sleep_ms(STEP_MS);
    }
    sleep_ms(REST_MS); /* and sees to the rest of its beginning */
    return child;
}

/* The whole of a file, to be read and no more; NULL where it is no pcap file of this machine's. */
static const uint8_t *map_file(const char *path, size_t *bytes)
{
    struct stat st;
    uint32_t magic;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < FILE_HEADER_BYTES)
        return NULL;
    *bytes = (size_t)st.st_size;
    const uint8_t *all = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (all == MAP_FAILED)
        return NULL;
    memcpy(&magic, all, sizeof magic);
    return magic == 0xa1b2c3d4 ? all : NULL;
}

static int open_interface(const char *name)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
    int yes = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 || to.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) < 0)
        return -1;
    return fd;
}

/* The next frames of the file, at most BATCH. */
static unsigned gather(const uint8_t *all, size_t bytes, size_t *at, struct mmsghdr *messages,
                       struct iovec *parts)
{
    unsigned n = 0;
    while (n < BATCH && bytes - *at >= RECORD_HEADER_BYTES) {
        uint32_t captured;
        memcpy(&captured, all + *at + 8, sizeof captured);
        *at += RECORD_HEADER_BYTES;
        if (captured > FRAME_MOST_BYTES || captured > bytes - *at)
            break;
        parts[n] = (struct iovec){(void *)(uintptr_t)(all + *at), captured};
        messages[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[n], .msg_iovlen = 1}};
        *at += captured;
        n++;
    }
    return n;
}

static int send_batch(int fd, struct mmsghdr *messages, unsigned n)
{
    for (unsigned sent = 0; sent < n;) {
        int now = sendmmsg(fd, messages + sent, n - sent, 0);
        if (now > 0)
            sent += (unsigned)now;
        else if (now == 0 || (errno != EINTR && errno != ENOBUFS && errno != EAGAIN))
            return -1;
    }
    return 0;
}

/* Sleep until `due_ns`; later than that, a later time from which to count on. */
static int64_t keep_time(int64_t due_ns)
{
    int64_t now = clock_monotonic_ns();
    if (now - due_ns > ARREARS_NS)
        return now - ARREARS_NS;
    struct timespec t = {.tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000};
    while (now < due_ns && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        continue;
    return due_ns;
}

/* Send all; how many frames that were, or -1. */
static long flood(int fd, const uint8_t *all, size_t bytes, long rate)
{
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    size_t at = FILE_HEADER_BYTES;
    long sent = 0;
    int64_t due_ns = clock_monotonic_ns();
    for (unsigned n; (n = gather(all, bytes, &at, messages, parts)) > 0; sent += n) {
        due_ns = keep_time(due_ns);
        if (send_batch(fd, messages, n) < 0)
            return -1;
        due_ns += (int64_t)n * 1000000000 / rate;
    }
    return sent;
}

static int64_t ns(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

/* Interrupt the capture; what it took. */
static int end(pid_t child, int64_t *took_ns)
{
    int status;
    struct rusage used;
    sleep_ms(REST_MS);
    kill(child, SIGINT);
    while (wait4(child, &status, 0, &used) < 0)
        if (errno != EINTR)
            return -1;
    *took_ns = ns(used.ru_utime) + ns(used.ru_stime);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    size_t bytes = 0;
    long rate = argc > 5 ? strtol(argv[2], NULL, 10) : 0;
    if (argc < 6 || rate <= 0 || strcmp(argv[4], "--") != 0) {
        fputs("usage: flood INTERFACE RATE FILE -- COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    const uint8_t *all = map_file(argv[3], &bytes);
    if (!all)
        return failed(argv[3]);
    int fd = open_interface(argv[1]);
    if (fd < 0)
        return failed(argv[1]);
    go_first();
    pid_t child = start(argv + 5);
    if (child < 0)
        return failed("the capture did not begin");
    if (pin(false) < 0 || prctl(PR_SET_TIMERSLACK, 1) < 0)
        return failed("we could not be kept to one processor");
    int64_t began_ns = clock_monotonic_ns(), took_ns = 0;
    long sent = flood(fd, all, bytes, rate);
    int64_t lasted_ns = clock_monotonic_ns() - began_ns;
    if (end(child, &took_ns) < 0)
        return failed("the capture failed");
    if (sent < 0)
        return failed("a frame could not be sent");
    printf("%ld %lld %lld\n", sent, (long long)lasted_ns, (long long)took_ns);
    return 0;
}
