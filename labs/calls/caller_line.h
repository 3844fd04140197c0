/* What a program's debug information says of an address. Only where there is libdw. */
#ifndef LABS_CALLS_CALLER_LINE_H
#define LABS_CALLS_CALLER_LINE_H

#include "labs/calls/caller.h"

#include <elfutils/libdwfl.h>

/* The line of an address, its strings owned by the caller; `out` stays as it is where the debug
 * information has none. Sources in `folder` (absolute, or NULL) are named from there. */
void caller_line(Dwfl_Module *module, Dwarf_Addr pc, const char *folder, struct caller *out);

#endif
