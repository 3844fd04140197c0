#include "talk.h"

#include "../server-parts/accept.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

static bool complain(const char *why)
{
    fprintf(stderr, "client: %s\n", why);
    return false;
}

/* Bytes that nobody can foresee. A browser masks what a page's script sends, with a new key for
 * each frame: so no script can have bytes of its choice on the wire, which something on the way
 * could take for a request of HTTP (RFC 6455, 10.3). */
static bool chance(void *bytes, size_t n)
{
    return getrandom(bytes, n, 0) == (ssize_t)n;
}

/* ---- frames: what wslay asks of us ------------------------------------------------------- */

static ssize_t feed(wslay_event_context_ptr frames, uint8_t *buffer, size_t room, int flags,
                    void *talk)
{
    struct talk *t = talk;
    (void)flags;
    size_t left = t->head_bytes - t->head_taken, n = left < room ? left : room;
    if (n > 0) {
        memcpy(buffer, t->head + t->head_taken, n);
        t->head_taken += n;
        return (ssize_t)n;
    }
    ssize_t got = recv(t->fd, buffer, room, 0);
    bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    if (got <= 0)
        wslay_event_set_error(frames, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return got > 0 ? got : -1;
}

/* The header and the payload of a frame come one after the other: MSG_MORE puts both into one
 * segment. */
static ssize_t drain(wslay_event_context_ptr frames, const uint8_t *bytes, size_t n, int flags,
                     void *talk)
{
    struct talk *t = talk;
    int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0;
    ssize_t sent = send(t->fd, bytes, n, MSG_NOSIGNAL | more);
    if (sent < 0)
        wslay_event_set_error(frames, errno == EAGAIN || errno == EINTR
                                          ? WSLAY_ERR_WOULDBLOCK
                                          : WSLAY_ERR_CALLBACK_FAILURE);
    return sent;
}

static int new_mask(wslay_event_context_ptr frames, uint8_t *key, size_t n, void *talk)
{
    (void)talk;
    if (chance(key, n))
        return 0;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void take_message(wslay_event_context_ptr frames,
                         const struct wslay_event_on_msg_recv_arg *m, void *talk)
{
    struct talk *t = talk;
    char text[TALK_MESSAGE_MOST + 1];
    (void)frames;
    if (m->opcode == WSLAY_CONNECTION_CLOSE) {
        t->close_code = m->status_code > 0 ? m->status_code : WSLAY_CODE_NO_STATUS_RCVD;
        if (m->msg_length > 2 && m->status_code != WSLAY_CODE_NORMAL_CLOSURE)
            fprintf(stderr, "client: the server closes: %.*s\n", (int)m->msg_length - 2,
                    (const char *)m->msg + 2);
    } else if (m->opcode == WSLAY_PONG) {
        t->pong(t);
    } else if (m->opcode == WSLAY_TEXT_FRAME) {
        if (m->msg_length > 0) /* else msg is NULL, which memcpy() may not have */
            memcpy(text, m->msg, m->msg_length);
        text[m->msg_length] = '\0';
        t->hear(t, text);
    }
}

static bool begin_frames(struct talk *t)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = feed,
        .send_callback = drain,
        .genmask_callback = new_mask,
        .on_msg_recv_callback = take_message,
    };
    if (wslay_event_context_client_init(&t->frames, &callbacks, t) != 0)
        return complain("no memory");
    wslay_event_config_set_max_recv_msg_length(t->frames, TALK_MESSAGE_MOST);
    return true;
}

/* ---- the upgrade ------------------------------------------------------------------------- */

static bool ask(int fd, const char *host, char key[KEY_BYTES + 1])
{
    uint8_t nonce[16];
    char request[512];
    if (!chance(nonce, sizeof nonce))
        return complain("no random bytes");
    base64(nonce, sizeof nonce, key);
    int n = snprintf(request, sizeof request,
                     "GET /chat HTTP/1.1\r\n"
                     "Host: %s\r\n"
                     "Upgrade: websocket\r\n"
                     "Connection: Upgrade\r\n"
                     "Sec-WebSocket-Key: %s\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n",
                     host, key);
    return send(fd, request, (size_t)n, MSG_NOSIGNAL) == n || complain("the request was not taken");
}

/* Read until the empty line. What stands behind it are frames already. */
static bool read_head(struct talk *t, int wait_ms)
{
    const char *end = NULL;
    struct pollfd ready = {.fd = t->fd, .events = POLLIN};
    t->head_bytes = 0;
    while (!end && t->head_bytes < sizeof t->head && poll(&ready, 1, wait_ms) == 1) {
        ssize_t n = recv(t->fd, t->head + t->head_bytes, sizeof t->head - t->head_bytes, 0);
        if (n <= 0)
            break;
        t->head_bytes += (size_t)n;
        end = memmem(t->head, t->head_bytes, "\r\n\r\n", 4);
    }
    if (!end)
        return complain("no answer to the upgrade");
    t->head_taken = (size_t)(end - t->head) + 4;
    return true;
}

/* 101, and the right answer to our key. */
static bool is_accepted(const struct talk *t, const char *key)
{
    char head[sizeof t->head + 1], answer[ACCEPT_BYTES + 1], wanted[64];
    memcpy(head, t->head, t->head_taken);
    head[t->head_taken] = '\0';
    if (strncmp(head, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "client: the server says: %.*s\n", (int)strcspn(head, "\r\n"), head);
        return false;
    }
    accept_answer(key, answer);
    snprintf(wanted, sizeof wanted, "\r\nSec-WebSocket-Accept: %s\r\n", answer);
    return strcasestr(head, wanted) != NULL ||
           complain("Sec-WebSocket-Accept is not the answer to our key");
}

bool talk_begin(struct talk *t, int fd, const char *host, int wait_ms)
{
    char key[KEY_BYTES + 1];
    t->fd = fd;
    t->frames = NULL;
    t->pieces = NULL;
    t->close_code = 0;
    return ask(fd, host, key) && read_head(t, wait_ms) && is_accepted(t, key) && begin_frames(t);
}

/* A message that goes out in pieces. wslay sends messages in their order, so those that are done
 * are the first of the list; what is left when the connection ends is freed then. */
struct pieces {
    struct pieces *next;
    size_t at, piece;
    char text[];
};

static void forget_first(struct talk *t)
{
    struct pieces *first = t->pieces;
    t->pieces = first->next;
    free(first);
}

void talk_end(struct talk *t)
{
    if (t->frames)
        wslay_event_context_free(t->frames);
    t->frames = NULL;
    while (t->pieces)
        forget_first(t);
}

/* ---- messages ---------------------------------------------------------------------------- */

static void queue(struct talk *t, uint8_t opcode, const char *text)
{
    struct wslay_event_msg m = {opcode, (const uint8_t *)text, strlen(text)};
    wslay_event_queue_msg(t->frames, &m); /* refused behind a close, which the caller hears of */
}

void talk_say(struct talk *t, const char *text)
{
    queue(t, WSLAY_TEXT_FRAME, text);
}

void talk_ping(struct talk *t)
{
    queue(t, WSLAY_PING, "beat");
}

/* wslay asks for the next piece of a message, and makes a frame of it. */
static ssize_t next_piece(wslay_event_context_ptr frames, uint8_t *buffer, size_t room,
                          const union wslay_event_msg_source *source, int *last, void *talk)
{
    struct pieces *p = source->data;
    size_t left = strlen(p->text + p->at), n = left < p->piece ? left : p->piece;
    (void)frames;
    n = n < room ? n : room;
    memcpy(buffer, p->text + p->at, n);
    if (p->at == 0)
        talk_ping(talk); /* control frames may stand between the fragments of a message */
    p->at += n;
    *last = n == left;
    if (*last)
        forget_first(talk);
    return (ssize_t)n;
}

void talk_say_in_pieces(struct talk *t, const char *text, size_t piece)
{
    size_t n = strlen(text) + 1;
    struct pieces *p = malloc(sizeof *p + n), **last = &t->pieces;
    struct wslay_event_fragmented_msg m = {
        .opcode = WSLAY_TEXT_FRAME, .source.data = p, .read_callback = next_piece};
    if (!p)
        return; /* it is said again in the next connection */
    *p = (struct pieces){.piece = piece};
    memcpy(p->text, text, n);
    if (wslay_event_queue_fragmented_msg(t->frames, &m) != 0) {
        free(p);
        return;
    }
    while (*last)
        last = &(*last)->next;
    *last = p;
}

void talk_close(struct talk *t, uint16_t code, const char *why)
{
    wslay_event_queue_close(t->frames, code, (const uint8_t *)why, strlen(why));
}

bool talk_receive(struct talk *t)
{
    return wslay_event_recv(t->frames) == 0 && t->close_code == 0;
}

bool talk_send(struct talk *t)
{
    return wslay_event_send(t->frames) == 0;
}

bool talk_wants_to_send(const struct talk *t)
{
    return wslay_event_want_write(t->frames);
}
