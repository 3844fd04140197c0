#include "labs/doctor/check.h"

#include "labs/sandbox/denial.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void diagnosis_tell(struct diagnosis *d, enum probe_answer answer, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    d->answer = answer;
    text_clear(&d->told);
    text_add(&d->told, sentence);
}

void diagnosis_error(struct diagnosis *d, enum probe_answer answer, const struct error *e)
{
    char sentence[sizeof e->text];
    snprintf(sentence, sizeof sentence, "%s", e->text);
    if (e->mend_at > 0) {
        text_clear(&d->mend);
        text_add(&d->mend, e->text + e->mend_at);
        sentence[e->mend_at - 1] = '\0'; /* the space before it */
    }
    const char *reason = denial_reason(sentence);
    diagnosis_tell(d, answer, "%c%s", toupper((unsigned char)reason[0]), reason + 1);
}

const struct trial *exam_trial(struct exam *x)
{
    if (!x->tried)
        trial_make(&x->trial);
    x->tried = true;
    return &x->trial;
}

void exam_watch(struct exam *x)
{
    if (!x->watched && calls_examine(&x->ability, &x->refusal) == 0)
        x->refusal.text[0] = '\0';
    x->watched = true;
}

enum sandbox_tier exam_tier(const struct exam *x)
{
    if (x->impossible)
        return TIER_COUNT;
    if (trial_tier(&x->trial) != TIER_COUNT)
        return trial_tier(&x->trial);
    return x->captures ? TIER_LOOPBACK : TIER_CALLS;
}
