/* Annotations as JSON. One table says for each type which members it has, where they stand in
 * struct annotation and how they are written: writer and reader both walk it. */
#include "tracer/session/annotation_fields.h"

#include "tracer/base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAME_OF(table, value)                                                                      \
    ((unsigned)(value) < sizeof(table) / sizeof(table)[0] ? (table)[(unsigned)(value)] : "unknown")

static const char *const type_names[] = {
    "session", "call",  "fate",    "console", "prompt", "process", "kernel",
    "held",    "waits", "command", "note",    "mark",   "end",     "unknown",
};
static const char *const phase_names[] = {"enter", "exit"};
static const char *const fate_names[] = {"none", "delivered", "dropped"};
static const char *const waits_names[] = {"entry", "return"};
static const char *const process_names[] = {"started", "exited", "killed"};
static_assert(sizeof type_names / sizeof type_names[0] == ANNOTATION_TYPE_COUNT, "a name a type");
static_assert(sizeof phase_names / sizeof phase_names[0] == CALL_PHASE_COUNT, "a name a phase");
static_assert(sizeof fate_names / sizeof fate_names[0] == FATE_COUNT, "a name a fate");
static_assert(sizeof waits_names / sizeof waits_names[0] == WAITS_AT_COUNT, "a name a place");
static_assert(sizeof process_names / sizeof process_names[0] == PROCESS_EVENT_COUNT,
              "a name an event");
static_assert(sizeof(enum fate) == sizeof(int), "enums are read and written as int");

const struct name_list phase_list = {phase_names, CALL_PHASE_COUNT, 0};
const struct name_list fate_list = {fate_names, FATE_COUNT, FATE_DELIVERED};
const struct name_list waits_list = {waits_names, WAITS_AT_COUNT, 0};
const struct name_list process_list = {process_names, PROCESS_EVENT_COUNT, 0};

const char *annotation_type_name(enum annotation_type t)
{
    return NAME_OF(type_names, t);
}

const char *call_phase_name(enum call_phase p)
{
    return NAME_OF(phase_names, p);
}

const char *fate_name(enum fate f)
{
    return NAME_OF(fate_names, f);
}

const char *waits_at_name(enum waits_at w)
{
    return NAME_OF(waits_names, w);
}

const char *process_event_name(enum process_event p)
{
    return NAME_OF(process_names, p);
}

#define AT(member) offsetof(struct annotation, member)

static const struct field session_fields[] = {
    {.key = "version", .kind = FIELD_INT, .required = true, .at = AT(session.version)},
    {.key = "writer", .kind = FIELD_STRING, .at = AT(session.writer)},
    {.key = "lab", .kind = FIELD_STRING, .at = AT(session.lab)},
    {.key = "profile", .kind = FIELD_STRING, .at = AT(session.profile)},
    {.key = "settings", .kind = FIELD_STRING, .at = AT(session.settings)},
    {.key = "wire", .kind = FIELD_STRING, .at = AT(session.wire)},
    {.key = "kernel", .kind = FIELD_STRING, .at = AT(session.kernel)},
    {.key = "tier", .kind = FIELD_STRING, .at = AT(session.tier)},
    {.key = "address_c", .kind = FIELD_STRING, .at = AT(session.addresses[0])},
    {.key = "address_s", .kind = FIELD_STRING, .at = AT(session.addresses[1])},
    {.key = "address6_c", .kind = FIELD_STRING, .at = AT(session.addresses6[0])},
    {.key = "address6_s", .kind = FIELD_STRING, .at = AT(session.addresses6[1])},
    {.key = "congestion", .kind = FIELD_STRING, .at = AT(session.congestion)},
    {.key = "server_port", .kind = FIELD_PORT, .at = AT(session.server_port)},
    {.key = NULL},
};

static const struct field call_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .at = AT(host)},
    {.key = "phase",
     .kind = FIELD_NAME,
     .required = true,
     .at = AT(call.phase),
     .names = &phase_list},
    {.key = "pid", .kind = FIELD_INT, .required = true, .at = AT(call.pid)},
    {.key = "tid", .kind = FIELD_INT, .at = AT(call.tid)},
    {.key = "id", .kind = FIELD_U64, .required = true, .at = AT(call.id)},
    {.key = "name", .kind = FIELD_STRING, .required = true, .at = AT(call.name)},
    {.key = "args", .kind = FIELD_STRING, .at = AT(call.args)},
    {.key = "fd", .kind = FIELD_INT, .at = AT(call.fd), .absent = -1},
    {.key = "ret", .kind = FIELD_I64, .at = AT(call.ret)},
    {.key = "error", .kind = FIELD_STRING, .at = AT(call.error)},
    {.key = "local", .kind = FIELD_STRING, .at = AT(call.local)},
    {.key = "remote", .kind = FIELD_STRING, .at = AT(call.remote)},
    {.key = "file", .kind = FIELD_STRING, .at = AT(call.file)},
    {.key = "line", .kind = FIELD_INT, .at = AT(call.line), .sparse = true},
    {.key = "function", .kind = FIELD_STRING, .at = AT(call.function)},
    {.key = NULL},
};

static const struct field fate_fields[] = {
    {.key = "sent", .kind = FIELD_STAMP, .required = true, .at = AT(fate.sent_ns)},
    {.key = "from", .kind = FIELD_HOST, .required = true, .at = AT(fate.from)},
    {.key = "fate", .kind = FIELD_NAME, .required = true, .at = AT(fate.fate), .names = &fate_list},
    {.key = "reason", .kind = FIELD_STRING, .at = AT(fate.reason)},
    {.key = "copy", .kind = FIELD_INT, .sparse = true, .at = AT(fate.copy)},
    {.key = "corrupted", .kind = FIELD_BOOL, .sparse = true, .at = AT(fate.corrupted)},
    {.key = NULL},
};

static const struct field held_fields[] = {
    {.key = "sent", .kind = FIELD_STAMP, .required = true, .at = AT(held.sent_ns)},
    {.key = "from", .kind = FIELD_HOST, .required = true, .at = AT(held.from)},
    {.key = "number", .kind = FIELD_U64, .required = true, .at = AT(held.number)},
    {.key = "repeats", .kind = FIELD_INT, .sparse = true, .at = AT(held.repeats)},
    {.key = "over", .kind = FIELD_BOOL, .sparse = true, .at = AT(held.over)},
    {.key = NULL},
};

static const struct field waits_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .required = true, .at = AT(host)},
    {.key = "at", .kind = FIELD_NAME, .required = true, .at = AT(waits.at), .names = &waits_list},
    {.key = "pid", .kind = FIELD_INT, .at = AT(waits.pid)},
    {.key = "tid", .kind = FIELD_INT, .at = AT(waits.tid)},
    {.key = "id", .kind = FIELD_U64, .required = true, .at = AT(waits.id)},
    {.key = "name", .kind = FIELD_STRING, .required = true, .at = AT(waits.name)},
    {.key = "args", .kind = FIELD_STRING, .at = AT(waits.args)},
    {.key = "over", .kind = FIELD_BOOL, .sparse = true, .at = AT(waits.over)},
    {.key = NULL},
};

static const struct field command_fields[] = {
    {.key = "text", .kind = FIELD_STRING, .required = true, .at = AT(command.text)},
    {.key = "answer", .kind = FIELD_STRING, .at = AT(command.answer)},
    {.key = "failed", .kind = FIELD_BOOL, .sparse = true, .at = AT(command.failed)},
    {.key = NULL},
};

static const struct field kernel_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .required = true, .at = AT(host)},
    {.key = "local", .kind = FIELD_STRING, .required = true, .at = AT(kernel.local)},
    {.key = "remote", .kind = FIELD_STRING, .required = true, .at = AT(kernel.remote)},
    {.key = "state", .kind = FIELD_STRING, .required = true, .at = AT(kernel.state)},
    {.key = "cwnd", .kind = FIELD_I64, .at = AT(kernel.cwnd)},
    {.key = "ssthresh", .kind = FIELD_I64, .at = AT(kernel.ssthresh)},
    {.key = "rtt_us", .kind = FIELD_I64, .at = AT(kernel.rtt_us)},
    {.key = "rto_us", .kind = FIELD_I64, .at = AT(kernel.rto_us)},
    {.key = "unacked", .kind = FIELD_I64, .at = AT(kernel.unacked)},
    {.key = "backoff", .kind = FIELD_I64, .at = AT(kernel.backoff)},
    {.key = "retransmits", .kind = FIELD_I64, .at = AT(kernel.retransmits)},
    {.key = "timer", .kind = FIELD_BOOL, .sparse = true, .at = AT(kernel.timer)},
    {.key = NULL},
};

static const struct field console_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .at = AT(host)},
    {.key = "typed", .kind = FIELD_BOOL, .at = AT(console.typed)},
    {.key = "text", .kind = FIELD_STRING, .required = true, .at = AT(console.text)},
    {.key = NULL},
};

static const struct field prompt_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .at = AT(host)},
    {.key = "typed", .kind = FIELD_BOOL, .at = AT(prompt.typed)},
    {.key = "text", .kind = FIELD_STRING, .required = true, .at = AT(prompt.text)},
    {.key = NULL},
};

static const struct field process_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .at = AT(host)},
    {.key = "event",
     .kind = FIELD_NAME,
     .required = true,
     .at = AT(process.event),
     .names = &process_list},
    {.key = "pid", .kind = FIELD_INT, .required = true, .at = AT(process.pid)},
    {.key = "status", .kind = FIELD_INT, .at = AT(process.status)},
    {.key = "program", .kind = FIELD_STRING, .at = AT(process.program)},
    {.key = "setuid", .kind = FIELD_BOOL, .sparse = true, .at = AT(process.setuid)},
    {.key = NULL},
};

static const struct field note_fields[] = {
    {.key = "host", .kind = FIELD_HOST, .at = AT(host)},
    {.key = "text", .kind = FIELD_STRING, .required = true, .at = AT(note.text)},
    {.key = NULL},
};

static const struct field end_fields[] = {
    {.key = "verdict", .kind = FIELD_STRING, .required = true, .at = AT(end.verdict)},
    {.key = "reason", .kind = FIELD_STRING, .at = AT(end.reason)},
    {.key = "dropped_frames", .kind = FIELD_U64, .at = AT(end.dropped_frames)},
    {.key = "late_us", .kind = FIELD_I64, .at = AT(end.late_us)},
    {.key = NULL},
};

static const struct field no_fields[] = {{.key = NULL}};

const struct field *annotation_fields(enum annotation_type t)
{
    static const struct field *const of_type[ANNOTATION_TYPE_COUNT] = {
        [ANNOTATION_SESSION] = session_fields, [ANNOTATION_CALL] = call_fields,
        [ANNOTATION_FATE] = fate_fields,       [ANNOTATION_CONSOLE] = console_fields,
        [ANNOTATION_PROMPT] = prompt_fields,   [ANNOTATION_PROCESS] = process_fields,
        [ANNOTATION_NOTE] = note_fields,       [ANNOTATION_KERNEL] = kernel_fields,
        [ANNOTATION_END] = end_fields,         [ANNOTATION_HELD] = held_fields,
        [ANNOTATION_WAITS] = waits_fields,     [ANNOTATION_COMMAND] = command_fields,
    };
    return (unsigned)t < ANNOTATION_TYPE_COUNT && of_type[t] ? of_type[t] : no_fields;
}

bool annotation_is(const uint8_t *frame, size_t n)
{
    return n >= ANNOTATION_HEADER_BYTES && frame[12] == 0x88 && frame[13] == 0xb5;
}

void annotation_free(struct annotation *a)
{
    for (const struct field *f = annotation_fields(a->type); f->key; f++) {
        if (f->kind != FIELD_STRING)
            continue;
        char **s = field_at(a, f);
        free(*s);
        *s = NULL;
    }
}
