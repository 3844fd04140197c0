/* server [-e] PORT STORE: a small WebSocket server, without a library: one client, no store (STORE
 * is not looked at), and of the chat of the lab's server.c as much as that client asks for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, MESSAGE_MOST = 4096 };

struct frame {
    bool last; /* FIN: no further fragment follows */
    int opcode;
    size_t n;
    uint8_t payload[MESSAGE_MOST + 1];
};

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- given: bytes of the connection ------------------------------------------------------ */

static void send_all(int fd, const void *bytes, size_t n)
{
    for (const char *at = bytes; n > 0;) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0)
            fail("send");
        at += sent;
        n -= (size_t)sent;
    }
}

/* Exactly n bytes, however TCP has cut them. False at the end. */
static bool read_all(int fd, void *bytes, size_t n)
{
    return n == 0 || recv(fd, bytes, n, MSG_WAITALL) == (ssize_t)n;
}

/* ---- given: SHA-1 (RFC 3174) of a string of at most 119 bytes, and base64 of its 20 ------- */

static uint32_t rotated(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

static void take_block(uint32_t h[5], const uint8_t *block)
{
    static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20              ? (b & c) | (~b & d)
                     : i < 40 || i >= 60 ? b ^ c ^ d
                                         : (b & c) | (b & d) | (c & d);
        uint32_t next = rotated(a, 5) + f + e + k[i / 20] + w[i];
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

static void sha1(const char *text, uint8_t hash[20])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t blocks[128] = {0};
    size_t n = strlen(text), all = n + 9 <= 64 ? 64 : 128;
    memcpy(blocks, text, n);
    blocks[n] = 0x80;
    blocks[all - 2] = (uint8_t)(n * 8 >> 8);
    blocks[all - 1] = (uint8_t)(n * 8);
    for (size_t at = 0; at < all; at += 64)
        take_block(h, blocks + at);
    for (int i = 0; i < 20; i++)
        hash[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t hash[20], char out[29])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 21; i += 3) {
        uint32_t three =
            (uint32_t)hash[i] << 16 | (uint32_t)hash[i + 1] << 8 | (i + 2 < 20 ? hash[i + 2] : 0u);
        for (int bits = 18; bits >= 0; bits -= 6)
            *out++ = letters[three >> bits & 63];
    }
    out[-1] = '='; /* 20 bytes are six times three, and two */
    *out = '\0';
}

/* ---- the upgrade ------------------------------------------------------------------------- */

/* What is sent back for a key. */
static void answer_to(const char *key, char answer[29])
{
    char text[100];
    uint8_t hash[20];
    snprintf(text, sizeof text, "%.24s", key);
    sha1(text, hash);
    base64(hash, answer);
}

static bool upgrade(int fd)
{
    char head[2048], answer[29], reply[256];
    size_t n = 0;
    head[0] = '\0';
    while (!strstr(head, "\r\n\r\n") && n + 1 < sizeof head && read_all(fd, head + n, 1))
        head[++n] = '\0'; /* byte by byte: what stands behind the head are frames */
    const char *key = strcasestr(head, "\r\nSec-WebSocket-Key: ");
    if (!key)
        return false;
    answer_to(key + strlen("\r\nSec-WebSocket-Key: "), answer);
    int length = snprintf(reply, sizeof reply,
                          "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n",
                          answer);
    send_all(fd, reply, (size_t)length);
    return true;
}

/* ---- frames ------------------------------------------------------------------------------ */

/* The next frame, unmasked. False at the end. */
static bool read_frame(int fd, struct frame *f)
{
    uint8_t head[2], longer[2], key[4];
    if (!read_all(fd, head, 2))
        return false;
    f->last = head[0] & 0x80;
    f->opcode = head[0] & 0x0f;
    f->n = head[1] & 0x7f;
    if (f->n == 126) { /* the length stands in the next two bytes */
        if (!read_all(fd, longer, 2))
            return false;
        f->n = (size_t)longer[0] << 8 | longer[1];
    }
    if (f->n > MESSAGE_MOST || !read_all(fd, key, 4) || !read_all(fd, f->payload, f->n))
        return false;
    for (size_t i = 0; i < f->n; i++)
        f->payload[i] ^= key[i % 4];
    f->payload[f->n] = '\0';
    return true;
}

/* A server does not mask. */
static void send_frame(int fd, int opcode, const void *payload, size_t n)
{
    uint8_t bytes[4 + MESSAGE_MOST] = {(uint8_t)(0x80 | opcode)};
    size_t at = 2;
    bytes[1] = (uint8_t)n;
    if (n > 125) {
        bytes[1] = 126;
        bytes[2] = (uint8_t)(n >> 8);
        bytes[3] = (uint8_t)n;
        at = 4;
    }
    memcpy(bytes + at, payload, n);
    send_all(fd, bytes, at + n);
}

static void say(int fd, const char *text)
{
    send_frame(fd, TEXT, text, strlen(text));
}

/* ---- given: a little of the chat --------------------------------------------------------- */

static void chat(int fd, const char *text)
{
    static char name[33];
    char reply[MESSAGE_MOST], number[16];
    int at = 0;
    if (sscanf(text, "Check %32s %*s", name) == 1) {
        snprintf(reply, sizeof reply, "OK %s 0", name);
        say(fd, reply);
    } else if (sscanf(text, "Chat %15s %n", number, &at) == 1 && at > 0) {
        snprintf(reply, sizeof reply, "Stored %s", number);
        say(fd, reply);
        snprintf(reply, sizeof reply, "Message %s %s %.4000s", number, name, text + at);
        say(fd, reply);
    } else if (sscanf(text, "Confirm %15s", number) == 1) {
        snprintf(reply, sizeof reply, "Confirmed %s", number);
        say(fd, reply);
    } else {
        say(fd, "Error there is no such command");
    }
}

/* ---- the conversation -------------------------------------------------------------------- */

/* Text may come in fragments, and between them a ping. */
static void converse(int fd)
{
    struct frame f;
    char message[MESSAGE_MOST + 1];
    size_t n = 0;
    while (read_frame(fd, &f)) {
        if (f.opcode == CLOSE) { /* the answer is the same code; then the server closes first */
            send_frame(fd, CLOSE, f.payload, f.n < 2 ? 0 : 2);
            return;
        }
        if (f.opcode == PING) {
            send_frame(fd, PING + 1, f.payload, f.n);
        } else if (f.opcode <= TEXT && n + f.n <= MESSAGE_MOST) { /* 0: it goes on */
            memcpy(message + n, f.payload, f.n);
            n += f.n;
            message[n] = '\0';
            if (f.last) {
                chat(fd, message);
                n = 0;
            }
        }
    }
}

int main(int argc, char **argv)
{
    int on = 1;
    if (argc < 3) {
        fprintf(stderr, "usage: server [-e] PORT STORE\n");
        return 2;
    }
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)atoi(argv[argc - 2])),
    };
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0)
        fail("socket");
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&here, sizeof here) != 0)
        fail("bind");
    if (listen(listening, 5) != 0)
        fail("listen");
    int fd = accept(listening, NULL, NULL);
    if (fd < 0)
        fail("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* each frame by itself */
    if (upgrade(fd))
        converse(fd);
    close(fd);
    close(listening);
    return 0;
}
