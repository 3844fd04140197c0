#include "tracer/websocket/websocket.h"

#include "tracer/base/alloc.h"
#include "tracer/base/cursor.h"
#include "tracer/base/search.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A length that reaches further than any stream: the frame never ends. */
#define LENGTH_MOST (UINT64_C(1) << 62)

void websocket_free(struct websocket *w)
{
    for (int side = 0; side < WEBSOCKET_SIDES; side++)
        free(w->sides[side].items);
    *w = (struct websocket){0};
}

static struct websocket_item *add_item(struct websocket_side *s, struct websocket_item item)
{
    xgrow(&s->items, &s->cap, s->count, sizeof *s->items);
    s->items[s->count] = item;
    return &s->items[s->count++];
}

static void begin(struct websocket_side *s, enum websocket_phase phase)
{
    s->phase = phase;
    s->held_bytes = 0;
}

static void hold(struct websocket_side *s, uint8_t byte)
{
    if (s->held_bytes < sizeof s->held)
        s->held[s->held_bytes] = byte;
    s->held_bytes++;
}

/* ---- the upgrade ------------------------------------------------------------------------- */

/* The line that is held, without its end, as a string; what was not kept of it is not in it. */
static void held_line(const struct websocket_side *s, char line[WEBSOCKET_LINE_KEPT + 1])
{
    size_t n = s->held_bytes < sizeof s->held ? (size_t)s->held_bytes : sizeof s->held;
    memcpy(line, s->held, n);
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
        n--;
    line[n] = '\0';
}

/* "Upgrade: websocket", in any case, perhaps among other protocols. */
static bool is_upgrade(const char *line)
{
    static const char name[] = "upgrade:", value[] = "websocket";
    if (strncasecmp(line, name, strlen(name)) != 0)
        return false;
    for (line += strlen(name); *line;) {
        line += strspn(line, " \t,");
        size_t n = strcspn(line, " \t,");
        if (n == strlen(value) && strncasecmp(line, value, n) == 0)
            return true;
        line += n;
    }
    return false;
}

/* The value of a key, or of the answer to one. */
static void take_proof(struct websocket_side *s, const char *line)
{
    const char *name = s->client ? "sec-websocket-key:" : "sec-websocket-accept:";
    if (strncasecmp(line, name, strlen(name)) != 0)
        return;
    line += strlen(name);
    line += strspn(line, " \t");
    size_t n = strcspn(line, " \t");
    if (n < sizeof s->proof)
        memcpy(s->proof, line, n);
}

static void take_start_line(struct websocket_side *s, const char *line)
{
    s->client = strncmp(line, "GET ", 4) == 0;
    bool accepts = strncmp(line, "HTTP/1.1 101", 12) == 0;
    begin(s, s->client || accepts ? WEBSOCKET_HEAD : WEBSOCKET_OVER);
}

/* A line is whole: the head's first, one of its headers, or the empty one at its end. */
static void take_line(struct websocket_side *s)
{
    char line[WEBSOCKET_LINE_KEPT + 1];
    held_line(s, line);
    add_item(s, (struct websocket_item){.from = s->at - s->held_bytes, .bytes = s->held_bytes});
    if (s->phase == WEBSOCKET_START) {
        take_start_line(s, line);
    } else if (line[0]) {
        s->upgrade = s->upgrade || is_upgrade(line);
        take_proof(s, line);
        begin(s, WEBSOCKET_HEAD);
    } else {
        s->settled = s->upgrade;
        begin(s, s->upgrade ? WEBSOCKET_HEADER : WEBSOCKET_OVER);
    }
}

/* What may still become "GET " or "HTTP/1.1 101". */
static bool may_start(const struct websocket_side *s)
{
    static const char *const starts[] = {"GET ", "HTTP/1.1 101"};
    bool may = false;
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(starts[i]);
        n = s->held_bytes < n ? (size_t)s->held_bytes : n;
        may = may || memcmp(s->held, starts[i], n) == 0;
    }
    return may;
}

static void take_head(struct websocket_side *s, struct cursor *c)
{
    uint8_t byte = cursor_u8(c);
    hold(s, byte);
    s->at++;
    if (s->phase == WEBSOCKET_START && !may_start(s))
        s->phase = WEBSOCKET_OVER;
    else if (byte == '\n')
        take_line(s);
    else if (s->at > WEBSOCKET_HEAD_MOST)
        s->phase = WEBSOCKET_OVER;
}

/* ---- frames ------------------------------------------------------------------------------ */

/* How long the header is, of which two bytes at least are held. */
static size_t header_bytes(const struct websocket_side *s)
{
    unsigned length = s->held[1] & 0x7f;
    return 2u + (length == 126 ? 2 : length == 127 ? 8 : 0) + (s->held[1] & 0x80 ? 4 : 0);
}

static struct websocket_item read_header(const struct websocket_side *s)
{
    struct cursor c;
    cursor_init(&c, s->held, (size_t)s->held_bytes, (size_t)s->held_bytes);
    uint8_t first = cursor_u8(&c), second = cursor_u8(&c);
    struct websocket_item i = {
        .from = s->at - s->held_bytes,
        .is_frame = true,
        .fin = first & 0x80,
        .reserved = first >> 4 & 7,
        .opcode = first & 0x0f,
        .masked = second & 0x80,
        .from_client = s->client,
        .header_bytes = (uint8_t)s->held_bytes,
    };
    uint64_t payload = second & 0x7f;
    i.length_bytes = payload == 126 ? 2 : payload == 127 ? 8 : 0;
    if (i.length_bytes > 0)
        payload = i.length_bytes == 2 ? cursor_be16(&c) : cursor_be64(&c);
    for (int k = 0; i.masked && k < 4; k++)
        i.key[k] = cursor_u8(&c);
    i.bytes = i.header_bytes + (payload < LENGTH_MOST ? payload : LENGTH_MOST);
    return i;
}

/* Of which message a frame is part: control frames are none of the one they stand in. */
static uint8_t message_of(struct websocket_side *s, const struct websocket_item *i)
{
    if (i->opcode >= WEBSOCKET_CLOSE)
        return i->opcode;
    uint8_t message = i->opcode == WEBSOCKET_CONTINUATION ? s->message : i->opcode;
    s->message = i->fin ? 0 : message;
    return message;
}

static void end_payload(struct websocket_side *s)
{
    const struct websocket_item *i = &s->items[s->count - 1];
    if (s->payload_seen == websocket_payload_bytes(i))
        begin(s, WEBSOCKET_HEADER);
}

static void take_header(struct websocket_side *s, struct cursor *c)
{
    hold(s, cursor_u8(c));
    s->at++;
    if (s->held_bytes < 2 || s->held_bytes < header_bytes(s))
        return;
    struct websocket_item *i = add_item(s, read_header(s));
    i->message = message_of(s, i);
    s->phase = WEBSOCKET_PAYLOAD;
    s->payload_seen = 0;
    end_payload(s);
}

static void take_payload(struct websocket_side *s, struct cursor *c)
{
    struct websocket_item *i = &s->items[s->count - 1];
    uint64_t left = websocket_payload_bytes(i) - s->payload_seen;
    size_t n = cursor_captured_left(c);
    if (i->opcode == WEBSOCKET_CLOSE && s->payload_seen < 2) { /* its code */
        n = 1;
        i->code = (uint16_t)(i->code << 8 | websocket_unmasked(i, s->at, cursor_u8(c)));
        i->has_code = s->payload_seen == 1;
    } else {
        n = left < n ? (size_t)left : n;
        cursor_skip(c, n);
    }
    s->payload_seen += n;
    s->at += n;
    end_payload(s);
}

/* ---- a side ------------------------------------------------------------------------------ */

void websocket_take(struct websocket *w, int side, const uint8_t *bytes, size_t n)
{
    struct websocket_side *s = &w->sides[side];
    struct cursor c;
    cursor_init(&c, bytes, n, n);
    while (cursor_captured_left(&c) > 0) {
        switch (s->phase) {
        case WEBSOCKET_START:
        case WEBSOCKET_HEAD: take_head(s, &c); break;
        case WEBSOCKET_HEADER: take_header(s, &c); break;
        case WEBSOCKET_PAYLOAD: take_payload(s, &c); break;
        case WEBSOCKET_OVER: s->at += cursor_captured_left(&c); return;
        }
    }
}

bool websocket_pass(struct websocket *w, int side, uint64_t n)
{
    struct websocket_side *s = &w->sides[side];
    if (s->phase == WEBSOCKET_PAYLOAD) {
        const struct websocket_item *i = &s->items[s->count - 1];
        if (n > websocket_payload_bytes(i) - s->payload_seen ||
            (i->opcode == WEBSOCKET_CLOSE && s->payload_seen < 2))
            return false;
        s->payload_seen += n;
        s->at += n;
        end_payload(s);
        return true;
    }
    if (s->phase == WEBSOCKET_OVER)
        s->at += n;
    return s->phase == WEBSOCKET_OVER;
}

/* A side is over at its first bytes where it is something else, so one that is settled was one. */
bool websocket_is(const struct websocket *w)
{
    const struct websocket_side *a = &w->sides[0], *b = &w->sides[1];
    return (a->settled && a->client && !(b->phase == WEBSOCKET_OVER && !b->settled)) ||
           (b->settled && b->client && !(a->phase == WEBSOCKET_OVER && !a->settled));
}

bool websocket_is_not(const struct websocket *w)
{
    const struct websocket_side *a = &w->sides[0], *b = &w->sides[1];
    return (a->phase == WEBSOCKET_OVER && !a->settled) ||
           (b->phase == WEBSOCKET_OVER && !b->settled);
}

enum websocket_proof websocket_proof(const struct websocket *w)
{
    const struct websocket_side *client = &w->sides[w->sides[1].client];
    const struct websocket_side *server = &w->sides[!w->sides[1].client];
    char answer[29];
    if (!websocket_is(w) || !server->settled || !client->proof[0] || !server->proof[0])
        return WEBSOCKET_PROOF_UNKNOWN;
    websocket_answer(client->proof, answer);
    return strcmp(answer, server->proof) == 0 ? WEBSOCKET_PROOF_RIGHT : WEBSOCKET_PROOF_WRONG;
}

static bool begins_by(const void *items, size_t i, int64_t at)
{
    return ((const struct websocket_item *)items)[i].from <= (uint64_t)at;
}

const struct websocket_item *websocket_item_at(const struct websocket_side *s, uint64_t at)
{
    size_t last = search_last(s->count, begins_by, s->items, (int64_t)at);
    const struct websocket_item *i = s->count > 0 ? &s->items[last] : NULL;
    return i && at >= i->from && at - i->from < i->bytes ? i : NULL;
}
