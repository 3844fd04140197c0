/* Prints what the fields layer makes of every packet of a capture file, for tests that hold it to
 * another program's words.
 *   fields FILE       the tree of each packet, a line a field
 *   fields -s FILE    the checksum of each TCP and UDP header that can be judged,
 *                     behind the packet's number */
#include "tracer/capture/source.h"
#include "tracer/fields/checksum.h"
#include "tracer/fields/fields.h"

#include <stdio.h>
#include <string.h>

static void print_tree(const struct packet *p)
{
    struct fields f = {0};
    static const char marks[FIELD_VERDICT_COUNT] = {' ', '?', '~', '!'};
    fields_read(&f, p, NULL);
    for (size_t i = 0; i < f.count; i++) {
        const struct field *e = &f.field[i];
        printf("%c%*s%s: %s  [%u+%u", marks[e->verdict], 1 + 2 * e->depth, "", e->name,
               field_value(&f, i), e->from, e->bytes);
        printf(e->mask ? " & %x]  %s\n" : "]  %.0x%s\n", e->mask, field_about(&f, i));
    }
    printf("\n");
    fields_free(&f);
}

static void print_sum(const struct packet *p, unsigned number)
{
    if (p->verdict != VERDICT_OK || p->transport_at == 0 ||
        (p->protocol != PROTO_TCP && p->protocol != PROTO_UDP))
        return;
    struct sum s = sum_transport(p);
    bool due = s.verdict == SUM_WRONG || s.verdict == SUM_PARTIAL || s.verdict == SUM_EMPTY;
    const char *name = p->protocol == PROTO_TCP ? "tcp" : "udp";
    if (s.verdict == SUM_CORRECT)
        printf("%u %s right\n", number, name);
    else if (due && s.expected != s.found)
        printf("%u %s wrong 0x%04x due 0x%04x\n", number, name, s.found, s.expected);
}

int main(int argc, char **argv)
{
    bool sums = argc == 3 && strcmp(argv[1], "-s") == 0;
    struct source_options options = {.file = argc > 1 ? argv[argc - 1] : NULL, .fd = -1};
    struct error e = {0};
    struct source *s = options.file ? source_open(&options, &e) : NULL;
    if (!s) {
        fprintf(stderr, "usage: fields [-s] FILE\n");
        return 2;
    }
    struct capture_frame c;
    for (unsigned number = 1; source_next(s, true, &c, &e) == SOURCE_FRAME; number++) {
        struct frame frame = {c.time_ns, c.linktype,       c.carried_s,
                              c.bytes,   c.captured_bytes, c.wire_bytes};
        struct packet p;
        packet_decode(&frame, &p);
        if (sums)
            print_sum(&p, number);
        else
            print_tree(&p);
    }
    source_close(s);
    return 0;
}
