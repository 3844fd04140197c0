#include "labs/sandbox/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

int failed(struct failure *f, enum stage stage, const char *format, ...)
{
    f->stage = stage;
    f->err = errno;
    va_list args;
    va_start(args, format);
    vsnprintf(f->what, sizeof f->what, format, args);
    va_end(args);
    return -1;
}

int report_send(int fd, const struct report *r)
{
    ssize_t n;
    do
        n = send(fd, r, sizeof *r, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *r ? 0 : -1;
}

int report_receive(int fd, int flags, struct report *r)
{
    ssize_t n;
    do
        n = recv(fd, r, sizeof *r, flags);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    return n == (ssize_t)sizeof *r ? 1 : -1;
}

int report_answer(int fd)
{
    ssize_t n;
    do
        n = send(fd, "g", 1, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == 1 ? 0 : -1;
}

int report_await_answer(int fd)
{
    char answer;
    ssize_t n;
    do
        n = recv(fd, &answer, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1 ? 0 : -1;
}
