#include "labs/play/script.h"

#include "labs/play/play.h"
#include "tracer/base/alloc.h"
#include "tracer/trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_BYTES_MOST = 1 << 20 };

void play_script_add(struct play_script *s, const char *line)
{
    xgrow(&s->lines, &s->cap, s->count, sizeof *s->lines);
    s->lines[s->count++] = xstrdup(line);
}

void play_script_free(struct play_script *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->lines[i]);
    free(s->lines);
    free(s->name);
    *s = (struct play_script){0};
}

static int read_all(const char *path, struct text *out, struct error *e)
{
    char bytes[4096];
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_exit(e, EXIT_WRONG_USAGE, "The script %.200s cannot be read: %s.", path,
                          strerror(errno));
    while (n != 0 && out->len <= SCRIPT_BYTES_MOST) {
        n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        text_bytes(out, bytes, (size_t)n);
    }
    int why = errno;
    close(fd);
    if (n < 0)
        return error_exit(e, EXIT_WRONG_USAGE, "The script %.200s cannot be read: %s.", path,
                          strerror(why));
    if (out->len > SCRIPT_BYTES_MOST || memchr(text_str(out), '\0', out->len))
        return error_exit(e, EXIT_WRONG_USAGE,
                          "%.200s is no script: lines of text, 1 MiB at the most.", path);
    return 0;
}

static void say_nothing(void *to, enum play_said what, char host, const char *line)
{
    (void)to, (void)what, (void)host, (void)line;
}

static int check(const struct play_script *s, bool alone, struct error *e)
{
    struct trace *none = trace_new();
    struct play_options options = {.trace = none, .alone = alone, .say = say_nothing};
    struct play *p = play_new(&options);
    struct error why;
    int result = 0;
    for (size_t i = 0; result == 0 && i < s->count; i++)
        if (play_check(p, s->lines[i], &why) != 0)
            result = error_exit(e, EXIT_WRONG_USAGE, "%.200s, line %zu: %.500s", s->name, i + 1,
                                why.text);
    play_free(p);
    trace_free(none);
    return result;
}

int play_script_read(const char *path, bool alone, struct play_script *s, struct error *e)
{
    struct text all = {0};
    *s = (struct play_script){.name = xstrdup(path)};
    int result = read_all(path, &all, e);
    const char *at = text_str(&all);
    while (result == 0 && *at) {
        size_t n = strcspn(at, "\n");
        char *line = xstrndup(at, n > 0 && at[n - 1] == '\r' ? n - 1 : n);
        play_script_add(s, line);
        free(line);
        at += n + (at[n] == '\n');
    }
    text_free(&all);
    return result == 0 ? check(s, alone, e) : -1;
}
