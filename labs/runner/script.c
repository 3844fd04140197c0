#include "labs/runner/script.h"

#include "labs/control/control.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_MOST_BYTES = 1 << 20 };

int script_fault(const struct script *s, struct error *e)
{
    struct error why = *e;
    struct text name = {0}, said = {0};
    text_safe_str(&name, s->name);
    words_again(why.text, &said);
    error_exit(e, why.status, "%.200s, line %d: %s", text_str(&name), s->line, text_str(&said));
    text_free(&name);
    text_free(&said);
    return -1;
}

static int read_all(int fd, struct script *s, struct error *e)
{
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_exit(e, EXIT_WRONG_USAGE, "The script %.300s cannot be read: %s.", s->name,
                              strerror(errno));
        text_bytes(&s->text, bytes, (size_t)n);
        if (s->text.len > SCRIPT_MOST_BYTES)
            return error_exit(e, EXIT_WRONG_USAGE, "The script %.300s is longer than 1 MiB.",
                              s->name);
    }
    return 0;
}

/* Whether each line is a command, before anything is run. */
static int check(struct script *s, struct error *e)
{
    struct text line = {0};
    struct control c;
    int parsed = 0;
    while (parsed >= 0 && script_next(s, &line)) {
        parsed = control_parse(text_str(&line), &c, e);
        if (parsed > 0)
            control_free(&c);
    }
    text_free(&line);
    if (parsed < 0)
        return script_fault(s, e);
    s->at = 0;
    s->line = 0;
    return 0;
}

int script_open(const char *path, struct script *s, struct error *e)
{
    *s = (struct script){.name = path, .fd = -1};
    if (strcmp(path, "-") == 0) {
        s->name = "standard input";
        s->fd = STDIN_FILENO;
        return 0;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_exit(e, EXIT_WRONG_USAGE, "The script %.300s cannot be opened: %s.", path,
                          strerror(errno));
    s->ended = true;
    int result = read_all(fd, s, e);
    close(fd);
    if (result == 0)
        result = check(s, e);
    if (result != 0)
        script_free(s);
    return result;
}

void script_free(struct script *s)
{
    text_free(&s->text);
}

void script_read(struct script *s)
{
    char bytes[1024];
    ssize_t n = read(s->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        s->ended = true;
    else
        text_bytes(&s->text, bytes, (size_t)n);
}

bool script_next(struct script *s, struct text *line)
{
    const char *from = text_str(&s->text) + s->at;
    size_t left = s->text.len - s->at;
    const char *end = left > 0 ? memchr(from, '\n', left) : NULL;
    if (left == 0 || (!end && !s->ended))
        return false;
    size_t n = end ? (size_t)(end - from) : left;
    text_clear(line);
    text_bytes(line, from, n);
    s->at += n + (end != NULL);
    s->line++;
    return true;
}

bool script_over(const struct script *s)
{
    return s->ended && s->at == s->text.len;
}
