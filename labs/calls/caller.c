#include "labs/calls/caller.h"

#ifdef HAVE_DW

#include "labs/calls/memory.h"
#include "labs/calls/paths.h"
#include "labs/calls/registers.h"
#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FRAMES_MOST = 16,      /* that are unwound for one call */
    SITES_MOST = 4096,     /* return addresses that are remembered */
    SITE_BUCKETS = 256,    /* of their table */
    UNITS_MOST = 8192,     /* compilation units that are gone through for one address */
    MAPS_READ_MOST = 16,   /* times that the map of an address space is read */
    NAME_BYTES_MOST = 512, /* of a path or a function's name */
    STACK_BYTES = 1024,    /* of the stack, read at once */
    WORDS_READ = 64,       /* of the stack, by the unwinding of one frame */
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
    Dwfl *dwfl; /* NULL where no file of it has debug information */
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

static int look_for_debug_information(Dwfl_Module *module, void **data, const char *name,
                                      Dwarf_Addr base, void *found)
{
    (void)data, (void)name, (void)base;
    *(bool *)found = has_debug_information(module);
    return *(bool *)found ? DWARF_CB_ABORT : DWARF_CB_OK;
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

/* The compilation unit that an address is in. Not every compiler writes the table of addresses
 * (.debug_aranges) that finds it at once. */
static Dwarf_Die *unit_of(Dwfl_Module *module, Dwarf_Addr pc, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module, pc, bias);
    if (unit)
        return unit;
    for (int i = 0; i < UNITS_MOST && (unit = dwfl_module_nextcu(module, unit, bias)); i++)
        if (dwarf_haspc(unit, pc - *bias) > 0)
            return unit;
    return NULL;
}

/* The innermost function at an address, one that was inlined there too. */
static const char *function_of(Dwarf_Die *unit, Dwarf_Addr address)
{
    Dwarf_Die *scopes = NULL;
    int n = dwarf_getscopes(unit, address, &scopes);
    const char *name = NULL;
    for (int i = 0; i < n && !name; i++) {
        int tag = dwarf_tag(&scopes[i]);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
            name = dwarf_diename(&scopes[i]);
    }
    free(scopes);
    return name && strlen(name) <= NAME_BYTES_MOST ? xstrdup(name) : NULL;
}

/* A source's name as the compiler wrote it down, without the folder that the program runs in. */
static const char *file_named(Dwarf_Die *unit, const char *name, const char *folder)
{
    struct text whole = {0};
    Dwarf_Attribute attribute;
    const char *made_in = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (name[0] != '/' && made_in && made_in[0] == '/')
        text_format(&whole, "%s/", made_in);
    text_add(&whole, name);
    const char *s = text_str(&whole);
    size_t n = folder ? strlen(folder) : 0;
    if (n > 1 && strncmp(s, folder, n) == 0 && s[n] == '/')
        s += n + 1;
    while (strncmp(s, "./", 2) == 0)
        s += 2;
    char *copy = *s && strlen(s) <= NAME_BYTES_MOST ? xstrdup(s) : NULL;
    text_free(&whole);
    return copy;
}

static void look_up(struct image *image, Dwarf_Addr pc, struct caller *out)
{
    Dwarf_Addr bias;
    Dwfl_Module *module = dwfl_addrmodule(image->dwfl, pc);
    Dwarf_Die *unit = module ? unit_of(module, pc, &bias) : NULL;
    Dwarf_Line *line = unit ? dwarf_getsrc_die(unit, pc - bias) : NULL;
    const char *name = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
    int number;
    if (!name || dwarf_lineno(line, &number) != 0 || number <= 0)
        return;
    out->file = file_named(unit, name, image->folder);
    out->line = (unsigned)number;
    out->function = out->file ? function_of(unit, pc - bias) : NULL;
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

static struct image *image_new(pid_t pid, pid_t tid)
{
    struct image *image = xcalloc(1, sizeof *image);
    *image = (struct image){.users = 1, .tid = tid, .dwfl = dwfl_begin(&file_callbacks)};
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
