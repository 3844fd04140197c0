/* `tcplab new`: a lab to begin with. */
#ifndef LABS_APP_NEW_H
#define LABS_APP_NEW_H

#include "labs/app/options.h"

int new_lab(const struct options *o, char **words, struct error *e);

/* The files of that lab: CMakeLists.txt makes them from labs/template. The last path is NULL. */
struct template_file {
    const char *path;
    const unsigned char *text; /* ends with NUL */
};
extern const struct template_file template_files[];

#endif
