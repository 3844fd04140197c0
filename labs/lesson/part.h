/* What a lab's document is made of: prose, and between it the blocks that do something. */
#ifndef LABS_LESSON_PART_H
#define LABS_LESSON_PART_H

#include "tracer/select/expect.h"
#include "tracer/select/query.h"
#include "tracer/select/selector.h"

#include <stddef.h>
#include <stdint.h>

enum part_kind {
    PART_PROSE,  /* Markdown, shown as it comes */
    PART_STEP,   /* the lab goes on until something has happened */
    PART_ASK,    /* a prediction */
    PART_RUN,    /* a host runs a further program, once the steps before have come to pass */
    PART_WIRE,   /* rules: they stand in lesson.wire, for the whole run */
    PART_EXPECT, /* what is graded */
    PART_KIND_COUNT,
};

/* One line of a step: "until C enters connect()", or "until the end". */
struct until {
    struct selector *event; /* NULL: the end of the session */
    int line;               /* of the paper, as all lines here */
};

struct step {
    struct until *at;
    size_t count;
};

/* A line of a run block: "C: ./client S 9502". */
struct run_line {
    char host; /* 'C' or 'S' */
    char *command;
    int line;
};

/* An answer that is foreseen, and wrong: why it is. */
struct wrong {
    struct query *value; /* its value in this run; NULL: it is `text`, or anything at all */
    char *text;          /* NULL where value is not, and for anything that has no row of its own */
    char *why;           /* Markdown */
    int line;
};

/* A question, its answer, and what is said to those who have it wrong. */
struct ask {
    char *question;      /* Markdown */
    struct query *value; /* the answer in this run; NULL: it is one of `accepted` */
    char **accepted;     /* texts, of which the first is the one shown; ends with NULL */
    char **choices;      /* to choose from; NULL where anything may be typed. Ends with NULL */
    char **hints;        /* one at a time; ends with NULL, or NULL */
    struct wrong *wrongs;
    size_t wrong_count;
    char *right;          /* said of the right answer; NULL: nothing */
    int64_t tolerance_ns; /* a time may differ by so much; 0: by a tenth of itself */
    long points;
    int line;
};

struct part {
    enum part_kind kind;
    int line;
    char *text; /* the prose; of a block, its lines */
    struct step step;
    struct ask ask;
    struct run_line *runs; /* PART_RUN: run_count of them */
    size_t run_count;
    struct expectations *expect; /* PART_EXPECT */
};

/* "step"; PART_PROSE has no name (NULL). */
const char *part_name(enum part_kind k);

#endif
