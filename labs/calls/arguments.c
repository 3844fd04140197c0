#include "labs/calls/arguments.h"

#include "labs/calls/endpoint.h"
#include "labs/calls/memory.h"
#include "labs/calls/names.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

/* One call's arguments while they are shown. */
struct view {
    pid_t tid;
    const uint64_t *args;
    const int64_t *returned; /* NULL at entry */
};

typedef void show_argument(struct text *out, const struct view *v, unsigned at);

enum { IOV_SHOWN = 16, VALUE_BYTES = 64 };

static int as_int(const struct view *v, unsigned at)
{
    return (int)(uint32_t)v->args[at];
}

static bool succeeded(const struct view *v)
{
    return v->returned && *v->returned >= 0;
}

/* ---- plain values --------------------------------------------------------------------------- */

static void show_none(struct text *out, const struct view *v, unsigned at)
{
    (void)out, (void)v, (void)at;
}

static void show_int(struct text *out, const struct view *v, unsigned at)
{
    text_i64(out, as_int(v, at));
}

static void show_size(struct text *out, const struct view *v, unsigned at)
{
    text_u64(out, v->args[at]);
}

static void show_offset(struct text *out, const struct view *v, unsigned at)
{
    int64_t offset;
    if (v->args[at] == 0)
        text_add(out, "NULL");
    else if (tracee_read_all(v->tid, v->args[at], &offset, sizeof offset))
        text_format(out, "[%lld]", (long long)offset);
    else
        text_add(out, "offset");
}

static void show_family(struct text *out, const struct view *v, unsigned at)
{
    call_add_family(out, as_int(v, at));
}

static void show_type(struct text *out, const struct view *v, unsigned at)
{
    call_add_type(out, as_int(v, at));
}

static void show_type_flags(struct text *out, const struct view *v, unsigned at)
{
    call_add_type_flags(out, as_int(v, at));
}

static void show_protocol(struct text *out, const struct view *v, unsigned at)
{
    call_add_protocol(out, as_int(v, 0), as_int(v, at));
}

static void show_message_flags(struct text *out, const struct view *v, unsigned at)
{
    call_add_message_flags(out, as_int(v, at));
}

static void show_how(struct text *out, const struct view *v, unsigned at)
{
    call_add_how(out, as_int(v, at));
}

static void show_level(struct text *out, const struct view *v, unsigned at)
{
    call_add_level(out, as_int(v, at));
}

static void show_option(struct text *out, const struct view *v, unsigned at)
{
    call_add_option(out, as_int(v, at - 1), as_int(v, at));
}

static void show_pair(struct text *out, const struct view *v, unsigned at)
{
    int pair[2];
    if (succeeded(v) && tracee_read_all(v->tid, v->args[at], pair, sizeof pair))
        text_format(out, "[%d, %d]", pair[0], pair[1]);
}

/* ---- addresses ------------------------------------------------------------------------------ */

/* Read the address argument `at`; 0 where there is none or it cannot be read. */
static size_t read_address(const struct view *v, unsigned at, bool filled_in,
                           struct sockaddr_storage *s)
{
    uint64_t claimed = v->args[at + 1];
    socklen_t length = (socklen_t)claimed;
    if (v->args[at] == 0)
        return 0;
    if (filled_in && !tracee_read_all(v->tid, claimed, &length, sizeof length))
        return 0;
    size_t n = length < sizeof *s ? length : sizeof *s;
    return tracee_read(v->tid, v->args[at], s, n);
}

static void show_address_in(struct text *out, const struct view *v, unsigned at)
{
    struct sockaddr_storage s = {0};
    size_t n = read_address(v, at, false, &s);
    if (n > 0)
        endpoint_add(out, &s, n);
}

static void show_address_out(struct text *out, const struct view *v, unsigned at)
{
    struct sockaddr_storage s = {0};
    size_t n = succeeded(v) ? read_address(v, at, true, &s) : 0;
    if (n > 0)
        endpoint_add(out, &s, n);
}

void call_add_peer(struct text *out, const struct call_row *row, pid_t tid,
                   const uint64_t args[CALL_ARGUMENTS])
{
    struct view v = {.tid = tid, .args = args};
    struct sockaddr_storage s = {0};
    size_t n = read_address(&v, 1, row->kinds[1] == ARG_ADDRESS_OUT, &s);
    if (endpoint_is_internet(&s, n))
        endpoint_add(out, &s, n);
}

/* ---- data ----------------------------------------------------------------------------------- */

/* Cut a character in two and it shows as bytes: leave a begun one out. */
static size_t whole_characters(const uint8_t *bytes, size_t n)
{
    size_t back = 0;
    while (back < 3 && back < n && (bytes[n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < n && bytes[n - 1 - back] >= 0xc0)
        return n - 1 - back;
    return n;
}

/* `n` bytes were read of `all`; what is not shown is marked by dots behind the quotes. */
static void add_data(struct text *out, const uint8_t *bytes, size_t n, uint64_t all)
{
    if (n == 0 && all > 0) {
        text_add(out, "buf");
        return;
    }
    endpoint_add_quoted(out, bytes, all > n ? whole_characters(bytes, n) : n);
    if (all > n)
        text_add(out, "...");
}

static void show_data(struct text *out, const struct view *v, unsigned at, uint64_t all)
{
    uint8_t bytes[DATA_SHOWN_BYTES];
    size_t n = all < sizeof bytes ? (size_t)all : sizeof bytes;
    n = tracee_read(v->tid, v->args[at], bytes, n);
    add_data(out, bytes, n, all);
}

static void show_data_in(struct text *out, const struct view *v, unsigned at)
{
    show_data(out, v, at, v->args[at + 1]);
}

/* With MSG_TRUNC the call returns more than it put into the buffer. */
static uint64_t received(const struct view *v, uint64_t room)
{
    uint64_t n = (uint64_t)*v->returned;
    return n < room ? n : room;
}

static void show_data_out(struct text *out, const struct view *v, unsigned at)
{
    if (succeeded(v))
        show_data(out, v, at, received(v, v->args[at + 1]));
    else
        text_add(out, "buf");
}

/* Show what stands at the front of `count` buffers, which hold `limit` bytes that matter. */
static void add_buffers(struct text *out, const struct view *v, uint64_t iov, uint64_t count,
                        uint64_t limit)
{
    struct iovec parts[IOV_SHOWN];
    size_t n = count < IOV_SHOWN ? (size_t)count : IOV_SHOWN;
    uint8_t bytes[DATA_SHOWN_BYTES];
    size_t shown = 0;
    uint64_t all = 0;
    if (!tracee_read_all(v->tid, iov, parts, n * sizeof parts[0]))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t left = limit - all;
        uint64_t length = parts[i].iov_len < left ? parts[i].iov_len : left;
        size_t take = sizeof bytes - shown;
        if (take > length)
            take = (size_t)length;
        if (shown == (all < sizeof bytes ? all : sizeof bytes))
            shown += tracee_read(v->tid, (uintptr_t)parts[i].iov_base, bytes + shown, take);
        all += length;
    }
    add_data(out, bytes, shown, all);
    text_format(out, ", %llu in %llu buffer%s", (unsigned long long)all, (unsigned long long)count,
                count == 1 ? "" : "s");
}

static void show_iov_in(struct text *out, const struct view *v, unsigned at)
{
    add_buffers(out, v, v->args[at], v->args[at + 1], UINT64_MAX);
}

static void show_iov_out(struct text *out, const struct view *v, unsigned at)
{
    if (succeeded(v))
        add_buffers(out, v, v->args[at], v->args[at + 1], (uint64_t)*v->returned);
    else
        text_add(out, "buf");
}

static void show_message(struct text *out, const struct view *v, unsigned at, uint64_t limit)
{
    struct msghdr m;
    if (!tracee_read_all(v->tid, v->args[at], &m, sizeof m)) {
        text_add(out, "msg");
        return;
    }
    add_buffers(out, v, (uintptr_t)m.msg_iov, m.msg_iovlen, limit);
    struct sockaddr_storage s = {0};
    size_t n = m.msg_namelen < sizeof s ? m.msg_namelen : sizeof s;
    n = m.msg_name ? tracee_read(v->tid, (uintptr_t)m.msg_name, &s, n) : 0;
    if (n > 0) {
        text_add(out, ", ");
        endpoint_add(out, &s, n);
    }
}

static void show_message_in(struct text *out, const struct view *v, unsigned at)
{
    show_message(out, v, at, UINT64_MAX);
}

static void show_message_out(struct text *out, const struct view *v, unsigned at)
{
    if (succeeded(v))
        show_message(out, v, at, (uint64_t)*v->returned);
    else
        text_add(out, "msg");
}

static void show_messages(struct text *out, const struct view *v, unsigned at)
{
    uint32_t count = (uint32_t)v->args[at + 1];
    text_format(out, "%u message%s", count, count == 1 ? "" : "s");
}

/* ---- the values of socket options ----------------------------------------------------------- */

static void add_value(struct text *out, int level, int option, const uint8_t *bytes, size_t n)
{
    struct linger linger;
    struct timeval wait;
    int number;
    if (level == SOL_SOCKET && option == SO_LINGER && n >= sizeof linger) {
        memcpy(&linger, bytes, sizeof linger);
        text_format(out, "{l_onoff=%d, l_linger=%d}", linger.l_onoff, linger.l_linger);
    } else if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO) &&
               n >= sizeof wait) {
        memcpy(&wait, bytes, sizeof wait);
        text_format(out, "{tv_sec=%lld, tv_usec=%lld}", (long long)wait.tv_sec,
                    (long long)wait.tv_usec);
    } else if ((level == SOL_SOCKET && option == SO_BINDTODEVICE) ||
               (level == IPPROTO_TCP && (option == TCP_CONGESTION || option == TCP_ULP))) {
        endpoint_add_quoted(out, bytes, strnlen((const char *)bytes, n));
    } else if (n == sizeof number) {
        memcpy(&number, bytes, sizeof number);
        const char *name = level == SOL_SOCKET && option == SO_ERROR && number != 0
                               ? call_error_name(number)
                               : NULL;
        if (name)
            text_add(out, name);
        else
            text_i64(out, number);
    } else {
        text_format(out, "%zu bytes", n);
    }
}

static void show_value(struct text *out, const struct view *v, unsigned at, uint64_t length)
{
    uint8_t bytes[VALUE_BYTES];
    size_t n = length < sizeof bytes ? (size_t)length : sizeof bytes;
    if (tracee_read_all(v->tid, v->args[at], bytes, n))
        add_value(out, as_int(v, at - 2), as_int(v, at - 1), bytes, n);
    else
        text_add(out, "value");
}

static void show_value_in(struct text *out, const struct view *v, unsigned at)
{
    show_value(out, v, at, (uint32_t)v->args[at + 1]);
}

static void show_value_out(struct text *out, const struct view *v, unsigned at)
{
    socklen_t length;
    if (succeeded(v) && tracee_read_all(v->tid, v->args[at + 1], &length, sizeof length))
        show_value(out, v, at, length);
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
    show_argument *show;
    bool filled_in; /* by the kernel */
} kinds[] = {
    [ARG_NONE] = {.show = show_none},
    [ARG_FD] = {.show = show_int},
    [ARG_INT] = {.show = show_int},
    [ARG_SIZE] = {.show = show_size},
    [ARG_OFFSET] = {show_offset, true},
    [ARG_FAMILY] = {.show = show_family},
    [ARG_TYPE] = {.show = show_type},
    [ARG_TYPE_FLAGS] = {.show = show_type_flags},
    [ARG_PROTOCOL] = {.show = show_protocol},
    [ARG_ADDRESS_IN] = {.show = show_address_in},
    [ARG_ADDRESS_OUT] = {show_address_out, true},
    [ARG_DATA_IN] = {.show = show_data_in},
    [ARG_DATA_OUT] = {show_data_out, true},
    [ARG_IOV_IN] = {.show = show_iov_in},
    [ARG_IOV_OUT] = {show_iov_out, true},
    [ARG_MESSAGE_IN] = {.show = show_message_in},
    [ARG_MESSAGE_OUT] = {show_message_out, true},
    [ARG_MESSAGES] = {.show = show_messages},
    [ARG_MESSAGE_FLAGS] = {.show = show_message_flags},
    [ARG_HOW] = {.show = show_how},
    [ARG_LEVEL] = {.show = show_level},
    [ARG_OPTION] = {.show = show_option},
    [ARG_VALUE_IN] = {.show = show_value_in},
    [ARG_VALUE_OUT] = {show_value_out, true},
    [ARG_PAIR] = {show_pair, true},
};
static_assert(sizeof kinds / sizeof kinds[0] == ARG_KIND_COUNT, "one row a kind");

bool call_fills_in(const struct call_row *row)
{
    for (unsigned i = 0; i < CALL_ARGUMENTS; i++)
        if (kinds[row->kinds[i]].filled_in)
            return true;
    return false;
}

void call_add_arguments(struct text *out, const struct call_row *row, pid_t tid,
                        const uint64_t args[CALL_ARGUMENTS], const int64_t *returned)
{
    struct view v = {.tid = tid, .args = args, .returned = returned};
    struct text one = {0};
    for (unsigned i = 0; i < CALL_ARGUMENTS; i++) {
        text_clear(&one);
        kinds[row->kinds[i]].show(&one, &v, i);
        if (one.len > 0 && out->len > 0)
            text_add(out, ", ");
        text_bytes(out, text_str(&one), one.len);
    }
    text_free(&one);
}
