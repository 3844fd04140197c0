/* usage: on-screen STEP... -- PROGRAM [ARGUMENT...]
 *
 * Run a program on a terminal of its own and measure how soon the screen shows what. Each step
 * prints a line, its figure counted from the end of the step before:
 *
 *   see:WORD    nanoseconds until WORD is on the screen
 *   keys:KEYS   type KEYS (prints nothing)
 *   idle:MS     milliseconds of processor time that the program takes in MS milliseconds
 *   run:COMMAND have a shell run it (prints nothing)
 *   memory:     the most memory that the program has had, in KiB
 *
 * A screen is not emulated: what is sent is searched, less its escape sequences. Since a program
 * sends only what changed, a WORD that is waited for is asked for now and then by ^L. LINES and
 * COLUMNS are the terminal's size, 24 and 80 where they are not set. At the end Q is typed. The
 * exit status is 1 where a WORD was not seen within a minute. */
#include "tracer/base/clock.h"
#include "tracer/base/text.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_AGAIN_MS = 25, GIVE_UP_MS = 60000, SHOWN_BYTES = 4000 };

enum part { PLAIN, AFTER_ESCAPE, CONTROL_SEQUENCE, COMMAND_STRING, CHARACTER_SET };

static struct {
    int master;
    pid_t child;
    bool gone;        /* the terminal was closed from the other side */
    enum part part;   /* of what is sent, at this byte */
    struct text seen; /* since keys were typed last, without escape sequences */
    size_t searched;  /* bytes of it that hold nothing more to be found */
} terminal;

static enum part after_escape(char c)
{
    switch (c) {
    case '[': return CONTROL_SEQUENCE;
    case ']':
    case 'P': return COMMAND_STRING;
    case '(':
    case ')': return CHARACTER_SET;
    default: return PLAIN;
    }
}

static void take(char c)
{
    switch (terminal.part) {
    case AFTER_ESCAPE: terminal.part = after_escape(c); return;
    case CONTROL_SEQUENCE:
        if (c >= '@' && c <= '~')
            terminal.part = PLAIN;
        return;
    case COMMAND_STRING:
        if (c == '\a' || c == '\033')
            terminal.part = c == '\a' ? PLAIN : AFTER_ESCAPE;
        return;
    case CHARACTER_SET: terminal.part = PLAIN; return;
    case PLAIN: break;
    }
    if (c == '\033')
        terminal.part = AFTER_ESCAPE;
    else if ((unsigned char)c >= ' ')
        text_char(&terminal.seen, c);
}

/* Read what the program sends within `ms`; returns soon after something came. */
static void read_screen(int ms)
{
    char bytes[65536];
    struct pollfd p = {.fd = terminal.master, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return;
    ssize_t n = read(terminal.master, bytes, sizeof bytes);
    terminal.gone = n <= 0 && errno != EINTR;
    for (ssize_t i = 0; i < n; i++)
        take(bytes[i]);
}

static void type(const char *keys)
{
    size_t n = strlen(keys);
    if (write(terminal.master, keys, n) != (ssize_t)n)
        terminal.gone = true;
}

/* Whether the word is in what was sent since it was found last. What has been searched is not
 * searched again. */
static bool is_seen(const char *word)
{
    const char *at = strstr(text_str(&terminal.seen) + terminal.searched, word);
    size_t n = strlen(word), len = terminal.seen.len;
    if (at)
        terminal.searched = (size_t)(at - text_str(&terminal.seen)) + n;
    else if (len > terminal.searched + n)
        terminal.searched = len - n;
    return at != NULL;
}

static bool step_see(const char *word, int64_t since_ns)
{
    int64_t asked_ns = clock_monotonic_ns(), now_ns = asked_ns;
    while (!terminal.gone && now_ns - since_ns < (int64_t)GIVE_UP_MS * NS_PER_MS) {
        read_screen(1);
        now_ns = clock_monotonic_ns();
        if (is_seen(word)) {
            printf("%lld\n", (long long)(now_ns - since_ns));
            return true;
        }
        if (now_ns - asked_ns > (int64_t)ASK_AGAIN_MS * NS_PER_MS) {
            type("\f");
            asked_ns = now_ns;
        }
    }
    size_t len = terminal.seen.len, last = len > SHOWN_BYTES ? SHOWN_BYTES : len;
    fprintf(stderr, "on-screen: \"%s\" was not seen; the last there was is:\n%s\n", word,
            text_str(&terminal.seen) + len - last);
    return false;
}

/* The figure behind `name` in the program's /proc/PID/status; -1 where there is none. */
static long long status_figure(const char *name)
{
    char path[64], line[256];
    long long figure = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)terminal.child);
    FILE *f = fopen(path, "re");
    while (f && figure < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            figure = strtoll(line + strlen(name), NULL, 10);
    if (f)
        fclose(f);
    return figure;
}

/* Milliseconds of processor time that the program has taken. */
static long long processor_ms(void)
{
    char path[64], line[1024];
    unsigned long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)terminal.child);
    FILE *f = fopen(path, "re");
    char *name_end = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (f)
        fclose(f);
    if (!name_end || sscanf(name_end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                            &user, &kernel) != 2)
        return -1;
    return (long long)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

static void step_idle(const char *ms)
{
    int64_t until_ns = clock_monotonic_ns() + strtoll(ms, NULL, 10) * NS_PER_MS;
    long long before_ms = processor_ms();
    while (clock_monotonic_ns() < until_ns && !terminal.gone)
        read_screen(10);
    printf("%lld\n", processor_ms() - before_ms);
}

static bool run_step(const char *step, int64_t since_ns)
{
    const char *colon = strchr(step, ':'), *rest = colon ? colon + 1 : "";
    if (colon && strncmp(step, "see:", 4) == 0)
        return step_see(rest, since_ns);
    if (colon && strncmp(step, "keys:", 5) == 0) {
        text_clear(&terminal.seen);
        terminal.searched = 0;
        type(rest);
    } else if (colon && strncmp(step, "idle:", 5) == 0)
        step_idle(rest);
    else if (colon && strncmp(step, "run:", 4) == 0)
        return system(rest) == 0;
    else if (colon && strncmp(step, "memory:", 7) == 0)
        printf("%lld\n", status_figure("VmHWM:"));
    else {
        fprintf(stderr, "on-screen: \"%s\" is no step: see, keys, idle, run and memory are.\n",
                step);
        return false;
    }
    return true;
}

static unsigned short size_of(const char *name, unsigned short otherwise)
{
    const char *value = getenv(name);
    long n = value ? strtol(value, NULL, 10) : 0;
    return n > 0 && n < 1000 ? (unsigned short)n : otherwise;
}

static void start(char **program)
{
    struct winsize size = {.ws_row = size_of("LINES", 24), .ws_col = size_of("COLUMNS", 80)};
    unsetenv("LINES");
    unsetenv("COLUMNS");
    terminal.child = forkpty(&terminal.master, NULL, NULL, &size);
    if (terminal.child == 0) {
        execvp(program[0], program);
        perror(program[0]);
        _exit(127);
    }
    if (terminal.child < 0) {
        perror("on-screen: no terminal could be made");
        exit(2);
    }
}

static void leave(void)
{
    int status;
    bool left = false;
    for (int i = 0; i < 500 && !left; i++) {
        if (i % 50 == 0)
            type("Q");
        read_screen(10);
        left = waitpid(terminal.child, &status, WNOHANG) != 0;
    }
    if (!left) {
        kill(terminal.child, SIGKILL);
        waitpid(terminal.child, &status, 0);
    }
    text_free(&terminal.seen);
}

int main(int argc, char **argv)
{
    int steps = 1;
    while (steps < argc && strcmp(argv[steps], "--") != 0)
        steps++;
    if (steps + 1 >= argc) {
        fputs("usage: on-screen STEP... -- PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    bool done = true;
    int64_t since_ns = clock_monotonic_ns();
    start(argv + steps + 1);
    for (int i = 1; i < steps && done; i++) {
        done = run_step(argv[i], since_ns);
        since_ns = clock_monotonic_ns();
    }
    leave();
    return done ? 0 : 1;
}
