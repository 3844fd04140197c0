#include "labs/calls/caller.h"

#ifdef HAVE_DW

#include "labs/calls/caller_line.h"
#include "labs/calls/memory.h"
#include "labs/calls/paths.h"
#include "labs/calls/registers.h"
#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FRAMES_MOST = 16,    /* that are unwound for one call */
    SITES_MOST = 4096,   /* return addresses that are remembered */
    SITE_BUCKETS = 256,  /* of their table */
    MAPS_READ_MOST = 16, /* times that the map of an address space is read */
    PATH_BYTES_MOST = 4096,
    STACK_BYTES = 1024, /* of the stack, read at once */
    WORDS_READ = 64,    /* of the stack, by the unwinding of one frame */
};
static const off_t file_bytes_most = (off_t)256 << 20; /* of a file that is looked into */

/* What a return address stands for: remembered where it stands for nothing, too. */
struct site {
    struct site *next;
    Dwarf_Addr pc;
    struct caller caller; /* its strings are owned; `file` NULL: no line */
};

/* A word of memory that the unwinding asked for. */
struct word {
    Dwarf_Addr at;
    Dwarf_Word value;
};

struct image {
    unsigned users;
    Dwfl *dwfl;                    /* NULL where the program has no debug information */
    char program[PATH_BYTES_MOST]; /* its file */
    int maps_read;
    size_t site_count;
    struct site *sites[SITE_BUCKETS];
    struct paths paths;
    /* while a stack is unwound: */
    pid_t tid;
    const char *folder;
    int frames;
    const struct site *found;
    Dwarf_Addr stack_at;
    size_t stack_bytes; /* that could be read */
    uint8_t stack[STACK_BYTES];
    struct path path; /* that is being gone */
    unsigned word_count;
    struct word words[WORDS_READ]; /* read since the last frame */
};

/* ---- the files that are mapped -------------------------------------------------------------- */

static int open_regular(const char *path)
{
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size <= file_bytes_most)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A mapped file by its name, as the program itself sees it where that can be. */
static int find_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                    char **file_name, Elf **elf)
{
    (void)module, (void)base, (void)elf;
    const struct image *image = *data;
    if (name[0] != '/' || strncmp(name, "/dev/", 5) == 0)
        return -1;
    struct text path = {0};
    text_format(&path, "/proc/%d/root%s", image ? (int)image->tid : 0, name);
    int fd = open_regular(text_str(&path));
    if (fd < 0)
        fd = open_regular(name);
    if (fd >= 0)
        *file_name = xstrdup(name);
    text_free(&path);
    return fd;
}

/* No other file is looked for. */
static int find_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                          const char *file_name, const char *link, GElf_Word crc, char **found)
{
    (void)module, (void)data, (void)name, (void)base, (void)file_name, (void)link, (void)crc;
    (void)found;
    return -1;
}

static const Dwfl_Callbacks file_callbacks = {.find_elf = find_elf,
                                              .find_debuginfo = find_debuginfo};

static int give_image(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                      void *image)
{
    (void)module, (void)name, (void)base;
    *data = image;
    return DWARF_CB_OK;
}

static bool has_debug_information(Dwfl_Module *module)
{
    GElf_Addr bias;
    size_t names;
    Elf *elf = dwfl_module_getelf(module, &bias);
    if (!elf || elf_getshdrstrndx(elf, &names) != 0)
        return false;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        const char *name =
            gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
        if (name && strcmp(name, ".debug_line") == 0)
            return true;
    }
    return false;
}

/* The program's own file: what stands in libraries is not what its user wrote. */
static bool is_program(const struct image *image, Dwfl_Module *module)
{
    const char *name = dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    return name && strcmp(name, image->program) == 0;
}

static int look_for_debug_information(Dwfl_Module *module, void **data, const char *name,
                                      Dwarf_Addr base, void *found)
{
    (void)name, (void)base;
    if (!is_program(*data, module))
        return DWARF_CB_OK;
    *(bool *)found = has_debug_information(module);
    return DWARF_CB_ABORT;
}

/* ---- a thread's stack, as libdwfl asks for it ----------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *image, void **thread)
{
    (void)dwfl, (void)image, (void)thread;
    return 0; /* one is asked for by its number, always */
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *image, void **thread)
{
    (void)dwfl, (void)tid;
    *thread = image;
    return true;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *data)
{
    struct image *image = data;
    (void)dwfl;
    uint64_t at = address - image->stack_at;
    if (address >= image->stack_at && image->stack_bytes >= sizeof *word &&
        at <= image->stack_bytes - sizeof *word) {
        memcpy(word, image->stack + at, sizeof *word);
    } else if (!tracee_read_all(image->tid, address, word, sizeof *word)) {
        return false;
    }
    if (image->word_count < WORDS_READ)
        image->words[image->word_count++] = (struct word){.at = address, .value = *word};
    return true;
}

static bool set_registers(Dwfl_Thread *thread, void *data)
{
    struct image *image = data;
    struct registers r;
    if (!registers_read(image->tid, &r))
        return false;
    image->stack_at = r.stack;
    image->stack_bytes = tracee_read(image->tid, r.stack, image->stack, sizeof image->stack);
    Dwarf_Word words[REGISTERS_MOST];
    for (unsigned i = 0; i < r.count; i++)
        words[i] = r.dwarf[i];
    if (r.pc_apart)
        dwfl_thread_state_register_pc(thread, r.pc);
    return dwfl_thread_state_registers(thread, 0, r.count, words);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .get_thread = get_thread,
    .memory_read = read_word,
    .set_initial_registers = set_registers,
};

/* ---- what an address stands for ------------------------------------------------------------- */

static void look_up(struct image *image, Dwarf_Addr pc, struct caller *out)
{
    Dwfl_Module *module = dwfl_addrmodule(image->dwfl, pc);
    if (module && is_program(image, module))
        caller_line(module, pc, image->folder, out);
}

/* An address that lies in no file may lie in a library that was loaded meanwhile. */
static bool read_maps(struct image *image)
{
    if (image->maps_read++ >= MAPS_READ_MOST)
        return false;
    dwfl_report_begin(image->dwfl);
    bool read = dwfl_linux_proc_report(image->dwfl, image->tid) == 0;
    read = dwfl_report_end(image->dwfl, NULL, NULL) == 0 && read;
    dwfl_getmodules(image->dwfl, give_image, image, 0);
    return read;
}

static const struct site *site_of(struct image *image, Dwarf_Addr pc)
{
    struct site **bucket = &image->sites[(pc ^ pc >> 8) % SITE_BUCKETS];
    for (struct site *s = *bucket; s; s = s->next)
        if (s->pc == pc)
            return s;
    if (image->site_count == SITES_MOST)
        return NULL;
    if (!dwfl_addrmodule(image->dwfl, pc))
        read_maps(image);
    struct site *s = xcalloc(1, sizeof *s);
    *s = (struct site){.next = *bucket, .pc = pc};
    look_up(image, pc, &s->caller);
    *bucket = s;
    image->site_count++;
    return s;
}

/* Note where the return address to a frame was found. */
static void note_return(struct image *image, Dwarf_Addr pc)
{
    unsigned i = image->word_count;
    while (i > 0 && image->words[i - 1].value != pc)
        i--;
    if (i > 0 && image->words[i - 1].at >= image->stack_at)
        path_add(&image->path, image->words[i - 1].at - image->stack_at, pc);
    else
        image->path.broken = true; /* it was in a register, as a rule */
    image->word_count = 0;
}

static int at_frame(Dwfl_Frame *frame, void *data)
{
    struct image *image = data;
    Dwarf_Addr pc;
    bool active;
    if (!dwfl_frame_pc(frame, &pc, &active) || pc == 0)
        return DWARF_CB_ABORT;
    if (image->frames > 0)
        note_return(image, pc);
    const struct site *s = site_of(image, active ? pc : pc - 1);
    if (!s) {
        image->path.broken = true;
        return DWARF_CB_ABORT;
    }
    if (s->caller.file)
        image->found = s;
    return s->caller.file || ++image->frames == FRAMES_MOST ? DWARF_CB_ABORT : DWARF_CB_OK;
}

/* ---- images --------------------------------------------------------------------------------- */

static void forget_files(struct image *image)
{
    if (image->dwfl)
        dwfl_end(image->dwfl);
    image->dwfl = NULL;
}

/* The source of these is not what their user wrote, even where they have debug information. */
static bool is_interpreter(const char *path)
{
    static const char *const names[] = {"python", "pypy", "java",  "node", "ruby",   "perl",
                                        "php",    "lua",  "guile", "beam", "dotnet", "mono"};
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(base, names[i], n) == 0 && base[n + strspn(base + n, "0123456789.dm-")] == '\0')
            return true;
    }
    return false;
}

/* Find out which file the program is; false where that is none to look into. */
static bool find_program(struct image *image, pid_t pid)
{
    char link[32];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t n = readlink(link, image->program, sizeof image->program - 1);
    if (n <= 0)
        return false;
    image->program[n] = '\0';
    return !is_interpreter(image->program);
}

static struct image *image_new(pid_t pid, pid_t tid)
{
    struct image *image = xcalloc(1, sizeof *image);
    *image = (struct image){.users = 1, .tid = tid};
    if (!find_program(image, pid))
        return image;
    image->dwfl = dwfl_begin(&file_callbacks);
    bool worth_it = false;
    if (image->dwfl && read_maps(image))
        dwfl_getmodules(image->dwfl, look_for_debug_information, &worth_it, 0);
    if (!worth_it || !dwfl_attach_state(image->dwfl, NULL, pid, &thread_callbacks, image))
        forget_files(image);
    return image;
}

struct image *image_share(struct image *image)
{
    if (image)
        image->users++;
    return image;
}

void image_release(struct image *image)
{
    if (!image || --image->users > 0)
        return;
    forget_files(image);
    paths_free(&image->paths);
    for (size_t i = 0; i < SITE_BUCKETS; i++) {
        for (struct site *s = image->sites[i], *next; s; s = next) {
            next = s->next;
            free((char *)(uintptr_t)s->caller.file);
            free((char *)(uintptr_t)s->caller.function);
            free(s);
        }
    }
    free(image);
}

static const struct caller *unwind(struct image *image, const struct caller_place *at)
{
    image->frames = 0;
    image->word_count = 0;
    image->found = NULL;
    image->path = (struct path){.pc = at->pc};
    dwfl_getthread_frames(image->dwfl, image->tid, at_frame, image);
    const struct caller *caller = image->found ? &image->found->caller : NULL;
    image->path.leads_to = caller;
    paths_keep(&image->paths, &image->path);
    return caller;
}

const struct caller *caller_find(struct image **of, pid_t pid, pid_t tid,
                                 const struct caller_place *at)
{
    if (!*of)
        *of = image_new(pid, tid);
    struct image *image = *of;
    if (!image->dwfl)
        return NULL;
    image->tid = tid;
    image->folder = at->folder;
    const struct path *path = paths_find(&image->paths, tid, at->pc, at->stack);
    return path ? path->leads_to : unwind(image, at);
}

#else

struct image *image_share(struct image *image)
{
    return image;
}

void image_release(struct image *image)
{
    (void)image;
}

const struct caller *caller_find(struct image **of, pid_t pid, pid_t tid,
                                 const struct caller_place *at)
{
    (void)of, (void)pid, (void)tid, (void)at;
    return NULL;
}

#endif
