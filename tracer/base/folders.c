#include "tracer/base/folders.h"

#include "tracer/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int folders_above(const char *path, mode_t mode)
{
    struct text folder = {0};
    int why = 0;
    for (const char *slash = strchr(path + 1, '/'); slash && why == 0;
         slash = strchr(slash + 1, '/')) {
        text_clear(&folder);
        text_bytes(&folder, path, (size_t)(slash - path));
        if (mkdir(text_str(&folder), mode) != 0 && errno != EEXIST)
            why = errno;
    }
    text_free(&folder);
    errno = why;
    return why == 0 ? 0 : -1;
}
