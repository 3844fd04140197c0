#include "labs/control/take.h"

#include "tracer/base/words.h"

/* The rows of one word stand behind each other, the one that may answer `not mine` first. */
const struct control_row control_rows[] = {
    {CONTROL_HOLD_PROGRAMS, "hold", "C | S | programs", CONTROL_OF_PROGRAMS, true,
     N_("Hold a host's programs, or both hosts', at the entry of their next socket calls."),
     take_hosts_or_not},
    {CONTROL_HOLD, "hold", "[SELECTOR]", CONTROL_OF_WIRE, true,
     N_("Hold the wire: from now on everything that is sent stays on it, or what the selector "
        "selects "
        "(C > S is one direction)."),
     take_hold},
    {CONTROL_FLIGHT, "flight", "", CONTROL_OF_WIRE, false,
     N_("List what is in flight: what is held and what travels, each with its number."),
     take_nothing},
    {CONTROL_LET, "let", "[N]", CONTROL_OF_WIRE, false,
     N_("Let one held segment through: the first, or that number of `flight`."), take_number},
    {CONTROL_DROP, "drop", "[N]", CONTROL_OF_WIRE, false,
     N_("Drop the first held segment, or number N, which may be travelling."), take_number},
    {CONTROL_DUP, "dup", "[N]", CONTROL_OF_WIRE, false,
     N_("Let the first held segment through, or number N, and a copy behind it."), take_number},
    {CONTROL_DELAY, "delay", "TIME [N]", CONTROL_OF_WIRE, false,
     N_("Let the first held segment through, or number N, but only in so much time; others may "
        "overtake it."),
     take_time_and_number},
    {CONTROL_RULE, "rule", "RULE", CONTROL_OF_WIRE, true,
     N_("Add a rule of the wire, such as drop C > S data 3; it counts from the first segment on."),
     take_rule},
    {CONTROL_GO_PROGRAMS, "go", "C | S | programs", CONTROL_OF_PROGRAMS, true,
     N_("Let a host's programs, or both hosts', go on and hold them no longer."),
     take_hosts_or_not},
    {CONTROL_GO, "go", "", CONTROL_OF_WIRE, true,
     N_("Let go all that the wire holds, in order, and hold nothing from now on."), take_nothing},
    {CONTROL_STEP, "step", "C | S", CONTROL_OF_PROGRAMS, false,
     N_("Let a held program make its call and hold it when that returns; from there, let it go on "
        "to "
        "the entry of its next call."),
     take_host},
    {CONTROL_UNTIL, "until", "EVENT", CONTROL_OF_RUN, false,
     N_("Go on until an event, such as C enters connect() or S > C [S.], has happened since the "
        "last "
        "`until`; held programs are stepped meanwhile and held there."),
     take_event},
    {CONTROL_TYPE, "type", "C | S \"TEXT\"", CONTROL_OF_RUN, false,
     N_("Type to a host's program; \\n ends a line."), take_typing},
    {CONTROL_WAIT, "wait", "TIME", CONTROL_OF_RUN, false,
     N_("Do nothing for so long, such as 1.5s or 200ms."), take_time},
    {CONTROL_EXPECT, "expect", "EXPECTATION", CONTROL_OF_RUN, false,
     N_("Check one line of an expectation against what has happened so far."), take_expectation},
    {CONTROL_NOTE, "note", "SENTENCE", CONTROL_OF_RUN, true, N_("Put a sentence into the session."),
     take_note},
    {CONTROL_QUIT, "quit", "", CONTROL_OF_RUN, false, N_("End the run here."), take_nothing},
};
const size_t control_row_count = sizeof control_rows / sizeof control_rows[0];
