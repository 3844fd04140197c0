/* The built-in profiles' texts: CMakeLists.txt makes them from labs/profiles. */
#ifndef LABS_SANDBOX_PROFILE_TEXTS_H
#define LABS_SANDBOX_PROFILE_TEXTS_H

struct profile_text {
    const char *name;
    const unsigned char *text; /* ends with NUL */
};

/* Ends with a name of NULL; "classic" is the first. */
extern const struct profile_text profile_texts[];

#endif
