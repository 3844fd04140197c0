/* A WebSocket's upgrade and its frames, as far as a segment carries them. What stands in other
 * segments is told all the same, and has no bytes here. */
#include "tracer/fields/fields_parts.h"

#include "tracer/base/words.h"

enum { ITEMS_MOST = 100, SHOWN_MOST = 200 };

/* An item, and where it lies in the packet: some of it may lie before it or behind it. */
struct place {
    const struct websocket_item *item;
    int64_t at; /* of its first byte, counted from the payload's */
    uint32_t payload_at, payload_bytes;
};

/* Append a field of `n` bytes, `from` bytes into the item: of those the ones that are here. */
static void write_part(struct writer *w, const struct place *p, const char *name, unsigned depth,
                       uint64_t from, uint64_t n, const char *about)
{
    int64_t start = p->at + (int64_t)from, end = start + (int64_t)n;
    start = start < 0 ? 0 : start;
    end = end > p->payload_bytes ? p->payload_bytes : end;
    size_t bytes = end > start ? (size_t)(end - start) : 0;
    write_field(w, name, w->depth + depth, p->payload_at + (size_t)(bytes > 0 ? start : 0), bytes,
                about);
}

static void write_bits(struct writer *w, const struct place *p, const char *name, uint64_t from,
                       uint32_t mask, const char *about)
{
    write_part(w, p, name, 1, from, 1, about);
    w->out->field[w->out->count - 1].mask = mask;
}

/* ---- the upgrade ------------------------------------------------------------------------- */

static const struct {
    const char *starts, *about;
} headers[] = {
    {"GET ", N_("A request of HTTP. What it asks for is another protocol on this connection.")},
    {"HTTP/1.1 101", N_("Behind the empty line no HTTP is spoken any more, but frames.")},
    {"Upgrade:", N_("The protocol that is to be spoken from then on (RFC 9110 section 7.8).")},
    {"Connection:", N_("The header Upgrade is for the next station, not for those behind it.")},
    {"Sec-WebSocket-Key:",
     N_("16 bytes drawn by lot, in base64. The answer has to be made of them.")},
    {"Sec-WebSocket-Accept:",
     N_("base64 of the SHA-1 of the key with a constant behind it (RFC 6455 "
        "section 1.3): it shows that the server knows what is asked.")},
    {"Sec-WebSocket-Version:", N_("13 is the version of RFC 6455, the only one in use.")},
    {"Sec-WebSocket-Protocol:", N_("What is to be spoken inside of the messages.")},
    {"Sec-WebSocket-Extensions:",
     N_("What the frames may be besides, such as compressed (RFC 7692).")},
    {"Origin:", N_("The page whose script asks: a server may refuse strangers' pages.")},
    {"Host:", N_("Of the servers at this address, the one that is meant.")},
};

static bool starts_with(struct cursor c, const char *word)
{
    for (; *word; word++)
        if ((cursor_u8(&c) | 0x20) != (*word | 0x20))
            return false;
    return cursor_ok(&c);
}

static const char *about_line(struct cursor c)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (starts_with(c, headers[i].starts))
            return headers[i].about;
    return "";
}

/* The bytes of a part that are here. */
static struct cursor bytes_of(const struct writer *w, const struct place *p, uint64_t from,
                              uint64_t n, uint64_t *skipped)
{
    int64_t start = p->at + (int64_t)from, end = start + (int64_t)n;
    *skipped = start < 0 ? (uint64_t)-start : 0;
    start = start < 0 ? 0 : start;
    end = end > p->payload_bytes ? p->payload_bytes : end;
    struct cursor c = cursor_over(w->p, p->payload_at + (size_t)start);
    cursor_narrow(&c, end > start ? (size_t)(end - start) : 0);
    return c;
}

/* The answer to the key is held to it. */
static void judge_answer(struct writer *w, struct cursor start)
{
    enum websocket_proof proof = websocket_proof(w->facts->socket);
    if (!starts_with(start, "Sec-WebSocket-Accept:") || proof == WEBSOCKET_PROOF_UNKNOWN)
        return;
    if (proof == WEBSOCKET_PROOF_RIGHT)
        text_add(&w->about, _("It is the right answer to the key."));
    else
        write_verdict(w, FIELD_MALFORMED,
                      N_("It is not the answer to the key: the client closes."));
}

static void write_line(struct writer *w, const struct place *p)
{
    uint64_t skipped;
    struct cursor c = bytes_of(w, p, 0, p->item->bytes, &skipped), look = c;
    size_t n = 0;
    while (cursor_captured_left(&look) > 0 && n < SHOWN_MOST) {
        uint8_t byte = cursor_u8(&look);
        if (byte == '\r' || byte == '\n')
            break;
        n++;
    }
    const uint8_t *bytes = cursor_bytes(&c, n);
    if (bytes)
        text_safe(&w->value, bytes, n);
    struct cursor start = bytes_of(w, p, 0, p->item->bytes, &skipped);
    if (skipped == 0)
        judge_answer(w, start);
    const char *about =
        skipped > 0 ? N_("The line begins in a segment before.") : about_line(start);
    write_part(w, p, p->item->bytes <= 2 ? "end" : "line", 1, 0, p->item->bytes, about);
}

/* ---- a frame ----------------------------------------------------------------------------- */

/* A payload without its mask, as text or as bytes; cut where it is long. */
static void tell_payload(struct writer *w, const struct place *p, uint64_t from, uint64_t n)
{
    uint8_t bytes[SHOWN_MOST];
    uint64_t skipped;
    struct cursor c = bytes_of(w, p, from, n, &skipped);
    size_t here = cursor_captured_left(&c), shown = here < sizeof bytes ? here : sizeof bytes;
    uint64_t at = p->item->from + from + skipped;
    for (size_t i = 0; i < shown; i++)
        bytes[i] = websocket_unmasked(p->item, at + i, cursor_u8(&c));
    if (websocket_is_text(p->item)) {
        text_char(&w->value, '"');
        text_safe(&w->value, bytes, shown);
        text_add(&w->value, shown < here ? "\"..." : "\"");
    } else {
        tell_bytes(w, &(struct reading){.bytes = bytes, .n = shown});
    }
    if (skipped > 0)
        text_format(&w->about, _("%llu of its bytes stand in segments before."),
                    (unsigned long long)skipped);
    if (here < n - (skipped < n ? skipped : n))
        write_verdict(w, FIELD_PLAIN,
                      N_("It goes on behind this segment, or was not captured whole."));
}

static void write_payload_of(struct writer *w, const struct place *p)
{
    const struct websocket_item *i = p->item;
    uint64_t head = i->header_bytes, n = websocket_payload_bytes(i);
    if (n == 0)
        return;
    if (i->has_code) {
        const char *name = websocket_code_name(i->code);
        text_format(&w->value, "%u%s%s%s", i->code, *name ? " (" : "", name, *name ? ")" : "");
        write_part(w, p, N_("code"), 1, head, 2,
                   N_("Why it is closed, in a number (RFC 6455 section 7.4)."));
        head += 2;
        n -= 2;
    }
    if (n == 0)
        return;
    tell_payload(w, p, head, n);
    write_part(w, p, i->has_code ? "reason" : "payload", 1, head, n,
               i->masked
                   ? N_("What is carried, without the mask: byte N is XORed with byte N modulo "
                        "4 of the key.")
                   : N_("What is carried, as it stands."));
}

static void write_header(struct writer *w, const struct place *p)
{
    const struct websocket_item *i = p->item;
    text_add(&w->value, i->fin ? "1  set" : "0");
    write_bits(w, p, "FIN", 0, 0x80, N_("The message is complete with this frame."));
    text_u64(&w->value, i->reserved);
    if (i->reserved == 4)
        text_add(&w->value, _(" (compressed)"));
    write_bits(
        w, p, "reserved", 0, 0x70,
        N_("For extensions: 4 says that the message is compressed, where both sides agreed."));
    text_format(&w->value, "%u (%s)", i->opcode, websocket_opcode_name(i->opcode));
    write_bits(w, p, "opcode", 0, 0x0f,
               N_("What it is. 0 goes on with a message; 8 and more are control frames, which may "
                  "stand between the fragments of one."));
    text_add(&w->value, i->masked ? "1  set" : "0");
    write_bits(w, p, "masked", 1, 0x80, N_("Clients have to mask, servers must not."));
    text_u64(&w->value, i->length_bytes == 2   ? 126
                        : i->length_bytes == 8 ? 127
                                               : websocket_payload_bytes(i));
    write_bits(w, p, "length", 1, 0x7f,
               N_("Of the payload. 126: it stands in the next two bytes; 127: in the next eight."));
    if (i->length_bytes > 0) {
        text_u64(&w->value, websocket_payload_bytes(i));
        write_part(w, p, N_("further length"), 1, 2, i->length_bytes,
                   N_("Of the payload, in bytes."));
    }
    if (i->masked) {
        tell_bytes(w, &(struct reading){.bytes = i->key, .n = sizeof i->key});
        write_part(
            w, p, "key", 1, 2u + i->length_bytes, 4,
            N_("New in each frame, so that no script can foresee what stands on the wire. It "
               "hides nothing."));
    }
}

static void write_frame(struct writer *w, const struct place *p)
{
    const char *fault = websocket_fault(p->item);
    websocket_words(p->item, &w->value);
    if (fault)
        write_verdict(w, FIELD_MALFORMED, fault);
    write_part(
        w, p, "WebSocket", 0, 0, p->item->bytes,
        N_("A frame (RFC 6455 section 5.2): messages have bounds, which TCP does not know."));
    write_header(w, p);
    write_payload_of(w, p);
}

/* ---- the segment ------------------------------------------------------------------------- */

static void write_item(struct writer *w, const struct place *p, bool first)
{
    if (p->item->is_frame) {
        write_frame(w, p);
        return;
    }
    if (first) {
        text_add(&w->value, _("the upgrade to WebSocket"));
        write_part(
            w, p, "HTTP", 0, 0, p->payload_bytes,
            N_("How a WebSocket begins (RFC 6455 section 4): as a request, and its answer."));
    }
    write_line(w, p);
}

void write_websocket(struct writer *w)
{
    const struct websocket *socket = w->facts->socket;
    const struct websocket_side *s = socket ? &socket->sides[w->facts->socket_side] : NULL;
    const struct packet *packet = w->p;
    if (!s || !packet->is_tcp || w->quoted || packet->tcp.payload_bytes == 0)
        return;
    uint64_t at = w->facts->socket_at, end = at + packet->tcp.payload_bytes;
    const struct websocket_item *i = websocket_item_at(s, at);
    for (int n = 0; i && i < s->items + s->count && i->from < end; i++, n++) {
        struct place p = {.item = i,
                          .at = (int64_t)(i->from - at),
                          .payload_at = packet->tcp.payload_at,
                          .payload_bytes = packet->tcp.payload_bytes};
        if (n == ITEMS_MOST) {
            write_part(w, &p, "WebSocket", 0, 0, end - i->from, N_("Further frames."));
            return;
        }
        write_item(w, &p, n == 0);
    }
}
