#include "labs/marking/assignment.h"

#include "labs/lesson/command_line.h"
#include "tracer/base/alloc.h"
#include "tracer/base/clock.h"
#include "tracer/capture/source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A program has three times what the lesson's own took, and never less than this. */
enum { LIMIT_TIMES = 3 };
static const int64_t limit_least_ns = 10LL * NS_PER_S;

static int64_t recorded_ns(const struct lesson *l)
{
    struct text path = {0};
    struct error unused;
    struct capture_frame frame;
    int64_t first_ns = 0, last_ns = 0;
    text_format(&path, "%s/recorded.pcap", l->folder);
    struct source_options options = {.file = text_str(&path), .fd = -1};
    struct source *source = source_open(&options, &unused);
    for (size_t n = 0; source && source_next(source, true, &frame, &unused) == SOURCE_FRAME; n++) {
        first_ns = n == 0 ? frame.time_ns : first_ns;
        last_ns = frame.time_ns;
    }
    source_close(source);
    text_free(&path);
    return last_ns - first_ns;
}

static int open_network(const struct lesson *l, struct run_network *n, struct error *e)
{
    struct text place = {0};
    if (run_network_begin(n, l->profile, e) != 0)
        return -1;
    text_format(&place, "%s/%s", l->folder, l->paper);
    int result = run_network_set(n, l->set, text_str(&place), e);
    run_network_add(n, l->wire);
    if (result == 0)
        result = run_network_check(n, e);
    text_free(&place);
    if (result != 0)
        run_network_free(n);
    return result;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The other host runs the lab's own program. Of a lab that was not built with the project it is
 * built now. */
static int open_own(struct assignment *a, const struct room *room, struct error *e)
{
    char **words = a->words[!a->side];
    static unsigned built; /* by this process: the same lab may be opened again */
    struct text path = {0}, to = {0};
    const char *folder = a->lesson->folder;
    a->folder = xstrdup(folder);
    if (!words || strncmp(words[0], "./", 2) != 0)
        return 0;
    text_format(&path, "%s/%s", folder, name_of(words[0]));
    bool there = access(text_str(&path), X_OK) == 0;
    text_add(&path, ".c");
    text_format(&to, "%s/own-%u", room->path, built++);
    int result = 0;
    if (!there) {
        struct submission_options o = {
            .from = text_str(&path), .program = name_of(words[0]), .to = text_str(&to)};
        result = submission_build(&o, &a->own, e);
        free(a->folder);
        a->folder = xstrdup(text_str(&to));
    }
    text_free(&path);
    text_free(&to);
    return result;
}

int assignment_open(const struct lesson *l, const struct room *room, struct assignment *a,
                    struct error *e)
{
    *a = (struct assignment){.lesson = l, .side = l->submit == 'S'};
    if (!l->submit)
        return error_exit(e, EXIT_WRONG_USAGE,
                          "The lab '%.60s' asks for no program: there is nothing to check. Take it "
                          "with: tcplab run %.60s",
                          l->name, l->name);
    if (open_network(l, &a->network, e) != 0)
        return -1;
    int result = command_line_cut(l->programs[0], &a->words[0], e);
    if (result == 0)
        result = command_line_cut(l->programs[1], &a->words[1], e);
    if (result == 0) {
        a->program = xstrdup(name_of(a->words[a->side][0]));
        a->server_port = command_line_port(a->words[1]);
        a->limit_ns = LIMIT_TIMES * recorded_ns(l);
        if (a->limit_ns < limit_least_ns)
            a->limit_ns = limit_least_ns;
        result = open_own(a, room, e);
    }
    if (result != 0)
        assignment_free(a);
    return result;
}

void assignment_free(struct assignment *a)
{
    run_network_free(&a->network);
    command_line_free(a->words[0]);
    command_line_free(a->words[1]);
    free(a->program);
    free(a->folder);
    submission_free(&a->own);
    *a = (struct assignment){0};
}

/* ---- variation ------------------------------------------------------------------------------ */

static uint64_t mixed(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Whether the lab speaks of a number outside its prose. */
static bool speaks_of(const struct lesson *l, const char *number)
{
    for (size_t i = 0; i < l->part_count; i++) {
        const struct part *p = &l->parts[i];
        if ((p->kind == PART_EXPECT || p->kind == PART_WIRE) && p->text && strstr(p->text, number))
            return true;
    }
    return false;
}

static void replace(char **words, const char *from, const char *to)
{
    for (size_t i = 1; words && words[0] && words[i]; i++)
        if (strcmp(words[i], from) == 0) {
            free(words[i]);
            words[i] = xstrdup(to);
        }
}

void assignment_vary(struct assignment *a, uint64_t seed)
{
    struct text from = {0}, to = {0};
    struct rules *rules = a->lesson->wire;
    uint16_t port = (uint16_t)(10000 + mixed(seed) % 20000); /* below those that kernels give out */
    text_u64(&from, a->server_port);
    text_u64(&to, port);
    if (!speaks_of(a->lesson, text_str(&from))) {
        replace(a->words[0], text_str(&from), text_str(&to));
        replace(a->words[1], text_str(&from), text_str(&to));
        a->server_port = port;
    }
    for (size_t i = 0; rules && i < rules->count; i++)
        rules->at[i].seed ^= mixed(seed + 1);
    text_free(&from);
    text_free(&to);
}

char **assignment_words(const struct assignment *a, char *const *program)
{
    return command_line_join(program, a->words[a->side] + 1);
}
