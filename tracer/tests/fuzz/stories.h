/* The traces over which the language of selectors is fuzzed, and what is asked of all it says. */
#ifndef TRACER_TESTS_FUZZ_STORIES_H
#define TRACER_TESTS_FUZZ_STORIES_H

#include "tracer/base/utf8.h"
#include "tracer/select/fault.h"
#include "tracer/select/story.h"

#include <stdlib.h>

enum { STORIES = 3 };

/* A second connection among the first one's segments. */
static inline void story_double(struct story *s)
{
    struct story twice = {.session = s->session};
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].kind != STORY_SEGMENT || twice.count + 2 > STORY_MAX)
            continue;
        twice.items[twice.count++] = s->items[i];
        twice.items[twice.count] = s->items[i];
        twice.items[twice.count++].port = 40000;
    }
    *s = twice;
}

/* Made once: a session, a plain capture, two connections. */
static inline const struct trace *story_of(int i)
{
    static struct trace *traces[STORIES];
    if (!traces[i]) {
        struct story s;
        story_classic(&s, i == 0);
        if (i == 2)
            story_double(&s);
        traces[i] = story_trace(&s);
    }
    return traces[i];
}

static inline void check_fit(const struct text *out)
{
    const uint8_t *s = (const uint8_t *)text_str(out);
    for (size_t at = 0; at < out->len;) {
        uint32_t c;
        size_t n = utf8_read(s + at, out->len - at, &c);
        if (n == 0 || (c != '\n' && !utf8_is_safe(c)))
            abort();
        at += n;
    }
}

/* What is refused has a place and a sentence. */
static inline void check_fault(bool refused, const struct select_fault *f)
{
    struct text sentence = {0};
    if (refused != (f->line > 0) || (refused && (f->column < 1 || !f->text[0])))
        abort();
    if (refused)
        text_add(&sentence, f->text);
    check_fit(&sentence);
    text_free(&sentence);
}

#endif
