#include "commands.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct session *session_new(struct server *server, int fd)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->server = server;
    s->fd = fd;
    s->heard_ms = server->now_ms;
    return s;
}

void session_free(struct session *s)
{
    if (s->leaving_ms > 0 && !s->ended) {
        /* It had its time, and is gone or will not read. By itself the kernel would go on sending
         * what is left for a quarter of an hour. */
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    if (s->frames)
        wslay_event_context_free(s->frames);
    free(s->answer);
    close(s->fd);
    free(s);
}

static void leave(struct session *s)
{
    if (s->leaving_ms == 0)
        s->leaving_ms = s->server->now_ms;
}

/* ---- frames: what wslay asks of us ------------------------------------------------------- */

/* Bytes for wslay: first what came behind the request, then what the kernel has. */
static ssize_t feed(wslay_event_context_ptr frames, uint8_t *buffer, size_t room, int flags,
                    void *session)
{
    struct session *s = session;
    (void)flags;
    size_t left = s->head_bytes - s->head_taken, n = left < room ? left : room;
    if (n > 0) {
        memcpy(buffer, s->head + s->head_taken, n);
        s->head_taken += n;
        return (ssize_t)n;
    }
    if (s->read_bytes >= READ_MOST) { /* the rest in the next turn */
        wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ssize_t got = recv(s->fd, buffer, room, 0);
    if (got > 0) {
        s->read_bytes += (size_t)got;
        return got;
    }
    bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    s->ended = s->ended || !later;
    wslay_event_set_error(frames, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

/* wslay gives the header of a frame and its payload one after the other, and says of the first that
 * more is coming: MSG_MORE lets the kernel put both into one segment. */
static ssize_t drain(wslay_event_context_ptr frames, const uint8_t *bytes, size_t n, int flags,
                     void *session)
{
    struct session *s = session;
    int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0;
    ssize_t sent = send(s->fd, bytes, n, MSG_NOSIGNAL | more);
    if (sent < 0)
        wslay_event_set_error(frames, errno == EAGAIN || errno == EINTR
                                          ? WSLAY_ERR_WOULDBLOCK
                                          : WSLAY_ERR_CALLBACK_FAILURE);
    else
        s->queued -= (size_t)sent < s->queued ? (size_t)sent : s->queued;
    return sent;
}

/* Control characters would be commands to the terminal of whoever reads them: C0 but for tabs, DEL,
 * and C1, which is C2 80 to C2 9F in UTF-8. */
static bool is_plain(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t next = i + 1 < n ? text[i + 1] : 0;
        if ((text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f ||
            (text[i] == 0xc2 && next < 0xa0))
            return false;
    }
    return true;
}

/* A whole message: joined, unmasked, and if it is text then UTF-8. */
static void take_message(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *m, void *session)
{
    struct session *s = session;
    char text[MESSAGE_MOST + 1];
    (void)frames;
    if (wslay_is_ctrl_frame(m->opcode) || s->leaving_ms > 0) {
        if (m->opcode == WSLAY_CONNECTION_CLOSE)
            leave(s); /* wslay has queued the answer */
        return;
    }
    if (m->opcode != WSLAY_TEXT_FRAME) {
        session_dismiss(s, WSLAY_CODE_UNSUPPORTED_DATA, "here we speak in text");
    } else if (!is_plain(m->msg, m->msg_length)) {
        session_say(s, "Error this has control characters");
    } else {
        if (m->msg_length > 0) /* else msg is NULL, which memcpy() may not have */
            memcpy(text, m->msg, m->msg_length);
        text[m->msg_length] = '\0';
        commands_run(s, text);
    }
}

static bool begin_frames(struct session *s)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = feed,
        .send_callback = drain,
        .on_msg_recv_callback = take_message,
    };
    if (wslay_event_context_server_init(&s->frames, &callbacks, s) != 0)
        return false;
    /* The longest message that is taken. wslay answers a longer one with a close of code 1009. */
    wslay_event_config_set_max_recv_msg_length(s->frames, MESSAGE_MOST);
    s->stage = STAGE_TALK;
    return true;
}

/* ---- out --------------------------------------------------------------------------------- */

bool session_has_output(const struct session *s)
{
    return s->answer || (s->stage == STAGE_TALK && wslay_event_want_write(s->frames));
}

/* Answers to pings, which wslay gives by itself, count as well. */
bool session_is_crowded(const struct session *s)
{
    return s->queued >= QUEUE_MOST ||
           (s->frames && wslay_event_get_queued_msg_count(s->frames) >= MESSAGES_MOST);
}

/* wslay copies what is queued, and sends it in its turn. */
static void queue(struct session *s, uint8_t opcode, const char *bytes, size_t n)
{
    struct wslay_event_msg m = {opcode, (const uint8_t *)bytes, n};
    if (s->stage == STAGE_TALK && wslay_event_queue_msg(s->frames, &m) == 0)
        s->queued += n + 4;
}

void session_say(struct session *s, const char *format, ...)
{
    char text[MESSAGE_MOST + 256];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    queue(s, WSLAY_TEXT_FRAME, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void session_ping(struct session *s)
{
    s->pinged = true;
    queue(s, WSLAY_PING, "there?", 6);
}

static void answer_http(struct session *s, char *answer, size_t n)
{
    s->answer = answer;
    s->answer_bytes = n;
    s->answer_sent = 0;
    if (!answer)
        s->ended = true; /* no memory: nothing to say, and nobody to say it to */
}

void session_dismiss(struct session *s, uint16_t code, const char *why)
{
    size_t n;
    if (s->leaving_ms > 0)
        return;
    if (s->stage == STAGE_TALK)
        wslay_event_queue_close(s->frames, code, (const uint8_t *)why, strlen(why));
    else if (!s->answer) {
        char *answer = http_refusal("503 Service Unavailable", why, &n);
        answer_http(s, answer, n);
    }
    leave(s);
}

static bool send_answer(struct session *s)
{
    ssize_t n =
        send(s->fd, s->answer + s->answer_sent, s->answer_bytes - s->answer_sent, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    s->answer_sent += (size_t)n;
    if (s->answer_sent == s->answer_bytes) {
        free(s->answer);
        s->answer = NULL;
    }
    return true;
}

/* Our FIN once all is said, then we read on until theirs, for a while: a close() while bytes are
 * there that nobody has read makes the kernel send a reset, which may overtake our last words. */
static bool go(struct session *s)
{
    bool said = !session_has_output(s);
    /* Who closes must first have heard the other's close; wslay then wants nothing more. */
    if (said && s->stage == STAGE_TALK && wslay_event_want_read(s->frames) && !s->ended)
        said = false;
    if (said && !s->shut) {
        s->shut = true;
        s->stage = STAGE_LEAVING;
        if (shutdown(s->fd, SHUT_WR) != 0)
            return false;
    }
    return !(s->shut && s->ended) && s->server->now_ms - s->leaving_ms <= LINGER_MS;
}

bool session_send(struct session *s)
{
    if (s->answer && !send_answer(s))
        return false;
    if (s->stage == STAGE_TALK && !s->answer) {
        if (wslay_event_want_write(s->frames) && wslay_event_send(s->frames) != 0)
            return false;
        if (!wslay_event_want_write(s->frames))
            s->queued = 0;
        /* Closed by either side, or broken by the client: wslay has said so with a code. */
        if (wslay_event_get_close_sent(s->frames))
            leave(s);
    }
    if (s->leaving_ms > 0)
        return go(s);
    return !s->ended;
}

/* ---- in ---------------------------------------------------------------------------------- */

/* The end of a head: an empty line. */
static char *end_of_head(struct session *s)
{
    return memmem(s->head, s->head_bytes, "\r\n\r\n", 4);
}

static void take_request(struct session *s, size_t head_bytes)
{
    struct request r;
    size_t n = 0;
    bool talk = false;
    s->head_taken = head_bytes;
    s->head[head_bytes - 1] = '\0'; /* the last newline */
    char *answer = strlen(s->head) == head_bytes - 1 && http_read(s->head, &r)
                       ? http_answer(&r, s->server->folder, &n, &talk)
                       : http_refusal("400 Bad Request", "This is no request of HTTP/1.1.\n", &n);
    answer_http(s, answer, n);
    if (talk && !begin_frames(s))
        s->ended = true;
    if (!talk)
        leave(s);
}

static void receive_http(struct session *s)
{
    ssize_t n = recv(s->fd, s->head + s->head_bytes, sizeof s->head - s->head_bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        s->ended = true;
        return;
    }
    s->heard_ms = s->server->now_ms;
    s->head_bytes += (size_t)n;
    char *end = end_of_head(s);
    if (end) {
        take_request(s, (size_t)(end - s->head) + 4);
    } else if (s->head_bytes == sizeof s->head) {
        size_t bytes;
        char *answer = http_refusal("431 Request Header Fields Too Large", "", &bytes);
        answer_http(s, answer, bytes);
        leave(s);
    }
}

static void receive_frames(struct session *s)
{
    size_t taken = s->head_taken;
    s->read_bytes = 0;
    if (wslay_event_recv(s->frames) !=
        0) /* the end (noted above), or no frame: a close is queued */
        wslay_event_shutdown_read(s->frames);
    if (s->read_bytes > 0 || s->head_taken > taken) {
        s->heard_ms = s->server->now_ms;
        s->pinged = false;
    }
}

/* Nothing of this is looked at, but the end. */
static void throw_away(struct session *s)
{
    char bytes[4096];
    ssize_t n = recv(s->fd, bytes, sizeof bytes, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        s->ended = true;
}

void session_receive(struct session *s)
{
    bool listens = s->stage == STAGE_TALK ? wslay_event_get_read_enabled(s->frames)
                                          : s->stage == STAGE_HTTP && s->leaving_ms == 0;
    if (!listens)
        throw_away(s);
    else if (s->stage == STAGE_HTTP)
        receive_http(s);
    if (listens && s->stage == STAGE_TALK) /* also what came behind the request */
        receive_frames(s);
}
