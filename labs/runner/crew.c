#include "labs/runner/crew.h"

#include "labs/calls/calls.h"
#include "labs/lesson/command_line.h"
#include "labs/runner/untraced.h"
#include "labs/wire/wire.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/session/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bulk data is 100 MB/s of session, written every 5 ms. */
enum { STREAM_PIPE_BYTES = 1 << 20 };

static const char *const member_names[CREW_COUNT] = {
    [CREW_WIRE] = "tcplab-wire",
    [CREW_C] = "tcplab-calls-C",
    [CREW_S] = "tcplab-calls-S",
};

static const int terminal_signals[] = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGPIPE};

char crew_host(enum crew_member who)
{
    return who == CREW_S ? 'S' : 'C';
}

/* What a member of the crew starts with: out of the terminal's reach, so that Ctrl-C and Ctrl-Z
 * reach the runner alone and no wire stands still in the middle of a run. */
static void leave_terminal(void)
{
    setsid();
    for (size_t i = 0; i < sizeof terminal_signals / sizeof terminal_signals[0]; i++)
        signal(terminal_signals[i], SIG_IGN);
}

/* The last word of a member that could not do its work goes the way of all its words. */
static int last_word(int out_fd, char host, const struct error *e)
{
    struct annotation a = {.type = ANNOTATION_NOTE, .host = host};
    struct stream_writer *w = stream_writer_new(out_fd, false);
    char *text = xstrdup(e->text);
    a.note.text = text;
    stream_annotate(w, session_now_ns(), &a);
    stream_flush(w, true);
    stream_writer_free(w);
    free(text);
    return e->status;
}

/* Whether rules may come while it runs, which are to count from the first segment on: from a
 * script, or from who watches. What was sent is not kept beside rules that were there from the
 * start. */
static bool takes_rules(const struct crew *crew)
{
    const struct run_spec *spec = crew->spec;
    bool watched = !spec->text && !spec->lesson && spec->title;
    return spec->script || spec->play || (watched && crew->network->rules_count == 0);
}

static int be_wire(void *arg)
{
    const struct crew *crew = arg;
    const struct member *me = &crew->members[CREW_WIRE];
    const struct profile *profile = &crew->network->profile;
    struct error e;
    int result;
    leave_terminal();
    if (crew->tier == TIER_LOOPBACK) {
        struct text filter = {0};
        text_format(&filter, "port %u", crew->spec->server_port);
        result = wire_tap("lo", text_str(&filter), me->its_out, me->its_control, &e);
        text_free(&filter);
    } else {
        struct wire_options options = {
            .interfaces = {sandbox_wire_interfaces[0], sandbox_wire_interfaces[1]},
            .out_fd = me->its_out,
            .control_fd = me->its_control,
            .delay_ns = profile->delay_ns,
            .spacing_ns = profile->spacing_ns,
            .lateness_ns = profile->lateness_ns,
            .mtu_bytes = profile->mtu_bytes,
            .bits_per_s = profile->bits_per_s,
            .queue_frames = profile->queue_frames,
            .rules = crew->network->rules,
            .remembers = takes_rules(crew),
            .addresses = {sandbox_address(crew->tier, 0), sandbox_address(crew->tier, 1)},
            .addresses6 = {profile->ipv6 ? sandbox_address6(crew->tier, 0) : NULL,
                           profile->ipv6 ? sandbox_address6(crew->tier, 1) : NULL},
            .diag_fds = {sandbox_diag(0), sandbox_diag(1)},
        };
        result = wire_run(&options, &e);
    }
    return result == 0 ? EXIT_DONE : last_word(me->its_out, 0, &e);
}

/* In the program's process, before exec: the signals as any program finds them, no privileges. */
static int prepare_program(void *arg, struct error *e)
{
    int (*const prepare)(struct error *) = *(int (*const *)(struct error *))arg;
    for (size_t i = 0; i < sizeof terminal_signals / sizeof terminal_signals[0]; i++)
        signal(terminal_signals[i], SIG_DFL);
    if (prepare && prepare(e) != 0)
        return -1;
    return sandbox_set_privileges(false, e);
}

/* Further programs are the lab's own, beside whichever program was submitted: they run in the lab's
 * folder, and nothing contains them. */
static int be_tracer(const struct crew *crew, enum crew_member who)
{
    static int (*const uncontained)(struct error *) = NULL;
    const struct member *me = &crew->members[who];
    int host = who == CREW_S;
    const char *own = crew->spec->own_folders[host];
    struct calls_options options = {
        .host = crew_host(who),
        .argv = crew->argv[host],
        .further = (char **const *)crew->further[host],
        .further_directory = crew->spec->folder,
        .further_prepare_arg = (void *)(uintptr_t)&uncontained,
        .hidden = crew->spec->become[host] != NULL,
        .directory = own ? own : crew->spec->folder,
        .tty_fd = crew->consoles[host].programs,
        .out_fd = me->its_out,
        .control_fd = me->its_control,
        .prepare = prepare_program,
        .prepare_arg = (void *)(uintptr_t)&crew->spec->prepare[host],
    };
    struct error e;
    int status;
    leave_terminal();
    int (*become)(struct error *) = crew->spec->become[host];
    int result = become && become(&e) != 0 ? -1
                 : crew->spec->untraced    ? untraced_run(&options, &e)
                                           : calls_run(&options, &status, &e);
    if (result != 0)
        return last_word(me->its_out, crew_host(who), &e);
    return EXIT_DONE;
}

static int be_tracer_c(void *arg)
{
    return be_tracer(arg, CREW_C);
}

static int be_tracer_s(void *arg)
{
    return be_tracer(arg, CREW_S);
}

/* What a word of a command line stands for, itself where for nothing. */
static const char *meant_by(const char *word, enum sandbox_tier tier)
{
    static const struct {
        const char *word;
        const char *(*address)(enum sandbox_tier t, int host);
        int host;
    } names[] = {{"C", sandbox_address, 0},
                 {"S", sandbox_address, 1},
                 {"C6", sandbox_address6, 0},
                 {"S6", sandbox_address6, 1}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(word, names[i].word) == 0)
            return names[i].address(tier, names[i].host);
    return word;
}

/* The words of a command line, with the hosts' names made their addresses. */
static char **with_addresses(char *const *words, enum sandbox_tier tier)
{
    size_t n = 0;
    while (words[n])
        n++;
    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(i > 0 ? meant_by(words[i], tier) : words[i]);
    return copy;
}

static void free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

static int open_pipes(struct member *m, struct error *e)
{
    int out[2], control[2];
    if (pipe2(out, O_CLOEXEC) != 0)
        return error_set(e, "Cannot make a pipe: %s.", strerror(errno));
    if (pipe2(control, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        return error_set(e, "Cannot make a pipe: %s.", strerror(errno));
    }
    (void)fcntl(out[1], F_SETPIPE_SZ, STREAM_PIPE_BYTES); /* where so much may be had */
    fcntl(out[0], F_SETFL, O_NONBLOCK); /* our end alone: a stream is read as far as it has come */
    *m = (struct member){.present = true,
                         .out = out[0],
                         .control = control[1],
                         .its_out = out[1],
                         .its_control = control[0]};
    return 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int check_words(const struct crew *crew, struct error *e)
{
    for (int host = 0; host < 2; host++)
        for (char *const *word = crew->spec->programs[host]; word && *word; word++)
            if (!crew->network->profile.ipv6 &&
                (strcmp(*word, "C6") == 0 || strcmp(*word, "S6") == 0))
                return error_exit(e, EXIT_WRONG_USAGE,
                                  "%s is the IPv6 address of host %c, and this network has no "
                                  "IPv6. Add it: --set ipv6=on",
                                  *word, (*word)[0]);
    return 0;
}

/* The command of a run block, cut into words. */
static int add_further(struct crew *crew, const struct run_line *line, struct error *e)
{
    char ****further = &crew->further[line->host == 'S'];
    char **words;
    size_t n = 0;
    if (command_line_cut(line->command, &words, e) != 0)
        return -1;
    while (*further && (*further)[n])
        n++;
    *further = xreallocarray(*further, n + 2, sizeof **further);
    (*further)[n] = with_addresses(words, crew->tier);
    (*further)[n + 1] = NULL;
    command_line_free(words);
    return 0;
}

static int cut_further(struct crew *crew, struct error *e)
{
    const struct lesson *l = crew->spec->steps;
    for (size_t i = 0; l && i < l->part_count; i++)
        for (size_t k = 0; k < l->parts[i].run_count; k++)
            if (add_further(crew, &l->parts[i].runs[k], e) != 0)
                return -1;
    return 0;
}

static int open_descriptors(struct crew *crew, struct error *e)
{
    bool needed[CREW_COUNT] = {crew->tier != TIER_CALLS, crew->spec->programs[0] != NULL,
                               crew->spec->programs[1] != NULL};
    for (int i = 0; i < CREW_COUNT; i++)
        if (needed[i] && open_pipes(&crew->members[i], e) != 0)
            return -1;
    for (int host = 0; host < 2; host++) {
        if (!crew->spec->programs[host])
            continue;
        crew->argv[host] = with_addresses(crew->spec->programs[host], crew->tier);
        if (console_open(&crew->consoles[host], e) != 0) {
            crew->consoles[host] = (struct console){-1, -1};
            return -1;
        }
    }
    return 0;
}

int crew_start(struct crew *crew, const struct run_spec *spec, enum sandbox_tier tier,
               struct error *e)
{
    static int (*const mains[CREW_COUNT])(void *) = {be_wire, be_tracer_c, be_tracer_s};
    static const enum sandbox_place places[CREW_COUNT] = {PLACE_WIRE, PLACE_C, PLACE_S};
    *crew = (struct crew){
        .tier = tier,
        .spec = spec,
        .network = spec->network,
        .began_ns = session_now_ns(),
    };
    for (int i = 0; i < CREW_COUNT; i++)
        crew->members[i] =
            (struct member){.out = -1, .control = -1, .its_out = -1, .its_control = -1};
    for (int i = 0; i < 2; i++)
        crew->consoles[i] = (struct console){-1, -1};
    if (check_words(crew, e) != 0 || cut_further(crew, e) != 0 || open_descriptors(crew, e) != 0) {
        crew_stop(crew);
        return -1;
    }

    struct sandbox_process processes[CREW_COUNT];
    int keep[CREW_COUNT][3];
    size_t count = 0;
    for (int i = 0; i < CREW_COUNT; i++) {
        struct member *m = &crew->members[i];
        if (!m->present)
            continue;
        keep[i][0] = m->its_out;
        keep[i][1] = m->its_control;
        keep[i][2] = i == CREW_WIRE ? -1 : crew->consoles[i - CREW_C].programs;
        crew->order[count] = (enum crew_member)i;
        processes[count++] = (struct sandbox_process){
            .name = member_names[i],
            .place = places[i],
            .run = mains[i],
            .arg = crew,
            .keep_fds = keep[i],
            .keep_count = i == CREW_WIRE ? 2 : 3,
            .sees_hosts = i == CREW_WIRE,
        };
    }
    crew->sandbox = sandbox_start(tier, &crew->network->profile, processes, count, e);
    for (int i = 0; i < CREW_COUNT; i++) {
        close_fd(&crew->members[i].its_out);
        close_fd(&crew->members[i].its_control);
    }
    for (int i = 0; i < 2; i++)
        close_fd(&crew->consoles[i].programs);
    if (!crew->sandbox)
        crew_stop(crew);
    return crew->sandbox ? 0 : -1;
}

void crew_order(struct crew *crew, enum crew_member who, char order)
{
    struct member *m = &crew->members[who];
    if (m->control < 0)
        return;
    /* A member that is gone takes no order: its stream has ended, which says so. */
    if (order == 0 || write(m->control, &order, 1) != 1)
        close_fd(&m->control);
}

void crew_line(struct crew *crew, enum crew_member who, const char *line)
{
    struct member *m = &crew->members[who];
    struct text whole = {0};
    text_format(&whole, "%s\n", line);
    if (m->control >= 0 && write(m->control, whole.s, whole.len) != (ssize_t)whole.len)
        close_fd(&m->control);
    text_free(&whole);
}

/* The next member whose end has been told of, NULL where there is none now; `*there` turns false
 * where the sandbox itself has gone. */
static struct member *reap(struct crew *crew, bool *there)
{
    size_t index;
    int wait_status;
    int reaped = sandbox_reap(crew->sandbox, &index, &wait_status);
    if (reaped < 0)
        *there = false;
    if (reaped <= 0)
        return NULL;
    struct member *m = &crew->members[crew->order[index]];
    m->ended = true;
    m->wait_status = wait_status;
    return m;
}

const char *crew_loss(struct crew *crew)
{
    static const char *const sentences[CREW_COUNT] = {
        [CREW_WIRE] = N_("The wire between the hosts was killed in the middle of the run. Run it "
                         "again."),
        [CREW_C] =
            N_("The call tracer of host C was killed in the middle of the run, and its program "
               "with it. Run it again."),
        [CREW_S] =
            N_("The call tracer of host S was killed in the middle of the run, and its program "
               "with it. Run it again."),
    };
    struct member *m;
    bool there = true;
    while ((m = reap(crew, &there)))
        if (WIFSIGNALED(m->wait_status))
            return _(sentences[m - crew->members]);
    return there ? NULL : _("The lab's hosts were killed in the middle of the run. Run it again.");
}

int crew_status(struct crew *crew, enum crew_member who)
{
    const struct member *m = &crew->members[who];
    struct pollfd news = {.fd = sandbox_fd(crew->sandbox), .events = POLLIN};
    bool there = true;
    while (!m->ended && there && poll(&news, 1, 1000) > 0)
        while (reap(crew, &there))
            continue;
    bool told = m->ended && WIFEXITED(m->wait_status) && WEXITSTATUS(m->wait_status) != EXIT_DONE;
    return told ? WEXITSTATUS(m->wait_status) : EXIT_MACHINE;
}

void crew_stop(struct crew *crew)
{
    if (crew->sandbox)
        sandbox_stop(crew->sandbox);
    crew->sandbox = NULL;
    for (int i = 0; i < CREW_COUNT; i++) {
        struct member *m = &crew->members[i];
        close_fd(&m->out);
        close_fd(&m->control);
        close_fd(&m->its_out);
        close_fd(&m->its_control);
    }
    for (int host = 0; host < 2; host++) {
        close_fd(&crew->consoles[host].ours);
        close_fd(&crew->consoles[host].programs);
        free_words(crew->argv[host]);
        crew->argv[host] = NULL;
        for (char ***words = crew->further[host]; words && *words; words++)
            free_words(*words);
        free(crew->further[host]);
        crew->further[host] = NULL;
    }
}
