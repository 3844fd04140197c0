#include "tracer/select/field.h"
#include "tracer/select/term.h"
#include "tracer/select/track.h"

/* Each flag that differs of those that are as they are written. */
static int flags_closeness(const struct term *t, const struct moment *m)
{
    static const int of_bits[] = {12, 8, 4, 0, 0};
    uint16_t differ = (m->segment.flags ^ t->flags_set) & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK);
    int n = 0;
    for (; differ; differ &= (uint16_t)(differ - 1))
        n++;
    return of_bits[n < 4 ? n : 4];
}

static int number_closeness(uint64_t apart)
{
    return apart <= 1 ? 8 : apart <= 2 ? 7 : apart <= 16 ? 6 : apart <= 1000 ? 5 : 4;
}

static int field_closeness(const struct term *t, struct moment *m)
{
    int64_t have, low;
    bool absolute = t->low.variable >= 0 && t->field->get_absolute;
    if (!(absolute ? t->field->get_absolute(m, &have) : t->field->get(m, &have)))
        return 0;
    if (!operand_value(&t->low, m, &low))
        return number_closeness(UINT64_MAX);
    int64_t apart = have - low;
    if (absolute)
        apart = (int32_t)(uint32_t)apart;
    return number_closeness(apart < 0 ? 0 - (uint64_t)apart : (uint64_t)apart);
}

static int data_closeness(const struct term *t, const struct moment *m)
{
    if (!m->is_segment || m->segment.len == 0)
        return 0;
    int64_t number = (int64_t)track_data_number(m->track, &m->segment);
    int64_t apart = number > t->low.number ? number - t->low.number : t->low.number - number;
    return number == 0 || apart > 5 ? 4 : 9 - (int)apart;
}

/* By how far the payload begins as it should. */
static int payload_closeness(const struct term *t, struct moment *m)
{
    const uint8_t *bytes;
    size_t n, same = 0;
    if (!moment_payload(m, &bytes, &n))
        return 0;
    while (same < n && same < t->text_bytes && same < 4 && bytes[same] == (uint8_t)t->text[same])
        same++;
    return 5 + (int)same;
}

/* By how far the call's name begins as it should: sendto() is nearer to send() than connect(). */
static int name_closeness(const struct term *t, const struct moment *m)
{
    int same = 0;
    while (m->call && same < 5 && t->text[same] && m->call->name[same] == t->text[same])
        same++;
    return !m->call ? 0 : same < 3 ? 3 : 3 + same;
}

/* The call that would have brought it about: its return, or for an end that closes its entry. */
static int done_closeness(const struct term *t, const struct moment *m)
{
    if (!m->call || !term_brings_about((enum done_kind)t->number, m->call->name))
        return 0;
    bool decides = (m->kind == TRACE_CALL_EXIT) == (t->number != DONE_CLOSED);
    return decides ? 12 : 6;
}

int term_closeness(const struct term *t, struct moment *m)
{
    switch (t->kind) {
    case TERM_FLAGS: return m->is_segment ? flags_closeness(t, m) : 0;
    case TERM_FIELD: return field_closeness(t, m);
    case TERM_DATA: return data_closeness(t, m);
    case TERM_BYTES: return m->is_segment && m->segment.len > 0 ? 5 : 0;
    case TERM_PAYLOAD: return payload_closeness(t, m);
    case TERM_BITS: return m->is_segment ? 5 : 0;
    case TERM_CALL_NAME: return name_closeness(t, m);
    case TERM_DONE: return done_closeness(t, m);
    default: return 0;
    }
}
