/* What it takes to grade what strangers have written. */
#include "labs/doctor/check.h"

#include "labs/cell/cell.h"
#include "labs/cell/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a program runs in a cell, in a folder that is made for it. */
static int try_cell(struct error *e)
{
    const char *place = getenv("TMPDIR");
    struct text room = {0}, folder = {0};
    text_format(&room, "%s/tcplab-doctor.XXXXXX", place && place[0] ? place : "/tmp");
    if (!mkdtemp(room.s)) {
        error_set(e, "Cannot make a folder %.300s: %s. Point TMPDIR to where you may write.",
                  room.s, strerror(errno));
        text_free(&room);
        return -1;
    }
    text_format(&folder, "%s/cell", room.s);
    int result = chmod(room.s, 0711) == 0 && mkdir(folder.s, 0711) == 0
                     ? cell_allowed(folder.s, e)
                     : error_set(e, "Cannot make a folder %.300s: %s.", folder.s, strerror(errno));
    rmdir(folder.s);
    rmdir(room.s);
    text_free(&folder);
    text_free(&room);
    return result;
}

void check_containment(struct exam *x, struct diagnosis *d)
{
    struct error e = {0}, why = {0};
    (void)x;
    if (try_cell(&e) != 0)
        diagnosis_error(d, ANSWER_NO, &e);
    else if (group_allowed(&why) != 0)
        diagnosis_tell(
            d, ANSWER_LIMITED,
            "A program ran in a cell. It has limits for each process, and none for all of "
            "them together: %s",
            why.text);
    else
        diagnosis_tell(d, ANSWER_OK,
                       "A program ran in a cell, with limits for all of its processes together.");
}
