/* Capture files made by tests, byte by byte, and what opening them says. */
#ifndef TRACER_CAPTURE_FILES_TEST_H
#define TRACER_CAPTURE_FILES_TEST_H

#include "tracer/base/text.h"
#include "tracer/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void put32(struct text *t, uint32_t v, bool big)
{
    char le[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
    char be[4] = {le[3], le[2], le[1], le[0]};
    text_bytes(t, big ? be : le, 4);
}

static void put16(struct text *t, uint16_t v, bool big)
{
    char le[2] = {(char)v, (char)(v >> 8)}, be[2] = {le[1], le[0]};
    text_bytes(t, big ? be : le, 2);
}

static void pcap_header(struct text *t, uint32_t magic, bool big, uint32_t snaplen, uint32_t link)
{
    put32(t, magic, big);
    put16(t, 2, big);
    put16(t, 4, big);
    put32(t, 0, big);
    put32(t, 0, big);
    put32(t, snaplen, big);
    put32(t, link, big);
}

static void pcap_record(struct text *t, bool big, uint32_t s, uint32_t ticks, uint32_t n,
                        uint32_t wire, char fill)
{
    put32(t, s, big);
    put32(t, ticks, big);
    put32(t, n, big);
    put32(t, wire, big);
    text_repeat(t, fill, n);
}

/* A file of these bytes that has a path, until close(). */
static int file_of(const struct text *t, char path[64])
{
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    size_t done = 0;
    while (done < t->len) {
        ssize_t n = write(fd, t->s + done, t->len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static struct source *open_path(const char *path, const char *filter, struct error *e)
{
    struct source_options o = {.file = path, .fd = -1, .filter = filter};
    e->text[0] = '\0';
    return source_open(&o, e);
}

static void assert_says(const struct error *e, const char *part)
{
    if (!strstr(e->text, part))
        fail_msg("\"%s\" does not say \"%s\"", e->text, part);
}

#endif
