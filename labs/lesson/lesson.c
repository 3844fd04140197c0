#include "labs/lesson/lesson.h"

#include "labs/lesson/paper.h"
#include "labs/lesson/vary.h"

#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int lesson_parse(const char *text, const char *path, struct lesson *l, struct error *e)
{
    struct text filled = {0};
    *l = (struct lesson){.level = 1, .profile = xstrdup("classic")};
    struct place at = {.path = path, .line = 0, .e = e};
    if (lesson_front(&text, l, &at) != 0)
        goto fail;
    if (!l->title || !l->title[0]) {
        error_set(e, "%s: the lab has no title: add a line `title: ...` to its front matter.",
                  path);
        goto fail;
    }
    if (!l->programs[0] && !l->programs[1]) {
        error_set(e, "%s: no host runs anything: add `hosts: { C: command, S: command }`.", path);
        goto fail;
    }
    if (l->submit && !l->programs[l->submit == 'S']) {
        error_set(e, "%s: host %c is submitted, and hosts does not say what it runs.", path,
                  l->submit);
        goto fail;
    }
    vary_fill(l, text, &filled);
    if (lesson_paper(text_str(&filled), l, &at) != 0)
        goto fail;
    l->prose = xstrdup(text_str(&filled));
    text_free(&filled);
    return 0;
fail:
    text_free(&filled);
    lesson_free(l);
    return -1;
}

static int read_file(const char *path, struct text *out, struct error *e)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return error_set(e, "Cannot open the lab's paper %s: %s.", path, strerror(errno));
    size_t n;
    while ((n = fread(text_reserve(out, 8192), 1, 8192, f)) > 0)
        text_commit(out, n);
    bool failed = ferror(f);
    fclose(f);
    return failed ? error_set(e, "Cannot read the lab's paper %s.", path) : 0;
}

int lesson_read_in(const char *folder, const char *language, struct lesson *l, struct error *e)
{
    struct text path = {0}, paper = {0}, file = {0};
    text_format(&file, "lab.%s.md", language ? language : words_language());
    text_format(&path, "%s/%s", folder, text_str(&file));
    if (access(text_str(&path), R_OK) != 0) {
        text_clear(&file);
        text_clear(&path);
        text_add(&file, "lab.md");
        text_format(&path, "%s/lab.md", folder);
    }
    int result = read_file(text_str(&path), &paper, e);
    if (result == 0)
        result = lesson_parse(text_str(&paper), text_str(&path), l, e);
    if (result == 0) {
        const char *name = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
        size_t number = strspn(name, "0123456789");
        l->name = xstrdup(number > 0 && name[number] == '-' ? name + number + 1 : name);
        l->folder = xstrdup(folder);
        l->paper = xstrdup(text_str(&file));
    }
    text_free(&path);
    text_free(&paper);
    text_free(&file);
    return result;
}

int lesson_read(const char *folder, struct lesson *l, struct error *e)
{
    return lesson_read_in(folder, NULL, l, e);
}

static void free_part(struct part *p)
{
    free(p->text);
    for (size_t i = 0; i < p->step.count; i++)
        selector_free(p->step.at[i].event);
    free(p->step.at);
    lesson_ask_free(&p->ask);
    for (size_t i = 0; i < p->run_count; i++)
        free(p->runs[i].command);
    free(p->runs);
    expectations_free(p->expect);
}

void lesson_free(struct lesson *l)
{
    free(l->name);
    free(l->folder);
    free(l->paper);
    free(l->title);
    free(l->profile);
    free(l->programs[0]);
    free(l->programs[1]);
    free(l->prose);
    for (char **set = l->set; set && *set; set++)
        free(*set);
    free(l->set);
    for (char **read = l->read; read && *read; read++)
        free(*read);
    free(l->read);
    vary_free(l);
    rules_free(l->wire);
    for (size_t i = 0; i < l->part_count; i++)
        free_part(&l->parts[i]);
    free(l->parts);
    *l = (struct lesson){0};
}
