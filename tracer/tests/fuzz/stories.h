/* The traces over which the language of selectors is fuzzed, and what is asked of all it says. */
#ifndef TRACER_TESTS_FUZZ_STORIES_H
#define TRACER_TESTS_FUZZ_STORIES_H

#include "tracer/base/utf8.h"
#include "tracer/select/fault.h"
#include "tracer/select/story.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* A handshake and the first data as a session, losses as a plain capture, calls alone, datagrams
 * behind a handshake, two connections at once, and all of the session. */
enum {
    STORY_OF_HANDSHAKE,
    STORY_OF_LOSSES,
    STORY_OF_CALLS,
    STORY_OF_DATAGRAMS,
    STORY_OF_TWO,
    STORY_OF_ALL,
    STORIES
};

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

/* Keep what happens from one time to another, but for segments where `segments` is false. */
static inline void story_keep(struct story *s, int64_t from_us, int64_t to_us, bool segments)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct story_item *it = &s->items[i];
        if (it->us >= from_us && it->us <= to_us &&
            (segments || (it->kind != STORY_SEGMENT && it->kind != STORY_FATE)))
            s->items[kept++] = *it;
    }
    s->count = kept;
}

static inline struct trace *story_make(int i)
{
    struct story s;
    story_classic(&s, i != STORY_OF_LOSSES && i != STORY_OF_TWO);
    switch (i) {
    case STORY_OF_HANDSHAKE: story_keep(&s, 0, 160080, true); break;
    case STORY_OF_LOSSES: story_keep(&s, 0, 213120, true); break;
    case STORY_OF_CALLS: story_keep(&s, 0, INT64_MAX, false); break;
    case STORY_OF_DATAGRAMS: story_keep(&s, 310000, INT64_MAX, true); break;
    case STORY_OF_TWO:
        story_keep(&s, 0, 150080, true);
        story_double(&s);
        break;
    default: break;
    }
    return story_trace(&s);
}

/* Made once. */
static inline const struct trace *story_of(int i)
{
    static struct trace *traces[STORIES];
    if (!traces[i])
        traces[i] = story_make(i);
    return traces[i];
}

static inline void check_fit(const struct text *out)
{
    const uint8_t *s = (const uint8_t *)text_str(out);
    for (size_t at = 0; at < out->len;) {
        uint32_t c;
        if (s[at] >= ' ' && s[at] < 0x7f) { /* almost all of it */
            at++;
            continue;
        }
        size_t n = utf8_read(s + at, out->len - at, &c);
        if (n == 0 || (c != '\n' && !utf8_is_safe(c)))
            abort();
        at += n;
    }
}

/* How long this process has worked: a busy machine lengthens libFuzzer's own -timeout, not this. */
static inline int64_t worked_ns(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
        abort();
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* No input may take a second. */
static inline void check_quick(int64_t since_ns)
{
    if (worked_ns() - since_ns > 1000000000)
        abort();
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
