/* A line typed at the prompt of `tcplab play`. */
#include "labs/puppet/call.h"
#include "tracer/base/alloc.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void fits(void *to, const char *word, const char *help)
{
    (void)help;
    *(size_t *)to += strlen(word);
}

/* What was read is written, and reads as the same. */
static void again(const struct puppet_call *c)
{
    struct puppet_call d;
    struct error e = {0};
    struct text first = {0}, second = {0};
    puppet_write(c, &first);
    if (puppet_parse(text_str(&first), &d, &e) == 0)
        puppet_write(&d, &second);
    else if (first.len <= PUPPET_LINE_MOST)
        abort();
    if (first.len <= PUPPET_LINE_MOST && strcmp(text_str(&first), text_str(&second)) != 0)
        abort();
    puppet_call_free(&d);
    text_free(&first);
    text_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *line = xstrndup((const char *)bytes, n);
    struct puppet_call c;
    struct error e = {0};
    size_t offered = 0;
    if (puppet_complete(line, fits, &offered) > strlen(line))
        abort();
    if (puppet_parse(line, &c, &e) == 0)
        again(&c);
    else if (e.text[0] == '\0')
        abort();
    puppet_call_free(&c);
    free(line);
    return 0;
}
