#include "labs/puppet/reply.h"

#include "tracer/base/words.h"

#include <errno.h>
#include <string.h>

static const struct {
    int number;
    const char *name, *words;
} known[] = {
    {EACCES, "EACCES", N_("this program may not do that: ports below 1024 are for root")},
    {EADDRINUSE, "EADDRINUSE", N_("another socket has that address, or had it until just now")},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL", N_("this host does not have that address")},
    {EAFNOSUPPORT, "EAFNOSUPPORT", N_("the address is of another family than the socket")},
    {EAGAIN, "EAGAIN", N_("it would have to wait, and is not to")},
    {EALREADY, "EALREADY", N_("an earlier connect() still goes on")},
    {EBADF, "EBADF", N_("there is no such descriptor")},
    {ECONNABORTED, "ECONNABORTED", N_("the connection was gone before it was accepted")},
    {ECONNREFUSED, "ECONNREFUSED", N_("refused: nobody listens at that port")},
    {ECONNRESET, "ECONNRESET", N_("the other end has reset the connection")},
    {EDESTADDRREQ, "EDESTADDRREQ", N_("the socket has no peer: say to whom with sendto")},
    {EEXIST, "EEXIST", N_("it is there already")},
    {EHOSTUNREACH, "EHOSTUNREACH", N_("no way leads to that host, or it does not answer")},
    {EINPROGRESS, "EINPROGRESS", N_("the connection is being opened in the background")},
    {EINTR, "EINTR", N_("a signal came in between")},
    {EINVAL, "EINVAL", N_("this makes no sense for this socket as it is now")},
    {EISCONN, "EISCONN", N_("the socket is connected already")},
    {EMFILE, "EMFILE", N_("this program has too many open descriptors")},
    {EMSGSIZE, "EMSGSIZE", N_("too long for one datagram")},
    {ENETUNREACH, "ENETUNREACH", N_("no way leads to that network")},
    {ENOBUFS, "ENOBUFS", N_("the kernel has no memory for it")},
    {ENOENT, "ENOENT", N_("there is no such file")},
    {ENOPROTOOPT, "ENOPROTOOPT", N_("this kind of socket does not have that option")},
    {ENOTCONN, "ENOTCONN", N_("the socket is not connected")},
    {EOPNOTSUPP, "EOPNOTSUPP", N_("this kind of socket cannot do that")},
    {EPERM, "EPERM", N_("this program may not do that")},
    {EPIPE, "EPIPE", N_("this end can send no more: it was shut down, or the other end has reset")},
    {EPROTONOSUPPORT, "EPROTONOSUPPORT", N_("the kernel does not have that protocol")},
    {EPROTOTYPE, "EPROTOTYPE", N_("the other socket is of another type")},
    {ETIMEDOUT, "ETIMEDOUT", N_("no answer came, however often it was tried")},
};

void reply_errno(int number, struct text *out)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].number == number) {
            text_format(out, "%s: %s", known[i].name, known[i].words);
            return;
        }
    text_format(out, "error %d: %s", number, strerror(number));
}

enum { LINES_MOST = 40, LINE_BYTES = 200, HEX_BYTES = 16 };

/* Behind a quotation mark, for text_safe() leaves that as it is. */
static void add_quoted(const char *bytes, size_t n, struct text *out)
{
    text_char(out, '"');
    for (size_t i = 0; i < n;) {
        size_t plain = 0;
        while (i + plain < n && bytes[i + plain] != '"' && bytes[i + plain] != '\r')
            plain++;
        text_safe(out, bytes + i, plain);
        i += plain;
        if (i < n)
            text_add(out, bytes[i++] == '"' ? "\\\"" : "\\r");
    }
    text_char(out, '"');
}

/* Up to the end of a line of text, or as much as stands well on one. */
static size_t text_line(const char *bytes, size_t n)
{
    const char *end = memchr(bytes, '\n', n);
    size_t length = end ? (size_t)(end - bytes) + 1 : n;
    if (length <= LINE_BYTES)
        return length;
    length = LINE_BYTES;
    while (length > LINE_BYTES - 4 && ((unsigned char)bytes[length] & 0xc0) == 0x80)
        length--; /* not within a letter */
    return length;
}

static void add_hex(const char *bytes, size_t n, struct text *out)
{
    for (size_t i = 0; i < HEX_BYTES; i++) {
        if (i < n)
            text_format(out, "%02x ", (unsigned char)bytes[i]);
        else
            text_add(out, "   ");
    }
    text_char(out, ' ');
    for (size_t i = 0; i < n; i++)
        text_char(out, bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.');
}

void reply_bytes(const char *bytes, size_t n, bool hex, struct text *out)
{
    for (int line = 0; n > 0; line++) {
        if (line == LINES_MOST) {
            text_format(out, "\n%c", REPLY_MORE);
            text_format(out, N_("and %zu bytes more"), n);
            return;
        }
        if (line > 0)
            text_format(out, "\n%c", REPLY_MORE);
        size_t length = hex ? HEX_BYTES : text_line(bytes, n);
        length = length < n ? length : n;
        if (hex)
            add_hex(bytes, length, out);
        else
            add_quoted(bytes, length, out);
        bytes += length;
        n -= length;
    }
}
