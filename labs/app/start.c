#include "labs/app/start.h"

#include "labs/app/take.h"
#include "labs/guide/start.h"
#include "tracer/base/alloc.h"
#include "tracer/base/words.h"
#include "tracer/tui/tui.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int start_list(struct error *e)
{
    struct start s;
    struct text out = {0};
    if (start_read(&s, e) != 0)
        return e->status;
    start_text(&s, &out);
    fputs(text_str(&out), stdout);
    text_free(&out);
    start_free(&s);
    return EXIT_DONE;
}

int start_one(const struct options *o, const char *name, struct error *e)
{
    struct start s = {0};
    struct lesson found;
    struct error unused;
    bool known = start_read(&s, name ? &unused : e) == 0; /* a lab of one's own needs no catalog */
    if (!name && !known)
        return e->status;
    if (!name && s.count == 0)
        return error_set(e, "There is no lab in the catalog."), EXIT_FELL_SHORT;
    if (name && catalog_find(name, &found, e) != 0) {
        start_free(&s);
        return e->status;
    }
    const struct lesson *l = name ? &found : &s.lessons[s.cursor];
    int status = take_lab(o, l, known ? start_next(&s, l->name) : NULL, e);
    if (name)
        lesson_free(&found);
    start_free(&s);
    return status;
}

/* ---- the start screen ----------------------------------------------------------------------- */

/* A lab is taken by a process of its own: it leaves nothing behind in this one, and its end is not
 * ours. Signals of the keyboard are for it alone meanwhile. */
static int take_apart(const struct options *o, const struct start *s, struct error *e)
{
    const struct lesson *l = &s->lessons[s->cursor];
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return error_set(e, "Cannot start the lab: %s.", strerror(errno)), EXIT_FELL_SHORT;
    if (pid == 0) {
        struct error why = {0};
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(EXIT_FELL_SHORT);
        int status = take_lab(o, l, start_next(s, l->name), &why);
        if (status != EXIT_DONE && why.text[0])
            error_tell("tcplab", why.text);
        exit(status);
    }
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN), (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    signal(SIGINT, interrupt);
    signal(SIGQUIT, quit);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FELL_SHORT;
}

/* What was said on the way stays until it is read. False where the terminal is gone. */
static bool wait_for_reader(void)
{
    char c;
    ssize_t n;
    fputs(_("\nEnter goes back to the labs. "), stdout);
    fflush(stdout);
    while ((n = read(STDIN_FILENO, &c, 1)) > 0 && c != '\n')
        ;
    return n > 0;
}

/* Show the labs until one is chosen or the student leaves; *name is the lab that was taken last. */
static int choose(const struct options *o, struct start *s, char **name, struct error *e)
{
    if (start_read(s, e) != 0)
        return e->status;
    if (*name)
        start_follow(s, *name);
    free(*name);
    *name = NULL;
    struct tui_options screen = {
        .title = _("tcplab: the labs"),
        .ascii = o->ascii,
        .console_fd = -1,
        .view = &start_view,
        .view_data = s,
    };
    if (tui_run(&screen, e) != 0)
        return e->status;
    if (s->chosen)
        *name = xstrdup(s->lessons[s->cursor].name);
    return EXIT_DONE;
}

int start_labs(const struct options *o, struct error *e)
{
    char *name = NULL;
    int status;
    bool more;
    do {
        struct start s = {0};
        status = choose(o, &s, &name, e);
        more = status == EXIT_DONE && name;
        if (more && take_apart(o, &s, e) != EXIT_DONE)
            more = wait_for_reader();
        start_free(&s);
    } while (more);
    free(name);
    return status;
}
