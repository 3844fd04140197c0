#include "labs/puppet/puppet.h"

#include "labs/puppet/reply.h"
#include "labs/puppet/serve.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A call that has not returned after so long is told of as one that waits. */
enum { WAITS_MS = 100 };

struct task {
    struct puppet *puppet;
    struct puppet_call call; /* (owned) */
    bool done, waited;       /* waited: it is nobody's but its thread's any more */
};

/* The lock is held. */
static void write_answer(char mark, const struct text *words)
{
    struct text line = {0};
    text_char(&line, mark);
    text_add(&line, text_str(words));
    text_char(&line, '\n');
    for (size_t at = 0; at < line.len;) {
        ssize_t n = write(STDOUT_FILENO, line.s + at, line.len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    text_free(&line);
}

void puppet_say(struct puppet *p, char mark, const struct text *words)
{
    pthread_mutex_lock(&p->lock);
    write_answer(mark, words);
    pthread_mutex_unlock(&p->lock);
}

static void free_task(struct task *t)
{
    puppet_call_free(&t->call);
    free(t);
}

/* Make the call and answer. Whoever comes second, this or the one who waits for it, frees it. */
static void *do_task(void *arg)
{
    struct task *t = arg;
    struct puppet *p = t->puppet;
    struct text out = {0};
    struct error e = {0};
    bool refused = perform(p, &t->call, &out, &e) != 0;
    if (refused) {
        text_clear(&out);
        text_add(&out, e.text);
    }
    pthread_mutex_lock(&p->lock);
    t->done = true;
    bool mine = t->waited;
    write_answer(refused ? REPLY_REFUSED : mine ? REPLY_LATER : REPLY_DONE, &out);
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    text_free(&out);
    if (mine)
        free_task(t);
    return NULL;
}

static void say_waits(const struct task *t)
{
    struct text words = {0};
    text_format(&words, N_("%s() waits"), t->call.row->word);
    write_answer(REPLY_WAITS, &words);
    text_free(&words);
}

static void wait_for(struct task *t)
{
    struct puppet *p = t->puppet;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAITS_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&p->lock);
    int result = 0;
    while (!t->done && result == 0)
        result = pthread_cond_timedwait(&p->changed, &p->lock, &until);
    bool done = t->done;
    t->waited = !done;
    if (!done)
        say_waits(t);
    pthread_mutex_unlock(&p->lock);
    if (done)
        free_task(t);
}

/* Take over a call that was read. */
static void start(struct puppet *p, struct puppet_call *c)
{
    pthread_t thread;
    pthread_attr_t attributes;
    struct task *t = xcalloc(1, sizeof *t);
    *t = (struct task){.puppet = p, .call = *c};
    *c = (struct puppet_call){0};
    if (!perform_may_wait(&t->call)) {
        do_task(t);
        free_task(t);
        return;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, do_task, t);
    pthread_attr_destroy(&attributes);
    if (failed == 0) {
        wait_for(t);
        return;
    }
    struct text words = {0};
    text_add(&words, N_("The call was not made: there is no memory for another thread."));
    puppet_say(p, REPLY_REFUSED, &words);
    text_free(&words);
    free_task(t);
}

/* False where it was the last. */
static bool take_line(struct puppet *p, const char *line)
{
    struct puppet_call c;
    struct error e;
    struct text words = {0};
    int read = puppet_parse(line, &c, &e);
    bool more = read != 0 || !c.row || c.row->call != PUPPET_EXIT;
    if (read != 0 || !c.row || !more) {
        text_add(&words, read != 0 ? e.text : more ? "" : "exit()");
        puppet_say(p, read != 0 ? REPLY_REFUSED : REPLY_DONE, &words);
        text_free(&words);
    } else {
        start(p, &c);
    }
    puppet_call_free(&c);
    return more;
}

void puppet_serve(const char *const addresses[4])
{
    static struct puppet p = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool more = true;
    for (int i = 0; i < 4; i++)
        p.addresses[i % 2][i / 2] = addresses[i];
    signal(SIGPIPE, SIG_IGN); /* send() says EPIPE instead */
    while (more && (n = getline(&line, &size, stdin)) >= 0) {
        if (n > 0 && line[n - 1] == '\n')
            line[n - 1] = '\0';
        more = take_line(&p, line);
    }
    free(line);
    pthread_mutex_lock(&p.lock); /* whoever is about to answer does not any more */
    perform_tidy(&p);
    _exit(0); /* the kernel closes the sockets */
}
