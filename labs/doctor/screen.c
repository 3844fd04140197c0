/* What the viewer finds: a terminal, its size and colours, and the characters that it may draw. */
#include "labs/doctor/check.h"

#include "tracer/base/locale.h"
#include "tracer/tui/screen.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD_COLS = 80, GOOD_ROWS = 24 };

static const char *type_of_terminal(void)
{
    const char *type = getenv("TERM");
    return type && type[0] != '\0' ? type : "not set";
}

static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

void check_terminal(struct exam *x, struct diagnosis *d)
{
    int rows, cols, colours;
    struct error e;
    (void)x;
    if (!has_terminal()) {
        diagnosis_tell(d, ANSWER_LIMITED, "There is none: labs are told as text.");
    } else if (screen_examine(&rows, &cols, &colours, &e) != 0) {
        diagnosis_tell(
            d, ANSWER_LIMITED,
            "The viewer cannot draw on one of this type (TERM is %.40s): labs are told as "
            "text, with --text. If it is an ordinary one:",
            type_of_terminal());
        text_add(&d->mend, "export TERM=xterm-256color");
    } else if (rows == 0 || cols == 0) {
        diagnosis_tell(d, ANSWER_LIMITED,
                       "%.40s, which does not tell its size. To tell it:", type_of_terminal());
        text_add(&d->mend, "stty rows 24 cols 80");
    } else if (rows < GOOD_ROWS || cols < GOOD_COLS) {
        diagnosis_tell(
            d, ANSWER_LIMITED,
            "%.40s, %d columns by %d lines: enlarge it, a ladder has room from %d by %d on.",
            type_of_terminal(), cols, rows, GOOD_COLS, GOOD_ROWS);
    } else {
        diagnosis_tell(d, ANSWER_OK, "%.40s, %d columns by %d lines.", type_of_terminal(), cols,
                       rows);
    }
}

void check_colours(struct exam *x, struct diagnosis *d)
{
    int rows, cols, colours = 0;
    struct error e;
    const char *no = getenv("NO_COLOR");
    (void)x;
    if (!has_terminal() || screen_examine(&rows, &cols, &colours, &e) != 0)
        diagnosis_tell(d, ANSWER_PASSED_OVER, "%s", "");
    else if (no && no[0] != '\0')
        diagnosis_tell(d, ANSWER_OK, "None, since NO_COLOR is set.");
    else if (colours >= 8)
        diagnosis_tell(d, ANSWER_OK, "%d.", colours);
    else
        diagnosis_tell(d, ANSWER_LIMITED,
                       "None; nothing is said by colour alone. If the terminal has some:");
}

static const char *name_of_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (getenv(names[i]) && getenv(names[i])[0] != '\0')
            return getenv(names[i]);
    return "C";
}

static void mend_locale(struct diagnosis *d)
{
    locale_t plain = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (plain)
        freelocale(plain);
    text_add(&d->mend, plain ? "export LC_ALL=C.UTF-8"
                             : "sudo apt-get install locales-all\nexport LC_ALL=en_US.UTF-8");
}

void check_locale(struct exam *x, struct diagnosis *d)
{
    (void)x;
    bool known = setlocale(LC_CTYPE, "") != NULL;
    if (locale_take() && screen_has_utf8()) {
        diagnosis_tell(d, ANSWER_OK,
                       known ? "%.40s: the ladder is drawn with lines."
                             : "%.40s is not installed: C.UTF-8 serves, and the ladder is drawn "
                               "with lines.",
                       name_of_locale());
        return;
    }
    diagnosis_tell(d, ANSWER_LIMITED,
                   known
                       ? "The locale %.40s has no UTF-8: the ladder is drawn in ASCII. To have "
                         "lines:"
                       : "The locale %.40s is not installed: the ladder is drawn in ASCII. To have "
                         "lines:",
                   name_of_locale());
    mend_locale(d);
}
