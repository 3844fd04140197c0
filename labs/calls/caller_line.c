#ifdef HAVE_DW

#include "labs/calls/caller_line.h"

#include "tracer/base/alloc.h"
#include "tracer/base/text.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNITS_MOST = 8192,     /* compilation units that are gone through for one address */
    NAME_BYTES_MOST = 512, /* of a path or a function's name */
};

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

/* What a sanitizer puts between a program and the C library is not the program's. */
static bool is_added(const char *source)
{
    return strstr(source, "/sanitizer_common/") || strstr(source, "/compiler-rt/");
}

void caller_line(Dwfl_Module *module, Dwarf_Addr pc, const char *folder, struct caller *out)
{
    Dwarf_Addr bias;
    Dwarf_Die *unit = unit_of(module, pc, &bias);
    Dwarf_Line *line = unit ? dwarf_getsrc_die(unit, pc - bias) : NULL;
    const char *name = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
    int number;
    if (!name || is_added(name) || dwarf_lineno(line, &number) != 0 || number <= 0)
        return;
    out->file = file_named(unit, name, folder);
    out->line = (unsigned)number;
    out->function = out->file ? function_of(unit, pc - bias) : NULL;
}

#else
static const char nothing_to_read[] __attribute__((unused)) = "no libdw";
#endif
