/* The libraries that a build may lack; CMakeLists.txt looks for them. */
#include "labs/doctor/check.h"
#include "labs/doctor/doctor.h"

#include <stdlib.h>

#ifdef HAVE_JANSSON
#define HERE_JANSSON true
#else
#define HERE_JANSSON false
#endif
#ifdef HAVE_MNL
#define HERE_MNL true
#else
#define HERE_MNL false
#endif
#ifdef HAVE_SECCOMP
#define HERE_SECCOMP true
#else
#define HERE_SECCOMP false
#endif
#ifdef HAVE_DW
#define HERE_DW true
#else
#define HERE_DW false
#endif
#ifdef HAVE_WORDS
#define HERE_WORDS true
#else
#define HERE_WORDS false
#endif

enum { LIBRARY_JANSSON, LIBRARY_MNL, LIBRARY_SECCOMP, LIBRARY_DW, LIBRARY_WORDS, LIBRARY_COUNT };

const struct doctor_library doctor_libraries[] = {
    [LIBRARY_JANSSON] = {"libjansson", "libjansson-dev", HERE_JANSSON,
                         "Sessions are read with their calls.",
                         "labs cannot run here, and sessions are read without their calls."},
    [LIBRARY_MNL] = {"libmnl", "libmnl-dev", HERE_MNL, "Hosts can be set up.",
                     "labs run on loopback, without two hosts of their own."},
    [LIBRARY_SECCOMP] = {"libseccomp", "libseccomp-dev", HERE_SECCOMP,
                         "Programs stop at socket calls alone.",
                         "programs run slower, since each of their system calls stops, not socket "
                         "calls alone."},
    [LIBRARY_DW] = {"libdw", "libdw-dev", HERE_DW,
                    "Calls are shown with the line of the program that makes them.",
                    "calls are shown without the line of the program that makes them."},
    [LIBRARY_WORDS] = {"gettext", "gettext", HERE_WORDS,
                       "Both programs speak Chinese too, where labs do.",
                       "labs are there in Chinese, but both programs speak English alone."},
};
const unsigned doctor_library_count = LIBRARY_COUNT;

static void check_library(const struct doctor_library *l, enum probe_answer without,
                          struct diagnosis *d)
{
    if (l->here) {
        diagnosis_tell(d, ANSWER_OK, "%s", l->serves);
        return;
    }
    diagnosis_tell(d, without, "Built without %s: %s Build again after:", l->name, l->missing);
    text_format(&d->mend, "sudo apt-get install %s", l->package);
}

void check_jansson(struct exam *x, struct diagnosis *d)
{
    (void)x;
    check_library(&doctor_libraries[LIBRARY_JANSSON], ANSWER_NO, d);
}

void check_mnl(struct exam *x, struct diagnosis *d)
{
    (void)x;
    check_library(&doctor_libraries[LIBRARY_MNL], ANSWER_NO, d);
}

void check_seccomp(struct exam *x, struct diagnosis *d)
{
    (void)x;
    check_library(&doctor_libraries[LIBRARY_SECCOMP], ANSWER_LIMITED, d);
}

void check_dw(struct exam *x, struct diagnosis *d)
{
    (void)x;
    check_library(&doctor_libraries[LIBRARY_DW], ANSWER_LIMITED, d);
}

void check_words(struct exam *x, struct diagnosis *d)
{
    (void)x;
    check_library(&doctor_libraries[LIBRARY_WORDS], ANSWER_LIMITED, d);
}
