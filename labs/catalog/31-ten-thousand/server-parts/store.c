#include "store.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    char name[FILE_NAME_MOST + 1];
    int file;
} files[FILES_MOST];
static int count, lent;

int store_new(void)
{
    int file = lent < FILES_MOST ? memfd_create("upload", MFD_CLOEXEC) : -1;
    lent += file >= 0;
    return file;
}

void store_return(int file)
{
    close(file);
    lent--;
}

static int find(const char *name)
{
    int i = 0;
    while (i < count && strcmp(files[i].name, name) != 0)
        i++;
    return i;
}

bool store_keep(int file, const char *name)
{
    int i = find(name);
    if (i == FILES_MOST || strlen(name) > FILE_NAME_MOST) {
        store_return(file);
        return false;
    }
    if (i < count)
        close(files[i].file); /* who is reading it has a descriptor of his own */
    else
        count++;
    strcpy(files[i].name, name);
    files[i].file = file;
    lent--;
    return true;
}

int store_open(const char *name, uint64_t *bytes)
{
    int i = find(name);
    struct stat is;
    if (i == count || lent == FILES_MOST || fstat(files[i].file, &is) != 0)
        return -1;
    *bytes = (uint64_t)is.st_size;
    int file = dup(files[i].file); /* sendfile() is told the offset: the shared one is not used */
    lent += file >= 0;
    return file;
}

void store_close(void)
{
    while (count > 0)
        close(files[--count].file);
}
