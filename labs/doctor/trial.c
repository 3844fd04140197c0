/* Three processes, each in its place, tell us by datagrams what they found:
 *
 *      host C                    the wire                      host S
 *      listens too               asks both kernels, then       listens
 *      connects when told to     carries, as in a lab
 */
#include "labs/doctor/trial.h"

#include "labs/wire/diag.h"
#include "labs/wire/wire.h"
#include "tracer/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 9502,
    CONNECT_MS = 1200, /* a SYN that is lost comes again after a second */
    LISTEN_MS = 300,
    TRIAL_MS = 1600,
};

enum topic {
    TOPIC_STATE,
    TOPIC_MISSING,
    TOPIC_SETTABLE,
    TOPIC_WITHHELD,
    TOPIC_CONNECTED,
    TOPIC_FAILED
};

/* What a process found: one datagram. */
struct word {
    enum topic topic;
    int host;        /* with STATE */
    int64_t time_ns; /* with CONNECTED */
    char text[768];
};

struct set {
    const struct profile *profile;
    int words[2];  /* a socket pair: [0] ours, [1] the processes' */
    int out[2];    /* the wire's session stream */
    int orders[2]; /* the wire's, which get none: it goes on until it is ended */
    int go[2];     /* host C may connect */
};

static void say(const struct set *set, const struct word *word)
{
    while (send(set->words[1], word, sizeof *word, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

static void say_failed(const struct set *set, const char *sentence)
{
    struct word word = {.topic = TOPIC_FAILED};
    snprintf(word.text, sizeof word.text, "%s", sentence);
    say(set, &word);
}

static void sleep_2ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

/* ---- on the hosts -----------------------------------------------------------------------------
 */

/* Until the sandbox ends us. */
static int stay(void)
{
    while (pause() < 0)
        continue;
    return EXIT_DONE;
}

static int listen_here(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0 && listen(fd, 1) == 0)
        return fd;
    return -1;
}

static int be_server(void *arg)
{
    const struct set *set = arg;
    if (listen_here() < 0)
        say_failed(set, "no socket could be made to listen on host S");
    return stay();
}

/* An own socket for each, since a control that was set once may lend its rights to the next. */
static bool may_set(const char *control)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool may = fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control,
                                     (socklen_t)strlen(control)) == 0;
    if (fd >= 0)
        close(fd);
    return may;
}

static void add_word(struct word *word, const char *name)
{
    size_t n = strlen(word->text);
    snprintf(word->text + n, sizeof word->text - n, "%s%s", n > 0 ? ", " : "", name);
}

static void tell_congestion(const struct set *set)
{
    struct word settable = {.topic = TOPIC_SETTABLE}, withheld = {.topic = TOPIC_WITHHELD};
    char names[512];
    int fd = open("/proc/sys/net/ipv4/tcp_available_congestion_control", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, names, sizeof names - 1) : 0;
    names[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    char *rest = names;
    for (char *name; (name = strtok_r(rest, " \n", &rest));)
        add_word(may_set(name) ? &settable : &withheld, name);
    say(set, &settable);
    say(set, &withheld);
}

static void tell_missing(const struct set *set)
{
    struct word word = {.topic = TOPIC_MISSING};
    for (size_t i = 0; i < set->profile->setting_count; i++) {
        char path[256];
        snprintf(path, sizeof path, "/proc/sys/%s", set->profile->settings[i].path);
        if (access(path, F_OK) != 0)
            add_word(&word, strrchr(path, '/') + 1);
    }
    say(set, &word);
}

static int be_client(void *arg)
{
    const struct set *set = arg;
    struct word word = {.topic = TOPIC_CONNECTED};
    struct error e;
    char go;
    if (listen_here() < 0)
        say_failed(set, "no socket could be made to listen on host C");
    tell_missing(set);
    if (sandbox_set_privileges(false, &e) < 0) /* as a lab's program is */
        say_failed(set, e.text);
    tell_congestion(set);
    if (read(set->go[0], &go, 1) != 1)
        return EXIT_FELL_SHORT;
    struct timeval wait = {.tv_sec = CONNECT_MS / 1000, .tv_usec = CONNECT_MS % 1000 * 1000};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, sandbox_address(TIER_HOSTS, 1), &to.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    int64_t began_ns = clock_monotonic_ns();
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        struct text why = {0};
        text_format(&why, "host C could not connect to host S over the wire: %s",
                    errno == EINPROGRESS ? "no answer came" : strerror(errno));
        say_failed(set, text_str(&why));
        text_free(&why);
        return EXIT_FELL_SHORT;
    }
    word.time_ns = clock_monotonic_ns() - began_ns;
    say(set, &word);
    return stay();
}

/* ---- the wire ---------------------------------------------------------------------------------
 */

/* What the kernel of a host says of the socket that listens there; it may not yet. */
static void tell_state(const struct set *set, int fd, int host)
{
    struct word word = {.topic = TOPIC_STATE, .host = host};
    struct endpoint local = {.port = PORT}, remote = {0};
    struct annotation answer = {0};
    address_parse(sandbox_address(TIER_HOSTS, host), &local.address);
    address_parse("0.0.0.0", &remote.address);
    for (int i = 0; i < LISTEN_MS / 2; i++) {
        if (fd < 0 || !diag_ask(fd, &local, &remote, &answer, NULL))
            break;
        snprintf(word.text, sizeof word.text, "%s", answer.kernel.state);
        if (strcmp(word.text, "LISTEN") == 0)
            break;
        sleep_2ms();
    }
    say(set, &word);
}

static int be_wire(void *arg)
{
    const struct set *set = arg;
    struct error e;
    struct wire_options options = {
        .interfaces = {sandbox_wire_interfaces[0], sandbox_wire_interfaces[1]},
        .out_fd = set->out[1],
        .control_fd = set->orders[0],
        .delay_ns = set->profile->delay_ns,
        .spacing_ns = set->profile->spacing_ns,
        .mtu_bytes = set->profile->mtu_bytes,
        .diag_fds = {sandbox_diag(0), sandbox_diag(1)},
    };
    for (int host = 0; host < 2; host++)
        tell_state(set, options.diag_fds[host], host);
    if (wire_run(&options, &e) != 0)
        say_failed(set, e.text);
    return EXIT_DONE;
}

/* ---- here -------------------------------------------------------------------------------------
 */

static void take_word(struct trial *t, const struct word *word)
{
    switch (word->topic) {
    case TOPIC_STATE:
        snprintf(t->states[word->host], sizeof t->states[0], "%.31s", word->text);
        break;
    case TOPIC_MISSING: text_add(&t->missing, word->text); break;
    case TOPIC_SETTABLE: text_add(&t->settable, word->text); break;
    case TOPIC_WITHHELD: text_add(&t->withheld, word->text); break;
    case TOPIC_CONNECTED: t->connected_ns = word->time_ns; break;
    case TOPIC_FAILED: error_exit(&t->failure, EXIT_MACHINE, "%s", word->text); break;
    }
}

/* The wire's first mark says that it carries. What it tells is read, and of no interest. */
static bool drain(int fd, int go_fd, bool *went)
{
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0 && !*went)
        *went = write(go_fd, "g", 1) == 1;
    return n > 0 || (n < 0 && errno == EINTR);
}

/* Until there is a connection, or a reason why there is none. */
static void hear(struct trial *t, struct set *set)
{
    int64_t end_ns = clock_monotonic_ns() + TRIAL_MS * INT64_C(1000000);
    bool went = false;
    while (t->connected_ns < 0 && t->failure.text[0] == '\0') {
        int64_t left_ms = (end_ns - clock_monotonic_ns()) / 1000000;
        struct pollfd fds[] = {{.fd = set->words[0], .events = POLLIN},
                               {.fd = set->out[0], .events = POLLIN}};
        int n = left_ms > 0 ? poll(fds, 2, (int)left_ms) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            error_exit(&t->failure, EXIT_MACHINE, "the wire gave no sign in %d ms", TRIAL_MS);
            return;
        }
        struct word word;
        if (fds[0].revents && recv(set->words[0], &word, sizeof word, 0) == (ssize_t)sizeof word)
            take_word(t, &word);
        else if (fds[1].revents && !drain(set->out[0], set->go[1], &went))
            error_exit(&t->failure, EXIT_MACHINE, "the wire ended before it carried anything");
    }
}

static void attempt(struct trial *t, enum sandbox_tier tier, struct set *set)
{
    const int wire_keeps[] = {set->words[1], set->out[1], set->orders[0]};
    const int host_keeps[] = {set->words[1], set->go[0]};
    const struct sandbox_process processes[] = {
        {"tcplab-wire", PLACE_WIRE, be_wire, set, wire_keeps, 3, true},
        {"tcplab-doctor", PLACE_C, be_client, set, host_keeps, 2, false},
        {"tcplab-doctor", PLACE_S, be_server, set, host_keeps, 1, false},
    };
    struct attempt *a = &t->attempts[tier];
    a->made = true;
    t->last = a;
    struct sandbox *s = sandbox_try(tier, t->profile, processes, 3, &a->refused_at, &a->refusal);
    if (!s)
        return;
    a->built = true;
    hear(t, set);
    sandbox_stop(s);
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

void trial_make(struct trial *t)
{
    struct set set = {.words = {-1, -1}, .out = {-1, -1}, .orders = {-1, -1}, .go = {-1, -1}};
    *t = (struct trial){.profile = profile_find("classic"), .connected_ns = -1};
    t->last = &t->attempts[TIER_HOSTS];
    set.profile = t->profile;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, set.words) == 0 &&
        pipe2(set.out, O_CLOEXEC) == 0 && pipe2(set.orders, O_CLOEXEC) == 0 &&
        pipe2(set.go, O_CLOEXEC) == 0) {
        attempt(t, TIER_HOSTS, &set);
        if (!t->attempts[TIER_HOSTS].built && geteuid() == 0)
            attempt(t, TIER_ROOT_HOSTS, &set);
    } else {
        error_exit(&t->attempts[TIER_HOSTS].refusal, EXIT_MACHINE,
                   "Pipes to the hosts could not be made: %s.", strerror(errno));
    }
    close_pair(set.words);
    close_pair(set.out);
    close_pair(set.orders);
    close_pair(set.go);
}

void trial_free(struct trial *t)
{
    text_free(&t->missing);
    text_free(&t->settable);
    text_free(&t->withheld);
}

enum sandbox_tier trial_tier(const struct trial *t)
{
    for (int tier = 0; tier <= TIER_ROOT_HOSTS; tier++)
        if (t->attempts[tier].built)
            return (enum sandbox_tier)tier;
    return TIER_COUNT;
}
