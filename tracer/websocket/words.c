/* Frames, told. */
#include "tracer/websocket/websocket.h"

#include "tracer/base/words.h"

uint64_t websocket_payload_from(const struct websocket_item *i)
{
    return i->from + i->header_bytes;
}

uint64_t websocket_payload_bytes(const struct websocket_item *i)
{
    return i->bytes - i->header_bytes;
}

uint8_t websocket_unmasked(const struct websocket_item *i, uint64_t at, uint8_t byte)
{
    return i->masked ? byte ^ i->key[(at - websocket_payload_from(i)) % 4] : byte;
}

bool websocket_is_text(const struct websocket_item *i)
{
    bool binary = i->message == WEBSOCKET_BINARY || i->message == WEBSOCKET_CONTINUATION;
    return !binary && i->reserved == 0;
}

const char *websocket_opcode_name(unsigned opcode)
{
    static const char *const names[16] = {
        [WEBSOCKET_CONTINUATION] = "continuation",
        [WEBSOCKET_TEXT] = "text",
        [WEBSOCKET_BINARY] = "binary",
        [WEBSOCKET_CLOSE] = "close",
        [WEBSOCKET_PING] = "ping",
        [WEBSOCKET_PONG] = "pong",
    };
    return opcode < 16 && names[opcode] ? names[opcode] : "reserved";
}

const char *websocket_code_name(unsigned code)
{
    static const struct {
        uint16_t from, to;
        const char *name;
    } codes[] = {
        {1000, 1000, "normal closure"},    {1001, 1001, "going away"},
        {1002, 1002, "protocol error"},    {1003, 1003, "unsupported data"},
        {1005, 1006, "never sent"},        {1007, 1007, "invalid payload"},
        {1008, 1008, "policy violation"},  {1009, 1009, "message too big"},
        {1010, 1010, "extension missing"}, {1011, 1011, "internal error"},
        {1012, 1012, "service restart"},   {1013, 1013, "try again later"},
        {1014, 1014, "bad gateway"},       {1015, 1015, "never sent"},
        {3000, 3999, "registered"},        {4000, 4999, "the application's own"},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (code >= codes[i].from && code <= codes[i].to)
            return codes[i].name;
    return "";
}

const char *websocket_fault(const struct websocket_item *i)
{
    uint64_t payload = websocket_payload_bytes(i);
    bool control = i->opcode >= WEBSOCKET_CLOSE;
    if (i->from_client && !i->masked)
        return N_("A client has to mask: the server closes.");
    if (!i->from_client && i->masked)
        return N_("A server must not mask: the client closes.");
    if ((i->opcode > WEBSOCKET_BINARY && i->opcode < WEBSOCKET_CLOSE) || i->opcode > WEBSOCKET_PONG)
        return N_("An opcode that has no meaning yet.");
    if (control && !i->fin)
        return N_("A control frame cannot be a fragment.");
    if (control && i->length_bytes > 0)
        return N_("A control frame carries 125 bytes at most.");
    if (i->opcode == WEBSOCKET_CLOSE && payload == 1)
        return N_("A close carries nothing, or a code of two bytes and a reason.");
    if ((i->length_bytes == 2 && payload < 126) || (i->length_bytes == 8 && payload < 65536))
        return N_("The length is written in more bytes than it needs.");
    if (i->length_bytes == 8 && payload >= UINT64_C(1) << 62)
        return N_("No message is as long.");
    if (i->opcode == WEBSOCKET_CONTINUATION && i->message == 0)
        return N_("There is no message that it could continue.");
    return NULL;
}

void websocket_words(const struct websocket_item *i, struct text *out)
{
    if (i->fin)
        text_add(out, "FIN ");
    text_add(out, websocket_opcode_name(i->opcode));
    if (i->opcode == WEBSOCKET_CONTINUATION && i->message != 0)
        text_format(out, " of %s", websocket_opcode_name(i->message));
    if (i->reserved != 0)
        text_format(out, ", reserved bits %u%s", i->reserved,
                    i->reserved == 4 ? " (compressed)" : "");
    if (i->masked)
        text_format(out, ", mask %02x%02x%02x%02x", i->key[0], i->key[1], i->key[2], i->key[3]);
    text_add(out, ", length ");
    text_u64(out, websocket_payload_bytes(i));
    if (i->has_code) {
        const char *name = websocket_code_name(i->code);
        text_format(out, ", code %u%s%s%s", i->code, *name ? " (" : "", name, *name ? ")" : "");
    }
    if (websocket_fault(i))
        text_add(out, ", faulty");
}
