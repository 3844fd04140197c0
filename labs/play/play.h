/* The prompt of `tcplab play`, without any terminal: lines go in, and what is to be sent to the run
 * and what is to be told to the person come out. Of the run it sees the session alone, frame by
 * frame, so that a test can play one.
 *
 * A line is a socket call (labs/puppet), a command of the wire or the run (labs/control), or one of
 * the prompt's own (own.c). Lines of a script wait for each other: until the call before has
 * returned or waits, and until all is quiet. */
#ifndef LABS_PLAY_PLAY_H
#define LABS_PLAY_PLAY_H

#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/capture/source.h"
#include "tracer/trace/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is told, by what it is; the first character of a line of text, too. */
enum play_said {
    PLAY_TYPED,   /* > a line as it was typed */
    PLAY_DONE,    /* = a call has returned, a command was done */
    PLAY_LATER,   /* + one that had waited has returned */
    PLAY_CAME,    /* < something came to a socket that receives */
    PLAY_WAITS,   /* ~ a call waits */
    PLAY_REFUSED, /* ! nothing was done, and why */
    PLAY_MORE,    /* | goes on, or help */
    PLAY_SAID_COUNT,
};
char play_mark(enum play_said s);

struct play_options {
    const struct trace *trace; /* (borrowed) what the session comes to */
    bool alone;                /* there is one program and no wire: a real host is spoken to */
    /* Tell a line, fit for a terminal; host is 'C', 'S', or 0 for the run. */
    void (*say)(void *to, enum play_said what, char host, const char *line);
    void *to;
};

struct play;

/* Freed by play_free(). */
struct play *play_new(const struct play_options *options);
void play_free(struct play *p);

/* Do a line as a person types it: now, unless others wait for their turn; `quit` always now. */
void play_line(struct play *p, const char *line);

/* Do it when its turn has come; `number` and `name` say where it stands ("FILE, line 3"), for the
 * sentence on one that is wrong; NULL for nowhere. */
void play_feed(struct play *p, const char *line, const char *name, int number);

/* The lines fed so far open a connection: where a call of theirs fails, those that follow are not
 * done, and unless the prompt `stays` the end has come. */
void play_opening(struct play *p, bool stays);

/* Whether a line can be understood: 0, or -1 with the sentence. Nothing is done. */
int play_check(const struct play *p, const char *line, struct error *e);

/* No line will be fed any more: when the last is done, the run is to end. */
void play_feed_ends(struct play *p);

/* Have a look at a frame of the session before the trace has it. */
void play_frame(struct play *p, const struct capture_frame *frame);

/* Go on, after frames or when the time has come: how long until something is to be done again, in
 * milliseconds, -1 for as long as nothing comes. `now_ns` is monotonic. */
int play_update(struct play *p, int64_t now_ns);

/* Bytes for the run: take them away from it as they are sent. Each line begins with whom it is for:
 * 'C' or 'S' for that host's program, ':' for the run. */
struct text *play_outgoing(struct play *p);

/* Whether the last line has been done and the programs were told to end; how many lines were wrong,
 * expectations missed and waits in vain. */
bool play_leaving(const struct play *p);
int play_failures(const struct play *p);

/* The host that is meant where none is said. */
char play_host(const struct play *p);

/* Words that may stand at the end of what is typed so far; see puppet_complete(). */
typedef void play_offer(void *to, const char *word, const char *help);
size_t play_complete(const char *line, play_offer *offer, void *to);

/* Append the list of calls, and of the prompt's own commands: as the manual page has it; and as the
 * rows of a table in docs/play.md, which a test holds to it. */
void play_manual(struct text *out);
void play_paper(struct text *out);

#endif
