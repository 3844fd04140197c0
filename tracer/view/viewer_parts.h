/* The viewer's own data, shared by its files: viewer.c (its life, commands, keys),
 * viewer_views.c (the views it holds), viewer_draw.c, viewer_line.c (commands with arguments),
 * viewer_complete.c, viewer_files.c (names of files), viewer_prompt.c, viewer_search.c,
 * viewer_find.c (marks, tags, places), viewer_save.c, viewer_mouse.c, viewer_dialogue.c. */
#ifndef TRACER_VIEW_VIEWER_PARTS_H
#define TRACER_VIEW_VIEWER_PARTS_H

#include "tracer/view/dialogue.h"
#include "tracer/view/editor.h"
#include "tracer/view/keys.h"
#include "tracer/view/tags.h"
#include "tracer/view/picked.h"
#include "tracer/view/view.h"
#include "tracer/view/viewer.h"

enum {
    VIEWS_MOST = 16,   /* kinds of view */
    VIEWS_DEEP = 8,    /* views that lie one over the other, at the most */
    MARK_COUNT = 27,   /* the letters, and where we were before */
    BAR_ITEMS = 24,    /* of the key bar, at the most */
    COMPLETIONS = 120, /* more than there are commands */
};

/* What is being typed. */
enum prompt {
    PROMPT_NONE,
    PROMPT_COMMAND,
    PROMPT_SEARCH,
    PROMPT_FILTER,
    PROMPT_TYPE, /* to a host's program */
    PROMPT_SAVE,
    PROMPT_DIALOGUE,
    PROMPT_COUNT,
};

struct mark {
    const struct view_type *type; /* NULL: not set */
    struct view_position position;
    struct view_target target; /* with the connections that stood side by side */
};

/* A search, done in slices so that nothing waits for it. */
struct search {
    struct text needle;    /* in lower case, "" before the first search */
    struct picked *picked; /* (owned) where the needle is a selector: the events that it picks */
    uint32_t event;        /* looked at next */
    bool running;
    int by;                        /* 1 down, -1 up */
    bool wrapped;                  /* went on from the other end */
    struct view_position at, from; /* looked at next; began at */
};

/* A word that could stand where the cursor is, and what it means. */
struct completion {
    const char *word, *help;
};

/* A file that is there already, to be written over after a yes. */
struct overwrite {
    bool asked;
    bool screen, ansi; /* the screen rather than packets */
    struct text path;
};

struct viewer {
    const struct trace *trace; /* (borrowed) */
    struct text title;
    const struct view_type *type; /* of the view in use */
    void *view;                   /* (owned) by its type's close() */
    struct {
        const struct view_type *type;
        void *view;
        bool stepped;
    } beneath[VIEWS_DEEP]; /* views that others were opened from, the last one first to come back */
    int beneath_count;
    bool stepped;                /* the one in use was stepped to: the next step is from beneath */
    void *left[VIEWS_MOST];      /* (owned) views that were left by stepping on, by number */
    struct view_target selected; /* by the view before; goes from view to view */
    bool following;              /* it followed the newest */
    const void *arrived_in;      /* the view that turned to it, */
    struct view_target arrived;  /* and what it selected for it */
    const struct dialogue *dialogue; /* (borrowed) or NULL */
    int dialogue_back;               /* so many rows of it are scrolled back */
    int dialogue_rows;               /* that it was drawn in */
    bool can_type;
    bool catching_up; /* paused, and the view opened since has not taken in all there was */
    bool paused;
    bool help;
    int help_skip;

    struct keymap keys;
    enum prompt prompt;
    struct editor editor;
    struct history histories[PROMPT_COUNT];
    char host;            /* whom a typed line is for */
    bool pasting;         /* what comes is pasted text */
    enum command pending; /* a command that waits for a letter, or COMMAND_NONE */
    struct completion completions[COMPLETIONS];
    int completion_count;
    char *files[COMPLETIONS]; /* (owned) names among them */
    int file_count;
    struct overwrite overwrite;
    struct saving *saving; /* (owned) the file that is being written, or NULL */

    struct text order;    /* for the run; "" where the line that is typed is meant */
    size_t commands_seen; /* of the trace */
    struct text message;  /* may have lines */
    bool message_is_error;
    struct text copied;
    enum viewer_source source;
    uint64_t dropped, passed_over;
    uint64_t done, all; /* of what is being read; see viewer_set_progress() */

    struct mark marks[MARK_COUNT];
    struct tags tags;
    struct search search;
    enum time_format time;
    struct viewer_settings settings;

    struct {
        int col, cols;
        enum command command;
    } bar[BAR_ITEMS]; /* where its items stood when drawn last */
    int bar_count;
    int rows, cols; /* the size drawn last */
    bool ascii;
};

/* ---- viewer.c ---- */

/* Whether the command means anything: in a view that is alone not every one does. */
bool viewer_has_command(const struct viewer *v, enum command c);

/* Run a command; `argument` is what followed its name, NULL where nothing did. */
enum viewer_answer viewer_run(struct viewer *v, const struct command_row *row,
                              const char *argument);

/* A sentence that is no error; the error's. Both redraw. */
enum viewer_answer viewer_tell(struct viewer *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum viewer_answer viewer_refuse(struct viewer *v, const struct error *e);

/* Whether the view in use has more to take in. */
bool viewer_view_busy(const struct viewer *v);

/* Give the view in use a command. */
enum viewer_answer viewer_view_command(struct viewer *v, enum command c);

/* ---- viewer_views.c ---- */

/* To the view of this type: the one in use, one that lies beneath, else a new one over it. */
enum viewer_answer viewer_go_to_view(struct viewer *v, const struct view_type *type);

/* What the view in use has selected; no connection and no event where it cannot say. */
struct view_target viewer_target(const struct viewer *v);

/* What is selected, in a view of another type laid over this one; in the list of connections, if
 * that lies beneath, there. What the view in use asks for. */
enum viewer_answer viewer_show_selected(struct viewer *v, const struct view_type *type);
enum viewer_answer viewer_open_target(struct viewer *v);

/* The same in the view of a type, of the one that stands `by` further; this view comes back as it
 * is. */
enum viewer_answer viewer_step_to(struct viewer *v, const struct view_type *type);
enum viewer_answer viewer_step_view(struct viewer *v, size_t by);

/* Back to the view beneath; quits where there is none. */
enum viewer_answer viewer_close_view(struct viewer *v);
void viewer_close_all(struct viewer *v);

/* ---- viewer_draw.c ---- */

const struct command_bar_item *viewer_bar(const struct viewer *v);

/* ---- viewer_line.c ---- */

/* Run a line as typed after `:`; in a `file` only what configures is taken. -1 with the sentence.
 */
int viewer_line(struct viewer *v, const char *line, bool file, enum viewer_answer *answer,
                struct error *e);

/* The commands that are the viewer's own and more than a word of it; each takes the argument or
 * NULL. */
typedef enum viewer_answer viewer_command_run(struct viewer *v, const char *argument);
viewer_command_run viewer_theme, viewer_set, viewer_bind, viewer_unbind, viewer_view_by_name,
    viewer_help;

/* The settings of `set`, and their values. */
struct setting {
    const char *name, *help;
    const char *values[4]; /* NULL where there are fewer */
    void (*apply)(struct viewer *v, int value);
};
extern const struct setting viewer_setting_table[];
extern const size_t viewer_setting_count;

/* ---- viewer_complete.c ---- */

/* Complete the word before the cursor; where several fit they stand in v->completions. */
void viewer_complete(struct viewer *v);

/* The same where all of the line is a file's name. */
void viewer_complete_file(struct viewer *v);

/* ---- viewer_files.c ---- */

/* Offer the files whose names begin as `typed` ends; returns where in it the name begins. */
size_t viewer_offer_files(struct viewer *v, const char *typed);
void viewer_files_forget(struct viewer *v);

/* ---- viewer_prompt.c ---- */

void viewer_prompt_open(struct viewer *v, enum prompt p, const char *line);
enum viewer_answer viewer_prompt_key(struct viewer *v, uint32_t key);
void viewer_prompt_draw(const struct viewer *v, struct grid *g, int row);
viewer_command_run viewer_prompt_command, viewer_filter, viewer_type;

/* ---- viewer_hands.c ---- */

/* The commands that hold and step a run; the rows that tell what is held now, of `rows` at the
 * most, and those drawn. */
viewer_command_run viewer_hands_hold, viewer_hands_flight, viewer_hands_let, viewer_hands_drop,
    viewer_hands_dup, viewer_hands_delay, viewer_hands_go, viewer_hands_rule,
    viewer_hands_hold_programs, viewer_hands_go_programs, viewer_hands_step, viewer_hands_step_c,
    viewer_hands_step_s;
int viewer_hands_rows(const struct viewer *v, int rows);
void viewer_hands_draw(const struct viewer *v, struct grid *g, struct area a);

/* Say what came of a command; true where there is something new. */
bool viewer_hands_update(struct viewer *v);

/* The key bar while something is held; NULL while nothing is. */
const struct command_bar_item *viewer_hands_bar(const struct viewer *v);
/* ---- viewer_dialogue.c ---- */

enum viewer_answer viewer_dialogue_key(struct viewer *v, uint32_t key);
enum viewer_answer viewer_dialogue_done(struct viewer *v);

/* Draw what was said, above row `last`; how many rows it takes, 0 without a dialogue. */
int viewer_dialogue_draw(struct viewer *v, struct grid *g, int last);

/* ---- viewer_select.c ---- */

/* Take the needle, as it was typed, for a selector where it reads as one. */
void viewer_select_needle(struct viewer *v);

/* Search for the events that a selector picks, where the needle is one and the view can find an
 * event's line; false where it is to be searched for as text. */
bool viewer_select_start(struct viewer *v);

/* Go on for `budget_ns`; the search has ended where it is no longer running. */
void viewer_select_slice(struct viewer *v, int64_t budget_ns);

/* ---- viewer_search.c ---- */

viewer_command_run viewer_search, viewer_search_next, viewer_search_previous;

/* Go on with a search for a moment; true where the picture changed. */
bool viewer_search_slice(struct viewer *v);

/* Give up a search that is running; false where none was. */
bool viewer_search_stop(struct viewer *v);

/* Show in the drawn rows what was searched for. */
void viewer_search_draw(const struct viewer *v, struct grid *g, struct area a);

/* ---- viewer_find.c ---- */

viewer_command_run viewer_mark, viewer_jump, viewer_tag, viewer_untag, viewer_goto;

/* Remember where we are, for ''. */
void viewer_remember(struct viewer *v);

/* The segment of a trace event, TRACE_NONE where it has none. */
uint32_t viewer_segment_of(const struct viewer *v, uint32_t event);

/* Show in the drawn rows what is tagged. */
void viewer_tags_draw(const struct viewer *v, struct grid *g, struct area a);

/* ---- viewer_save.c ---- */

viewer_command_run viewer_save, viewer_save_screen;

/* A name as a shell would take it, ~ being the home: `n` bytes of it in place of what is in `out`.
 */
void viewer_path(struct text *out, const char *name, size_t n);
enum viewer_answer viewer_overwrite(struct viewer *v, bool yes);

/* Go on with a file for a moment, true where one is being written; give it up, false where none
 * was; how much of it there is. */
bool viewer_save_slice(struct viewer *v);
bool viewer_save_stop(struct viewer *v);
int viewer_saved_percent(const struct viewer *v);

#endif
