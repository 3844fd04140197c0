#include "labs/calls/table.h"

#include <sys/syscall.h>

/* close() and the plain reads and writes are every program's; those that are not told are too; the
 * rest are a socket's alone. */
const struct call_row call_rows[] = {
    {.name = "socket",
     .number = SYS_socket,
     .effect = EFFECT_SOCKET,
     .kinds = {ARG_FAMILY, ARG_TYPE, ARG_PROTOCOL}},
    {.name = "socketpair",
     .number = SYS_socketpair,
     .kinds = {ARG_FAMILY, ARG_TYPE, ARG_PROTOCOL, ARG_PAIR}},
    {.name = "bind", .number = SYS_bind, .effect = EFFECT_NAMED, .kinds = {ARG_FD, ARG_ADDRESS_IN}},
    {.name = "listen", .number = SYS_listen, .effect = EFFECT_NAMED, .kinds = {ARG_FD, ARG_INT}},
    {.name = "accept",
     .number = SYS_accept,
     .effect = EFFECT_ACCEPT,
     .kinds = {ARG_FD, ARG_ADDRESS_OUT}},
    {.name = "accept4",
     .number = SYS_accept4,
     .effect = EFFECT_ACCEPT,
     .kinds = {ARG_FD, ARG_ADDRESS_OUT, ARG_NONE, ARG_TYPE_FLAGS}},
    {.name = "connect",
     .number = SYS_connect,
     .effect = EFFECT_CONNECT,
     .kinds = {ARG_FD, ARG_ADDRESS_IN}},
    {.name = "sendto",
     .number = SYS_sendto,
     .kinds = {ARG_FD, ARG_DATA_IN, ARG_SIZE, ARG_MESSAGE_FLAGS, ARG_ADDRESS_IN},
     .plain_name = "send"},
    {.name = "sendmsg",
     .number = SYS_sendmsg,
     .kinds = {ARG_FD, ARG_MESSAGE_IN, ARG_MESSAGE_FLAGS}},
    {.name = "sendmmsg",
     .number = SYS_sendmmsg,
     .kinds = {ARG_FD, ARG_MESSAGES, ARG_NONE, ARG_MESSAGE_FLAGS}},
    {.name = "recvfrom",
     .number = SYS_recvfrom,
     .kinds = {ARG_FD, ARG_DATA_OUT, ARG_SIZE, ARG_MESSAGE_FLAGS, ARG_ADDRESS_OUT},
     .plain_name = "recv"},
    {.name = "recvmsg",
     .number = SYS_recvmsg,
     .kinds = {ARG_FD, ARG_MESSAGE_OUT, ARG_MESSAGE_FLAGS}},
    {.name = "recvmmsg",
     .number = SYS_recvmmsg,
     .kinds = {ARG_FD, ARG_MESSAGES, ARG_NONE, ARG_MESSAGE_FLAGS}},
    {.name = "read",
     .number = SYS_read,
     .sockets_only = true,
     .kinds = {ARG_FD, ARG_DATA_OUT, ARG_SIZE}},
    {.name = "write",
     .number = SYS_write,
     .sockets_only = true,
     .kinds = {ARG_FD, ARG_DATA_IN, ARG_SIZE}},
    {.name = "readv", .number = SYS_readv, .sockets_only = true, .kinds = {ARG_FD, ARG_IOV_OUT}},
    {.name = "writev", .number = SYS_writev, .sockets_only = true, .kinds = {ARG_FD, ARG_IOV_IN}},
    {.name = "sendfile",
     .number = SYS_sendfile,
     .sockets_only = true,
     .kinds = {ARG_FD, ARG_INT, ARG_OFFSET, ARG_SIZE}},
    {.name = "shutdown", .number = SYS_shutdown, .kinds = {ARG_FD, ARG_HOW}},
    {.name = "close",
     .number = SYS_close,
     .sockets_only = true,
     .effect = EFFECT_CLOSE,
     .kinds = {ARG_FD}},
    {.name = "getsockname", .number = SYS_getsockname, .kinds = {ARG_FD, ARG_ADDRESS_OUT}},
    {.name = "getpeername", .number = SYS_getpeername, .kinds = {ARG_FD, ARG_ADDRESS_OUT}},
    {.name = "setsockopt",
     .number = SYS_setsockopt,
     .kinds = {ARG_FD, ARG_LEVEL, ARG_OPTION, ARG_VALUE_IN}},
    {.name = "getsockopt",
     .number = SYS_getsockopt,
     .kinds = {ARG_FD, ARG_LEVEL, ARG_OPTION, ARG_VALUE_OUT}},
#ifdef SYS_dup2
    {.name = "dup2", .number = SYS_dup2, .effect = EFFECT_REPLACE, .untold = true},
#endif
    {.name = "dup3", .number = SYS_dup3, .effect = EFFECT_REPLACE, .untold = true},
    {.name = "close_range", .number = SYS_close_range, .effect = EFFECT_RANGE, .untold = true},
    {.name = "io_uring_setup",
     .number = SYS_io_uring_setup,
     .effect = EFFECT_HIDDEN,
     .untold = true},
};
const size_t call_row_count = sizeof call_rows / sizeof call_rows[0];

const struct call_row *call_row_find(uint64_t number)
{
    for (size_t i = 0; i < call_row_count; i++)
        if (call_rows[i].number == number)
            return &call_rows[i];
    return NULL;
}

bool call_row_has_fd(const struct call_row *row)
{
    return row->kinds[0] == ARG_FD;
}

const char *call_row_name(const struct call_row *row, const uint64_t args[CALL_ARGUMENTS])
{
    return row->plain_name && args[4] == 0 ? row->plain_name : row->name;
}
