#include "labs/submission/owner.h"

#ifdef HAVE_JANSSON
#include <jansson.h>
#include <string.h>

/* Borrowed from `metadata`; NULL where nobody has one. */
static const char *first_email(const json_t *metadata)
{
    const char *first = NULL;
    size_t i;
    json_t *user;
    json_array_foreach(json_object_get(metadata, "users"), i, user)
    {
        const char *email = json_string_value(json_object_get(user, "email"));
        if (email && (!first || strcmp(email, first) < 0))
            first = email;
    }
    return first;
}

int owner_read(const char *path, struct text *out, struct error *e)
{
    json_error_t fault;
    struct text name = {0}, why = {0};
    json_t *metadata = json_load_file(path, 0, &fault);
    const char *email = metadata ? first_email(metadata) : NULL;
    text_safe_str(&name, path);
    if (email) {
        text_add(out, email);
    } else if (metadata) {
        error_set(e, "%.200s names no user with an e-mail address: whose submission is it?",
                  text_str(&name));
    } else {
        text_safe_str(&why, fault.text);
        error_set(e, "%.200s could not be read, line %d: %.200s", text_str(&name), fault.line,
                  text_str(&why));
    }
    int result = email ? 0 : -1;
    json_decref(metadata);
    text_free(&name);
    text_free(&why);
    return result;
}
#else
int owner_read(const char *path, struct text *out, struct error *e)
{
    (void)path, (void)out;
    return error_exit(e, EXIT_MACHINE,
                      "Whose submission it is cannot be read: this was built without libjansson.");
}
#endif
