#include "tracer/print/sentence.h"

#include "tracer/base/words.h"
#include "tracer/tcp/seq.h"

#include <string.h>

/* What a sentence is chosen by. */
struct scene {
    const struct story *story;
    const struct segment *s;
    bool syn, ack, fin, rst;
    bool completes; /* the ACK that completes the handshake */
    bool acks_fin;  /* the first that covers the other side's FIN */
    bool new_ack;   /* acknowledges more than this side did before */
};

static bool refuses(const struct scene *x)
{
    return x->rst && !x->story->answered && !x->story->opened && x->s->side == SIDE_RESPONDER;
}

static bool resets(const struct scene *x)
{
    return x->rst;
}

static bool asks_too(const struct scene *x)
{
    return x->syn && !x->ack && !x->s->again && x->s->side == SIDE_RESPONDER;
}

static bool answers_a_crossing_syn(const struct scene *x)
{
    return x->story->crossed && x->syn && x->ack;
}

static bool has_had_it_twice(const struct scene *x)
{
    return x->story->crossed && x->completes && x->s->len == 0 && !x->new_ack;
}

static bool syn_again(const struct scene *x)
{
    return x->s->again && x->syn;
}

static bool sent_again(const struct scene *x)
{
    return x->s->again;
}

static bool answers(const struct scene *x)
{
    return x->syn && x->ack;
}

static bool asks(const struct scene *x)
{
    return x->syn;
}

static bool fin_with_ack_of_fin(const struct scene *x)
{
    return x->fin && x->acks_fin;
}

static bool fin_with_data(const struct scene *x)
{
    return x->fin && x->s->len > 0;
}

static bool closes(const struct scene *x)
{
    return x->fin;
}

static bool completes(const struct scene *x)
{
    return x->completes && x->s->len == 0;
}

static bool last_ack(const struct scene *x)
{
    return x->acks_fin && x->story->fin_sent[x->s->side];
}

static bool ack_of_fin(const struct scene *x)
{
    return x->acks_fin;
}

static bool one_byte(const struct scene *x)
{
    return x->s->len == 1;
}

static bool data(const struct scene *x)
{
    return x->s->len > 0;
}

static bool new_ack(const struct scene *x)
{
    return x->new_ack;
}

static bool anything(const struct scene *x)
{
    (void)x;
    return true;
}

/* The first row that fits speaks. In braces: from, to (who), iss (absolute), seq, last, ack, have
 * (relative, as tcpdump counts), len. */
static const struct {
    bool (*fits)(const struct scene *x);
    const char *sentence;
} sentences[] = {
    {refuses,
     N_("{from} refuses: nothing listens on that port. The connect() that asked fails with "
        "ECONNREFUSED.")},
    {resets,
     N_("{from} breaks the connection off. What was under way is thrown away, and the program "
        "on {to} will see an error.")},
    {asks_too,
     N_("{from} asks to open a connection too, before it has heard of the SYN of {to}. Its "
        "first sequence number is K = {iss}.")},
    {answers_a_crossing_syn,
     N_("{from} has had a SYN where it waited for an answer. It acknowledges "
        "that, and repeats its own: both ends open at the same time.")},
    {has_had_it_twice, N_("{from} says that it has had the SYN of {to} twice.")},
    {syn_again, N_("The same SYN again, with the same number: no answer came in time.")},
    {sent_again, N_("Sent again: {from} has seen no acknowledgement of these numbers.")},
    {answers,
     N_("{from} agrees. It acknowledges J+1, because the SYN counts as one, and gives its own "
        "first sequence number, K = {iss}. The kernel answers by itself: accept() has no part "
        "in this.")},
    {asks,
     N_("{from} asks to open a connection. Its kernel has picked J = {iss} as its first sequence "
        "number.")},
    {fin_with_ack_of_fin,
     N_("{from} acknowledges the FIN of {to} and closes its own direction in the "
        "same segment: three segments close the connection instead of four.")},
    {fin_with_data,
     N_("{from} sends its last {len} bytes, numbers {seq} to {last}, and the FIN with "
        "them: it will send no more.")},
    {closes,
     N_("{from} will send no more. The FIN takes up one number, {seq}, and is acknowledged like "
        "a byte.")},
    {completes, N_("{from} acknowledges K+1. With this third segment both sides know that both "
                   "directions are open.")},
    {last_ack,
     N_("{from} acknowledges the FIN: both directions are closed. Should this acknowledgement "
        "be lost, the FIN comes again, and {from} waits for that in TIME-WAIT.")},
    {ack_of_fin,
     N_("{from} acknowledges the FIN: the direction from {to} is closed. The other one is "
        "still open.")},
    {one_byte, N_("{from} sends one byte, number {seq}.")},
    {data, N_("{from} sends {len} bytes, numbers {seq} to {last}.")},
    {new_ack, N_("{from} has everything up to number {have} and expects {ack} next.")},
    {anything, N_("{from} says once more that it expects {ack} next.")},
};

static void add_value(const char *name, size_t n, const struct trace *t, const struct segment *s,
                      const char *from, const char *to, struct text *out)
{
    const struct {
        const char *name;
        uint32_t value;
    } numbers[] = {
        {"iss", s->seq},
        {"seq", trace_relative_seq(t, s)},
        {"last", trace_relative_seq(t, s) + s->len - 1},
        {"ack", trace_relative_ack(t, s)},
        {"have", trace_relative_ack(t, s) - 1},
        {"len", s->len},
    };
    if (strncmp(name, "from", n) == 0) {
        text_add(out, from);
    } else if (strncmp(name, "to", n) == 0) {
        text_add(out, to);
    } else {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            if (strlen(numbers[i].name) == n && strncmp(name, numbers[i].name, n) == 0)
                text_u64(out, numbers[i].value);
    }
}

static void move_on(struct story *story, const struct scene *x)
{
    const struct segment *s = x->s;
    int side = s->side;
    story->crossed = story->crossed || asks_too(x);
    story->answered = story->answered || (x->syn && x->ack);
    story->opened = story->opened || x->completes;
    if (x->fin) {
        story->fin_sent[side] = true;
        story->fin_ack[side] = s->seq + s->len + 1;
    }
    if (x->acks_fin)
        story->fin_acked[!side] = true;
    if (x->ack) {
        story->ack_seen[side] = true;
        story->last_ack[side] = s->ack;
    }
}

void sentence_add(struct story *story, const struct trace *t, const struct segment *s,
                  const char *from, const char *to, struct text *out)
{
    int side = s->side;
    struct scene x = {
        .story = story,
        .s = s,
        .syn = s->flags & TCP_SYN,
        .ack = s->flags & TCP_ACK,
        .fin = s->flags & TCP_FIN,
        .rst = s->flags & TCP_RST,
    };
    x.completes = story->answered && !story->opened && x.ack && !x.syn && side == SIDE_INITIATOR;
    x.acks_fin = x.ack && story->fin_sent[!side] && !story->fin_acked[!side] &&
                 seq_ge(s->ack, story->fin_ack[!side]);
    x.new_ack = x.ack && (!story->ack_seen[side] || seq_gt(s->ack, story->last_ack[side]));

    size_t row = 0;
    while (!sentences[row].fits(&x))
        row++;
    for (const char *p = _(sentences[row].sentence); *p;) {
        size_t n = strcspn(p, "{");
        text_bytes(out, p, n);
        p += n;
        if (*p == '{') {
            n = strcspn(++p, "}");
            add_value(p, n, t, s, from, to, out);
            p += n + 1;
        }
    }
    move_on(story, &x);
}
