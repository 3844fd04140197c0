#include "labs/doctor/doctor.h"

#include "labs/doctor/check.h"
#include "labs/doctor/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sentence or two on the tier, and the status that tells it to scripts. */
static int conclude(enum sandbox_tier tier, struct text *sentence)
{
    if (tier == TIER_COUNT) {
        text_add(sentence,
                 "Labs cannot run here: mend what is said above. Until then `tcplab run LAB` shows "
                 "a lab as it was recorded on another machine.");
        return EXIT_MACHINE;
    }
    text_format(sentence, "Labs run here in the tier \"%s\"%s. %s", sandbox_tier_name(tier),
                tier == TIER_HOSTS ? "" : ", since better ones are refused",
                sandbox_tier_sentence(tier));
    return tier <= TIER_ROOT_HOSTS ? EXIT_DONE : EXIT_FELL_SHORT;
}

/* Each is shown when it is found. */
static void flush(struct text *out)
{
    fputs(text_str(out), stdout);
    fflush(stdout);
    text_clear(out);
}

/* A sentence that ends with a colon leads up to a command. */
static bool wants_mend(const struct diagnosis *d)
{
    return d->mend.len == 0 && d->told.len > 0 && d->told.s[d->told.len - 1] == ':';
}

static void make_check(struct exam *x, const struct check *c, struct diagnosis *d)
{
    *d = (struct diagnosis){0};
    c->probe(x, d);
    if (c->mend && wants_mend(d))
        text_add(&d->mend, c->mend);
    x->impossible |= c->essential && d->answer == ANSWER_NO;
}

int doctor_run(bool json)
{
    struct exam x = {.root = ""};
    struct page page = page_new();
    struct text out = {0}, sentence = {0};
    const char *group = NULL;
    for (size_t i = 0; i < check_count; i++) {
        struct diagnosis d;
        make_check(&x, &checks[i], &d);
        if (d.answer != ANSWER_PASSED_OVER && json) {
            json_diagnosis(&checks[i], &d, &out);
        } else if (d.answer != ANSWER_PASSED_OVER) {
            bool heading = !group || strcmp(group, checks[i].group) != 0;
            if (heading && group)
                text_char(&out, '\n');
            page_diagnosis(&page, &checks[i], &d, heading, &out);
            group = checks[i].group;
        }
        flush(&out);
        text_free(&d.told);
        text_free(&d.mend);
    }
    enum sandbox_tier tier = exam_tier(&x);
    int status = conclude(tier, &sentence);
    if (json)
        json_end(tier == TIER_COUNT ? "none" : sandbox_tier_name(tier), status, text_str(&sentence),
                 &out);
    else
        page_end(&page, text_str(&sentence), &out);
    flush(&out);
    trial_free(&x.trial);
    text_free(&sentence);
    text_free(&out);
    return status;
}
