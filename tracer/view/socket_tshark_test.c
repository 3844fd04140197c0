/* A WebSocket's frames against tshark's: FIN, reserved bits, opcode, mask, length, key, the text
 * without its mask, a close's code and reason; however they are cut into segments, and in the
 * recorded session of the lab. Where tshark is not installed the test is skipped. */
#include "tracer/view/stream_log.h"

#include "tracer/base/alloc.h"
#include "tracer/view/scene_file.h"
#include "tracer/capture/source.h"
#include "tracer/session/readable_test.h"
#include "tracer/view/socket_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* What tshark is asked for. Of several frames in one packet it gives each field's values in turn,
 * of those that have it. */
enum { PORT, FIN, RESERVED, OPCODE, MASK, LENGTH, LENGTH_16, KEY, CODE, REASON, TEXT, FIELDS };
#define TSHARK                                                                                     \
    "tshark -n -r %s -d tcp.port==%u,http -Y websocket -T fields -E separator='|' "                \
    "-E aggregator=';' -e tcp.srcport -e websocket.fin -e websocket.rsv -e websocket.opcode "      \
    "-e websocket.mask -e websocket.payload_length -e websocket.payload_length_ext_16 "            \
    "-e websocket.masking_key -e websocket.payload.close.status_code "                             \
    "-e websocket.payload.close.reason -e websocket.payload.text 2>/dev/null"

/* The next value of a field: what is left of it moves on behind it. */
static const char *next_value(char **field)
{
    char *value = *field, *end = value ? strchr(value, ';') : NULL;
    if (end)
        *end = '\0';
    *field = end ? end + 1 : NULL;
    return value ? value : "";
}

static void tell_theirs(char *fields[FIELDS], struct text *out)
{
    while (fields[FIN]) {
        const char *length = NULL;
        text_format(out, "%s", next_value(&fields[FIN]));
        text_format(out, " %lu", strtoul(next_value(&fields[RESERVED]), NULL, 16));
        int opcode = atoi(next_value(&fields[OPCODE])), mask = atoi(next_value(&fields[MASK]));
        length = next_value(&fields[LENGTH]);
        if (strcmp(length, "126") == 0)
            length = next_value(&fields[LENGTH_16]);
        text_format(out, " %d %d %s %s", opcode, mask, length,
                    mask ? next_value(&fields[KEY]) : "");
        if (opcode == WEBSOCKET_CLOSE)
            text_format(out, " %s '%s'", next_value(&fields[CODE]), next_value(&fields[REASON]));
        text_char(out, '\n');
    }
}

/* Two lists: of the frames to the port, and of those from it; of each the texts behind them. */
static void ask_tshark(const char *path, unsigned port, struct text frames[2], struct text texts[2])
{
    char command[1024], line[4096];
    snprintf(command, sizeof command, TSHARK, path, port);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    while (fgets(line, sizeof line, p)) {
        char *fields[FIELDS] = {line};
        line[strcspn(line, "\n")] = '\0';
        for (int i = 1; i < FIELDS; i++) {
            fields[i] = strchr(fields[i - 1], '|');
            assert_non_null(fields[i]);
            *fields[i]++ = '\0';
        }
        int side = (unsigned)atoi(fields[PORT]) == port;
        tell_theirs(fields, &frames[side]);
        if (fields[TEXT][0]) { /* with escapes, but not for all that a terminal should not have */
            text_safe_escaped(&texts[side], fields[TEXT]);
            text_char(&texts[side], '\n');
        }
    }
    assert_int_equal(pclose(p), 0);
}

/* All bytes of a side: none is missing. */
static uint8_t *bytes_of(const struct stream_log *l, int side)
{
    uint8_t *bytes = xmalloc((size_t)l->end[side] + 1);
    for (size_t i = 0; i < l->count; i++) {
        assert_true(l->pieces[i].kind != PIECE_GAP && l->pieces[i].kind != PIECE_UNCAPTURED);
        if (l->pieces[i].side == side && l->pieces[i].kind == PIECE_BYTES)
            stream_log_bytes(l, &l->pieces[i], bytes + l->pieces[i].offset);
    }
    return bytes;
}

static void unmask(const struct websocket_item *i, const uint8_t *bytes, uint64_t from,
                   struct text *out)
{
    for (uint64_t at = websocket_payload_from(i) + from; at < i->from + i->bytes; at++)
        text_char(out, (char)websocket_unmasked(i, at, bytes[at]));
}

static void tell_ours(const struct stream_log *l, int side, struct text *frames, struct text *texts)
{
    uint8_t *bytes = bytes_of(l, side);
    struct text message = {0};
    for (size_t k = 0; k < l->socket.sides[side].count; k++) {
        const struct websocket_item *i = &l->socket.sides[side].items[k];
        if (!i->is_frame)
            continue;
        text_format(frames, "%d %u %u %d %llu ", i->fin, i->reserved, i->opcode, i->masked,
                    (unsigned long long)websocket_payload_bytes(i));
        for (int n = 0; i->masked && n < 4; n++)
            text_format(frames, "%02x", i->key[n]);
        if (i->opcode == WEBSOCKET_CLOSE) {
            text_format(frames, " %u '", i->code);
            unmask(i, bytes, 2, frames);
            text_char(frames, '\'');
        }
        text_char(frames, '\n');
        if (i->message != WEBSOCKET_TEXT)
            continue;
        unmask(i, bytes, 0, &message);
        if (i->fin) {
            text_safe(texts, text_str(&message), message.len);
            text_char(texts, '\n');
            text_clear(&message);
        }
    }
    text_free(&message);
    free(bytes);
}

static int compare(const struct trace *trace, const char *path, unsigned port)
{
    struct text theirs[2] = {{0}, {0}}, their_texts[2] = {{0}, {0}};
    struct stream_log l;
    int frames = 0;
    stream_log_init(&l, trace, 0);
    stream_log_update(&l, INT64_MAX);
    ask_tshark(path, port, theirs, their_texts);
    for (int side = 0; side < 2; side++) {
        struct text ours = {0}, our_texts = {0};
        tell_ours(&l, side, &ours, &our_texts);
        assert_string_equal(text_str(&ours), text_str(&theirs[side]));
        assert_string_equal(text_str(&our_texts), text_str(&their_texts[side]));
        for (const char *s = text_str(&ours); (s = strchr(s, '\n')); s++)
            frames++;
        text_free(&ours);
        text_free(&our_texts);
        text_free(&theirs[side]);
        text_free(&their_texts[side]);
    }
    stream_log_free(&l);
    return frames;
}

static void frames_agree_however_they_are_cut(void **state)
{
    static const size_t cuts[] = {1, 5, 400};
    int frames = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        char path[] = "/tmp/tcpladder-socket-XXXXXX";
        struct scene s;
        struct error e;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        close(fd);
        scene_begin(&s, false);
        socket_story(&s, cuts[i], false);
        assert_int_equal(scene_write(&s, path, &e), 0);
        frames += compare(s.trace, path, 9502);
        assert_int_equal(unlink(path), 0);
        scene_end(&s);
    }
    print_message("%d frames agree with tshark's\n", frames);
    assert_int_equal(frames, 11 * 3);
}

static void the_labs_session_agrees(void **state)
{
    static const char path[] = TEST_SOURCE_DIR "/labs/catalog/29-websocket/recorded.pcap";
    struct error e = {0};
    struct capture_frame f;
    (void)state;
    struct trace *trace = trace_new();
    struct source *source = source_open(&(struct source_options){.file = path, .fd = -1}, &e);
    assert_non_null(source);
    while (source_next(source, true, &f, &e) == SOURCE_FRAME)
        trace_add(trace, &f);
    source_close(source);
    assert_true(compare(trace, path, 8080) > 10);
    trace_free(trace);
}

int main(void)
{
    if (!annotations_or_skip())
        return 77;
    if (system("tshark --version >/dev/null 2>&1") != 0) {
        printf("SKIP: tshark is not installed, with which a WebSocket's frames are compared\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_agree_however_they_are_cut),
        cmocka_unit_test(the_labs_session_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
