/* A lab as its author wrote it: lab.md as data (docs/lab-authoring.md). */
#ifndef LABS_LESSON_LESSON_H
#define LABS_LESSON_LESSON_H

#include "labs/lesson/part.h"
#include "tracer/base/error.h"
#include "tracer/base/text.h"
#include "tracer/select/rule.h"

#include <stdbool.h>
#include <stddef.h>

/* What is another for each student (labs/lesson/vary.h). */
struct variable {
    char *name, *choices; /* "port", "9502 | 10000..29999" */
    char *value;          /* this reader's */
};

struct lesson {
    char *name;        /* "handshake": the folder's name without its number */
    char *folder;      /* where the lab's programs and papers are */
    char *paper;       /* the one that was read: "lab.md", "lab.zh.md" */
    char *title;       /* one line */
    char *profile;     /* the network profile's name */
    char *programs[2]; /* command line of host C, of host S; NULL where the host runs none */
    char submit;       /* the host whose program a student writes, 'C' or 'S'; 0: neither */
    long level;
    char *prose; /* Markdown, from behind the front matter */
    char **set;  /* what the lab sets otherwise than its profile: "delay=50ms"; ends with NULL */
    char **read; /* what to read next: "RFC 9293 3.5", "man 2 connect"; ends with NULL, or NULL */
    struct variable *variables;
    size_t variable_count;
    bool varied;        /* these are a student's, and not the lab's own */
    struct rules *wire; /* the rules of its wire blocks; NULL where it has none */
    struct part *parts; /* what the paper is made of, in its order */
    size_t part_count;
};

/* Read `folder`/lab.md. 0, or -1 with a sentence that names the file and the line. On 0 free with
 * lesson_free(). */
int lesson_read(const char *folder, struct lesson *l, struct error *e);

/* The same in a language ("zh"), where the lab is there in it: `folder`/lab.zh.md; else lab.md.
 * NULL is the user's own, by words_language(). */
int lesson_read_in(const char *folder, const char *language, struct lesson *l, struct error *e);

void lesson_free(struct lesson *l);

/* Parse the text of a lab.md; `path` is for messages. As lesson_read() otherwise. */
int lesson_parse(const char *text, const char *path, struct lesson *l, struct error *e);

/* The folder that holds the labs: $TCPLAB_CATALOG, or `catalog` beside the program, where it was
 * built, or ../lib/tcpladder/catalog from there, where it is installed. 0 or -1. */
int catalog_folder(struct text *out, struct error *e);

/* Read every lab of the catalog, in order. *lessons has *count of them; free each with
 * lesson_free(), then the array with free(). A lab that cannot be read is an error. */
int catalog_read(struct lesson **lessons, size_t *count, struct error *e);

/* Read the lab of that name ("handshake", "03-handshake", or the path of a lab's folder). */
int catalog_find(const char *name, struct lesson *l, struct error *e);

#endif
