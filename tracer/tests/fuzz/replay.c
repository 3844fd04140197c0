/* Runs a fuzz target over the files of a folder: each as it is, some of its beginnings, and with
 * some of its bytes turned. Every input is a copy of its own, so that a read past its end is one
 * past an allocation's. */
#include "tracer/base/alloc.h"
#include "tracer/tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 65536, VARIANTS = 12 };

static void try_one(const uint8_t *bytes, size_t n, size_t turned)
{
    uint8_t *copy = xmalloc(n);
    if (n > 0)
        memcpy(copy, bytes, n);
    if (turned < n)
        copy[turned] = (uint8_t)~copy[turned];
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void try_all(const uint8_t *bytes, size_t n)
{
    try_one(bytes, n, SIZE_MAX);
    size_t step = n / VARIANTS + 1;
    for (size_t at = 0; at < n; at += step) {
        try_one(bytes, at, SIZE_MAX);
        try_one(bytes, n, at);
    }
}

static int try_file(const char *folder, const char *name)
{
    static uint8_t bytes[FILE_MOST];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rbe");
    if (!f) {
        perror(path);
        return -1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    try_all(bytes, n);
    return 0;
}

int main(int argc, char **argv)
{
    int files = 0, faults = 0;
    DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
    if (!d) {
        fprintf(stderr, "usage: %s FOLDER, one that is there\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        files++;
        faults += try_file(argv[1], entry->d_name) != 0;
    }
    closedir(d);
    printf("%d files\n", files);
    return files == 0 || faults > 0;
}
